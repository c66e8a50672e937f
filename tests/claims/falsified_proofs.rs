//! Falsified proofs: each chain that proves a group law of an example, with one step made false, is refused by the checker. The steps that are
//! accepted all the same are true, and the reason is one of those listed here.

use crate::{BOOK, REPORTS};
use equilaw::Status;
use equilaw::law::{ClaimStatement, ProvedAction, Reason, action::two_element_env};
use equilaw::model::Model;
use equilaw::rewrite::{Proof, Step, replay};
use equilaw::term::{Env, Expr, Op, Symbol, Term, apply, arguments, infer, int, root};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// One step of a chain: the terms before and after it, and the rule that it names.
struct Link {
    before: Expr,
    rule: Symbol,
    after: Expr,
}

/// What the checker says of a step alone. All that these tests know of the checker is here.
fn accepts(env: &Env, before: &Expr, rule: Symbol, after: &Expr) -> bool {
    let step = Step { rule, reason: String::new(), silent: false, term: after.clone() };
    replay(&BOOK, env, &[], &Proof { start: before.clone(), steps: vec![step] }, after).is_ok()
}

/// The steps that prove that an action is one, each in the environment of two elements of the group.
fn links(model: &Model, proved: &ProvedAction) -> (Env, Vec<Link>) {
    let mut links = Vec::new();
    for id in proved.group_laws.identity.iter().chain(&proved.group_laws.composition) {
        let claim = proved.argument.claim_of(*id);
        let (ClaimStatement::Equation { .. }, Reason::Rewriting(proof)) = claim else { continue };
        let mut before = proof.start.clone();
        for step in &proof.steps {
            links.push(Link { before, rule: step.rule, after: step.term.clone() });
            before = step.term.clone();
        }
    }
    (two_element_env(model, &proved.action), links)
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
    let (mut steps, mut refused) = (0u32, BTreeMap::<&str, u32>::new());
    for (name, report) in REPORTS.iter() {
        for action in &report.actions {
            let Status::Proved(proved) = &action.status else { continue };
            let (env, links) = links(&report.model, proved);
            for link in links {
                steps += 1;
                assert!(accepts(&env, &link.before, link.rule, &link.after), "{name}: an honest step by {}", link.rule);
                for (what, wrong) in falsified(&link.after) {
                    if infer(&env, &wrong).is_err()
                        || wrong == link.before
                        || true_all_the_same(&env, what, &link.after)
                    {
                        continue;
                    }
                    let told = || equilaw::term::print::text(&wrong);
                    assert!(
                        !accepts(&env, &link.before, link.rule, &wrong),
                        "{name}: {what} by {}: {}",
                        link.rule,
                        told()
                    );
                    *refused.entry(what).or_default() += 1;
                }
            }
        }
    }
    assert!(steps > 500 && refused.len() == 10 && refused.values().all(|n| *n > 10), "{steps} {refused:?}");
}

/// Pairs of rules that state the same of some step of the examples, and why that is no fault.
const SAME: [(&str, &str, &str); 5] = [
    ("arithmetic", "power-of-one", "1^q = 1 for a number q"),
    ("distribute-left", "factor-left", "one is the other read backwards"),
    ("distribute-right", "factor-right", "one is the other read backwards"),
    ("power-of-product", "power-of-scaled", "a positive scalar is a positive diagonal 1×1 matrix"),
    ("sum", "add-zero", "X + 0 = X is a sum without its zero"),
];

#[test]
fn no_step_follows_by_another_rule() {
    let names: Vec<Symbol> = BOOK.rules().iter().map(|rule| rule.name.as_str().into()).collect();
    let mut accepted: BTreeMap<(String, String), u32> = BTreeMap::new();
    for (_, report) in REPORTS.iter() {
        for action in &report.actions {
            let Status::Proved(proved) = &action.status else { continue };
            let (env, links) = links(&report.model, proved);
            let found: Vec<(String, String)> = (links.par_iter())
                .flat_map_iter(|link| {
                    let others = names.iter().filter(|name| **name != link.rule);
                    let follows = others.filter(|name| accepts(&env, &link.before, **name, &link.after));
                    follows.map(|name| (link.rule.to_string(), name.to_string())).collect::<Vec<_>>()
                })
                .collect();
            found.into_iter().for_each(|pair| *accepted.entry(pair).or_default() += 1);
        }
    }
    let known = |(rule, other): &(String, String)| {
        SAME.iter().any(|&(a, b, _)| (a, b) == (rule, other) || (b, a) == (rule, other))
    };
    let unknown: Vec<_> = accepted.iter().filter(|(pair, _)| !known(pair)).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
}
