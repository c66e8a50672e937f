//! Depth: the actions of one block are proved however many blocks surround it.

use crate::{BOOK, parse, transformer};
use equilaw::internals::exact::{Form, symmetries, unwatched};
use equilaw::internals::job::Status;
use equilaw::internals::kernel::Kind;
use equilaw::internals::model::{Inside, Model};
use equilaw::{Options, Question, Unwatched, complete, derive};
use std::fmt::Write;

#[test]
fn every_action_of_twelve_transformer_blocks_is_proved_and_yields_a_conserved_quantity() {
    let model = parse(&transformer::stack(12, true));
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

fn undeclared(blocks: usize) -> Model {
    parse(&transformer::stack(blocks, false))
}

fn dimension(model: &Model) -> usize {
    let sizes = model.sizes(&[]).expect("sizes");
    symmetries(model, &sizes, Form::default(), 0, &unwatched).expect("an algebra").dimension
}

/// Of each block GL(d_k), GL(d_v), the scales of h units, and what a layer normalization forgets: W_U ↦ W_U + b 1ᵀ for any column b, and W_U ↦ W_U + W_U v 1ᵀ
/// for any v.
#[test]
fn each_of_many_blocks_has_the_symmetries_of_one() {
    let one = dimension(&undeclared(1));
    assert_eq!(one, 4 + 4 + 5 + 5 + 4);
    assert_eq!(dimension(&undeclared(6)), 6 * one);
}

/// A stream without norms may be written in any basis, the same for all blocks: single blocks do not tell that it is the same.
#[test]
fn what_all_blocks_share_is_told_by_all_of_them_together() {
    let blocks = 8;
    let mut text = String::from(
        "model stream\ndim d = 4, h = 5, k = 3, v = 4, n = 2\ndata T : v x n\nparam E : d x v\nlet X0 = E * T\n",
    );
    for block in 1..=blocks {
        let before = block - 1;
        let _ = write!(
            text,
            "param U{block} : h x d\nparam D{block} : d x h\nlet X{block} = X{before} + D{block} * relu(U{block} * X{before})\n"
        );
    }
    let _ = write!(text, "param W : k x d\noutput F = W * X{blocks}\nloss any\n");
    assert_eq!(dimension(&parse(&text)), 4 * 4 + 5 * blocks);
}

#[test]
fn the_laws_of_many_blocks_are_certified_to_be_all() {
    let found =
        complete(&undeclared(8), &BOOK, &Options::default(), &Question::default(), &Unwatched).expect("a count");
    assert!(found.is_complete(), "{}", found.text());
    assert!(found.text().contains("real numbers enclosed"), "{}", found.text());
}
