//! A rule as text that parses back to the same rule.

use crate::kernel::{Rule, RuleCondition};
use crate::term::print::pattern;
use std::fmt;

impl fmt::Display for RuleCondition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arguments: Vec<String> = self.arguments.iter().map(pattern).collect();
        let not = if self.negated { "not " } else { "" };
        write!(f, "{not}{}({})", self.predicate.name(), arguments.join(", "))
    }
}

impl Rule {
    /// `relu(?D * ?X) => ?D * relu(?X)`, without the conditions.
    pub fn equation(&self) -> String {
        let arrow = if self.bidirectional { "<=>" } else { "=>" };
        format!("{} {arrow} {}", pattern(&self.lhs), pattern(&self.rhs))
    }

    /// What it says: `relu(?D * ?X) => ?D * relu(?X) if positive_diagonal(?D)`. Two rules that say the same differ in their words only.
    pub fn statement(&self) -> String {
        let conditions: Vec<String> = self.conditions.iter().map(ToString::to_string).collect();
        match conditions.is_empty() {
            true => self.equation(),
            false => format!("{} if {}", self.equation(), conditions.join(", ")),
        }
    }
}

/// The rule as a rule file states it.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ideal = if self.ideal { "ideal " } else { "" };
        let silent = if self.silent { "silent " } else { "" };
        write!(f, "{ideal}{silent}rule {} \"{}\":\n  {}\n", self.name, self.reason, self.statement())
    }
}
