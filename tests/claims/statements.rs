//! What a statement says, and where: claims on what every format prints of models at whose special points the looser wording is
//! false, and on what is not said because it is implied, empty, or about points outside the domain.

use crate::{REPORTS, checked as report};
use equilaw::Report;
use equilaw::internals::kernel::{Claim, Hypothesis, Inference, Law, LawRow, Remark, Statement, Structure};
use equilaw::internals::model::{Dynamics, Inside};
use equilaw::internals::report::{LatexOptions, TextOptions, html, json, latex, numpy, text};
use equilaw::internals::term::is_zero;

/// A report in every format, by name, with the lines of a text joined.
fn formats(report: &Report) -> Vec<(&'static str, String)> {
    let all = TextOptions { all: true, ..TextOptions::default() };
    let joined = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    vec![
        ("text", joined(text(report, all))),
        ("LaTeX", joined(latex(report, LatexOptions { standalone: true, proof: true }))),
        ("HTML", joined(html(report, true).replace("&#xa0;", " ").replace("<mtext>", "").replace("</mtext>", ""))),
        ("JSON", json(report)),
        ("NumPy", joined(numpy(report))),
    ]
}

fn law<'a>(report: &'a Report, id: &str) -> &'a Law {
    report.inside().laws.iter().find(|law| law.id() == id).unwrap_or_else(|| panic!("no law {id}"))
}

fn has(report: &Report, id: &str) -> bool {
    report.inside().laws.iter().any(|law| law.id() == id)
}

fn passes(report: &Report) {
    assert!(report.checks.iter().all(|check| check.passed), "{:#?}", report.checks);
}

/// Says something in every format, in words that no format writes as mathematics.
fn told_everywhere(report: &Report, words: &[&str]) {
    for (format, written) in formats(report) {
        for words in words {
            assert!(written.contains(words), "{format} does not say `{words}`");
        }
    }
}

const PRODUCT: &str = "model product\ndim m = 3, n = 3, r = 2\nparam U : m x r\nparam V : r x n\ndata Y : m x n\n\
    loss norm2(U * V - Y)\naction change : g in GL(r) { U -> U * inv(g); V -> g * V }\n";

const BIASES: &str = "model biases\ndim k = 4, n = 6\nparam b : k\ndata Z : k x n\ndata T : k x n\noutput F = Z + b * ones(1, n)\n\
    loss cross_entropy(F, T)\naction lift : s in Translate { b -> b + s * ones(k) }\n";

#[test]
fn a_kernel_is_as_large_as_the_rank_at_the_point_and_the_generic_one_stands_beside_it() {
    let product = report(PRODUCT);
    passes(&product);
    told_everywhere(&product, &["generically"]);
    let written = text(&product, TextOptions::default());
    assert!(written.contains("dim ker H ≥ rank(A ↦ ξ_A(θ)), generically r²"), "{written}");
    assert!(!written.contains("dim ker H ≥ r²"), "{written}");
    assert!(law(&product, "change/kernel").hypotheses().contains(&Hypothesis::Stationary));
}

#[test]
fn one_scaling_has_a_kernel_where_it_moves_something() {
    let scaling = report(
        "model scaling\ndim d = 3\nparam w : d\nparam v : scalar\noutput F = v * w\nloss any\n\
         action rescale : a in Scale { w -> a * w; v -> v / a }\n",
    );
    told_everywhere(&scaling, &["where"]);
    assert!(text(&scaling, TextOptions::default()).contains("dim ker H ≥ 1 where ξ(θ) ≠ 0"));
}

/// H[ξ] = 0 at every point: neither the form nor the kernel is a law beside it, and the kernel needs no stationary point.
#[test]
fn what_follows_from_a_hessian_that_vanishes_on_a_generator_is_one_remark() {
    let biases = report(BIASES);
    passes(&biases);
    let image = law(&biases, "lift/hessian/image");
    assert!(matches!(image.remarks(), [Remark::Flat { dimension: Some(_) }]), "{:?}", image.remarks());
    assert!(!has(&biases, "lift/hessian/form") && !has(&biases, "lift/kernel"));
    assert!(text(&biases, TextOptions { all: true, ..TextOptions::default() }).contains("dim ker H ≥ 1"));
    let two = report(
        &format!("{BIASES}param c : k\naction other : s in Translate {{ c -> c + s * ones(k) }}\n")
            .replace("b * ones(1, n)\n", "(b + c) * ones(1, n)\n"),
    );
    passes(&two);
    let all = law(&two, "all/kernel");
    assert!(!all.hypotheses().contains(&Hypothesis::Stationary), "{:?}", all.hypotheses());
    for premise in all.premises() {
        assert!(has(&two, premise), "{premise}");
    }
}

