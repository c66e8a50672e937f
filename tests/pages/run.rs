//! The binary as a reader runs it.

use crate::common::ROOT;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// What a run wrote and how it ended.
pub struct Run {
    pub stdout: String,
    pub stderr: String,
    pub status: i32,
}

impl Run {
    fn new(output: Output) -> Run {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the output is UTF-8");
        Run {
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            status: output.status.code().expect("the command is not killed"),
        }
    }
}

/// A command in a directory, away from the settings of the terminal that runs the tests.
fn settled<'a>(command: &'a mut Command, directory: &Path) -> &'a mut Command {
    command.current_dir(directory).env("NO_COLOR", "1").env_remove("COLUMNS").env_remove("CLICOLOR_FORCE")
}

/// Runs a command in a directory, without input.
pub fn run(command: &mut Command, directory: &Path) -> Run {
    Run::new(settled(command, directory).stdin(Stdio::null()).output().expect("the command starts"))
}

/// The binary of this project.
pub fn binary() -> Command {
    Command::new(env!("CARGO_BIN_EXE_equilaw"))
}

/// Runs the binary with arguments at the root of the repository.
pub fn equilaw(arguments: &[&str]) -> Run {
    run(binary().args(arguments), Path::new(ROOT))
}

/// Runs the binary on a model from standard input.
pub fn equilaw_on(model: &str, arguments: &[&str]) -> Run {
    let mut command = binary();
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = settled(&mut command, Path::new(ROOT)).spawn().expect("the command starts");
    // A command that refuses its arguments does not read its input.
    let _ = child.stdin.take().expect("a pipe").write_all(model.as_bytes());
    Run::new(child.wait_with_output().expect("the command ends"))
}
