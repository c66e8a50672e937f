//! The rules of the user's own that a certificate brings along. A rule of the library never comes from a file.

use super::failure::Failure;
use super::wire;
use crate::kernel::{Proved, Rule, Rules};
use crate::language::parse_rules;
use crate::term::print::pattern;
use std::sync::Arc;

/// A rule as data.
pub fn encode(rule: &Rule) -> wire::Rule {
    wire::Rule {
        name: rule.name.clone(),
        reason: rule.reason.source(),
        ideal: rule.ideal,
        silent: rule.silent,
        lhs: pattern(&rule.lhs),
        rhs: pattern(&rule.rhs),
        both: rule.bidirectional,
        conditions: rule.conditions.iter().map(ToString::to_string).collect(),
    }
}

/// The rule that some data are: read as a rule file is, and nothing but these data.
fn decode(written: &wire::Rule) -> Result<Rule, Failure> {
    let wire::Rule { name, reason, ideal, silent, lhs, rhs, both, conditions } = written;
    let ideal = if *ideal { "ideal " } else { "" };
    let (silent, arrow) = (if *silent { "silent " } else { "" }, if *both { "<=>" } else { "=>" });
    let only = if conditions.is_empty() { String::new() } else { format!(" if {}", conditions.join(", ")) };
    let text = format!("{ideal}{silent}rule {name} \"{reason}\":\n  {lhs} {arrow} {rhs}{only}\n");
    let broken = |why: &str| Failure::data(format!("the rule {name} cannot be read: {why}"));
    let mut rules = parse_rules("certificate", &text).map_err(|errors| broken(&errors.plain()))?;
    match (rules.pop(), rules.is_empty()) {
        (Some(rule), true) if encode(&rule) == *written => Ok(rule),
        _ => Err(broken("it is not written as one rule is")),
    }
}

/// A book with the rules that a certificate brings along.
///
/// # Errors
/// When one cannot be read, or has the name of a rule of the book and says something else.
pub fn with_embedded(book: &Arc<Rules>, embedded: &[wire::Rule]) -> Result<Arc<Rules>, Failure> {
    if embedded.is_empty() {
        return Ok(book.clone());
    }
    let mut all = book.all().to_vec();
    for written in embedded {
        let rule = decode(written)?;
        match all.iter().find(|known| known.name == rule.name) {
            None => all.push(rule),
            Some(known) if known.assumed && known.statement() == rule.statement() => {}
            Some(known) => {
                let whose = if known.assumed { "another rule" } else { "a rule of the library" };
                return Err(Failure::data(format!("it brings along a rule {}, which is {whose}", rule.name)));
            }
        }
    }
    Ok(Arc::new(Rules::new(all)))
}

/// The rules of the user's own that some claims rest on.
pub fn assumed(rules: &Rules, claims: &[Proved]) -> Vec<Rule> {
    let mut out: Vec<Rule> = Vec::new();
    for name in claims.iter().flat_map(|claim| claim.hypotheses().rules()) {
        if let Some(rule) = rules.get(name).filter(|rule| out.iter().all(|known| known.name != rule.name)) {
            out.push(rule.clone());
        }
    }
    out.sort_by(|x, y| x.name.cmp(&y.name));
    out
}
