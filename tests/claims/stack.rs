//! Depth: the actions of one block are proved however many blocks surround it.

use crate::{BOOK, parse, transformer};
use equilaw::internals::job::Status;
use equilaw::internals::kernel::Kind;
use equilaw::internals::model::Inside;
use equilaw::{Options, derive};

#[test]
fn every_action_of_twelve_transformer_blocks_is_proved_and_yields_a_conserved_quantity() {
    let model = parse(&transformer::stack(12));
    let report = derive(&model, &BOOK, &Options::bare()).expect("the model has an instance");
    assert_eq!(report.actions.len(), 36);
    for action in &report.actions {
        let name = action.inside().action.name;
        assert!(matches!(action.inside().status, Status::Proved(_)), "{name}: {:?}", action.inside().status);
        let conserved =
            report.inside().laws.iter().any(|law| law.action() == Some(name) && law.kind() == Kind::Conserved);
        assert!(conserved, "{name} has no conserved quantity");
    }
}
