//! What the blocks of a model carry on may be moved in another way from block to block: means of a residual stream that no norm
//! sees. What the later blocks do not pass on, or the end sees, no proof may find, and no derivation may be altered.

use crate::{BOOK, parse, proved};
use equilaw::internals::kernel::{Claim, Inference, Judgement, Moved, Onward, Proved, derivation};
use equilaw::internals::model::{Inside, Model};
use equilaw::internals::report::{json, replay};
use equilaw::internals::term::{Expr, int, mul, sym, transpose};
use equilaw::{Options, Verdict, derive};
use rayon::prelude::*;

/// A model without its actions, the actions it has and some it has not.
type Row = (&'static str, &'static [&'static str], &'static [&'static str]);

const STREAM: &str = "dim L = 2, H = 2, d = 3, c = 2, h = 3, n = 3
     data T : d x n
     param E : d x d
     let X = E * T
     repeat l in 1..L {
       param V[i in 1..H] : c x d
       param O[i in 1..H] : d x c
       param W : h x d
       param U : d x h
       param b : d
       param v : n
       let N = layernorm(X, 1e-5)
       let R = X + (sum(i in 1..H) O[i] * V[i] * N * softmax(N' * N)) + (v * ones(1, d))'
       let X = 2 * R + U * tanh(W * layernorm(R, 1e-5)) + b * ones(1, n)
     }
     param Z : d x d
     output F = Z * layernorm(X, 1e-5)";

#[rustfmt::skip]
const TABLE: &[Row] = &[
    (STREAM,
     &["[l in 1..L, i in 1..H] : t in Translate(1 x c) { O -> O + ones(d, 1) * t }",
       "[l in 1..L] : t in Translate(1 x c) { O -> O + ones(d, 1) * t }",
       "[l in 1..L] : t in Translate(1 x h) { U -> U + ones(d, 1) * t }",
       "[l in 1..L] : t in Translate { b -> b + t * ones(d, 1) }",
       "[l in 1..L] : t in Translate(n) { v -> v + t }",
       // Two of them by one element, and one for all layers.
       "[l in 1..L] : t in Translate { U -> U + t * ones(d, h); b -> b - 2 * t * ones(d, 1) }",
       " : t in Translate(1 x h) { U -> U + ones(d, 1) * t }",
       // What all layers share is shifted by each: the columns of a layer norm sum to 0.
       "[l in 1..L] : t in Translate { b -> b + t * ones(d, 1); Z -> Z + t * ones(d, d) }",
       // What the first block takes is moved as well.
       " : t in Translate(1 x d) { E -> E + ones(d, 1) * t; O -> O + ones(d, c) * (t * ones(d, 1)) }"],
     &["[l in 1..L] : t in Translate(d) { b -> b + t }",
       "[l in 1..L] : t in Translate(1 x d) { W -> W + ones(h, 1) * t }",
       "[l in 1..L] : t in Translate(d) { U -> U + t * ones(1, h) }",
       "[l in 1..L] : y in Scale { U -> y * U }",
       // The readout stands behind the last norm.
       "[l in 1..L] : t in Translate(1 x d) { U -> U + ones(d, h) ; Z -> Z + ones(d, 1) * t }",
       "[l in 1..L] : t in Translate(d) { b -> b + ones(d, d) * t; Z -> Z + t * select(1, 1, d) }"]),
    // The end sees the mean.
    ("dim L = 2, d = 3, n = 3
     data T : d x n
     let X = T
     repeat l in 1..L { param U : d x d; param b : d; let X = X + U * tanh(layernorm(X, 1e-5)) + b * ones(1, n) }
     param Z : d x d
     output F = Z * X",
     &[],
     &["[l in 1..L] : t in Translate(1 x d) { U -> U + ones(d, 1) * t }", "[l in 1..L] : t in Translate { b -> b + t * ones(d, 1) }"]),
    // A norm of another kind sees it.
    ("dim L = 2, d = 3, n = 3
     data T : d x n
     let X = T
     repeat l in 1..L { param U : d x d; param b : d; let X = X + U * tanh(rmsnorm(X, 1e-5)) + b * ones(1, n) }
     param Z : d x d
     output F = Z * layernorm(X, 1e-5)",
     &[],
     &["[l in 1..L] : t in Translate(1 x d) { U -> U + ones(d, 1) * t }", "[l in 1..L] : t in Translate { b -> b + t * ones(d, 1) }"]),
    // A weight stands on the stream.
    ("dim L = 2, d = 3, n = 3
     data T : d x n
     let X = T
     repeat l in 1..L { param V : d x d; param b : d; let X = V * X + tanh(layernorm(X, 1e-5)) + b * ones(1, n) }
     param Z : d x d
     output F = Z * layernorm(X, 1e-5)",
     &[],
     &["[l in 1..L] : t in Translate { b -> b + t * ones(d, 1) }"]),
    // Rows: a residual network whose BatchNorm stands in front of each part.
    ("dim L = 2, d = 3, n = 3
     data T : d x n
     param E : d x d
     let X = E * T
     repeat l in 1..L { param U : d x d; param b : d; let X = X + U * relu(batchnorm(X, 1e-5)) + b * ones(1, n) }
     param Z : d x d
     output F = Z * batchnorm(X, 1e-5)",
     &["[l in 1..L] : t in Translate(d) { b -> b + t }"],
     &["[l in 1..L] : t in Translate(1 x d) { U -> U + ones(d, 1) * t }"]),
    // A scale that is normalized away at the end.
    ("dim L = 2, d = 3, n = 3
     data T : d x n
     param E : d x d
     let X = E * T
     repeat l in 1..L { param U : d x d; let X = relu(U * X) }
     param Z : d x d
     output F = Z * normalize(X)",
     &["[l in 1..L] : y in Scale { U -> y * U }"],
     &["[l in 1..L] : t in Translate(1 x d) { U -> U + ones(d, 1) * t }"]),
    ("dim L = 2, d = 3, n = 3
     data T : d x n
     param E : d x d
     let X = E * T
     repeat l in 1..L { param U : d x d; let X = tanh(U * X) }
     param Z : d x d
     output F = Z * normalize(X)",
     &[],
     &["[l in 1..L] : y in Scale { U -> y * U }"]),
];

#[test]
fn what_later_blocks_pass_on_and_the_end_does_not_see_is_a_symmetry_of_a_block() {
    TABLE.par_iter().for_each(|(model, are, are_not)| {
        are.par_iter().for_each(|action| assert!(proved(model, action), "not proved: {action}\n{model}"));
        are_not.par_iter().for_each(|action| assert!(!proved(model, action), "proved: {action}\n{model}"));
    });
}

#[test]
fn numbers_agree() {
    TABLE.par_iter().for_each(|(model, are, are_not)| {
        let all = are.iter().chain(are_not.iter()).enumerate();
        for (k, action) in all {
            let Ok(model) = Model::parse("m.eqv", &format!("model m\n{model}\nloss any\naction a{action}")) else {
                continue;
            };
            let report = derive(&model, &BOOK, &Options { checks: true, ..Options::bare() }).expect("a report");
            match report.actions[0].verdict() {
                Verdict::Proved { .. } => assert!(k < are.len() && report.is_clean(), "{action}"),
                Verdict::Refuted { .. } => assert!(k >= are.len(), "{action}"),
                verdict => panic!("{action}: {verdict:?}"),
            }
        }
    });
}

#[test]
fn the_certificate_of_such_an_induction_is_replayed() {
    let text = format!("model m\n{STREAM}\nloss any\naction a{}", TABLE[0].1[2]);
    let report = derive(&parse(&text), &BOOK, &Options::bare()).expect("a report");
    let document = json(&report);
    assert!(document.contains(r#""inference":"onward""#) && document.contains(r#""inference":"moved""#));
    let verified = replay(&document, BOOK.plain()).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(verified.laws, report.inside().laws.len());
    let latex = report.latex(equilaw::LatexOptions::default());
    assert!(latex.contains("for some $\\sigma$") && latex.contains("holds however it is"), "{latex}");
}

/// Another map in place of one, with a reason.
fn altered(map: &Onward) -> Vec<(&'static str, Onward)> {
    let of = |what: &'static str, alter: &dyn Fn(&mut Onward)| {
        let mut out = map.clone();
        alter(&mut out);
        (what, out)
    };
    let twice = |x: &Expr| mul(&int(2), x);
    vec![
        of("image", &|map| map.image = twice(&map.image)),
        of("no image", &|map| map.image = sym(map.by)),
        of("base", &|map| map.first = sym(map.by)),
        of("step", &|map| map.after = twice(&map.after)),
        of("step forgotten", &|map| map.after = sym(map.by)),
        of("symbol", &|map| map.by = map.last_by),
        of("symbols swapped", &|map| std::mem::swap(&mut map.by, &mut map.last_by)),
        of("shape", &|map| map.shape = map.shape.transposed()),
    ]
}

#[test]
fn no_such_induction_is_accepted_with_any_part_of_it_altered() {
    let text = format!("model m\n{STREAM}\nloss any\naction a{}", TABLE[0].1[0]);
    let report = derive(&parse(&text), &BOOK, &Options::bare()).expect("a report");
    let claims: Vec<Proved> = derivation(report.inside().laws[0].claim());
    let (mut seen, mut hypotheses) = (0, 0);
    for claim in &claims {
        let infer = |by: Inference, premises: Vec<Proved>| Claim::infer(claim.setting(), by, premises);
        match claim.by() {
            Inference::Onward { action, index, maps } => {
                let with = |maps: Vec<Onward>, premises: Vec<Proved>| {
                    infer(Inference::Onward { action: action.clone(), index: *index, maps }, premises)
                };
                assert!(with(maps.clone(), claim.premises().to_vec()).is_ok());
                for (what, map) in altered(&maps[0]) {
                    assert!(with(vec![map], claim.premises().to_vec()).is_err(), "{what}");
                }
                let premises = claim.premises();
                for k in 0..premises.len() {
                    let fewer = premises.iter().enumerate().filter(|(at, _)| *at != k).map(|(_, p)| p.clone());
                    assert!(with(maps.clone(), fewer.collect()).is_err(), "without premise {k}");
                    for other in &claims {
                        let mut others = premises.to_vec();
                        let same = other.judgement() == premises[k].judgement()
                            && other.hypotheses() == premises[k].hypotheses();
                        others[k] = other.clone();
                        // The image of F itself follows from what is concluded as well.
                        assert!(same || with(maps.clone(), others).is_err() || k == 2, "another premise {k}");
                    }
                }
                assert!(
                    infer(
                        Inference::Onward { action: action.clone(), index: "i".into(), maps: maps.clone() },
                        premises.to_vec()
                    )
                    .is_err()
                );
                seen += 1;
            }
            Inference::Moved { action, moved } => {
                let with = |moved: Moved| infer(Inference::Moved { action: action.clone(), moved }, vec![]);
                assert!(claim.hypotheses().are_within_a_step() && with(moved.clone()).is_ok());
                // By a symbol that means something, of a value that no block carries on, of another shape, by a parameter.
                assert!(with(Moved { by: "E".into(), ..moved.clone() }).is_err());
                assert!(with(Moved { by: "t".into(), ..moved.clone() }).is_err());
                assert!(with(Moved { name: "N".into(), ..moved.clone() }).is_err());
                assert!(with(Moved { image: transpose(&moved.image), ..moved.clone() }).is_err());
                assert!(with(Moved { image: sym("T".into()), ..moved.clone() }).is_err());
                hypotheses += 1;
            }
            // A claim that still rests on how something is moved is no conclusion.
            Inference::Equivariance => {
                let open = claims.iter().filter(|c| c.hypotheses().are_within_a_step());
                for claim_of_f in open.filter(|c| matches!(c.judgement(), Judgement::Transport { .. })) {
                    let premises = vec![claim.premises()[0].clone(), claim_of_f.clone()];
                    assert!(infer(Inference::Equivariance, premises).is_err());
                }
            }
            _ => {}
        }
    }
    assert_eq!((seen, hypotheses), (1, 2));
}
