//! The soundness of the rules: every built-in rule is true at random instances, and wrong rules are caught.

use crate::BOOK;
use equilaw::internals::audit::{self, RuleCheck, verify};
use equilaw::internals::language::parse_rules;
use equilaw::internals::rewrite::RuleBook;

#[test]
fn every_built_in_rule_is_true() {
    assert_true(0);
}

/// `cargo test --test claims -- --ignored`, as `.ci/run` does.
#[test]
#[ignore = "minutes"]
fn every_built_in_rule_is_true_at_another_seed() {
    assert_true(1);
}

fn assert_true(seed: u64) {
    let checks: Vec<RuleCheck> = verify(&BOOK, seed);
    assert_eq!(checks.len(), BOOK.rules().len());
    let failed: Vec<&RuleCheck> = checks.iter().filter(|check| !check.passed()).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

/// The check of a single rule.
fn check(rule: &str) -> RuleCheck {
    let text = format!("rule r \"r\":\n  {rule}\n");
    let rules = parse_rules("r.rules", &text).unwrap_or_else(|errors| panic!("{}", errors.render(false, 100)));
    verify(&RuleBook::new(rules), 0).remove(0)
}

#[test]
fn true_rules_pass() {
    for rule in [
        "relu(?D * ?X) => ?D * relu(?X)   if positive_diagonal(?D)",
        "?f(?D * ?X) => ?D^?k * ?f(?X)   if positive_diagonal(?D), homogeneous(?f, ?k), not scalar(?X)",
        "(?X * ?Y)' <=> ?Y' * ?X'   if not scalar(?X)",
        "d(inv(?X)) => -(inv(?X) * d(?X) * inv(?X))",
        "d(?f(?X)) => deriv(?f)(?X) .* d(?X)",
        "hess_loss(?F)[?Y + ?Z] <=> hess_loss(?F)[?Y] + hess_loss(?F)[?Z]",
        "dot(?Y, hess_loss(?F)[?Z]) => dot(?Z, hess_loss(?F)[?Y])",
        "?S' => -?S   if skew(?S)",
    ] {
        let check = check(rule);
        assert!(check.passed() && check.instances >= 8, "{rule}: {check:?}");
    }
}

#[test]
fn wrong_rules_are_caught() {
    for rule in [
        "relu(?D * ?X) => ?D * relu(?X)",
        "relu(?D * ?X) => ?D * relu(?X)   if diagonal(?D)",
        "relu(?X * ?Y) => ?X * relu(?Y)   if positive(?X)",
        "?f(?D * ?X) => ?D * ?f(?X)   if positive_diagonal(?D), homogeneous(?f, ?k)",
        "?f(?D * ?X) => ?D^?k * ?f(?X)   if positive_diagonal(?D), homogeneous(?f, ?k)",
        "?f(?P * ?X) => ?P * ?f(?X)   if permutation(?P)",
        "?f(-?X) => -?f(?X)",
        "?f(-?X) => ?f(?X)   if homogeneous(?f, ?k)",
        "(?X * ?Y)' => ?X' * ?Y'",
        "?X * ?Y => ?Y * ?X",
        "?X * ?Y => ?Y * ?X   if symmetric(?X), symmetric(?Y)",
        "softmax(?a * ?X) => softmax(?X)   if scalar(?a), positive(?a)",
        "softmax(?Z + ?c * ones(1, ?n)) => softmax(?Z)",
        "softmax(?Z + ones(?m, 1) * ?c) => softmax(?Z)",
        "rmsnorm(?Z * ?S) => rmsnorm(?Z) * ?S   if orthogonal(?S), diagonal(?S)",
        "layernorm(?O * ?Z) => ?O * layernorm(?Z)   if orthogonal(?O)",
        "rmsnorm(?a * ?Z, ?e) => rmsnorm(?Z, ?e)   if scalar(?a), positive(?a)",
        "layernorm(?Z * ?D, ?e) => layernorm(?Z, ?e)   if positive_diagonal(?D)",
        "normalize(normalize(?Z, ?e), ?e) => normalize(?Z, ?e)",
        "max(?a * ?X, ?a * ?Y) => ?a * max(?X, ?Y)   if scalar(?a)",
        "max(?D * ?X, ?D * ?Y) => ?D * max(?X, ?Y)   if positive_diagonal(?D)",
        "max(?P * ?X, ?Y) => ?P * max(?X, ?Y)   if permutation(?P)",
        "min(-?X, -?Y) => -min(?X, ?Y)",
        "hardtanh(?D * ?X) => ?D * hardtanh(?X)   if positive_diagonal(?D)",
        "inv(?X) => ?X'   if invertible(?X)",
        "?S * ?S => eye(rows(?S))   if orthogonal(?S)",
        "(?D^?p)^?q => ?D^(?p * ?q)",
        "?D^?p * ?D^?q => ?D^(?p * ?q)   if positive_diagonal(?D)",
        "sqrt(?X .* ?Y) => sqrt(?X) .* sqrt(?Y)",
        "sqrt(square(?X)) => ?X",
        "log(?X .* ?Y) => log(?X) + log(?Y)",
        "exp(?X) => exp(log(?X))",
        "tr(?X * ?Y) => tr(?X) * tr(?Y)",
        "d(?X * ?Y) => d(?X) * d(?Y)",
        "d(?X * ?Y) => ?X * d(?Y)",
        "d(?X) => zeros(rows(?X), cols(?X))",
        "d(inv(?X)) => -(inv(?X) * inv(?X) * d(?X))",
        "deriv(tanh)(?X) => ones(rows(?X), cols(?X)) - tanh(?X)",
        "d(softmax(?Z)) => softmax(?Z) .* d(?Z)",
        "vjp(?F, ?W)[?Z] => vjp(?F, ?W)[2 * ?Z]",
        "hess_loss(?F)[?Y .* ?Z] => ?Y .* hess_loss(?F)[?Z]",
        "tr(eye(?n)) => 1",
        "ones(?m, ?p) * ones(?p, ?n) => ones(?m, ?n)",
    ] {
        let check = check(rule);
        let failure = check.failure.as_deref().unwrap_or_else(|| panic!("{rule} passes: {check:?}"));
        assert!(!failure.contains("cannot be instantiated"), "{rule}: {check:?}");
    }
}

#[test]
fn a_rule_without_an_instance_fails() {
    for rule in ["?X * ?Y => ?X   if scalar(?X), not scalar(?X)", "tr(?X) => norm2(?X)   if column(?X), not square(?X)"]
    {
        let failure = check(rule).failure;
        assert!(failure.as_deref().is_some_and(|why| why.contains("cannot be instantiated")), "{rule}: {failure:?}");
    }
}

#[test]
fn verification_is_reproducible() {
    let rules = || parse_rules("r.rules", "rule r \"r\":\n  norm2(?X) => dot(?X, ?X)\n").unwrap_or_default();
    let checks = [0, 1].map(|_| verify(&RuleBook::new(rules()), 7));
    assert_eq!(checks[0], checks[1]);
}

#[test]
fn a_rule_on_families_is_tested_at_two_members() {
    let rules = "rule left \"true\":\n  over(?i, ?C * ?X) => ?C * over(?i, ?X)   if independent(?C, ?i)\n\
                 rule both \"true\":\n  over(?i, over(?j, ?C * ?X)) => over(?j, ?C * over(?i, ?X))   if independent(?C, ?i)\n\
                 rule some \"false: C is one for each\":\n  over(?i, ?C * ?X) => ?C * over(?i, ?X)\n\
                 rule product \"false\":\n  over(?i, ?X * ?Y) => over(?i, ?X) * over(?i, ?Y)\n\
                 rule once \"false: a sum of two is twice\":\n  over(?i, ?C) => ?C   if independent(?C, ?i)\n\
                 rule inner \"false: independent of the other index\":\n\
                   over(?i, over(?j, ?C * ?X)) => over(?j, ?C * over(?i, ?X))   if independent(?C, ?j)\n";
    let rules = parse_rules("members.rules", rules).expect("the rules read");
    for rule in &rules {
        let found = audit::check(rule, 0);
        assert!(found.instances > 0, "{}: {:?}", rule.name, found.failure);
        assert_eq!(found.passed(), !rule.reason.to_string().starts_with("false"), "{}: {:?}", rule.name, found.failure);
    }
}
