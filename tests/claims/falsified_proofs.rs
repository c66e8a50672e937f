//! Falsified proofs: each chain that a law of an example rests on, with one step made false, is refused by the checker. The steps that are
//! accepted all the same are true, and the reason is one of those listed here.

use crate::{BOOK, REPORTS};
use equilaw::Report;
use equilaw::internals::kernel::{Checked, Claim, Inference, Proved, derivation};
use equilaw::internals::model::Inside;
use equilaw::internals::term::print::text;
use equilaw::internals::term::{Env, Expr, Op, Symbol, Term, apply, arguments, infer, int, root};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

/// One step of a chain: the terms before and after it, and the rule that it names.
struct Link {
    before: Expr,
    rule: Symbol,
    after: Expr,
}

/// What the checker says of a step alone, where the claim was proved. All that these tests know of the checker is here.
fn accepts(claim: &Claim, before: &Expr, rule: Symbol, after: &Expr) -> bool {
    let Inference::Rewriting(checked) = claim.by() else { return false };
    let step = [(rule, after.clone())];
    Checked::replay(claim.setting(), checked.scope(), checked.given(), before, &step).is_ok()
}

/// Every chain that a law of a report rests on, each step once.
fn chains(report: &Report) -> Vec<(Proved, Vec<Link>)> {
    let (mut claims, mut steps) = (HashSet::new(), HashSet::new());
    let all = report.inside().laws.iter().flat_map(|law| derivation(law.claim()));
    let new = all.filter(|claim| claims.insert(Arc::as_ptr(claim)));
    let links = new.filter_map(|claim| {
        let Inference::Rewriting(checked) = claim.by() else { return None };
        let mut before = checked.start().clone();
        let links = checked.steps().iter().map(|step| {
            let before = std::mem::replace(&mut before, step.term.clone());
            Link { before, rule: step.by.name(), after: step.term.clone() }
        });
        let links = links.filter(|l| steps.insert((l.before.clone(), l.rule, l.after.clone()))).collect();
        Some((claim, links))
    });
    links.collect()
}

/// Terms that a wrong step could lead to, each with what was done to the right one.
fn falsified(term: &Expr) -> Vec<(&'static str, Expr)> {
    let mut out = vec![
        ("negated", apply(Op::Mul, &[&int(-1), term])),
        ("doubled", apply(Op::Add, &[term, term])),
        ("transposed", apply(Op::T, &[term])),
    ];
    match (root(term), arguments(term).as_slice()) {
        (Term::Op(Op::Mul, _), [x, y]) => {
            out.push(("factors swapped", apply(Op::Mul, &[y, x])));
            out.push(("left factor dropped", y.clone()));
            out.push(("right factor dropped", x.clone()));
        }
        (Term::Op(Op::Add, _), [x, y]) => {
            out.push(("left summand dropped", y.clone()));
            out.push(("right summand dropped", x.clone()));
        }
        _ => {}
    }
    // The same inside of each argument: a step happens at one place, which need not be the root.
    if let Term::Op(op, _) = root(term) {
        let args = arguments(term);
        for (i, arg) in args.iter().enumerate() {
            let wrong =
                [("argument negated", apply(Op::Mul, &[&int(-1), arg])), ("argument transposed", apply(Op::T, &[arg]))];
            for (what, wrong) in wrong {
                let new: Vec<&Expr> = args.iter().enumerate().map(|(k, a)| if k == i { &wrong } else { a }).collect();
                out.push((what, apply(*op, &new)));
            }
        }
    }
    out.retain(|(_, wrong)| wrong != term);
    out
}

/// Why a falsified step is true after all; nothing for one that is not.
fn true_all_the_same(env: &Env, what: &str, term: &Expr) -> bool {
    let scalar = |x: &Expr| infer(env, x).is_ok_and(|data| data.shape.is_scalar());
    match what {
        "factors swapped" => arguments(term).iter().all(scalar),
        _ => false,
    }
}

#[test]
fn no_falsified_step_is_accepted() {
    let each = REPORTS.par_iter().map(|(name, report)| {
        let (mut steps, mut refused, mut accepted) = (0u32, BTreeMap::<&str, u32>::new(), BTreeSet::new());
        for (claim, links) in chains(report) {
            let env = claim.scope().env();
            for Link { before, rule, after } in &links {
                steps += 1;
                assert!(accepts(&claim, before, *rule, after), "{name}: an honest step by {rule}");
                for (what, wrong) in falsified(after) {
                    if infer(env, &wrong).is_err() || wrong == *before || true_all_the_same(env, what, after) {
                        continue;
                    }
                    match accepts(&claim, before, *rule, &wrong) {
                        false => *refused.entry(what).or_default() += 1,
                        true => drop(accepted.insert(format!("{name}: {what} by {rule}: {}", text(&wrong)))),
                    }
                }
            }
        }
        (steps, refused, accepted)
    });
    let (mut steps, mut refused, mut accepted) = (0, BTreeMap::<&str, u32>::new(), BTreeSet::new());
    for (some, counts, found) in each.collect::<Vec<_>>() {
        steps += some;
        accepted.extend(found);
        counts.into_iter().for_each(|(what, n)| *refused.entry(what).or_default() += n);
    }
    assert!(accepted.is_empty(), "{accepted:#?}");
    assert!(steps > 500 && refused.len() == 10 && refused.values().all(|n| *n > 10), "{steps} {refused:?}");
}

