//! Laws and actions against numbers: what is derived passes, what is wrong is caught.

use crate::{BOOK, parse, read};
use equilaw::internals::check::{Check, CheckError, Checker, check_all, independent, refute};
use equilaw::internals::eval::EvalError;
use equilaw::internals::kernel::{Law, Statement};
use equilaw::internals::language::parse_expr;
use equilaw::internals::law::{self, Context};
use equilaw::internals::model::{Inside, Model};
use equilaw::internals::rewrite::Limits;
use equilaw::internals::term::{Expr, Sizes, Symbol};
use proptest::prelude::*;
use std::sync::LazyLock;

fn example(name: &str) -> Model {
    read(&format!("examples/{name}.eqv"))
}

/// Every law of the actions that are proved.
fn laws(model: &Model) -> Vec<Law> {
    let cx = Context::new(model, &BOOK, Limits::default());
    let proved = model.inside().actions.iter().filter_map(|action| law::action::prove(&cx, action).ok());
    let derived: Vec<law::ActionLaws> = proved.map(|action| law::derive(&cx, &action)).collect();
    let joint = law::derive_joint(&cx, &derived);
    derived.into_iter().flat_map(|d| d.laws).chain(joint).collect()
}

#[test]
fn the_laws_of_every_example_hold_at_random_instances() {
    for name in [
        "attention",
        "batchnorm",
        "deep_linear_2",
        "homogeneous_network",
        "layernorm",
        "matrix_factorization",
        "relu_mlp",
        "softmax_classifier",
        "swiglu",
        "tied_linear_autoencoder",
    ] {
        let model = example(name);
        for action in model.inside().actions {
            let refuted = refute(&model, action, &model.sizes(&[]).expect("sizes"), 0..4).expect("an instance");
            assert_eq!(refuted, None, "{name}: {}", action.name);
        }
        let laws = laws(&model);
        for seed in 0..3 {
            for check in check_all(&model, &laws, &model.sizes(&[]).expect("sizes"), seed).expect("an instance") {
                assert!(check.passed && check.residual < 1e-13, "{name}: {check:?}");
            }
        }
    }
}

fn independent_components(model: &Model, id: &str) -> Option<usize> {
    let laws = laws(model);
    let law = laws.iter().find(|law| law.id() == id).unwrap_or_else(|| panic!("no law {id}"));
    let checker = Checker::new(model, &model.sizes(&[]).expect("sizes"), 0).expect("an instance");
    independent(model, law, checker.instance().sizes(), 0)
}

#[test]
fn independent_components_are_counted_exactly() {
    let model = example("deep_linear_2");
    // d = 4, h = 3, k = 2: h² linear forms in the gradient, h(h+1)/2 quantities, an orbit of dimension h² − (h−3)(h−2).
    assert_eq!(independent_components(&model, "basis/gradient"), Some(9));
    assert_eq!(independent_components(&model, "basis/gradient-flow/conserved"), Some(6));
    assert_eq!(independent_components(&model, "basis/gradient-flow/constraint"), Some(3));
    assert_eq!(independent_components(&model, "basis/kernel"), Some(9));
    assert_eq!(independent_components(&model, "basis/hessian/image"), None);
    // Scaling and shifting the weights before a layernorm: 1 + d directions, together.
    assert_eq!(independent_components(&example("layernorm"), "all/kernel"), Some(5));
}

#[test]
fn a_wide_hidden_layer_has_fewer_independent_components() {
    let text = "model wide
        dim d = 2, h = 6, k = 1, n = 3
        param W1 : h x d
        param W2 : k x h
        data X : d x n
        output F = W2 * W1 * X
        loss any
        action basis : g in GL(h) { W1 -> g * W1; W2 -> W2 * inv(g) }";
    let model = parse(text);
    // h(h+1)/2 − (h−r)(h−r+1)/2 with r = min(h, d+k) = 3, and h² − (h−2)(h−1).
    assert_eq!(independent_components(&model, "basis/gradient-flow/conserved"), Some(15));
    assert_eq!(independent_components(&model, "basis/kernel"), Some(16));
}

