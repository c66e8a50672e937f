//! The theorem library: models whose laws are in the literature, and architectures of which we know no complete list,
//! embedded in the binary. A theorem is a file; what is known of it stands in the comments at its head.
//!
//! ```text
//! # What the model is and why it is symmetric.
//! # Expected: what is to be derived.
//! # Source: Authors, "Title", Venue Year.
//! # Incomplete: why the laws derived from the declared actions are not all there are.
//! ```

use super::count::{Count, Effort};
use super::derive::derive_watched;
use super::error::Error;
use super::options::Options;
use super::report::{Report, Status};
use super::watch::{Progress, Unwatched, Watch};
use crate::language::{Diagnostics, nearest};
use crate::model::Model;
use crate::rewrite::RuleBook;
use include_dir::{Dir, include_dir};

static KNOWN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/examples/theorems");
static NEW: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/examples/new");

/// Where the statement of a theorem comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The sources state the laws.
    Literature,
    /// The sources state the model; we know of no complete list of its laws.
    New,
}

/// A model of the library.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Theorem {
    pub origin: Origin,
    /// The file as it stands.
    pub text: &'static str,
    pub model: Model,
}

impl Theorem {
    /// The name of the model, which is that of its file.
    pub fn name(&self) -> &str {
        self.model.name.as_str()
    }

    pub fn title(&self) -> &str {
        self.model.title.as_deref().unwrap_or_default()
    }

    /// What is expected to be derived.
    pub fn expected(&self) -> Vec<&str> {
        self.model.remarks("Expected").collect()
    }

    /// The citations: authors, title, venue and year.
    pub fn sources(&self) -> Vec<&str> {
        self.model.remarks("Source").collect()
    }

    /// Why the derived laws are not all there are, where that is known.
    pub fn incomplete(&self) -> Option<&str> {
        self.model.remarks("Incomplete").next()
    }

    /// Derives the laws, checks them, and counts those of gradient flow that there are.
    ///
    /// # Errors
    /// When the sizes asked for do not fit the model, or the model cannot be evaluated.
    pub fn reproduce(&self, book: &RuleBook, options: &Options) -> Result<Reproduction<'_>, Error> {
        self.reproduce_watched(book, options, &Unwatched)
    }

    /// [`Theorem::reproduce`], with somebody told how far it is, who may end it.
    ///
    /// # Errors
    /// As for [`Theorem::reproduce`], and [`Error::Cancelled`].
    pub fn reproduce_watched(
        &self,
        book: &RuleBook,
        options: &Options,
        watch: &dyn Watch,
    ) -> Result<Reproduction<'_>, Error> {
        let options = Options { count: Some(Effort::Any), discovery: false, ..options.clone() };
        let report = derive_watched(&self.model, book, &options, watch)?;
        watch.tell(&Progress::Reproduced(self.name()));
        Ok(Reproduction { theorem: self, report })
    }
}

/// A theorem and what was derived of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Reproduction<'a> {
    pub theorem: &'a Theorem,
    /// With its completeness, where the model is about gradient flow.
    pub report: Report,
}

impl Reproduction<'_> {
    /// Whether all is as the library expects: every action is proved, every check passed, and the laws are complete
    /// exactly where the file does not say why not.
    pub fn is_as_expected(&self) -> bool {
        let complete = match &self.report.completeness {
            None => true,
            Some(Count::Done(found)) => found.complete(),
            Some(Count::Postponed | Count::Failed(_)) => false,
        };
        complete == self.theorem.incomplete().is_none() && self.report.is_clean()
    }

    /// How many of the actions are proved.
    pub fn proved(&self) -> usize {
        self.report.actions.iter().filter(|a| matches!(a.status, Status::Proved(_))).count()
    }
}

/// Every theorem: those of the literature by name, then the new ones by name.
///
/// # Errors
/// Never for the files the binary was built with, all of which the tests read.
pub fn library() -> Result<Vec<Theorem>, Diagnostics> {
    let mut theorems = Vec::new();
    for (origin, directory) in [(Origin::Literature, &KNOWN), (Origin::New, &NEW)] {
        let mut files: Vec<_> =
            directory.files().filter(|f| f.path().extension().is_some_and(|e| e == "eqv")).collect();
        files.sort_by_key(|f| f.path());
        for file in files {
            let text = file.contents_utf8().unwrap_or_default();
            let model = Model::parse(&file.path().to_string_lossy(), text)?;
            theorems.push(Theorem { origin, text, model });
        }
    }
    Ok(theorems)
}

/// The citations of the theorem of a name of the library; none where there is no such theorem.
pub fn sources(name: &str) -> Vec<String> {
    let path = format!("{name}.eqv");
    let text = [&KNOWN, &NEW].into_iter().find_map(|files| files.get_file(&path)?.contents_utf8());
    let model = text.and_then(|text| Model::parse(&path, text).ok());
    model.iter().flat_map(|model| model.remarks("Source")).map(str::to_string).collect()
}

/// The theorem of a name, or the name that was probably meant.
pub fn find<'a>(library: &'a [Theorem], name: &str) -> Result<&'a Theorem, Option<&'a str>> {
    let found = library.iter().find(|theorem| theorem.name() == name);
    found.ok_or_else(|| nearest(name, library.iter().map(Theorem::name)))
}