const CONSTANT: &str = "model idle\ndim d = 2, h = 4, k = 2, n = 3\nparam U : h x d\nparam V : k x h\ndata X : d x n\n\
    output F = V * relu(U * X)\nloss sum(F) - sum(F) + 3\naction relabel : P in Perm(h) { U -> P * U; V -> V * P' }\n";

#[test]
fn eigenvalues_come_in_groups_of_which_some_may_coincide() {
    let idle = report(CONSTANT);
    passes(&idle);
    told_everywhere(&idle, &["at most", "in groups of"]);
    for (format, written) in formats(&idle) {
        assert!(!written.contains("simple eigenvalue") && !written.contains("of multiplicity"), "{format}");
    }
    assert!(law(&idle, "relabel/multiplicities").remarks().contains(&Remark::Coincide));
}

#[test]
fn a_block_that_vanishes_decides_nothing() {
    let ridge = report(
        "model ridge\nparam a : scalar\nparam b : scalar\nloss square(b) - square(square(a))\naction flip : Z2 { a -> -a }\n",
    );
    passes(&ridge);
    told_everywhere(
        &ridge,
        &["has a negative eigenvalue", "linearly stable", "positive definite", "t a stationary point"],
    );
    assert!(formats(&ridge).iter().all(|(_, written)| !written.contains("stable where H_V⊥ ≥ 0")));
    let flat = report("model flat\nparam a : scalar\nloss -square(square(a))\naction flip : Z2 { a -> -a }\n");
    let check = flat.checks.iter().find(|check| check.law == "flip/symmetry-breaking").expect("a check");
    assert!(check.remark.as_deref().is_some_and(|remark| remark.contains("decides nothing")), "{check:?}");
}

#[test]
fn an_invariant_subspace_assumes_that_the_gradient_is_lipschitz() {
    let idle = report(CONSTANT);
    assert!(law(&idle, "relabel/fixed-space").hypotheses().contains(&Hypothesis::Lipschitz));
    assert!(!law(&idle, "relabel/symmetry-breaking").hypotheses().contains(&Hypothesis::Lipschitz));
    told_everywhere(&idle, &["is locally Lipschitz"]);
}

const LINEAR: &str = "model linear\ndim d = 3, h = 2, k = 2, n = 4\nparam U : h x d\nparam V : k x h\ndata X : d x n\n\
    output F = V * U * X\nloss any\naction basis : g in GL(h) { U -> g * U; V -> V * inv(g) }\n\
    action degree : a in Scale { U -> a * U; F -> a * F }\n";

#[test]
fn every_step_of_sgd_is_stated_before_its_mean() {
    let linear = report(LINEAR);
    passes(&linear);
    let at =
        |id: &str| linear.inside().laws.iter().position(|law| law.id() == id).unwrap_or_else(|| panic!("no law {id}"));
    assert!(
        at("basis/sgd/step") < at("basis/sgd/mean-step") && at("basis/sgd/mean-step") < at("basis/sgd/equilibrium")
    );
    let step = law(&linear, "basis/sgd/step");
    assert!(matches!(step.statement(), Statement::Step { factor: None, .. }));
    assert!(step.hypotheses().contains(&Hypothesis::PerSample { invariant: true }));
    assert!(matches!(step.claim().by(), Inference::BatchStep));
    told_everywhere(
        &linear,
        &["each sample's loss is differentiable and invariant", "the gradient of the loss of the batch"],
    );
    // Nothing is left for the mean of a translation to say.
    let biases = report(BIASES);
    assert!(has(&biases, "lift/sgd/step") && !has(&biases, "lift/sgd/mean-step"));
    assert!(text(&biases, TextOptions { all: true, ..TextOptions::default() }).contains("Δ⟨b, 1ₖ⟩ = 0"));
}

#[test]
fn the_equilibrium_of_the_noise_is_that_of_a_stochastic_differential_equation() {
    let linear = report(LINEAR);
    let told = |row: LawRow| linear.inside().laws.iter().filter(move |law| law.row() == row);
    assert!(told(LawRow::SgdEquilibrium).count() == 1 && told(LawRow::SgdDrift).count() == 1);
    for (format, written) in formats(&linear) {
        assert!(written.contains("Brownian motion"), "{format}");
        assert!(!written.contains("𝔼[d/dt"), "{format}: a path of a diffusion has no derivative");
    }
}

