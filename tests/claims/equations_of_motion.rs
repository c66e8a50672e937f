//! The laws of every dynamics on small models, as accepted, and measured.

use crate::checked;
use equilaw::Report;
use equilaw::internals::kernel::{Law, Remark};
use equilaw::internals::model::Inside;
use equilaw::internals::report::{TextOptions, text};
use equilaw::internals::term::print;

const DEEP_LINEAR: &str = include_str!("../../examples/deep_linear_2.eqv");
const SOFTMAX: &str = include_str!("../../examples/softmax_classifier.eqv");
const TIED: &str = include_str!("../../examples/tied_linear_autoencoder.eqv");
const HOMOGENEOUS: &str = include_str!("../../examples/homogeneous_network.eqv");
const ALL: &str = "\ndynamics weight_decay\ndynamics heavy_ball\ndynamics gradient_descent\ndynamics sgd\n";

fn report(model: &str, dynamics: &str) -> Report {
    checked(&format!("{model}{dynamics}"))
}

/// The laws of the dynamics asked for, as they are told.
fn told(report: &Report) -> String {
    text(report, TextOptions::default())
}

#[test]
fn the_laws_of_each_dynamics_read_as_accepted() {
    let models = [("deep_linear_2", DEEP_LINEAR), ("softmax_classifier", SOFTMAX), ("tied_autoencoder", TIED)];
    for (name, model) in models.into_iter().chain([("homogeneous_network", HOMOGENEOUS)]) {
        insta::assert_snapshot!(name, told(&report(model, ALL)));
    }
}

#[test]
fn every_law_of_every_dynamics_passes_its_check() {
    for model in [DEEP_LINEAR, SOFTMAX, TIED, HOMOGENEOUS] {
        let report = report(model, "");
        for check in &report.checks {
            assert!(check.passed, "{}: {:e} {:?}", check.law, check.residual, check.remark);
        }
        assert!(report.inside().laws.iter().any(|law| law.dynamics().is_some_and(|d| d.name() == "heavy_ball")));
    }
}

#[test]
fn under_weight_decay_the_linear_and_the_constant_part_of_an_action_decay_at_different_rates() {
    let model = "model affine\ndim n = 4, r = 3\nparam u : n\nparam v : n\nparam w : scalar\noutput F = u + v\nloss any\n\
                 action shift : s in Translate { u -> u + s * ones(n); v -> v - s * ones(n) }\n\
                 action grow : a in Scale { u -> a * (u + ones(n)) - ones(n); v -> a * (v - ones(n)) + ones(n); F -> a * F }\n";
    let report = report(model, "");
    let law = report.inside().laws.iter().find(|law| law.id() == "grow/weight-decay/rate").unwrap();
    assert!(law.remarks().contains(&Remark::MixedDecay { affine: true }), "{:?}", law.remarks());
    assert!(report.inside().laws.iter().any(|law| law.id() == "grow/gradient-descent/step"));
    assert!(report.checks.iter().all(|c| c.passed));
}

const NMF: &str = "model nmf\ndim m = 5, n = 4, r = 2\nparam U : m x r positive\nparam V : n x r positive\n\
    output F = U * V'\nloss any\naction balance : D in Diag+(r) { U -> U * D; V -> V * inv(D) }\n";

#[test]
fn entropy_conserves_the_column_sums_of_a_factorization() {
    let report = report(NMF, "dynamics mirror { U : entropy, V : entropy }\n");
    let law = report.inside().laws.iter().find(|law| law.id() == "balance/mirror/conserved").unwrap();
    let check = report.checks.iter().find(|c| c.law == law.id()).unwrap();
    assert!(check.passed, "{check:?}");
    insta::assert_snapshot!("nmf", told(&report));
}

#[test]
fn quadratic_potentials_conserve_what_gradient_flow_conserves() {
    let mirror = report(NMF, "dynamics mirror { U : quadratic, V : quadratic }\ndynamics gradient_flow\n");
    let quantity =
        |id: &str| mirror.inside().laws.iter().find(|law| law.id() == id).and_then(|law| law.quantity().cloned());
    assert!(quantity("balance/mirror/conserved").is_some());
    assert_eq!(quantity("balance/mirror/conserved"), quantity("balance/gradient-flow/conserved"));
    assert!(mirror.checks.iter().all(|c| c.passed));
}