#[test]
fn flat_directions_beyond_the_actions_are_reported() {
    let model = example("deep_linear_2");
    let laws = laws(&model);
    let kernel = laws.iter().find(|law| law.id() == "basis/kernel").expect("a kernel law");
    let checker = Checker::new(&model, &model.sizes(&[]).expect("sizes"), 0).expect("an instance");
    // 18 parameters; W₂W₁ ranges over the 8-dimensional space of all 2×4 matrices, and the orbit explains 9.
    assert_eq!(
        checker.check(kernel).remark.as_deref(),
        Some("1 further flat direction not explained by the declared actions")
    );
    let factorization = example("matrix_factorization");
    let checks = check_all(&factorization, &self::laws(&factorization), &factorization.sizes(&[]).expect("sizes"), 0)
        .expect("an instance");
    let unexplained = |check: &Check| check.remark.as_ref().is_some_and(|r| r.contains("flat direction"));
    assert!(checks.iter().all(|check| check.passed && !unexplained(check)), "{checks:?}");
}

/// The check of a law with another statement, for which `text` gives formulas.
fn check_instead(name: &str, id: &str, statement: impl Fn(&dyn Fn(&str) -> Expr) -> Statement) -> Check {
    let model = example(name);
    let laws = laws(&model);
    let law = laws.iter().find(|law| law.id() == id).unwrap_or_else(|| panic!("no law {id}"));
    let formula = |text: &str| {
        parse_expr(law.env(), model.inside().dims, text).unwrap_or_else(|e| panic!("{}", e.render(false, 100)))
    };
    Checker::new(&model, &model.sizes(&[]).expect("sizes"), 1)
        .expect("an instance")
        .check_statement(law, &statement(&formula))
}

fn check_quantity(name: &str, id: &str, text: &str) -> Check {
    check_instead(name, id, |formula| Statement::Conserved { quantity: formula(text) })
}

#[test]
fn a_wrong_conserved_quantity_does_not_pass() {
    let check = |text| check_quantity("deep_linear_2", "basis/gradient-flow/conserved", text);
    assert!(check("W1 * W1' - W2' * W2").passed);
    assert!(check("3/2 * (W2' * W2 - W1 * W1')").passed);
    for wrong in [
        "W1 * W1' + W2' * W2",
        "W1 * W1' - 2 * W2' * W2",
        "W1 * W1' - 1000001/1000000 * W2' * W2",
        "W1 * W1'",
        "W2' * W2",
        "norm2(W1)",
        "W2 * W1",
        "(W1 * W1' - W2' * W2) + 1/1000 * W1 * W1' * W1 * W1'",
    ] {
        let check = check(wrong);
        assert!(!check.passed && check.residual > 1e-8 && check.residual.is_finite(), "{wrong}: {check:?}");
    }
}

#[test]
fn a_quantity_of_one_parameter_is_held_to_its_natural_scale() {
    let check = |text| check_quantity("batchnorm", "scale/gradient-flow/conserved", text);
    assert!(check("diagvec(W1 * W1')").passed);
    assert!(!check("W1 * W1'").passed);
    assert!(!check("diagvec(W2' * W2)").passed);
    assert!(check_quantity("layernorm", "shift/gradient-flow/conserved", "ones(1, h) * W1").passed);
    assert!(!check_quantity("layernorm", "shift/gradient-flow/conserved", "W1 * ones(d, 1)").passed);
}

#[test]
fn a_wrong_rate_does_not_pass() {
    let check = |rate: &str| {
        check_instead("relu_mlp", "degree/gradient-flow/rate", |formula| Statement::Rate {
            quantity: formula("norm2(W1) + norm2(W2)"),
            rate: formula(rate),
        })
    };
    assert!(check("-4 * dot(err(F), F)").passed);
    for wrong in ["4 * dot(err(F), F)", "-2 * dot(err(F), F)", "0", "dot(err(F), err(F))"] {
        assert!(!check(wrong).passed, "{wrong}");
    }
}

