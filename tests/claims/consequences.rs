//! Laws against each other: what one says has to follow from another.

use crate::checked;
use equilaw::Report;
use equilaw::internals::check::Checker;
use equilaw::internals::eval::{Bindings, Reals, Tape};
use equilaw::internals::job::{Absent, Status, Tried};
use equilaw::internals::kernel::{Kind, Law, LawRow, Remark, Statement};
use equilaw::internals::law::{Curled, Obstacle, Wanted};
use equilaw::internals::model::Inside;
use equilaw::internals::numeric::{gaussian, stream};
use equilaw::internals::term::{Expr, Op, Rational, apply, inner, sub, sym};
use faer::Mat;

fn report(source: &str) -> Report {
    let report = checked(source);
    let failed: Vec<_> = report.checks.iter().filter(|c| !c.passed).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    report
}

/// The instance of a report with free matrices, not the gradients, for every `grad(W)` and `dot(W)`.
fn free(report: &Report) -> (Checker<'_>, Bindings<'static, Mat<f64>>) {
    let checker = Checker::new(report.inside().model, &report.inside().model.sizes(&[]).unwrap(), 3).unwrap();
    let mut at = checker.instance().bindings();
    for (name, w) in checker.instance().parameter_names().iter().zip(checker.instance().parameters()) {
        for op in [Op::Grad, Op::Dot] {
            let rng = &mut stream(7, &format!("{op:?} {name}"));
            at.bind_quantity(op, *name, gaussian(w.nrows(), w.ncols(), rng));
        }
    }
    (checker, at)
}

fn value(checker: &Checker, at: &Bindings<Mat<f64>>, law: &Law, formula: &Expr) -> Mat<f64> {
    Tape::new(formula, law.env(), checker.instance().sizes()).unwrap().eval(at, &Reals).unwrap()
}

fn law<'a>(report: &'a Report, id: &str) -> &'a Law {
    report.inside().laws.iter().find(|law| law.id() == id).unwrap_or_else(|| panic!("no law {id}"))
}

/// The number of components of a law at the sizes of a report.
fn count(report: &Report, law: &Law) -> Option<Rational> {
    report.inside().model.sizes(&report.dims).unwrap().formula(law.components())
}

/// Whether two matrices are multiples of each other, neither zero.
fn parallel(x: &Mat<f64>, y: &Mat<f64>) -> bool {
    let pair = |x: &Mat<f64>, y: &Mat<f64>| {
        let product = x.transpose() * y;
        (0..product.nrows()).map(|i| product[(i, i)]).sum::<f64>()
    };
    let (xy, xx, yy) = (pair(x, y), pair(x, x), pair(y, y));
    xx > 0.0 && yy > 0.0 && (xy * xy - xx * yy).abs() < 1e-9 * xx * yy
}

const LINEAR: &str = "model linear\ndim d = 3, h = 3, k = 2, n = 4\nparam W1 : h x d\nparam W2 : k x h\ndata X : d x n\n\
    output F = W2 * W1 * X\nloss any\n\
    action gl : g in GL(h) { W1 -> g * W1; W2 -> W2 * inv(g) }\n\
    action sl : g in SL(h) { W1 -> g * W1; W2 -> W2 * inv(g) }\n\
    action rot : g in O(h) { W1 -> g * W1; W2 -> W2 * g' }\n\
    action dia : g in Diag+(h) { W1 -> g * W1; W2 -> W2 * inv(g) }\n\
    action sc : g in Scale { W1 -> g * W1; W2 -> g^-1 * W2 }\n";

