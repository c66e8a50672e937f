//! Actions of members beside each other: what is proved of blocks l and l + 1, of the first and of the last one, for any number of
//! blocks, and twins that move one member too few, the wrong one, or by the wrong group, which no proof may find.

use crate::{BOOK, parse, proved};
use equilaw::internals::report::{json, replay};
use equilaw::{Options, Question, Report, TextOptions, Unwatched, Verdict, complete, derive};
use rayon::prelude::*;
use serde_json::Value;

/// A model without its actions, the actions it has and some it has not. An action begins with its indices.
type Row = (&'static str, &'static [&'static str], &'static [&'static str]);

#[rustfmt::skip]
const TABLE: &[Row] = &[
    // a deep ReLU network with biases
    ("dim L = 3, d = 2, m = 2, k = 2, n = 4
     data Y : m x n
     param A : d x m
     param a : d
     let X = relu(A * Y + a * ones(1, n))
     repeat l in 1..L {
       param W : d x d
       param b : d
       let X = relu(W * X + b * ones(1, n))
     }
     param Z : k x d
     output F = Z * X",
     &["[l in 1..L-1] : D in Diag+(d) { W[l] -> D * W[l]; b[l] -> D * b[l]; W[l+1] -> W[l+1] * inv(D) }",
       "[l in 1..L-1] : P in Perm(d) { W[l] -> P * W[l]; b[l] -> P * b[l]; W[l+1] -> W[l+1] * P' }",
       " : D in Diag+(d) { A -> D * A; a -> D * a; W[1] -> W[1] * inv(D) }",
       " : D in Diag+(d) { W[L] -> D * W[L]; b[L] -> D * b[L]; Z -> Z * inv(D) }",
       // Over two blocks at once.
       "[l in 1..L-2] : D in Diag+(d) { W[l] -> D * W[l]; b[l] -> D * b[l]; W[l+1] -> D * W[l+1] * inv(D); b[l+1] -> D * b[l+1]; W[l+2] -> W[l+2] * inv(D) }"],
     &["[l in 1..L-1] : g in GL(d) { W[l] -> g * W[l]; b[l] -> g * b[l]; W[l+1] -> W[l+1] * inv(g) }",
       "[l in 1..L-1] : S in Sign(d) { W[l] -> S * W[l]; b[l] -> S * b[l]; W[l+1] -> W[l+1] * S }",
       "[l in 1..L-1] : O in O(d) { W[l] -> O * W[l]; b[l] -> O * b[l]; W[l+1] -> W[l+1] * O' }",
       // A bias forgotten, the inverse forgotten, the neighbour forgotten, the wrong neighbour, the wrong side.
       "[l in 1..L-1] : D in Diag+(d) { W[l] -> D * W[l]; W[l+1] -> W[l+1] * inv(D) }",
       "[l in 1..L-1] : D in Diag+(d) { W[l] -> D * W[l]; b[l] -> D * b[l]; W[l+1] -> W[l+1] * D }",
       "[l in 1..L-1] : D in Diag+(d) { W[l+1] -> D * W[l+1]; b[l+1] -> D * b[l+1] }",
       "[l in 1..L-2] : D in Diag+(d) { W[l] -> D * W[l]; b[l] -> D * b[l]; W[l+2] -> W[l+2] * inv(D) }",
       "[l in 1..L-1] : D in Diag+(d) { W[l+1] -> D * W[l+1]; b[l+1] -> D * b[l+1]; W[l] -> W[l] * inv(D) }",
       "[l in 1..L-1] : D in Diag+(d) { W[l] -> D * W[l]; b[l] -> D * b[l]; W[l+1] -> W[l+1] * inv(D); b[l+1] -> D * b[l+1] }",
       // The ends exchanged, and the two ends with nothing between them.
       " : D in Diag+(d) { A -> D * A; a -> D * a; W[L] -> W[L] * inv(D) }",
       " : D in Diag+(d) { W[1] -> D * W[1]; b[1] -> D * b[1]; Z -> Z * inv(D) }",
       " : D in Diag+(d) { W[1] -> D * W[1]; b[1] -> D * b[1]; W[L] -> W[L] * inv(D) }",
       // An end that every action moves.
       "[l in 1..L-1] : D in Diag+(d) { W[l] -> D * W[l]; b[l] -> D * b[l]; W[l+1] -> W[l+1] * inv(D); Z -> D * Z }"]),
    // a deep linear network
    ("dim L = 3, d = 2, m = 3, k = 2, n = 4
     data Y : m x n
     param A : d x m
     let X = A * Y
     repeat l in 1..L { param W : d x d; let X = W * X }
     param Z : k x d
     output F = Z * X",
     &["[l in 1..L-1] : g in GL(d) { W[l] -> g * W[l]; W[l+1] -> W[l+1] * inv(g) }",
       " : g in GL(d) { A -> g * A; W[1] -> W[1] * inv(g) }", " : g in GL(d) { W[L] -> g * W[L]; Z -> Z * inv(g) }"],
     &["[l in 1..L-1] : g in GL(d) { W[l] -> g * W[l]; W[l+1] -> W[l+1] * g' }",
       "[l in 1..L-1] : g in GL(d) { W[l] -> W[l] * g; W[l+1] -> inv(g) * W[l+1] }"]),
    // layers of different widths, with and without a function between them
    ("dim L = 3, d[l in 0..L] = 3, m = 2, k = 2, n = 4
     data Y : m x n
     param A : d[0] x m
     param a : d[0]
     let X = relu(A * Y + a * ones(1, n))
     repeat l in 1..L {
       param W : d[l] x d[l-1]
       param b : d[l]
       let X = relu(W * X + b * ones(1, n) / d[l])
     }
     param Z : k x d[L]
     output F = Z * X",
     &["[l in 1..L-1] : D in Diag+(d[l]) { W[l] -> D * W[l]; b[l] -> D * b[l]; W[l+1] -> W[l+1] * inv(D) }",
       "[l in 1..L-1] : P in Perm(d[l]) { W[l] -> P * W[l]; b[l] -> P * b[l]; W[l+1] -> W[l+1] * P' }",
       " : D in Diag+(d[0]) { A -> D * A; a -> D * a; W[1] -> W[1] * inv(D) }",
       " : D in Diag+(d[L]) { W[L] -> D * W[L]; b[L] -> D * b[L]; Z -> Z * inv(D) }"],
     &["[l in 1..L-1] : g in GL(d[l]) { W[l] -> g * W[l]; b[l] -> g * b[l]; W[l+1] -> W[l+1] * inv(g) }",
       "[l in 1..L-1] : D in Diag+(d[l]) { W[l] -> D * W[l]; W[l+1] -> W[l+1] * inv(D) }",
       " : D in Diag+(d[L]) { Z -> Z * inv(D) }", " : D in Diag+(d[0]) { A -> D * A; W[1] -> W[1] * inv(D) }"]),
    ("dim L = 3, d[l in 0..L] = 2, m = 2, k = 2, n = 4
     data Y : m x n
     param A : d[0] x m
     let X = A * Y
     repeat l in 1..L { param W : d[l] x d[l-1]; let X = W * X }
     param Z : k x d[L]
     output F = Z * X",
     &["[l in 1..L-1] : g in GL(d[l]) { W[l] -> g * W[l]; W[l+1] -> W[l+1] * inv(g) }",
       " : g in GL(d[0]) { A -> g * A; W[1] -> W[1] * inv(g) }", " : g in GL(d[L]) { W[L] -> g * W[L]; Z -> Z * inv(g) }"],
     &["[l in 1..L-1] : g in GL(d[l]) { W[l] -> g * W[l]; W[l+1] -> W[l+1] * g' }"]),
    // convolutions of several offsets behind each other
    ("dim L = 3, k = 2, c = 2, n = 3, v = 2
     data Y : c x n
     data S[o in 1..k] : n x n fixed
     let X = Y
     repeat l in 1..L { param W[o in 1..k] : c x c; param b : c; let X = relu(sum(o in 1..k) W * X * S + b * ones(1, n)) }
     param Z : v x c
     output F = Z * X",
     &["[l in 1..L-1] : D in Diag+(c) { W[l,o] -> D * W[l,o]; b[l] -> D * b[l]; W[l+1,o] -> W[l+1,o] * inv(D) }",
       " : D in Diag+(c) { W[L,o] -> D * W[L,o]; b[L] -> D * b[L]; Z -> Z * inv(D) }"],
     &["[l in 1..L-1, o in 1..k] : D in Diag+(c) { W[l,o] -> D * W[l,o]; b[l] -> D * b[l]; W[l+1,o] -> W[l+1,o] * inv(D) }",
       " : D in Diag+(c) { W[1,o] -> D * W[1,o]; b[1] -> D * b[1]; Z -> Z * inv(D) }"]),
    // a residual stream has no rescaling between its blocks
    ("dim L = 3, d = 2, n = 4
     data Y : d x n
     let X = Y
     repeat l in 1..L { param W : d x d; let X = X + relu(W * X) }
     output F = X",
     &[],
     &["[l in 1..L-1] : D in Diag+(d) { W[l] -> D * W[l]; W[l+1] -> W[l+1] * inv(D) }"]),
    // two carried values; weights that the whole network reads, or what follows it
    ("dim L = 3, d = 2, n = 4
     data Y : d x n
     let X = Y
     let C = Y
     repeat l in 1..L { param W : d x d; param V : d x d; let C = tanh(V * C); let X = relu(W * X) .* C }
     output F = X + C",
     &["[l in 1..L-1] : D in Diag+(d) { W[l] -> D * W[l]; W[l+1] -> W[l+1] * inv(D) }"],
     &["[l in 1..L-1] : D in Diag+(d) { V[l] -> D * V[l]; V[l+1] -> V[l+1] * inv(D) }"]),
    ("dim L = 3, d = 2, n = 4
     data Y : d x n
     param U : d x d
     let X = Y
     repeat l in 1..L { param W : d x d; let X = relu(W * U * X) }
     output F = (sum(l in 1..L) W) * X",
     &[],
     &["[l in 1..L-1] : D in Diag+(d) { W[l] -> D * W[l]; W[l+1] -> W[l+1] * inv(D) }", " : D in Diag+(d) { W[1] -> W[1] * inv(D); U -> D * U }"]),
    // what every block reads is made of what the first one takes
    ("dim L = 3, d = 2, n = 4
     data Y : d x n
     param A : d x d
     let P = A * Y
     let Q = relu(P)
     let X = P
     repeat l in 1..L { param W : d x d; let X = W * X + Q }
     output F = X",
     &[],
     &[" : D in Diag+(d) { A -> D * A; W[1] -> W[1] * inv(D) }"]),
];

fn report(model: &str, action: &str, dims: &[(&str, u64)]) -> Report {
    let model = parse(&format!("model m\n{model}\nloss any\naction a{action}"));
    let dims = dims.iter().map(|(name, n)| (name.to_string(), *n)).collect();
    derive(&model, &BOOK, &Options { dims, checks: true, ..Options::bare() }).expect("a report")
}

#[test]
fn neighbours_are_proved_for_every_block_and_their_twins_are_not() {
    TABLE.par_iter().for_each(|(model, true_ones, twins)| {
        for action in *true_ones {
            assert!(proved(model, action), "{action} of\n{model}");
        }
        for action in *twins {
            assert!(!proved(model, action), "{action} of\n{model}");
        }
    });
}

#[test]
fn what_is_proved_of_neighbours_holds_at_every_block_and_number_of_blocks() {
    let rows: Vec<(&str, &str)> =
        TABLE.iter().flat_map(|(model, actions, _)| actions.iter().map(move |action| (*model, *action))).collect();
    rows.par_iter().for_each(|(model, action)| {
        for length in [1, 3] {
            let report = report(model, action, &[("L", length)]);
            assert!(report.is_clean(), "{action} at L = {length} of\n{model}\n{}", report.text(TextOptions::default()));
            assert!(report.laws().next().is_some(), "{action} of\n{model}");
        }
    });
}

/// A row of the table with all its actions, sizes that replace its own, and what is counted.
type Counted = (usize, &'static [(&'static str, u64)], &'static str);

const COUNTED: &[Counted] = &[
    (0, &[("L", 2)], "complete at L=2 and at L=3: 6 and 8 laws, as many as the proved (𝖫−1)d + 2d"),
    (1, &[("L", 2)], "complete at L=2 and at L=3: 9 and 12 laws, as many as the proved (𝖫−1)d(d+1)/2 + d(d+1)"),
    (
        2,
        &[("L", 2), ("d[0]", 2), ("d[1]", 3), ("d[2]", 1)],
        "complete at L=2 and at L=3: 6 and 9 laws, as many as the proved ∑_l d[l] + d[0]",
    ),
    (3, &[("L", 2), ("d[0]", 2), ("d[1]", 1), ("d[2]", 2)], "complete at L=2 and at L=3: 7 and 10 laws, as many as "),
];

#[test]
fn the_laws_of_neighbours_and_of_the_ends_are_all_there_are() {
    COUNTED.par_iter().for_each(|(row, dims, counted)| {
        let (model, actions, _) = TABLE[*row];
        // What acts over several blocks is made of what acts over one.
        let own = actions.iter().enumerate().filter(|(_, action)| !action.contains("L-2"));
        let own: Vec<String> = own.map(|(k, action)| format!("action a{k}{action}")).collect();
        let model = parse(&format!("model m\n{model}\nloss any\n{}", own.join("\n")));
        let dims = dims.iter().map(|(name, n)| (name.to_string(), *n)).collect();
        let options = Options { dims, ..Options::bare() };
        let found = complete(&model, &BOOK, &options, &Question::default(), &Unwatched).expect("a count");
        assert!(found.is_complete() && found.text().contains(counted), "{row}\n{}", found.text());
    });
}

#[test]
fn laws_of_layers_of_different_widths_hold_at_any_widths() {
    for row in [2, 3] {
        let (model, actions, _) = TABLE[row];
        for action in actions {
            let report = report(model, action, &[("d[0]", 2), ("d[1]", 4), ("d[2]", 3), ("d[3]", 1)]);
            assert!(report.is_clean(), "{action} of\n{model}\n{}", report.text(TextOptions::default()));
        }
    }
}

#[test]
fn twins_of_neighbours_are_refuted_by_numbers() {
    for (row, twin) in [(0, 0), (0, 3), (0, 4), (0, 6), (0, 7), (0, 9), (0, 10), (1, 0), (2, 0), (3, 0), (5, 0), (7, 1)]
    {
        let (model, _, twins) = TABLE[row];
        let bad = report(model, twins[twin], &[]);
        let verdict = bad.actions[0].verdict();
        assert!(matches!(verdict, Verdict::Refuted { .. }), "{}: {verdict:?}", twins[twin]);
    }
}

#[test]
fn a_model_with_neighbours_is_written_as_it_is_read() {
    for (model, actions, _) in TABLE {
        let actions: Vec<String> = actions.iter().enumerate().map(|(k, a)| format!("action a{k}{a}")).collect();
        let model = parse(&format!("model m\n{model}\nloss any\n{}", actions.join("\n")));
        assert_eq!(parse(&model.to_string()), model, "{model}");
    }
}

#[test]
fn a_derivation_around_neighbours_is_replayed_and_no_other_action_has_its_freedom() {
    let (model, actions, _) = TABLE[0];
    let own: Vec<String> = actions.iter().enumerate().map(|(k, a)| format!("action a{k}{a}")).collect();
    let model = parse(&format!("model m\n{model}\nloss any\n{}", own.join("\n")));
    let report = derive(&model, &BOOK, &Options::bare()).expect("a report");
    let document = json(&report);
    assert!(replay(&document, BOOK.plain()).is_ok());
    let read: Value = serde_json::from_str(&document).expect("JSON");
    let claims = read["certificate"]["claims"].as_array().expect("claims");
    let around: Vec<usize> = (0..claims.len()).filter(|i| claims[*i].get("window").is_some()).collect();
    assert!(around.len() > 100, "{}", around.len());
    // Without its blocks, around those of another action, or of one that the model does not have.
    for at in around.iter().step_by(97) {
        let own = claims[*at]["window"].as_str().unwrap_or_default();
        let other = if own == "a0" { "a2" } else { "a0" };
        for window in [None, Some(other), Some("a9")] {
            let mut altered = read.clone();
            let claim = altered["certificate"]["claims"][*at].as_object_mut().expect("a claim");
            match window {
                None => drop(claim.remove("window")),
                Some(name) => drop(claim.insert("window".into(), name.into())),
            }
            assert!(replay(&altered.to_string(), BOOK.plain()).is_err(), "{at}: {window:?}");
        }
    }
}
