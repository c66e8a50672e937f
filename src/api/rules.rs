//! Rules for a library user.

use crate::language::{Diagnostics, parse_rules};
use crate::rewrite::RuleBook;

impl RuleBook {
    /// These rules and those of a text.
    ///
    /// # Errors
    /// Every error of the text, with its place. Whether the rules are true is what `equilaw rules --verify` tests.
    pub fn with(&self, source_name: &str, text: &str) -> Result<RuleBook, Diagnostics> {
        let mut rules = self.rules().to_vec();
        rules.extend(parse_rules(source_name, text)?);
        Ok(RuleBook::new(rules))
    }

    /// The names of the rules, in the order of their files.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.rules().iter().map(|rule| rule.name.as_str())
    }
}
