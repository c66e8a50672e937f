//! Every group through every room: an action of it is proved and its laws are derived and pass their checks, and the same action
//! with one image wrong is refuted.

use crate::{BOOK, parse};
use equilaw::internals::group::{ALL, GroupId};
use equilaw::internals::job::Status;
use equilaw::internals::model::Inside;
use equilaw::{Options, Report, derive};

/// A model and the images of its two parameters under the group, then an image of the second that is wrong.
fn example(group: GroupId) -> (&'static str, &'static str, [&'static str; 3]) {
    let linear = "F = W2 * W1 * X";
    let smooth = "F = W2 * tanh(W1 * X)";
    match group {
        GroupId::GeneralLinear => (linear, "g in GL(h)", ["g * W1", "W2 * inv(g)", "W2 * g"]),
        GroupId::SpecialLinear => (linear, "g in SL(h)", ["g * W1", "W2 * inv(g)", "W2 * g"]),
        GroupId::Orthogonal => (linear, "g in O(h)", ["g * W1", "W2 * g'", "W2 * g"]),
        GroupId::SpecialOrthogonal => (linear, "g in SO(h)", ["g * W1", "W2 * g'", "W2 * g"]),
        GroupId::OrthogonalFixingOnes => ("F = W2 * layernorm(W1 * X)", "g in O1(h)", ["g * W1", "W2 * g'", "W2 * g"]),
        GroupId::PseudoOrthogonal => {
            ("F = W2 * signature(h, d) * W1 * X", "g in O(h, d)", ["g * W1", "W2 * g'", "W2 * inv(g)"])
        }
        GroupId::PositiveDiagonal => ("F = W2 * relu(W1 * X)", "g in Diag+(h)", ["g * W1", "W2 * inv(g)", "W2 * g"]),
        GroupId::ComplexDiagonal => ("F = W2 * J * W1 * X", "g in DiagC(h)", ["g * W1", "W2 * inv(g)", "W2 * g"]),
        GroupId::Torus => ("F = W2 * J * W1 * X", "g in Torus(h)", ["g * W1", "W2 * g'", "W2 * g"]),
        GroupId::Scale => (linear, "g in Scale", ["g * W1", "g^-1 * W2", "g * W2"]),
        GroupId::Translate => ("F = W1 * X - W2' * X", "g in Translate(h x d)", ["W1 + g", "W2 + g'", "W2 - g'"]),
        GroupId::Integers => ("F = W2 * cos(W1) * X", "g in Z(h x d)", ["W1 + 2 * pi * g", "W2", "2 * W2"]),
        GroupId::Permutation => (smooth, "g in Perm(h)", ["g * W1", "W2 * g'", "W2"]),
        GroupId::Cyclic => (smooth, "g in Cyclic(h)", ["g * W1", "W2 * g'", "W2"]),
        GroupId::Sign => (smooth, "g in Sign(h)", ["g * W1", "W2 * g", "W2"]),
        GroupId::SignedPermutation => (smooth, "g in SignedPerm(h)", ["g * W1", "W2 * g'", "W2"]),
        GroupId::Z2 => ("F = W1 * X + W2' * X", "Z2", ["W2'", "W1'", "W2"]),
    }
}

fn report(group: GroupId, wrong: bool) -> Report {
    let (output, element, [first, second, other]) = example(group);
    let second = if wrong { other } else { second };
    // A translation and an exchange need two parameters of one shape.
    let (first_shape, second_shape) = match group {
        GroupId::Translate | GroupId::Z2 => ("h x d", "d x h"),
        GroupId::PseudoOrthogonal => ("h + d x d", "k x h + d"),
        _ => ("h x d", "k x h"),
    };
    let source = format!(
        "model row
         dim d = 3, h = 4, k = 2, n = 5
         param W1 : {first_shape}
         param W2 : {second_shape}
         data X : d x n
         data J : h x h planes
         output {output}
         loss any
         action act : {element} {{ W1 -> {first}; W2 -> {second} }}"
    );
    let options = Options { checks: true, ..Options::default() };
    derive(&parse(&source), &BOOK, &options).expect("a model that can be evaluated")
}

#[test]
fn an_action_of_every_group_is_proved_and_a_wrong_one_refuted() {
    for group in ALL {
        let right = report(group.id(), false);
        assert!(right.is_clean(), "{}: {:#?}", group.name(), right.checks);
        assert!(matches!(right.actions[0].inside().status, Status::Proved(_)), "{}", group.name());
        assert!(!right.inside().laws.is_empty(), "{} has no law", group.name());
        let wrong = report(group.id(), true);
        assert!(
            matches!(wrong.actions[0].inside().status, Status::Refuted(_)),
            "{}: {:?}",
            group.name(),
            wrong.actions[0].inside().status
        );
        assert!(wrong.inside().laws.is_empty(), "{}", group.name());
    }
}
