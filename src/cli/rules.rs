//! `equilaw rules`.

use super::error::Error;
use super::options::{Output, Rules, natural};
use super::verdict::Verdict;
use super::{input, output};
use crate::audit::{RuleCheck, verify};
use crate::kernel::Rule;
use anstyle::{AnsiColor, Style};
use clap::Args;
use std::path::Path;

const EXAMPLES: &str = "\
Examples:
  equilaw rules
  equilaw rules --extra-rules mine.rules
  equilaw rules --verify
  equilaw rules --verify --extra-rules mine.rules
  equilaw rules | grep relu";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Test every rule at random instances of random shapes that satisfy its conditions
    #[arg(long)]
    verify: bool,
    /// The seed of the random instances of `--verify`
    #[arg(long, default_value_t = 0, value_name = "N", value_parser = natural, allow_negative_numbers = true)]
    seed: u64,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    rules: Rules,
}

pub(super) fn run(arguments: &Arguments) -> Result<Verdict, Error> {
    let read: Vec<&Path> = arguments.rules.files().collect();
    output::distinct(&read, &[("-o", arguments.output.output.as_deref())])?;
    let book = input::rules(&arguments.rules)?;
    if arguments.verify {
        let checks = verify(&book, arguments.seed);
        output::write(&verdicts(&checks), &arguments.output)?;
        return Ok(Verdict::of(checks.iter().all(RuleCheck::passed)));
    }
    output::write(&listing(book.rules(), output::in_color(&arguments.output)), &arguments.output)?;
    Ok(Verdict::Holds)
}

/// What was found about each rule that fails, and a summary.
fn verdicts(checks: &[RuleCheck]) -> String {
    let mut out = String::new();
    for check in checks {
        if let Some(failure) = &check.failure {
            out.push_str(&format!("FAILED {}: {failure}\n", check.rule));
        }
    }
    let passed = checks.iter().filter(|c| c.passed()).count();
    let instances: usize = checks.iter().map(|c| c.instances).sum();
    let exact: usize = checks.iter().map(|c| c.exact).sum();
    let worst = checks.iter().filter(|c| c.passed()).fold(0.0f64, |worst, c| worst.max(c.residual));
    out.push_str(&format!(
        "{passed} of {} rules hold at {instances} random instances, {exact} of them exact; worst residual {worst:.1e}\n",
        checks.len()
    ));
    out
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
        let conditions: Vec<String> = rule.conditions.iter().map(ToString::to_string).collect();
        let only = if conditions.is_empty() { String::new() } else { format!("   if {}", conditions.join(", ")) };
        out.push_str(&format!("    {}{only}\n", rule.equation()));
    }
    out
}