#[test]
fn a_wrong_law_of_another_dynamics_does_not_pass() {
    let conserved = |id: &str, text: &str| check_quantity("deep_linear_2", id, text).passed;
    let decayed = |growth: &str| conserved("basis/weight-decay/conserved", &format!("{growth} * (W1*W1' - W2'*W2)"));
    assert!(decayed("exp(2 * lambda * t)"));
    assert!(!decayed("exp(lambda * t)") && !decayed("1"));
    let momentum = |growth: &str, sign: &str| {
        let text = format!("{growth} * (dot(W1)*W1' {sign} W1*dot(W1)' - W2'*dot(W2) + dot(W2)'*W2)");
        conserved("basis/heavy-ball/conserved", &text)
    };
    assert!(momentum("exp(gamma * t)", "-"));
    assert!(!momentum("exp(gamma * t)", "+") && !momentum("1", "-"));
    let step = |change: &str| {
        check_instead("deep_linear_2", "basis/gradient-descent/step", |formula| Statement::Step {
            quantity: formula("W1*W1' - W2'*W2"),
            factor: None,
            change: formula(change),
        })
    };
    assert!(step("eta^2 * (grad(W1)*grad(W1)' - grad(W2)'*grad(W2))").passed);
    assert!(!step("eta * (grad(W1)*grad(W1)' - grad(W2)'*grad(W2))").passed && !step("zeros(h, h)").passed);
    let batch = |change: &str| {
        check_instead("deep_linear_2", "basis/sgd/step", |formula| Statement::Step {
            quantity: formula("W1*W1' - W2'*W2"),
            factor: None,
            change: formula(change),
        })
    };
    let (first, second) = ("batch_grad_W1*batch_grad_W1'", "batch_grad_W2'*batch_grad_W2");
    assert!(batch(&format!("eta^2 * ({first} - {second})")).passed);
    assert!(!batch(&format!("eta^2 * ({first} + {second})")).passed && !batch("zeros(h, h)").passed);
    assert!(!batch("eta^2 * (grad(W1)*grad(W1)' - grad(W2)'*grad(W2))").passed);
    let drift = |change: &str| {
        check_instead("deep_linear_2", "basis/sgd/equilibrium", |formula| Statement::Expected {
            quantity: formula("W1*W1' - W2'*W2"),
            continuous: true,
            change: formula(change),
        })
    };
    assert!(drift("eta * (N1*N1' - N2'*N2)").passed);
    assert!(!drift("eta * (N1*N1' + N2'*N2)").passed && !drift("zeros(h, h)").passed);
}

#[test]
fn a_wrong_identity_does_not_pass() {
    let check = |id: &str, pairs: &[(&str, &str)]| {
        check_instead("deep_linear_2", id, |formula| {
            let equations = pairs.iter().map(|(lhs, rhs)| (formula(lhs), formula(rhs))).collect();
            let model = example("deep_linear_2");
            let law = laws(&model).into_iter().find(|law| law.id() == id).expect("a law");
            let Statement::Equations { element, .. } = law.statement() else { panic!("an identity") };
            Statement::Equations { element: element.clone(), equations }
        })
    };
    assert!(check("basis/gradient", &[("W1 * grad(W1)'", "grad(W2)' * W2")]).passed);
    assert!(check("basis/gradient", &[("W1 * grad(W1)' - grad(W2)' * W2", "zeros(h, h)")]).passed);
    for wrong in [("W1 * grad(W1)'", "W2' * grad(W2)"), ("tr(W1 * grad(W1)')", "0"), ("grad(W1)", "zeros(h, d)")] {
        assert!(!check("basis/gradient", &[wrong]).passed, "{wrong:?}");
    }
    let image = "basis/hessian/image";
    assert!(check(image, &[("hess(W1)[A]", "-A' * grad(W1)"), ("hess(W2)[A]", "grad(W2) * A'")]).passed);
    assert!(!check(image, &[("hess(W1)[A]", "A' * grad(W1)")]).passed);
    assert!(!check(image, &[("hess(W1)[A]", "-A * grad(W1)")]).passed);
    assert!(!check(image, &[("hess(W1)[A]", "zeros(h, d)")]).passed);
}

