//! equilaw as a library: `cargo run --example library`.
//!
//! Reads a model, derives its laws, and prints each conserved quantity as mathematics and as a NumPy expression, which a
//! training script can evaluate before and after a run.

use equilaw::{LawKind, Model, Options, RuleBook, Verdict, derive};
use std::error::Error;

const ATTENTION: &str = include_str!("attention.eqv");

fn main() -> Result<(), Box<dyn Error>> {
    let model = Model::parse("attention.eqv", ATTENTION)?;
    let report = derive(&model, &RuleBook::builtin()?, &Options::default())?;

    for action in &report.actions {
        let verdict = match action.verdict() {
            Verdict::Proved { steps } => format!("proved, rewriting steps: {steps}"),
            Verdict::Refuted { claim, .. } => format!("refuted: it is false that {claim}"),
            Verdict::Unproved { claim, reason } => format!("not proved that {claim}: {reason}"),
            _ => continue,
        };
        println!("{} of {}: {verdict}", action.name(), action.group());
    }
    for law in report.laws().filter(|law| law.kind == LawKind::Conserved) {
        let Some(quantity) = law.quantity else { continue };
        println!("\n{}, {} components", law.id, law.components);
        println!("  formula  {}", quantity.text);
        println!("  NumPy    {}", quantity.numpy.unwrap_or_default());
    }
    Ok(())
}
