//! Depth: the actions of one block are proved however many blocks surround it.

#[path = "../benches/transformer/mod.rs"]
mod transformer;

use equilaw::law::Kind;
use equilaw::model::Model;
use equilaw::rewrite::RuleBook;
use equilaw::{Options, Status, derive};

#[test]
fn every_action_of_twelve_transformer_blocks_is_proved_and_yields_a_conserved_quantity() {
    let text = transformer::stack(12);
    let model = Model::parse("stack.eqv", &text).unwrap_or_else(|errors| panic!("{}", errors.render(false, 100)));
    let book = RuleBook::builtin().unwrap_or_else(|errors| panic!("{}", errors.render(false, 100)));
    let report = derive(&model, &book, &Options::bare()).expect("the model has an instance");
    assert_eq!(report.actions.len(), 36);
    for action in &report.actions {
        let name = action.action.name;
        assert!(matches!(action.status, Status::Proved(_)), "{name}: {:?}", action.status);
        let conserved = report.laws.iter().any(|law| law.action() == Some(name) && law.kind() == Kind::Conserved);
        assert!(conserved, "{name} has no conserved quantity");
    }
}
