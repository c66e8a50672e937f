//! Second and third order and finite groups on models that are no examples: what it adds up to, and that a wrong statement is
//! caught.

use crate::{BOOK, read};
use equilaw::internals::check::{Checker, check_all};
use equilaw::internals::kernel::{Condition, Form, Law, Multiplicity, Statement, Structure};
use equilaw::internals::model::Inside;
use equilaw::internals::term::{Size, Sizes, Symbol, int};
use equilaw::{Options, Report, derive};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The derivation of each model of `tests/symmetry/`, without checks.
static REPORTS: LazyLock<BTreeMap<&str, Report>> = LazyLock::new(|| {
    let names =
        ["conjugation", "cyclic", "general_linear", "identical_neurons", "signed_conjugation", "signed_neurons"];
    let report = |name: &&'static str| (*name, derived(&format!("tests/symmetry/{name}.eqv")));
    names.iter().map(report).collect()
});

fn derived(path: &str) -> Report {
    derive(&read(path), &BOOK, &Options::bare()).expect("the sizes are the model's")
}

fn report(name: &str) -> &'static Report {
    &REPORTS[name]
}

fn law<'a>(report: &'a Report, id: &str) -> &'a Law {
    report.inside().laws.iter().find(|law| law.id() == id).unwrap_or_else(|| panic!("no law {id}"))
}

fn passes(report: &Report, law: &Law) -> bool {
    Checker::new(report.inside().model, &report.inside().model.sizes(&[]).expect("sizes"), 1)
        .expect("an instance")
        .check(law)
        .passed
}

/// Whether another statement than that of the law passes.
fn passes_instead(report: &Report, law: &Law, structure: Structure) -> bool {
    let checker =
        Checker::new(report.inside().model, &report.inside().model.sizes(&[]).expect("sizes"), 1).expect("an instance");
    checker.check_statement(law, &Statement::Structure(structure)).passed
}

#[test]
fn a_wrong_flattest_point_does_not_pass() {
    let report = report("general_linear");
    let flattest = law(report, "basis/flattest");
    let Statement::Structure(Structure::Flattest { element, trace, response, condition: Some((lhs, rhs)) }) =
        flattest.statement()
    else {
        panic!("{:?}", flattest.statement())
    };
    let with = |condition| Structure::Flattest {
        element: element.clone(),
        trace: trace.clone(),
        response: response.clone(),
        condition: Some(condition),
    };
    assert!(passes(report, flattest));
    let doubled = equilaw::internals::term::add(rhs, rhs);
    assert!(!passes_instead(report, flattest, with((lhs.clone(), doubled))));
    let wrong = Structure::Flattest {
        element: element.clone(),
        trace: equilaw::internals::term::add(trace, trace),
        response: response.clone(),
        condition: Some((lhs.clone(), rhs.clone())),
    };
    assert!(!passes_instead(report, flattest, wrong));
}

#[test]
fn wrong_multiplicities_do_not_pass() {
    let report = report("identical_neurons");
    let spectrum = law(report, "swap/multiplicities");
    let Statement::Structure(Structure::Multiplicities { cases, .. }) = spectrum.statement() else { panic!("T12") };
    assert!(passes(report, spectrum));
    let mut wrong = cases.clone();
    wrong[0].classes.push(Multiplicity { count: int(1), multiplicity: int(1) });
    assert!(!passes_instead(report, spectrum, Structure::Multiplicities { cases: wrong, found: None }));
}

#[test]
fn a_wrong_fixed_space_does_not_pass() {
    let report = report("identical_neurons");
    let fixed = law(report, "swap/fixed-space");
    let zero = vec![Condition { param: Symbol::from("W1"), form: Form::Zero }];
    assert!(passes(report, fixed));
    assert!(!passes_instead(report, fixed, Structure::FixedSpace { conditions: zero, found: None }));
}

