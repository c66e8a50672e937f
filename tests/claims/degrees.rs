//! Degrees that depend on the number of blocks: an action by a number moves what blocks carry on by a power of it that grows from
//! block to block, found and proved for every number of blocks; twins with another exponent are refuted by numbers.

use crate::{BOOK, parse, proved};
use equilaw::internals::model::Inside;
use equilaw::internals::report::{json, replay};
use equilaw::internals::term::print::text;
use equilaw::{Options, Report, Verdict, derive};
use rayon::prelude::*;

/// A model without its actions, the actions it has and some it has not.
type Row = (&'static str, &'static [&'static str], &'static [&'static str]);

#[rustfmt::skip]
const TABLE: &[Row] = &[
    // layers without biases
    ("dim L = 3, d = 2, m = 3, k = 2, n = 3
     data T : m x n
     param A : d x m
     let X = relu(A * T)
     repeat l in 1..L { param W : d x d; let X = relu(W * X) }
     param B : k x d
     output F = B * X",
     &[" : a in Scale { W[l] -> a * W[l]; F -> a^L * F }",
       " : a in Scale { A -> a * A; W[l] -> a * W[l]; B -> a * B; F -> a^(L + 2) * F }",
       " : a in Scale { W[l] -> a^l * W[l]; F -> a^(L*(L + 1)/2) * F }",
       " : a in Scale { A -> a^2 * A; W[l] -> a^(-1/3) * W[l]; F -> a^(2 - L/3) * F }",
       // What the layers do is undone at one end.
       " : a in Scale { W[l] -> a * W[l]; B -> a^(-L) * B }",
       " : a in Scale { A -> a^(-L) * A; W[l] -> a * W[l] }"],
     &[" : a in Scale { W[l] -> a * W[l]; F -> a^(L + 1) * F }",
       " : a in Scale { W[l] -> a * W[l]; F -> a^3 * F }",
       " : a in Scale { W[l] -> a^l * W[l]; F -> a^(L*L) * F }",
       " : a in Scale { W[l] -> a * W[l]; B -> a^(1 - L) * B }"]),
    // biases, each by a power of its own
    ("dim L = 3, d = 2, m = 3, k = 2, n = 3
     data T : m x n
     param A : d x m
     let X = A * T
     repeat l in 1..L { param W : d x d; param b : d; let Z = W * X + b * ones(1, n); let X = leaky_relu(Z) }
     param B : k x d
     output F = B * X",
     &[" : a in Scale { W[l] -> a * W[l]; b[l] -> a^l * b[l]; F -> a^L * F }",
       " : a in Scale { A -> a * A; W[l] -> a * W[l]; b[l] -> a^(l + 1) * b[l]; B -> a * B; F -> a^(L + 2) * F }",
       " : a in Scale { W[l] -> a^2 * W[l]; b[l] -> a^(2*l) * b[l]; F -> a^(2*L) * F }",
       // Biases alone, with what carries them.
       " : a in Scale { A -> a * A; b[l] -> a * b[l]; F -> a * F }"],
     &[" : a in Scale { W[l] -> a * W[l]; F -> a^L * F }",
       " : a in Scale { W[l] -> a * W[l]; b[l] -> a * b[l]; F -> a^L * F }",
       " : a in Scale { W[l] -> a * W[l]; b[l] -> a^(l - 1) * b[l]; F -> a^L * F }",
       " : a in Scale { W[l] -> a * W[l]; b[l] -> a^l * b[l]; F -> a^(L + 1) * F }",
       " : a in Scale { W[l] -> a^2 * W[l]; b[l] -> a^l * b[l]; F -> a^(2*L) * F }"]),
    // blocks of K layers, and one between them
    ("dim L = 2, K = 2, d = 2, n = 3
     data T : d x n
     let X = T
     repeat l in 1..L {
       param U : d x d
       let X = U * X
       repeat j in 1..K { param W : d x d; let X = leaky_relu(W * X) }
     }
     output F = X",
     &[" : a in Scale { W[l,j] -> a * W[l,j]; F -> a^(K*L) * F }",
       " : a in Scale { U[l] -> a * U[l]; W[l,j] -> a * W[l,j]; F -> a^(L*(K + 1)) * F }",
       " : a in Scale { U[l] -> a^(-K) * U[l]; W[l,j] -> a * W[l,j] }"],
     &[" : a in Scale { W[l,j] -> a * W[l,j]; F -> a^(K + L + 1) * F }",
       " : a in Scale { U[l] -> a * U[l]; W[l,j] -> a * W[l,j]; F -> a^(K*L) * F }"]),
    // two streams, of which one takes from the other
    ("dim L = 3, d = 2, n = 3
     data T : d x n
     data S : d x n
     let X = T
     let Y = S
     repeat l in 1..L {
       param W : d x d
       param V : d x d
       let X = relu(W * X)
       let Y = V * Y + X
     }
     output F = Y",
     &[" : a in Scale { W[l] -> a * W[l]; V[l] -> a * V[l]; F -> a^L * F }"],
     &[" : a in Scale { W[l] -> a * W[l]; F -> a^L * F }"]),
    // a skip connection has no degree but that of both its branches
    ("dim L = 3, d = 2, n = 3
     data T : d x n
     param A : d x d
     let X = A * T
     repeat l in 1..L { param W : d x d; param V : d x d; let X = V * X + relu(W * X) }
     output F = X",
     &[" : a in Scale { W[l] -> a * W[l]; V[l] -> a * V[l]; F -> a^L * F }"],
     &[" : a in Scale { W[l] -> a * W[l]; F -> a^L * F }", " : a in Scale { A -> a * A; W[l] -> a * W[l]; F -> a^(L + 1) * F }"]),
];

#[test]
fn the_degree_of_blocks_is_found_and_proved_and_no_other() {
    TABLE.par_iter().for_each(|(model, are, are_not)| {
        are.par_iter().for_each(|action| assert!(proved(model, action), "not proved: {action}\n{model}"));
        are_not.par_iter().for_each(|action| assert!(!proved(model, action), "proved: {action}\n{model}"));
    });
}

fn report(model: &str, action: &str, dims: &[(&str, u64)], checks: bool) -> Report {
    let model = parse(&format!("model m\n{model}\nloss any\naction degree{action}"));
    let dims = dims.iter().map(|(name, n)| ((*name).to_string(), *n)).collect();
    derive(&model, &BOOK, &Options { dims, checks, ..Options::bare() }).expect("a report")
}

#[test]
fn another_degree_is_refuted_by_numbers() {
    TABLE.par_iter().for_each(|(model, _, are_not)| {
        for action in *are_not {
            // At three layers a constant degree is no counterexample.
            let report = report(model, action, &[("L", 2)], true);
            let verdict = report.actions[0].verdict();
            assert!(matches!(verdict, Verdict::Refuted { .. }), "{action}: {verdict:?}");
        }
    });
}

#[test]
fn laws_with_degrees_hold_at_any_number_of_blocks() {
    TABLE.par_iter().for_each(|(model, are, _)| {
        for (action, layers) in are.iter().flat_map(|action| [(action, 1), (action, 4)]) {
            let report = report(model, action, &[("L", layers)], true);
            assert!(report.is_clean() && report.checks.len() > 5, "{action}: {:?}", report.checks);
            assert!(report.checks.iter().all(|check| check.passed && check.measured), "{action}: {:?}", report.checks);
        }
    });
}

/// The statement of a law.
fn law(report: &Report, id: &str) -> String {
    let found = report.inside().laws.iter().find(|law| law.id() == id).unwrap_or_else(|| panic!("no law {id}"));
    found.statement().formulas().iter().map(|f| text(f)).collect::<Vec<_>>().join(" = ")
}

#[test]
fn the_degree_stands_in_the_laws() {
    let (model, are, _) = TABLE[0];
    let found = report(model, are[0], &[], false);
    assert_eq!(law(&found, "degree/gradient"), "over(l, dot(grad(W), W)) = L * dot(err(F), F)");
    let form = law(&found, "degree/hessian/form");
    assert!(form.ends_with("= L^2 * dot(F, hess_loss(F)[F]) + (L^2 - L) * dot(err(F), F)"), "{form}");
    let image = law(&found, "degree/hessian/image");
    assert!(image.contains("L * vjp(F, W)[hess_loss(F)[F]] + (L - 1) * grad(W)"), "{image}");
    let (model, are, _) = TABLE[1];
    let found = report(model, are[0], &[], false);
    let balance = "over(l, dot(grad(W), W)) + over(l, l * dot(grad(b), b)) = L * dot(err(F), F)";
    assert_eq!(law(&found, "degree/gradient"), balance);
    assert!(law(&found, "degree/hessian/image").contains("L * vjp(F, b)[hess_loss(F)[F]] + (L - l) * grad(b)"));
}

#[test]
fn a_model_with_degrees_is_written_as_it_is_read_and_its_derivation_replayed() {
    for (model, are, _) in TABLE {
        let actions: Vec<String> = are.iter().enumerate().map(|(k, action)| format!("action a{k}{action}")).collect();
        let model = parse(&format!("model m\n{model}\nloss any\n{}", actions.join("\n")));
        assert_eq!(parse(&model.to_string()), model, "{model}");
        let report = derive(&model, &BOOK, &Options::bare()).expect("a report");
        assert!(replay(&json(&report), BOOK.plain()).is_ok());
    }
}