#[test]
fn the_law_of_a_subgroup_follows_from_the_law_of_the_group() {
    let report = report(LINEAR);
    let (checker, at) = free(&report);
    let skew = |m: &Mat<f64>| m - m.transpose();
    let diagonal = |m: &Mat<f64>| Mat::from_fn(m.nrows(), 1, |i, _| m[(i, i)]);
    let trace = |m: &Mat<f64>| (0..m.nrows()).map(|i| m[(i, i)]).sum::<f64>();
    let trace_free = |m: &Mat<f64>| {
        let n = m.nrows();
        Mat::from_fn(n, n, |i, j| m[(i, j)] - if i == j { trace(m) / n as f64 } else { 0.0 })
    };
    let equation = |id: &str| {
        let law = law(&report, id);
        let Statement::Equations { equations, .. } = law.statement() else { panic!("{id}") };
        value(&checker, &at, law, &sub(&equations[0].0, &equations[0].1))
    };
    let gl = equation("gl/gradient");
    assert!(parallel(&equation("rot/gradient"), &skew(&gl)));
    assert!(parallel(&equation("dia/gradient"), &diagonal(&gl)));
    assert!(parallel(&equation("sl/gradient"), &trace_free(&gl)));
    assert!(parallel(&equation("sc/gradient"), &Mat::full(1, 1, trace(&gl))));
    let quantity = |id: &str| {
        let law = law(&report, id);
        value(&checker, &at, law, law.quantity().unwrap())
    };
    for part in ["gradient-flow/conserved", "gradient-descent/step"] {
        let gl = quantity(&format!("gl/{part}"));
        assert!(parallel(&quantity(&format!("dia/{part}")), &diagonal(&gl)), "{part}");
        assert!(parallel(&quantity(&format!("sl/{part}")), &trace_free(&gl)), "{part}");
        assert!(parallel(&quantity(&format!("sc/{part}")), &Mat::full(1, 1, trace(&gl))), "{part}");
    }
    let count = |id: &str| law(&report, id).independent();
    assert_eq!(count("gl/heavy-ball/conserved"), count("rot/heavy-ball/conserved"));
    assert_eq!(count("rot/heavy-ball/conserved"), Some(3));
}

#[test]
fn the_hessian_form_is_symmetric_up_to_the_gradient_identity_of_the_commutator() {
    let report = report(LINEAR);
    let (checker, at) = free(&report);
    for name in ["gl", "rot"] {
        let form = law(&report, &format!("{name}/hessian/form"));
        let Statement::Equations { element: Some(element), equations } = form.statement() else { panic!() };
        let other = form.env().names().into_iter().find(|n| n.as_str() == "B").unwrap();
        let draw_skew = |seed: &str| {
            let m = gaussian(3, 3, &mut stream(5, seed));
            if name == "rot" { &m - m.transpose() } else { m }
        };
        let (a, b) = (draw_skew("A"), draw_skew("B"));
        let rhs = |x: &Mat<f64>, y: &Mat<f64>| {
            let mut at = at.clone();
            at.bind(element.symbol, x.clone());
            at.bind(other, y.clone());
            value(&checker, &at, form, &equations[0].1)[(0, 0)]
        };
        let antisymmetric = rhs(&a, &b) - rhs(&b, &a);
        let kernel = law(&report, &format!("{name}/kernel"));
        let Statement::Kernel { generators, .. } = kernel.statement() else { panic!() };
        let mut moved = at.clone();
        moved.bind(element.symbol, &a * &b - &b * &a);
        let identity: f64 = generators[0]
            .components
            .iter()
            .map(|(param, xi)| {
                let gradient = apply(Op::Grad, &[&sym(*param)]);
                value(&checker, &moved, kernel, &inner(&gradient, xi))[(0, 0)]
            })
            .sum();
        assert!(identity.abs() > 1e-3, "{name}");
        // Where AB and BA are elements too the identity is used up: the form as stated is symmetric in A and B.
        let left = if name == "gl" { 0.0 } else { identity.abs() };
        assert!((antisymmetric.abs() - left).abs() < 1e-9, "{name}: {antisymmetric} {identity}");
    }
}

#[test]
fn the_order_of_declarations_changes_no_result() {
    let lines: Vec<&str> = LINEAR.lines().collect();
    let mut other: Vec<&str> =
        vec![lines[0], "dim n = 4, k = 2, h = 3, d = 3", lines[3], lines[2], lines[4], lines[5], lines[6]];
    other.extend(lines[7..].iter().rev());
    let (first, second) = (report(LINEAR), report(&other.join("\n")));
    let ids = |report: &Report| {
        let mut ids: Vec<String> = report.inside().laws.iter().map(|law| law.id().to_string()).collect();
        ids.extend(report.missing().map(|m| m.id));
        ids.sort();
        ids
    };
    assert_eq!(ids(&first), ids(&second));
    let ((here, at), (there, beside)) = (free(&first), free(&second));
    for law in first.inside().laws {
        let other = self::law(&second, law.id());
        assert_eq!((law.kind(), law.independent()), (other.kind(), other.independent()), "{}", law.id());
        // A sum over the parameters is in their order.
        assert_eq!(count(&first, law), count(&second, other), "{}", law.id());
        if let (Some(q), Some(r), true) = (law.quantity(), other.quantity(), law.kind() != Kind::Conserved) {
            assert!(parallel(&value(&here, &at, law, q), &value(&there, &beside, other, r)), "{}", law.id());
        }
    }
}