#[test]
fn a_group_of_signs_is_found_inside_the_general_linear_group_but_not_behind_relu() {
    let found = |report: &Report| report.inside().laws.iter().any(|law| law.id().contains("·sign/"));
    assert!(found(report("general_linear")));
    assert!(!found(&derived("examples/relu_mlp.eqv")));
}

#[test]
fn the_larger_group_says_what_its_permutations_and_its_signs_say() {
    let statements = |report: &Report, action: &str| {
        let of = |law: &&Law| law.id().starts_with(&format!("{action}/"));
        let shown = |law: &Law| match law.statement() {
            Statement::Structure(Structure::FixedSpace { conditions, .. } | Structure::Breaking { conditions, .. }) => {
                format!("{conditions:?}")
            }
            Statement::Structure(Structure::Multiplicities { cases, .. }) => format!("{cases:?}"),
            _ => String::new(),
        };
        let all = report.inside().laws.iter().filter(of);
        all.map(shown).filter(|s| !s.is_empty()).collect::<Vec<_>>()
    };
    let both = report("signed_neurons");
    let apart = report("identical_neurons");
    assert_eq!(statements(both, "turn·perm"), statements(apart, "swap"));
    assert_eq!(statements(both, "turn·sign"), statements(apart, "mirror"));
    assert_eq!(statements(both, "turn·perm").len() + statements(both, "turn·sign").len(), 5);
    // What is declared besides is said there.
    let declared = report("signed_conjugation");
    assert!(statements(declared, "sp·sign").is_empty() && !statements(declared, "sp·perm").is_empty());
}

/// Every law of the finite groups, and of GL, at sizes and a seed.
fn hold(h: usize, d: usize, k: usize, seed: u64) -> Result<(), String> {
    for (name, report) in REPORTS.iter() {
        let all = [("h", h), ("d", d), ("k", k)].map(|(name, n)| (name.to_string(), n as u64));
        let known = |name: &str| report.inside().model.inside().dims.iter().any(|dim| dim.name.as_str() == name);
        let dims: Vec<_> = all.into_iter().filter(|(name, _)| known(name)).collect();
        let sizes = report.inside().model.sizes(&dims).map_err(|e| format!("{name}: {e}"))?;
        let checks =
            check_all(report.inside().model, report.inside().laws, &sizes, seed).map_err(|e| format!("{name}: {e}"))?;
        if let Some(failed) = checks.iter().find(|check| !check.passed) {
            return Err(format!("{name}: {failed:?}"));
        }
    }
    Ok(())
}

#[test]
fn laws_of_finite_groups_hold_where_every_size_is_one() {
    hold(1, 1, 1, 0).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn multiplicities_sum_to_the_number_of_parameters(h in 1u64..40, d in 1u64..9, k in 1u64..9) {
        for name in ["identical_neurons", "conjugation", "cyclic", "signed_conjugation", "signed_neurons"] {
            let report = report(name);
            let sizes = Sizes::from([("h", h), ("d", d), ("k", k)].map(|(name, n)| (Symbol::from(name), n as usize)));
            let value = |size: Size| sizes.value(size).map(|n| n as u64);
            let all = sizes.entries(report.inside().model.inside().params.iter().map(|p| p.shape)).expect("small");
            for law in report.inside().laws {
                let Statement::Structure(Structure::Multiplicities { cases, .. }) = law.statement() else { continue };
                let applies = |when: Option<equilaw::internals::kernel::When>| when.is_none_or(|w| w.holds(value) == Some(true));
                for case in cases.iter().filter(|case| applies(case.when)) {
                    let number = |x| sizes.count(x).expect("a number") as u64;
                    let sum: u64 = case.classes.iter().map(|c| number(&c.count) * number(&c.multiplicity)).sum();
                    prop_assert_eq!(sum, all, "{} {:?}", law.id(), case.when);
                }
            }
        }
    }

    #[test]
    fn laws_of_finite_groups_hold_at_every_size(h in 1usize..6, d in 1usize..4, k in 1usize..4, seed in 0u64..1000) {
        hold(h, d, k, seed).map_err(TestCaseError::fail)?;
    }
}