/// Pairs of rules that state the same of some step of the examples, and why that is no fault.
const SAME: [(&str, &str, &str); 34] = [
    ("arithmetic", "add-zero-scalar", "of numbers it is arithmetic"),
    ("arithmetic", "associate", "of numbers it is arithmetic"),
    ("arithmetic", "cube-of-diagonal", "of numbers it is arithmetic"),
    ("arithmetic", "diagonals-commute", "of numbers it is arithmetic"),
    ("arithmetic", "one-times", "of numbers it is arithmetic"),
    ("arithmetic", "orthogonal-number-power", "of numbers it is arithmetic"),
    ("arithmetic", "power-of-one", "1^q = 1 for a number q"),
    ("arithmetic", "power-one", "of numbers it is arithmetic"),
    ("arithmetic", "reciprocal", "of numbers it is arithmetic"),
    ("arithmetic", "square-of-diagonal", "of numbers it is arithmetic"),
    ("arithmetic", "times-one", "of numbers it is arithmetic"),
    ("arithmetic", "zero-add-scalar", "of numbers it is arithmetic"),
    ("associate", "one-times", "the first of three factors is 1, and another"),
    ("diagonals-commute", "scalar-first", "a scalar is a diagonal 1×1 matrix"),
    ("distribute-left", "factor-left", "one is the other read backwards"),
    ("distribute-right", "factor-right", "one is the other read backwards"),
    ("identity-left", "identity-right", "both factors are the identity"),
    ("identity-left", "sign-squared", "the identity is a sign matrix"),
    ("inverse-product-left", "inverse-product-right", "both factors have an inverse"),
    ("norm-inner", "collect-norm", "one is the other read backwards"),
    ("ones-outer", "ones-outer-product", "one is the other inside of a product"),
    ("permutation-left", "odd-left", "a permutation is a signed permutation"),
    ("power-of-power", "power-one", "the first of the two powers is 1"),
    ("power-of-product", "power-of-scaled", "a positive scalar is a positive diagonal 1×1 matrix"),
    ("scalar-inward", "scalar-out", "one is the other read backwards"),
    ("sum", "add-zero", "X + 0 = X is a sum without its zero"),
    ("sum", "add-zero-scalar", "x + 0 = x is a sum without its zero"),
    ("sum", "associate", "the coefficient of a single summand"),
    ("sum", "one-times", "the coefficient of a single summand"),
    ("sum", "power-one", "a single summand"),
    ("sum", "times-one", "the coefficient of a single summand"),
    ("sum", "zero-add-scalar", "0 + x = x is a sum without its zero"),
    ("sum", "zero-add", "0 + X = X is a sum without its zero"),
    ("sum-entries", "collect-sum", "one is the other read backwards"),
];

#[test]
fn no_step_follows_by_another_rule() {
    assert_follows_by_its_rule_alone(8);
}

/// The same for every step: `cargo test --test claims -- --ignored every_step`, as `.ci/run` does.
#[test]
#[ignore = "minutes"]
fn every_step_follows_by_its_rule_alone() {
    assert_follows_by_its_rule_alone(1);
}

/// Of one step in so many: no rule but its own makes it, save those that state the same.
fn assert_follows_by_its_rule_alone(stride: usize) {
    let names: Vec<Symbol> = BOOK.rules().iter().map(|rule| rule.name.as_str().into()).collect();
    let pairs = REPORTS.par_iter().flat_map_iter(|(_, report)| {
        let mut found = BTreeSet::new();
        let chains = chains(report);
        let steps = chains.iter().flat_map(|(claim, links)| links.iter().map(move |link| (claim, link)));
        for (claim, Link { before, rule, after }) in steps.step_by(stride) {
            let others = names.iter().filter(|name| *name != rule);
            let follows = others.filter(|name| accepts(claim, before, **name, after));
            found.extend(follows.map(|name| (rule.to_string(), name.to_string())));
        }
        found
    });
    let accepted: BTreeSet<(String, String)> = pairs.collect();
    let known = |(rule, other): &&(String, String)| {
        SAME.iter().any(|&(a, b, _)| (a, b) == (rule, other) || (b, a) == (rule, other))
    };
    let unknown: Vec<_> = accepted.iter().filter(|pair| !known(pair)).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
}
