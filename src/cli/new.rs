//! `equilaw new [NAME]`.

use super::error::Error;
use super::output;
use super::verdict::Verdict;
use crate::job::{LAYERS, template};
use crate::language::format;
use crate::model::Model;
use clap::Args;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  equilaw new mine                                        mine.eqv, a two-layer ReLU network to change
  equilaw new mine --layers layernorm,attention,linear
  equilaw new --list                                      the layers there are
  equilaw new - --layers linear,gelu,linear | equilaw derive -

A file that is there is never replaced.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The name of the model and of its file, NAME.eqv; `-` writes the model to standard output
    #[arg(default_value = "network")]
    name: PathBuf,
    /// The layers, the first one reads the data
    #[arg(long, value_name = "LAYER,…", value_delimiter = ',', default_value = "linear,relu,linear")]
    layers: Vec<String>,
    /// List the layers and write nothing
    #[arg(long)]
    list: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Verdict, Error> {
    if arguments.list {
        let lines: String = LAYERS.iter().map(|layer| format!("{:11} {}\n", layer.name, layer.what)).collect();
        output::standard(&lines)?;
        return Ok(Verdict::Holds);
    }
    let standard = arguments.name == Path::new("-");
    let path = if standard { PathBuf::from("network.eqv") } else { file(&arguments.name) };
    let name = path.file_stem().map(|stem| stem.to_string_lossy().to_string()).unwrap_or_default();
    let layers: Vec<String> = arguments.layers.iter().map(|layer| layer.trim().to_string()).collect();
    let text = template(&name, &layers).map_err(|error| Error::Plain(format!("--layers: {error}")))?;
    // The name is read as the name, and nothing else.
    let read = Model::parse(&name, &text).is_ok_and(|model| model.name.as_str() == name);
    let text = format(&name, &text).ok().filter(|_| read).ok_or_else(|| {
        Error::Plain(format!("`{name}` is no name of a model: letters, digits and _ are, and a letter or _ begins it"))
    })?;
    if standard {
        output::standard(&text)?;
        return Ok(Verdict::Holds);
    }
    let shown = path.display().to_string();
    let created = std::fs::File::create_new(&path).and_then(|mut file| file.write_all(text.as_bytes()));
    created.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Error::Plain(format!("{shown}: is there already; choose another name")),
        _ => Error::io(&shown, &error),
    })?;
    output::note(&format!("wrote {0}; next: equilaw derive {0}", output::visible(&shown)));
    Ok(Verdict::Holds)
}

/// The file of a name: with `.eqv` behind it, once.
fn file(name: &Path) -> PathBuf {
    if name.extension().is_some_and(|end| end == "eqv") {
        name.to_path_buf()
    } else {
        PathBuf::from(format!("{}.eqv", name.display()))
    }
}