#[test]
fn a_wrong_generator_or_kernel_does_not_pass() {
    let check = |value: &str| {
        check_instead("matrix_factorization", "basis/kernel", |formula| {
            let model = example("matrix_factorization");
            let law = laws(&model).into_iter().find(|law| law.id() == "basis/kernel").expect("a law");
            let Statement::Kernel { mut generators, dimension } = law.statement().clone() else { panic!("a kernel") };
            let v = Symbol::from("V");
            generators[0].components.iter_mut().filter(|(p, _)| *p == v).for_each(|(_, x)| *x = formula(value));
            Statement::Kernel { generators, dimension }
        })
    };
    assert!(check("-V * A'").passed);
    assert!(!check("V * A'").passed);
    assert!(!check("-V * A").passed);
}

/// The first counterexample to the last action of a model.
fn refuted(text: &str) -> Option<equilaw::internals::check::Counterexample> {
    let model = parse(text);
    let action = model.inside().actions.last().expect("an action");
    refute(&model, action, &model.sizes(&[]).expect("sizes"), 0..4).expect("an instance")
}

const NETWORK: &str = "model m
    dim d = 3, h = 4, k = 2, n = 5
    param W1 : h x d
    param W2 : k x h
    data X : d x n
    output F = W2 * relu(W1 * X)
    loss any\n";

#[test]
fn a_wrong_action_is_refuted_with_its_claim_seed_and_residual() {
    for (action, claim) in [
        ("action a : g in GL(h) { W1 -> g * W1; W2 -> W2 * inv(g) }", "the output is equivariant"),
        ("action a : D in Diag+(h) { W1 -> D * W1; W2 -> W2 * D }", "the output is equivariant"),
        ("action a : a in Scale { W1 -> a * W1; F -> a^2 * F }", "the output is equivariant"),
        ("action a : a in Scale { W1 -> (a + 1) * W1 }", "the identity element acts trivially"),
        ("action a : a in Scale { W1 -> (2 * a - 1) * W1 }", "the action respects composition"),
        ("action a : g in GL(h) { W1 -> g * W1; W2 -> W2 * g }", "the action respects composition"),
        ("action a : Z2 { W1 -> 2 * W1 }", "the map is an involution"),
    ] {
        let found = refuted(&format!("{NETWORK}{action}")).unwrap_or_else(|| panic!("{action} is not refuted"));
        assert_eq!(found.claim, claim, "{action}");
        assert!(found.residual > 1e-4 && found.residual <= 1.0, "{action}: {found:?}");
        assert_eq!(refuted(&format!("{NETWORK}{action}")), Some(found), "{action}");
    }
}

#[test]
fn right_actions_and_involutions_are_not_refuted() {
    for action in [
        "action a : P in Perm(h) { W1 -> P' * W1; W2 -> W2 * P }",
        "action a : D in Diag+(h) { W1 -> D * W1; W2 -> W2 * inv(D) }",
    ] {
        assert_eq!(refuted(&format!("{NETWORK}{action}")), None, "{action}");
    }
    let swap = "model m
        dim m = 3, n = 2
        param U : m x n
        param V : m x n
        output F = U .* V
        loss any
        action swap : Z2 { U -> V; V -> U }";
    assert_eq!(refuted(swap), None);
}

#[test]
fn an_action_of_a_deep_product_is_not_lost_in_the_scale_of_its_factors() {
    let deep = "model m
        dim n = 30
        param W1 : n x n
        param W2 : n x n
        data X : n x n
        output F = W1 * X * W2 * X * X * X * X * X * X * X
        loss any
        action a : a in Scale { W1 -> a * W1; F -> a^(101/100) * F }";
    assert!(refuted(deep).is_some_and(|found| found.claim == "the output is equivariant"));
}

#[test]
fn sizes_that_do_not_fit_are_an_error_not_an_abort() {
    let model = example("relu_mlp");
    let wide = model.sizes(&[("h".into(), 1 << 40)]).expect("sizes");
    let too_large = |error: &CheckError| matches!(error, CheckError::Eval(EvalError::TooLarge { .. }));
    assert!(check_all(&model, &[], &wide, 0).is_err_and(|e| too_large(&e)));
    assert!(refute(&model, &model.inside().actions[0], &wide, [0]).is_err_and(|e| too_large(&e)));
    assert!(check_all(&model, &[], &Sizes::from([(Symbol::from("q"), 3)]), 0).is_err());
}