#[test]
fn what_gradient_flow_conserves_the_heavy_ball_does_not() {
    let report = report(LINEAR);
    let broken = law(&report, "gl/heavy-ball/broken");
    assert_eq!(broken.kind(), Kind::Rate);
    assert_eq!(broken.quantity(), law(&report, "gl/gradient-flow/conserved").quantity());
    assert!(broken.remarks().iter().any(|remark| matches!(remark, Remark::DampedAndDriven | Remark::Driven)));
}

#[test]
fn the_penalty_of_a_loss_breaks_its_scale_symmetry() {
    let model = "model penalty\ndim d = 3, h = 4, k = 2, n = 5\nparam W1 : h x d\nparam W2 : k x h\ndata X : d x n\n\
        data Y : k x n\noutput F = W2 * relu(W1 * X)\nloss mse(F, Y) + 1/100 * (norm2(W1) + norm2(W2))\n\
        action balance : a in Scale { W1 -> a * W1; W2 -> a^-1 * W2 }\n";
    let report = report(model);
    assert!(matches!(report.actions[0].inside().status, Status::Refuted(_)));
    assert!(report.inside().laws.is_empty());
}

#[test]
fn a_field_with_a_curl_is_refuted_and_has_no_potential() {
    let model = "model shift\ndim h = 4, k = 2, n = 5\nparam b1 : h\nparam W2 : k x h\nparam b2 : k\ndata X : h x n\n\
        output F = W2 * (X + b1 * ones(1, n)) + b2 * ones(1, n)\nloss any\n\
        action shift : v in Translate(h) { b1 -> b1 + v; b2 -> b2 - W2 * v }\n";
    let report = report(model);
    let of = |absent: &Absent, row: LawRow| match absent {
        Absent::Underived { missing, numbers } if missing.wanted == Wanted::Law(row) => {
            Some((missing.why.clone(), numbers.clone()))
        }
        _ => None,
    };
    let missing = |row: LawRow| report.inside().missing.iter().find_map(|absent| of(absent, row)).unwrap();
    let (why, numbers) = missing(LawRow::FlowConserved);
    assert_eq!(why, Obstacle::NotCurlFree(Curled::Generator));
    assert!(matches!(numbers, Some(Tried::Refuted { .. })), "{numbers:?}");
    for row in [LawRow::DecayConserved, LawRow::DescentStep, LawRow::SgdStep] {
        assert_eq!(missing(row), (Obstacle::NotCurlFree(Curled::Unstated), None), "{row:?}");
    }
    assert!(report.inside().laws.iter().any(|law| law.id() == "shift/heavy-ball/broken"));
}

#[test]
fn every_action_has_a_law_or_a_reason_for_every_dynamics() {
    for model in [LINEAR, include_str!("../../examples/softmax_classifier.eqv")] {
        let report = report(model);
        for action in &report.actions {
            for part in ["gradient-flow", "weight-decay", "gradient-descent", "sgd", "heavy-ball"] {
                let prefix = format!("{}/{part}/", action.inside().action.name);
                let told = report.inside().laws.iter().any(|law| law.id().starts_with(&prefix));
                assert!(told || report.missing().any(|m| m.id.starts_with(&prefix)), "{prefix}");
            }
        }
    }
}

#[test]
fn a_rate_with_several_summands_cancels_in_a_difference_of_matrices() {
    let model = "model towers\ndim d = 3, k = 2, n = 5\nparam A : k x d\nparam B : k x d\ndata X : d x n\ndata Y : d x n\n\
        output F = A * X .* (B * Y)\nloss any\n\
        action first : a in Diag+(k) { A -> a * A; F -> a * F }\n\
        action second : a in Diag+(k) { B -> a * B; F -> a * F }\n";
    let report = report(model);
    let ids: Vec<&str> = report.inside().laws.iter().filter(|law| law.action().is_none()).map(Law::id).collect();
    assert!(ids.contains(&"first-second/gradient-flow/conserved"), "{ids:?}");
    assert!(ids.contains(&"first-second/weight-decay/conserved"), "{ids:?}");
    assert_eq!(law(&report, "first-second/gradient-flow/conserved").independent(), Some(2));
}
