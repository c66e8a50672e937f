//! `equilaw rules`.

use super::error::Error;
use super::options::{Output, Rules};
use super::{Verdict, input, output};
use crate::language::{Condition, Rule};
use crate::term::print::pattern;
use anstyle::{AnsiColor, Style};
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  equilaw rules
  equilaw rules --extra-rules mine.rules
  equilaw rules | grep relu";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    rules: Rules,
}

pub(super) fn run(arguments: &Arguments) -> Result<Verdict, Error> {
    let book = input::rules(&arguments.rules)?;
    output::write(&listing(book.rules(), output::in_color(&arguments.output)), &arguments.output)?;
    Ok(Verdict::Holds)
}

/// The rules by topic, each with its reason, its statement and the comment on it.
fn listing(rules: &[Rule], color: bool) -> String {
    let paint = |text: &str, style: Style| if color { format!("{style}{text}{style:#}") } else { text.to_string() };
    let (bold, dim, name) = (Style::new().bold(), Style::new().dimmed(), AnsiColor::Cyan.on_default());
    let mut out = String::new();
    let mut topic = None;
    for rule in rules {
        if topic != Some(rule.topic()) {
            if topic.is_some() {
                out.push('\n');
            }
            out.push_str(&format!("{}\n", paint(rule.topic(), bold)));
            topic = Some(rule.topic());
        }
        for line in rule.comment.lines().filter(|line| !line.is_empty()) {
            out.push_str(&format!("  {}\n", paint(&format!("# {line}"), dim)));
        }
        let silent = if rule.silent { paint("  (bookkeeping)", dim) } else { String::new() };
        out.push_str(&format!("  {}  {}{silent}\n", paint(&rule.name, name), rule.reason));
        out.push_str(&format!("    {}\n", statement(rule)));
    }
    out
}

/// `relu(?D * ?X) <=> ?D * relu(?X)   if positive_diagonal(?D)`.
fn statement(rule: &Rule) -> String {
    let arrow = if rule.bidirectional { "<=>" } else { "=>" };
    let mut out = format!("{} {arrow} {}", pattern(&rule.lhs), pattern(&rule.rhs));
    if !rule.conditions.is_empty() {
        let conditions: Vec<String> = rule.conditions.iter().map(condition).collect();
        out.push_str(&format!("   if {}", conditions.join(", ")));
    }
    out
}

fn condition(condition: &Condition) -> String {
    let arguments: Vec<String> = condition.arguments.iter().map(pattern).collect();
    let not = if condition.negated { "not " } else { "" };
    format!("{not}{}({})", condition.name, arguments.join(", "))
}
