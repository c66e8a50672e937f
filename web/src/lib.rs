//! The jobs of the command line over texts, for a page: what `equilaw.js` calls in a worker. Options and errors are JSON.

mod asked;
mod failure;
mod library;

use asked::{Asked, book};
use equilaw::{Effort, Form, LatexOptions, Model, Options, Progress, Question, TextOptions, Watch};
use failure::Failure;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Of the page's: is told how far a job is, in words.
    #[wasm_bindgen(js_namespace = equilawHost)]
    fn progress(words: &str);

    /// Of the page's: is told what this program got wrong, before it ends.
    #[wasm_bindgen(js_namespace = equilawHost)]
    fn panicked(words: &str);
}

#[wasm_bindgen(start)]
fn start() {
    std::panic::set_hook(Box::new(|told| panicked(&told.to_string())));
}

/// Tells the page; it ends a job by ending the worker.
struct Page;

impl Watch for Page {
    fn tell(&self, told: &Progress<'_>) {
        progress(&told.to_string());
    }
}

/// What was derived, of which each format can be asked.
#[wasm_bindgen]
pub struct Report(equilaw::Report);

#[wasm_bindgen]
impl Report {
    /// Whether everything was proved and passed its check.
    pub fn clean(&self) -> bool {
        self.0.is_clean()
    }

    pub fn summary(&self, all: bool) -> String {
        self.0.summary(all)
    }

    pub fn text(&self, all: bool, proof: bool) -> String {
        self.0.text(TextOptions { all, proof, ..TextOptions::default() })
    }

    pub fn html(&self, proof: bool) -> String {
        self.0.html(proof)
    }

    pub fn latex(&self, proof: bool) -> String {
        self.0.latex(LatexOptions { standalone: true, proof })
    }

    pub fn json(&self) -> String {
        self.0.json()
    }

    pub fn numpy(&self) -> String {
        self.0.numpy()
    }

    pub fn torch(&self) -> String {
        self.0.torch()
    }
}

/// `equilaw derive`.
///
/// # Errors
/// What is wrong with the text, with places, or why the job could not be done.
#[wasm_bindgen]
pub fn derive(text: &str, options: &str) -> Result<Report, Failure> {
    let asked = Asked::read(options)?;
    let (model, book) = (model(text)?, book()?);
    let count = asked.count.then_some(Effort::Little);
    let options = Options { dims: asked.dims(), seed: asked.seed, checks: asked.checks, count, ..Options::default() };
    Ok(Report(equilaw::derive_watched(&model, &book, &options, &Page)?))
}

/// `equilaw complete`, as text or as JSON.
///
/// # Errors
/// As for [`derive()`].
#[wasm_bindgen]
pub fn complete(text: &str, options: &str) -> Result<String, Failure> {
    let asked = Asked::read(options)?;
    let (model, book) = (model(text)?, book()?);
    let options = Options { dims: asked.dims(), seed: asked.seed, ..Options::default() };
    let counted = equilaw::complete(&model, &book, &options, &Question::default(), &Page)?;
    Ok(if asked.json { counted.json() } else { counted.text() })
}

/// `equilaw discover`, as text or as JSON.
///
/// # Errors
/// As for [`derive()`].
#[wasm_bindgen]
pub fn discover(text: &str, options: &str) -> Result<String, Failure> {
    let asked = Asked::read(options)?;
    let (model, book) = (model(text)?, book()?);
    let options = Options { dims: asked.dims(), seed: asked.seed, ..Options::default() };
    let found = equilaw::discover(&model, &book, &options, Form::default(), &Page)?;
    Ok(if asked.json { found.json() } else { found.text() })
}

/// The models that come with equilaw, as JSON: `file`, `group`, `name`, `title`, `source` and `text` of each.
#[wasm_bindgen]
pub fn library() -> String {
    library::json()
}

/// The version of equilaw.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").into()
}

fn model(text: &str) -> Result<Model, Failure> {
    Model::parse("model.eqv", text).map_err(|errors| Failure::of_text(text, &errors))
}