/// The step of a batch follows from that of gradient descent, of an invariance that names no data, and from nothing else.
#[test]
fn a_step_of_a_batch_is_inferred_from_an_invariance_of_every_sample_alone() {
    let linear = report(LINEAR);
    let infer = |report: &Report, id: &str| {
        let claim = law(report, id).claim();
        Claim::infer(claim.setting(), Inference::BatchStep, vec![claim.clone()])
    };
    let step = infer(&linear, "basis/gradient-descent/step").expect("a step");
    assert!(Law::conclude(step.clone(), LawRow::SgdStep, None).is_ok());
    assert!(Law::conclude(step, LawRow::DescentStep, None).is_err());
    for other in ["degree/gradient-descent/step", "basis/gradient-descent/decayed-step", "basis/sgd/mean-step"] {
        assert!(infer(&linear, other).is_err(), "{other}");
    }
    let given = report(
        "model given\ndim n = 4\nparam u : n\nparam v : n\ndata x : n\noutput F = u + v\nloss any\n\
         action slide : s in Translate { u -> u + s * x; v -> v - s * x }\n",
    );
    assert!(infer(&given, "slide/gradient-descent/step").is_err());
    let law = |dynamics: Dynamics| given.inside().laws.iter().filter(|law| law.dynamics() == Some(&dynamics)).count();
    assert_eq!(law(Dynamics::Sgd), 0);
    assert_ne!(law(Dynamics::GradientDescent), 0);
}

const POSITIVE: &str = "model intensities\ndim m = 4, n = 3, r = 2\nparam U : m x r positive\nparam V : n x r\noutput F = U * V'\nloss any\n";

#[test]
fn nothing_is_said_of_points_outside_the_domain() {
    let positive = report(&format!("{POSITIVE}action scale : D in Diag+(r) {{ U -> U * D; V -> V * inv(D) }}\n"));
    passes(&positive);
    assert!(!positive.inside().laws.iter().any(|law| matches!(law.row(), LawRow::FixedSpace | LawRow::Breaking)));
    let free = report(
        &format!("{POSITIVE}action scale : D in Diag+(r) {{ U -> U * D; V -> V * inv(D) }}\n").replace(" positive", ""),
    );
    assert!(free.inside().laws.iter().any(|law| law.row() == LawRow::FixedSpace));
    // An exchange of the columns stays in the domain, one up to a sign leaves it.
    let exchanged = report(&format!("{POSITIVE}action columns : P in Perm(r) {{ U -> U * P; V -> V * P }}\n"));
    assert!(has(&exchanged, "columns/fixed-space"));
    let signed = report(&format!("{POSITIVE}action flip : Z2 {{ U -> -U; V -> -V }}\n"));
    passes(&signed);
    assert!(signed.inside().laws.is_empty(), "{:?}", signed.inside().laws.iter().map(Law::id).collect::<Vec<_>>());
    assert!(text(&signed, TextOptions::default()).contains("domain"));
    let mixed = report(&format!("{POSITIVE}action basis : g in GL(r) {{ U -> U * g; V -> V * inv(g)' }}\n"));
    passes(&mixed);
    assert!(law(&mixed, "basis/transport").hypotheses().contains(&Hypothesis::InDomain));
    told_everywhere(&mixed, &["is in the domain"]);
}

/// ⟨ξ_B, H[ξ_A]⟩ = −⟨G, ABW⟩ where T1 says diagvec(GWᵀ) = 0.
#[test]
fn the_hessian_form_is_reduced_by_the_gradient_identity() {
    let normalized = report(
        "model normalized\ndim d = 4, h = 3, k = 2, n = 5\nparam W : h x d\nparam V : k x h\ndata X : d x n\n\
         output F = V * tanh(batchnorm(W * X))\nloss any\naction scale : D in Diag+(h) { W -> D * W }\n",
    );
    passes(&normalized);
    let Statement::Equations { equations, .. } = law(&normalized, "scale/hessian/form").statement() else { panic!() };
    assert!(is_zero(&equations[0].1));
    let Statement::Structure(Structure::Sharpness { form, .. }) = law(&normalized, "scale/sharpness").statement()
    else {
        panic!()
    };
    assert!(is_zero(form));
    // The scale of all that moves: tr H is least nowhere on an orbit.
    let flattest = law(&normalized, "scale/flattest");
    assert!(matches!(flattest.statement(), Statement::Structure(Structure::Flattest { condition: None, .. })));
    assert!(flattest.remarks().contains(&Remark::NeverLeast));
    let linear = report(LINEAR);
    let Statement::Equations { equations, .. } = law(&linear, "basis/hessian/form").statement() else { panic!() };
    let told = equilaw::internals::term::print::text(&equations[0].1);
    assert!(told.contains("grad(U)") && !told.contains("grad(V)"), "{told}");
}

