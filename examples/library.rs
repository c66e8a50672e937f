//! equilaw as a library: `cargo run --example library`.
//!
//! Reads a model, derives its laws, and prints each conserved quantity as mathematics and as a NumPy expression, which a
//! training script can evaluate before and after a run.

use equilaw::law::Kind;
use equilaw::model::Model;
use equilaw::rewrite::RuleBook;
use equilaw::term::print;
use equilaw::{Options, Status, derive};
use std::error::Error;

const ATTENTION: &str = include_str!("attention.eqv");

fn main() -> Result<(), Box<dyn Error>> {
    let model = Model::parse("attention.eqv", ATTENTION)?;
    let report = derive(&model, &RuleBook::builtin()?, &Options::default())?;

    for action in &report.actions {
        let verdict = match &action.status {
            Status::Proved(proof) => format!("proved, rewriting steps: {}", proof.steps),
            Status::Refuted(example) => format!("refuted: it is false that {}", example.claim),
            Status::Unproved(gap) => format!("not proved that {}", gap.claim),
        };
        println!("{} of {}: {verdict}", action.action.name, action.action.group);
    }
    for law in report.laws.iter().filter(|law| law.kind() == Kind::Conserved) {
        let Some(quantity) = law.quantity() else { continue };
        println!("\n{}, {} components", law.id(), print::text(law.components()));
        println!("  formula  {}", print::text(quantity));
        println!("  NumPy    {}", print::numpy(law.env(), quantity, &print::Extent::Variable)?);
    }
    Ok(())
}
