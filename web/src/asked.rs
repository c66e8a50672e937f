//! What a job is asked for.

use crate::failure::Failure;
use equilaw::RuleBook;
use serde::Deserialize;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The options of all jobs; what is left out is as on the command line.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Asked {
    dims: BTreeMap<String, u64>,
    pub seed: u64,
    pub checks: bool,
    /// Whether laws are counted where that is quick.
    pub count: bool,
    /// Whether the answer is JSON and no text.
    pub json: bool,
}

impl Default for Asked {
    fn default() -> Asked {
        Asked { dims: BTreeMap::new(), seed: 0, checks: true, count: true, json: false }
    }
}

impl Asked {
    pub fn read(options: &str) -> Result<Asked, Failure> {
        serde_json::from_str(options).map_err(|error| Failure::plain(format!("options: {error}")))
    }

    pub fn dims(&self) -> Vec<(String, u64)> {
        self.dims.iter().map(|(name, n)| (name.clone(), *n)).collect()
    }
}

thread_local! {
    static BOOK: OnceCell<Rc<RuleBook>> = const { OnceCell::new() };
}

/// The built-in rules, read once.
pub fn book() -> Result<Rc<RuleBook>, Failure> {
    BOOK.with(|known| match known.get() {
        Some(book) => Ok(book.clone()),
        None => {
            let book = Rc::new(RuleBook::builtin().map_err(|errors| Failure::plain(errors.plain()))?);
            Ok(known.get_or_init(|| book).clone())
        }
    })
}