#[test]
fn a_group_without_a_generator_has_no_law_of_one_and_says_so() {
    let small = report(
        "model small\ndim n = 3\nparam u : n\nparam v : n\noutput F = u .* v\nloss any\n\
         action one : D in SL(1) { u -> D * u; v -> inv(D) * v }\naction turn : D in SO(1) { u -> D * u; v -> inv(D) * v }\n\
         action sign : D in O(1) { u -> D * u; v -> inv(D) * v }\n",
    );
    passes(&small);
    let ids: Vec<&str> = small.inside().laws.iter().map(Law::id).collect();
    // The signs in O(1) are all of it.
    assert_eq!(ids, ["sign/transport", "sign·sign/fixed-space", "sign·sign/symmetry-breaking"]);
    let written = text(&small, TextOptions::default());
    assert!(written.contains("SL(1)") && written.contains("the Lie algebra of O(1) is 0"), "{written}");
}

#[test]
fn what_few_data_leave_flat_is_told_apart() {
    let linear = report(LINEAR);
    let check = linear.checks.iter().find(|check| check.law == "basis/kernel").expect("a check");
    assert!(check.remark.is_none(), "{check:?}");
    let less = report(&LINEAR.replace("n = 4", "n = 1"));
    let check = less.checks.iter().find(|check| check.law == "basis/kernel").expect("a check");
    assert!(check.remark.as_deref().is_some_and(|remark| remark.contains("left by few data")), "{check:?}");
}

/// No law of any model says 0 = 0, or only what a law before it says.
#[test]
fn no_law_is_empty_or_implied_by_the_one_before() {
    for (name, report) in REPORTS.iter() {
        for law in report.inside().laws {
            let id = law.id();
            let empty = match law.statement() {
                Statement::Equations { equations, .. } => equations.iter().all(|(l, r)| is_zero(l) && is_zero(r)),
                Statement::Conserved { quantity } | Statement::Rate { quantity, .. } => is_zero(quantity),
                Statement::Structure(Structure::FixedSpace { conditions, .. }) => conditions.is_empty(),
                _ => false,
            };
            assert!(!empty && !is_zero(law.components()), "{name}: {id}");
            let flat = law.row() == LawRow::HessianImage && law.statement().is_zero();
            let follows =
                |row: LawRow| report.inside().laws.iter().any(|l| l.row() == row && l.action() == law.action());
            assert!(!flat || !follows(LawRow::HessianForm) && !follows(LawRow::Kernel), "{name}: {id}");
        }
    }
}

#[test]
fn a_law_that_rests_on_a_norm_not_seeing_a_scale_says_that_epsilon_is_0() {
    let stream = |norm: &str| {
        report(&format!(
            "model stream\ndim d = 3, k = 2, v = 3, n = 4\nparam E : d x v\nparam U : k x d\ndata X : v x n\n\
             output F = U * {norm}\nloss any\naction rotate : O in O(d) {{ E -> O * E; U -> U * O' }}\n\
             action scale : a in Scale {{ E -> a * E }}\n"
        ))
    };
    let ideal = stream("rmsnorm(E * X)");
    told_everywhere(&ideal, &["for normalizations with"]);
    let assumes = |report: &Report, id: &str| law(report, id).hypotheses().contains(&Hypothesis::NoEpsilon);
    for kind in ["gradient", "transport", "gradient-descent/step"] {
        assert!(assumes(&ideal, &format!("scale/{kind}")), "{kind}");
    }
    assert!(!assumes(&ideal, "rotate/gradient"));
    // With ε there is nothing to assume, and the scale is no symmetry.
    let real = stream("rmsnorm(E * X, 1e-2)");
    assert!(has(&real, "rotate/gradient") && !has(&real, "scale/gradient"));
    assert!(!text(&real, TextOptions::default()).contains("for normalizations with"));
}
