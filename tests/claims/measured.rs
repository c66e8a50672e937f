//! Laws of symmetries, derived and measured.

use crate::{BOOK, checked, parse};
use equilaw::internals::check::Checker;
use equilaw::internals::job::Absent;
use equilaw::internals::kernel::Statement;
use equilaw::internals::law::Obstacle;
use equilaw::internals::model::Inside;
use equilaw::internals::report::{TextOptions, text};
use equilaw::internals::term::{Expr, Op, apply, call_elementwise, int, neg, sym};
use equilaw::{Given, Options, Report, derive};

/// The laws of the text report from the symmetric subspaces on.
fn symmetric_part(report: &Report) -> String {
    let text = text(report, TextOptions { all: true, ..TextOptions::default() });
    // Residuals differ from machine to machine.
    let laws = text.split("\nwhere ").next().unwrap_or_default();
    laws.find("Symmetric subspaces").map_or(laws, |at| &laws[at..]).to_string()
}

fn passes(report: &Report) {
    let failed: Vec<_> = report.checks.iter().filter(|c| !c.passed).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

const NEURONS: &str = r#"
model neurons
dim d = 3, h = 4, k = 2, n = 5
param W1 : h x d
param W2 : k x h
param c : k
data X : d x n
output F = W2 * tanh(W1 * X) + c * ones(1, n)
loss any
action permute : P in Perm(h) { W1 -> P * W1; W2 -> W2 * P' }
action turn : P in Cyclic(h) { W1 -> P * W1; W2 -> W2 * P' }
action flip : S in Sign(h) { W1 -> S * W1; W2 -> W2 * S }
action signed : Q in SignedPerm(h) { W1 -> Q * W1; W2 -> W2 * Q' }
action all : Z2 { W1 -> -W1; W2 -> -W2 }
"#;

#[test]
fn identical_neurons_have_a_symmetric_subspace_and_a_degenerate_spectrum() {
    let report = checked(NEURONS);
    passes(&report);
    insta::assert_snapshot!("neurons", symmetric_part(&report));
}

const MATRICES: &str = r#"
model matrices
dim n = 4
param U : n x n
param V : n x n
data Y : n x n symmetric
loss norm2(U * V' + V * U' - Y)
action exchange : Z2 { U -> V; V -> U }
action even : Z2 { U -> -U; V -> -V }
action stretch : Z2 { U -> 2 * V; V -> 1/2 * U }
"#;

#[test]
fn a_map_that_is_not_orthogonal_has_no_fixed_space_law() {
    let report = checked(MATRICES);
    passes(&report);
    assert!(!report.inside().laws.iter().any(|law| law.id() == "stretch/fixed-space"));
    let why = report.missing().find(|m| m.id == "stretch/fixed-space").unwrap();
    assert!(why.reason.contains("not orthogonal"), "{}", why.reason);
    insta::assert_snapshot!("matrices", symmetric_part(&report));
}

const CONJUGATION: &str = r#"
model conjugation
dim n = 4
param A : n x n
loss tr(A * A' * A * A') + tr(A * A * A) + sum(A)
action relabel : P in Perm(n) { A -> P * A * P' }
action turn : P in Cyclic(n) { A -> P * A * P' }
"#;

#[test]
fn a_conjugation_has_multiplicities_in_every_size() {
    let conjugation = checked(CONJUGATION);
    passes(&conjugation);
    insta::assert_snapshot!("conjugation", symmetric_part(&conjugation));
}

const LINEAR: &str = r#"
model linear
dim d = 3, h = 2, k = 3, n = 5
param W1 : h x d
param W2 : k x h
data X : d x n
output F = W2 * W1 * X
loss any
action basis : g in GL(h) { W1 -> g * W1; W2 -> W2 * inv(g) }
"#;

#[test]
fn a_continuous_invariance_bounds_the_spectrum() {
    let report = checked(LINEAR);
    passes(&report);
    insta::assert_snapshot!("linear", symmetric_part(&report));
    for id in ["basis/transport", "basis/third", "basis/sharpness"] {
        assert!(report.inside().laws.iter().any(|law| law.id() == id), "{id}");
    }
}

const HOMOGENEOUS: &str = r#"
model homogeneous
dim d = 3, h = 2, k = 3, n = 5
param W1 : h x d
param W2 : k x h
data X : d x n
loss norm2(W2 * W1 * X)
action degree : a in Scale { W1 -> a * W1; W2 -> a * W2; loss -> a^4 * loss }
"#;

const SCALE_FREE: &str = r#"
model scale_free
dim d = 3
param w : d
output F = normalize(w)
loss any
action scale : a in Scale { w -> a * w }
"#;

#[test]
fn the_gradient_of_a_homogeneous_loss_lies_in_the_range_of_the_hessian() {
    for (source, id, line) in [
        (HOMOGENEOUS, "degree/alignment", "H[ξ] = 3∇L, so ∇L lies in the range of H"),
        (SCALE_FREE, "scale/alignment", "H[ξ] = −∇L, so ∇L lies in the range of H"),
    ] {
        let report = checked(source);
        passes(&report);
        let text = text(&report, TextOptions { all: true, ..TextOptions::default() });
        assert!(report.inside().laws.iter().any(|law| law.id() == id) && text.contains(line), "{text}");
    }
}

#[test]
fn a_law_of_which_more_is_independent_than_it_counts_fails_its_check() {
    let report = checked(
        "model relu
         dim d = 3, h = 4, k = 2, n = 5
         param W1 : h x d
         param W2 : k x h
         data X : d x n
         output F = W2 * relu(W1 * X)
         loss any
         action rescale : D in Diag+(h) { W1 -> D * W1; W2 -> W2 * inv(D) }",
    );
    let sizes = report.inside().model.sizes(&[]).unwrap();
    let checker = Checker::new(report.inside().model, &sizes, 0).unwrap();
    let counted = report.inside().laws.iter().filter(|law| law.independent().is_some());
    let mut seen = 0;
    for law in counted {
        let components = sizes.count(law.components()).unwrap();
        let mut wrong = law.clone();
        wrong.set_independent(components);
        assert!(checker.check(&wrong).passed, "{}", law.id());
        wrong.set_independent(components + 1);
        let check = checker.check(&wrong);
        assert!(!check.passed && check.measured, "{}", law.id());
        assert!(check.remark.is_some_and(|remark| remark.contains("but the law counts")), "{}", law.id());
        seen += 1;
    }
    assert!(seen > 0);
}

/// A model of one action under which nothing may be reported as failed.
fn clean(source: &str) -> Report {
    let report = checked(source);
    assert!(report.is_clean(), "{}: {:#?} {:#?}", report.inside().model.inside().name, report.actions, report.checks);
    report
}

const LAYERS: &str = "
    dim d = 3, h = 2, k = 2, n = 3
    param U : h x d
    param V : k x h
    data X : d x n
";

#[test]
fn a_law_whose_sides_are_both_zero_passes() {
    let scale = "action stretch : a in Scale { U -> a * U }";
    for (name, rest) in [
        ("two_features", "output F = V * layernorm(U * X)\nloss any"),
        ("constant", "output F = V * normalize(U * X)\nloss sum(softmax(F))"),
        ("quotient", "output F = V * normalize(U * X)\nloss norm2(F) / norm2(F)"),
        ("large", "output F = V * normalize(U * X)\nloss 10^60 * norm2(F)"),
    ] {
        let report = clean(&format!("model {name}\n{LAYERS}\n{rest}\n{scale}"));
        assert!(report.inside().laws.iter().any(|law| law.id() == "stretch/flattest"), "{name}");
    }
}

#[test]
fn a_symmetric_subspace_on_a_kink_or_a_pole_has_no_law_and_fails_no_check() {
    let rows = "action p : P in Perm(h) { U -> P * U; V -> V * P' }";
    let sign = "action p : S in Sign(h) { U -> S * U }";
    for (name, rest, action) in [
        ("equal_rows", "output F = V * tanh(layernorm(U * X))\nloss any", rows),
        ("kink", "output F = V * abs(U * X)\nloss any", sign),
        ("norm", "output F = V * U * X\nloss norm2(F) + sqrt(norm2(U))", "action p : Z2 { U -> -U; V -> -V }"),
        (
            "root",
            "output F = V * U * X\nloss norm2(F) + sum(sqrt(abs(U)) .* abs(U))",
            "action p : Z2 { U -> -U; V -> -V }",
        ),
    ] {
        let report = clean(&format!("model {name}\n{LAYERS}\n{rest}\n{action}"));
        let stated = |id: &str| report.inside().laws.iter().any(|law| law.id() == id);
        assert!(!stated("p/fixed-space") && !stated("p/symmetry-breaking"), "{name}");
        let told: Vec<_> = report.inside().missing.iter().filter(|m| matches!(m, Absent::Void { .. })).collect();
        assert_eq!(told.len(), 1, "{name}: {told:?}");
    }
    // The kinks of a ReLU are not where neurons agree, and |x|³ has none that matters.
    for (name, rest, action) in [
        ("relu", "output F = V * relu(U * X)\nloss any", rows),
        (
            "cubic",
            "output F = V * U * X\nloss norm2(F) + sum(abs(U) .* square(U))",
            "action p : Z2 { U -> -U; V -> -V }",
        ),
    ] {
        let report = clean(&format!("model {name}\n{LAYERS}\n{rest}\n{action}"));
        assert!(
            report.inside().laws.iter().any(|law| law.id() == "p/fixed-space"),
            "{name}: {:?}",
            report.inside().missing
        );
    }
}

#[test]
fn the_maps_of_checks_read_data() {
    let report = clean(&format!(
        "model conjugated\n{LAYERS}\ndata B : h x h invertible\noutput F = V * U * X\nloss any
         action g : g in GL(h) {{ U -> B * g * inv(B) * U; V -> V * B * inv(g) * inv(B) }}"
    ));
    assert!(report.inside().laws.iter().any(|law| law.id() == "g/transport"));
}

#[test]
fn what_holds_of_the_output_says_nothing_of_a_penalty() {
    let report = clean(&format!(
        "model penalty\n{LAYERS}\ndata Y : k x n\noutput F = V * U * X\nloss mse(F, Y) + 1/2 * norm2(U)
         action degree : a in Scale {{ V -> a * V; F -> a * F }}"
    ));
    assert!(report.inside().laws.is_empty());
    assert!(report.inside().missing.iter().any(output_only), "{:?}", report.inside().missing);
}

fn output_only(absent: &Absent) -> bool {
    matches!(absent, Absent::Underived { missing, .. } if missing.why == Obstacle::OutputOnly)
}

const SQUARES: &str = "model squares\ndim d = 2, h = 2, n = 3\nparam U : h x d\nparam V : d x h\ndata X : d x n\ndata Y : d x n\n\
    output F = V * U * X\nloss mse(F, Y)\naction basis : g in GL(h) { U -> g * U; V -> V * inv(g) }\n";

#[test]
fn the_kernel_at_given_parameters_is_held_against_the_rank_there() {
    let zero = |name: &str| Given { name: name.into(), rows: 2, cols: 2, values: vec![0.0; 4] };
    let options = Options { checks: true, given: vec![zero("U"), zero("V")], ..Options::bare() };
    let model = parse(SQUARES);
    let report = derive(&model, &BOOK, &options).unwrap();
    let kernel = report.checks.iter().find(|check| check.law == "basis/kernel").unwrap();
    // At zero the loss is of second order with the mixed block XYᵀ, which is invertible.
    let remark = "at this stationary point the generators span 0 of 0 flat directions, and 4 at generic points";
    assert_eq!((kernel.passed, kernel.remark.as_deref()), (true, Some(remark)));
    let away = checked(SQUARES);
    let kernel = away.checks.iter().find(|check| check.law == "basis/kernel").unwrap();
    assert!(kernel.remark.as_ref().is_some_and(|remark| remark.contains("away from stationary points")));
}

#[test]
fn a_singular_point_in_a_measurement_is_left_for_another_instance() {
    let model = "model pair\nparam u : scalar\nparam v : scalar\ndata x : scalar\noutput F = u * v * x\nloss any\n\
        action balance : a in Scale { u -> a * u; v -> a^-1 * v }\n";
    let model = parse(model);
    let report = derive(&model, &BOOK, &Options::bare()).unwrap();
    let law = report.inside().laws.iter().find(|law| law.id() == "balance/gradient-flow/conserved").unwrap();
    let log = |of| call_elementwise("log".into(), &of);
    let (u, square) = (sym("u".into()), apply(Op::Pow, &[&sym("u".into()), &int(2)]));
    let measured = |quantity: &Expr, seed: u64| {
        let checker = Checker::new(&model, &model.sizes(&[]).unwrap(), seed).unwrap();
        checker.check_statement(law, &Statement::Conserved { quantity: quantity.clone() })
    };
    let moved: Vec<bool> = (0..8).map(|seed| measured(&log(u.clone()), seed).seed != seed).collect();
    // log u has a value at about half of all instances, and is not conserved.
    assert!(moved.contains(&true) && moved.contains(&false), "{moved:?}");
    assert!((0..8).map(|seed| measured(&log(u.clone()), seed)).all(|check| check.measured && !check.passed));
    assert!(!measured(&log(neg(&square)), 0).measured);
}

/// A bias of keys changes no softmax: its gradient is 0 but for rounding, at every point. Whether it rounds to 0 must not choose the point.
#[test]
fn a_parameter_that_never_moves_does_not_choose_the_instance() {
    let text = "model keys
        dim d = 3, k = 2, n = 4
        param W_Q : k x d
        param W_K : k x d
        param b : k
        param W : d x d
        data X : d x n
        output F = W * X * softmax((W_K * X + b * ones(1, n))' * (W_Q * X))
        loss any";
    let model = parse(text);
    let sizes = model.sizes(&[]).unwrap();
    for seed in 0..8 {
        assert_eq!(Checker::new(&model, &sizes, seed).unwrap().seed(), seed);
    }
}

/// Behind a ReLU that is dead at a point nothing is measured there: another one is drawn.
#[test]
fn a_parameter_that_stands_still_at_one_point_chooses_another() {
    let text = "model dead
        dim n = 1
        param a : scalar
        param b : scalar
        data X : 1 x n
        output F = a * relu(b * X)
        loss any";
    let model = parse(text);
    let sizes = model.sizes(&[]).unwrap();
    let moved = (0..8).filter(|seed| Checker::new(&model, &sizes, *seed).unwrap().seed() != *seed).count();
    assert!((1..8).contains(&moved), "{moved}");
}

/// The way back through a determinant reads its argument and its value: laws of first, second and third order are measured.
#[test]
fn laws_of_a_log_determinant_are_measured() {
    let text = "model flow
        dim d = 3, n = 4
        param W : d x d
        param A : d x d
        data X : d x n
        let Z = A * W * X
        loss 1/2 * norm2(Z) - log(square(det(A * W)))
        action basis : g in GL(d) { W -> g * W; A -> A * inv(g) }
        action turn : O in SO(d) { A -> O * A }";
    let report = derive(&parse(text), &BOOK, &Options { checks: true, ..Options::bare() }).expect("a report");
    assert!(
        report.is_clean() && report.checks.iter().filter(|check| check.measured).count() > 20,
        "{:#?}",
        report.checks
    );
}

/// Phases of sines go by multiples of π, and what is carried to the image is measured there.
#[test]
fn what_a_discrete_shift_says_is_measured() {
    let text = "model phases
        dim d = 3, h = 4, k = 2, n = 5
        param W : h x d
        param b : h
        param V : k x h
        data X : d x n
        output F = V * sin(W * X + b * ones(1, n))
        loss any
        action shift : m in Z(h) { b -> b + pi * m; V -> V * diag(cos(pi * m)) }";
    let report = derive(&parse(text), &BOOK, &Options { checks: true, ..Options::bare() }).expect("a report");
    let told = report.text(TextOptions { all: true, ..TextOptions::default() });
    assert!(told.contains("Kᵀ∇L(Kθ + s) = ∇L"), "{told}");
    assert!(report.is_clean() && report.checks.iter().all(|check| check.measured), "{:#?}", report.checks);
}

/// 2ᵏ F as k sums of a matrix with itself: errors of both summands are the same, and what rounding leaves of J ξ = 0 grows with them.
#[test]
fn large_factors_contradict_no_law() {
    for doublings in [25, 40, 60] {
        let lets: String = (1..=doublings).map(|i| format!("let Z{i} = Z{0} + Z{0}\n", i - 1)).collect();
        let text = format!(
            "model doubled
            dim d = 4, h = 5, k = 3, n = 4
            param W1 : h x d
            param W2 : k x h
            data X : d x n
            let Z0 = relu(W1 * X)
{lets}output F = W2 * Z{doublings}
            loss any
            action rescale : D in Diag+(h) {{ W1 -> D * W1; W2 -> W2 * inv(D) }}"
        );
        passes(&checked(&text));
    }
}