#[test]
fn entropy_with_a_non_diagonal_action_is_refused() {
    let model = NMF.replace("Diag+(r)", "GL(r)").replace("V * inv(D)", "V * inv(D)'");
    let report = report(&model, "dynamics mirror { U : entropy, V : entropy }\n");
    let missing = report.missing().find(|m| m.id == "balance/mirror/conserved").unwrap();
    assert!(missing.reason.contains("diagonal"), "{}", missing.reason);
    assert!(!report.inside().laws.iter().any(|law| law.id().contains("mirror")));
}

#[test]
fn only_the_dynamics_asked_for_are_told() {
    let report = report(DEEP_LINEAR, "\ndynamics heavy_ball\n");
    let told = |law: &Law| law.dynamics().is_none_or(|d| d.name() == "heavy_ball");
    assert!(report.inside().laws.iter().all(told));
    assert!(report.inside().laws.iter().any(|law| law.id() == "basis/heavy-ball/broken"));
}

#[test]
fn a_hyper_parameter_avoids_the_names_of_the_model() {
    let model = DEEP_LINEAR.replace("dim d = 4", "dim t = 4").replace("d\n", "t\n").replace("d x n", "t x n");
    let model = model.replace("W1", "lambda").replace("h x d", "h x t");
    let report = report(&model, ALL);
    let law = report.inside().laws.iter().find(|law| law.id() == "basis/weight-decay/conserved").unwrap();
    let quantity = print::text(law.quantity().unwrap());
    assert!(quantity.contains("lambda_1") && quantity.contains("t_1"), "{quantity}");
    assert!(report.checks.iter().all(|c| c.passed));
}

const DECLARED: &str = "model declared\ndim m = 4, n = 3, r = 2\npotential quartic(x) = x^4 / 4 + x^2 / 2\n\
    potential warped(x) = x * log(x) + exp(x)\nparam U : m x r\nparam V : n x r positive\noutput F = U * V'\nloss any\n\
    dynamics mirror { U : quartic, V : warped }\n\
    action balance : D in Diag+(r) { U -> U * D; V -> V * inv(D) }\n\
    action grow : a in Scale { U -> a * U; F -> a * F }\n\
    action swell : a in Scale { V -> a * V; F -> a * F }\n";

#[test]
fn declared_potentials_give_laws_of_mirror_flow() {
    let report = report(DECLARED, "");
    assert!(report.checks.iter().all(|c| c.passed), "{:#?}", report.checks);
    insta::assert_snapshot!("declared", told(&report));
}

#[test]
fn a_translation_under_mirror_flow_conserves_the_dual_variables() {
    let model = "model shift\ndim n = 4\npotential hyperbolic(x) = exp(x) + exp(-x)\npotential barrier(y) = -log(y)\n\
        param u : n\nparam v : n positive\noutput F = u - v\nloss any\ndynamics mirror { u : hyperbolic, v : barrier }\n\
        action shift : c in Translate(n) { u -> u + c; v -> v + c }\n";
    let report = report(model, "");
    assert!(report.checks.iter().all(|c| c.passed), "{:#?}", report.checks);
    insta::assert_snapshot!("dual_shift", told(&report));
}

#[test]
fn a_built_in_potential_is_what_its_declaration_would_be() {
    let declared = NMF.replace("param U", "potential negentropy(z) = z * log(z) - z\nparam U");
    let one = report(NMF, "dynamics mirror { U : entropy, V : entropy }\n");
    let two = report(&declared, "dynamics mirror { U : negentropy, V : negentropy }\n");
    let quantity =
        |r: &Report| r.inside().laws.iter().find(|l| l.id() == "balance/mirror/conserved").unwrap().quantity().cloned();
    assert_eq!(quantity(&one), quantity(&two));
}

const CURVED: &str = "model curved\ndim n = 3\nparam u : n\nparam v : n\nparam z : n\nparam w : scalar positive\nparam b : scalar\n\
    output F = (u + v) .* z + (w^-1 + b) * ones(n)\nloss any\n\
    action slide : s in Translate { u -> u + s * (z .* z); v -> v - s * (z .* z) }\n\
    action project : a in Scale { w -> a * w; b -> b + w^-1 - (a * w)^-1 }\n\
    action move : c in Translate(n) { u -> u + c; v -> v - c }\n";

#[test]
fn an_action_that_is_not_affine_ends_in_laws_or_reasons() {
    let report = report(CURVED, ALL);
    assert!(report.checks.iter().all(|c| c.passed), "{:#?}", report.checks);
    insta::assert_snapshot!("curved", told(&report));
}
