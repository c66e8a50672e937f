//! Laws along trajectories: what is conserved stays, and what is broken goes.

use crate::{BOOK, parse};
use equilaw::internals::check::{Checker, DRIFT, Role, Run as Course, flows, follow_laws};
use equilaw::internals::kernel::Law;
use equilaw::internals::model::{Dynamics, Inside, Model};
use equilaw::internals::numeric::trajectory::Coefficients;
use equilaw::{Options, derive};
use faer::Mat;
use proptest::prelude::*;

/// W₂ f(W₁ X) with a symmetry of the hidden units.
fn network(f: &str, dims: [usize; 4]) -> Model {
    let [d, h, k, n] = dims;
    let group = if f.is_empty() { "g in GL(h)" } else { "g in Diag+(h)" };
    let text = format!(
        "model network\ndim d = {d}, h = {h}, k = {k}, n = {n}\nparam W1 : h x d\nparam W2 : k x h\ndata X : d x n\n\
         output F = W2 * {f}(W1 * X)\nloss any\n\
         action basis : {group} {{ W1 -> g * W1; W2 -> W2 * inv(g) }}\n"
    );
    parse(&text)
}

fn laws(model: &Model) -> Vec<Law> {
    derive(model, &BOOK, &Options::bare()).expect("a report").inside().laws.to_vec()
}

fn course(dynamics: Dynamics, times: &[f64]) -> Course {
    let coefficients = Coefficients { decay: 0.1, friction: 0.5, step: 0.05 };
    Course { dynamics, coefficients, times: times.to_vec(), evaluations: 50_000 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn laws_stay_and_what_a_dynamics_breaks_goes(
        relu in any::<bool>(),
        dims in [1usize..4, 1usize..4, 1usize..4, 1usize..5],
        seed in 0u64..1000,
        which in 0usize..3,
    ) {
        let model = network(if relu { "relu" } else { "" }, dims);
        let laws = laws(&model);
        let checker = Checker::new(&model, &model.sizes(&[]).expect("sizes"), seed).expect("an instance");
        let dynamics = [Dynamics::GradientFlow, Dynamics::WeightDecay, Dynamics::HeavyBall][which].clone();
        let found = follow_laws(&checker, &laws, &course(dynamics, &[0.0, 0.1, 0.2, 0.3])).expect("a trajectory");
        prop_assert!(found.drifts.iter().any(|d| d.role == Role::Law));
        for drift in &found.drifts {
            prop_assert!(drift.role == Role::Contrast || drift.worst() < DRIFT, "{drift:?}");
            prop_assert!(drift.role == Role::Law || drift.times.len() < 2 || drift.worst() > 1e-6, "{drift:?}");
        }
    }
}

/// Behind two layers of gates as behind one, the balance of layers holds where units are held at their thresholds.
#[test]
fn balances_hold_along_slides() {
    let deep = "model deep\ndim d = 2, h = 3, m = 3, k = 2, n = 5\nparam U : h x d\nparam V : m x h\nparam W : k x m\ndata X : d x n\n\
                output F = W * relu(V * relu(U * X))\nloss any\n\
                action first : g in Diag+(h) { U -> g * U; V -> V * inv(g) }\n\
                action second : g in Diag+(m) { V -> g * V; W -> W * inv(g) }\n";
    for model in [network("relu", [2, 3, 2, 4]), network("abs", [2, 2, 1, 3]), parse(deep)] {
        let laws = laws(&model);
        for seed in 0..2 {
            let checker = Checker::new(&model, &model.sizes(&[]).expect("sizes"), seed).expect("an instance");
            let times: Vec<f64> = (0..=5).map(|k| 0.4 * f64::from(k)).collect();
            let found = follow_laws(&checker, &laws, &course(Dynamics::GradientFlow, &times)).expect("a trajectory");
            assert_eq!((found.stopped, found.times.len()), (None, times.len()), "seed {seed}");
            for drift in found.drifts.iter().filter(|drift| drift.role == Role::Law) {
                assert!(drift.holds(), "seed {seed}: {drift:?}");
            }
            assert!(found.loss.windows(2).all(|pair| pair[1] <= pair[0] * (1.0 + 1e-9)), "{:?}", found.loss);
        }
    }
}

/// A step ends at every moment that is asked for, so that a law is as exact there as the solver is: what is interpolated inside of a step
/// was an order of magnitude off.
#[test]
fn moments_are_as_exact_as_steps() {
    for (dims, seed) in [([3, 1, 2, 1], 603), ([3, 1, 2, 3], 603), ([3, 1, 2, 2], 3)] {
        let model = network("", dims);
        let laws = laws(&model);
        let checker = Checker::new(&model, &model.sizes(&[]).expect("sizes"), seed).expect("an instance");
        for dynamics in [Dynamics::GradientFlow, Dynamics::WeightDecay] {
            let times: Vec<f64> = (0..=30).map(|k| 0.01 * f64::from(k)).collect();
            let found = follow_laws(&checker, &laws, &course(dynamics, &times)).expect("a trajectory");
            for drift in found.drifts.iter().filter(|drift| drift.role == Role::Law) {
                assert_eq!(drift.times.len(), times.len());
                assert!(drift.worst() < DRIFT / 20.0, "seed {seed}: {drift:?}");
            }
        }
    }
}

#[test]
fn a_large_model_is_not_followed_and_says_so() {
    let model = network("", [65, 64, 2, 1]);
    let laws = laws(&model);
    let checker = Checker::new(&model, &model.sizes(&[]).expect("sizes"), 0).expect("an instance");
    for drift in flows(&checker, &laws) {
        assert!(drift.passed() && !drift.followed());
        assert!(drift.remark.as_deref().is_some_and(|r| r.contains("parameters are more than")), "{drift:?}");
    }
}

#[test]
fn data_that_are_given_are_used() {
    let model = network("", [2, 2, 2, 2]);
    let zero = Mat::zeros(2, 2);
    let checker =
        Checker::at(&model, &model.sizes(&[]).expect("sizes"), 0, &[("X".into(), zero.clone())]).expect("an instance");
    assert_eq!(checker.instance().value("X".into()), Some(&zero));
}