#[test]
fn a_model_without_a_point_in_its_domain_is_an_error_that_says_so() {
    let text = "model m
        dim n = 3
        param W : n x n
        output F = log(W - W)
        loss any
        action a : a in Scale { W -> a * W }";
    let model = parse(text);
    let found = refute(&model, &model.inside().actions[0], &model.sizes(&[]).expect("sizes"), [0]);
    assert!(matches!(found, Err(CheckError::NoInstance { .. })), "{found:?}");
}

static RELU: LazyLock<(Model, Vec<Law>)> = LazyLock::new(|| {
    let model = example("relu_mlp");
    let laws = laws(&model);
    (model, laws)
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn laws_hold_at_every_size_and_seed(h in 1usize..12, d in 1usize..9, k in 1usize..5, n in 1usize..9, seed: u64) {
        let (model, laws) = &*RELU;
        let dims = [("h", h), ("d", d), ("k", k), ("n", n)].map(|(name, size)| (Symbol::from(name), size));
        let dims = Sizes::from(dims);
        for check in check_all(model, laws, &dims, seed).expect("an instance") {
            prop_assert!(check.passed, "{check:?}");
        }
        for action in model.inside().actions {
            prop_assert_eq!(refute(model, action, &dims, [seed]).expect("an instance"), None);
        }
    }

    #[test]
    fn only_the_true_coefficient_is_conserved(numerator in -40i64..40, denominator in 1i64..40, seed: u64) {
        let (model, laws) = &*RELU;
        let law = laws.iter().find(|law| law.id() == "rescale/gradient-flow/conserved").expect("a law");
        let text = format!("diagvec(W1 * W1') + ({numerator}/{denominator}) * diagvec(W2' * W2)");
        let quantity = parse_expr(law.env(), model.inside().dims, &text).expect("a formula");
        let check = Checker::new(model, &model.sizes(&[]).expect("sizes"), seed).expect("an instance");
        let check = check.check_statement(law, &Statement::Conserved { quantity });
        prop_assert_eq!(check.passed, numerator == -denominator, "{:?}", check);
    }
}

/// What is told of the quantity of gradient flow, that the form of the generator is it, as an equation at any point.
#[test]
fn the_quantity_that_a_proof_tells_is_the_form_of_the_generator() {
    for name in ["relu_mlp", "homogeneous_network", "attention", "swiglu", "theorems/scale_invariant_descent"] {
        let model = example(name);
        let report = equilaw::derive(&model, &BOOK, &equilaw::Options::bare()).expect("sizes");
        let document: serde_json::Value =
            serde_json::from_str(&equilaw::internals::report::json(&report)).expect("JSON");
        let laws = report.inside().laws;
        let checker = Checker::new(&model, &model.sizes(&[]).expect("sizes"), 1).expect("an instance");
        for (law, told) in laws.iter().zip(document["laws"].as_array().expect("laws")) {
            let steps = told["steps"].as_array().expect("steps").iter().filter_map(|step| step["claim"].as_str());
            for claim in steps.filter_map(|claim| claim.strip_prefix("Q = ")) {
                let of_element =
                    laws.iter().filter(|other| other.action() == law.action()).find_map(|other| {
                        match other.statement() {
                            Statement::Equations { element: Some(element), .. } => Some((other, element.clone())),
                            _ => None,
                        }
                    });
                let (law, element) = of_element.map_or((law, None), |(other, element)| (other, Some(element)));
                let sides: Vec<Expr> = (claim.split(" = "))
                    .map(|side| parse_expr(law.env(), model.inside().dims, side).expect("a formula"))
                    .collect();
                let [form, value] = sides.as_slice() else { panic!("{claim}") };
                let told = Statement::Equations { element, equations: vec![(form.clone(), value.clone())] };
                let check = checker.check_statement(law, &told);
                assert!(check.passed, "{name}: {}: {claim}: {check:?}", law.id());
            }
        }
    }
}
