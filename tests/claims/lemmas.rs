//! The lemmas of the articles assume what the kernel assumes: each hypothesis of each law stands in the statement of the lemma that the law is an
//! instance of. The equations of motion are those of the table of dynamics.

use crate::{REPORTS, derived};
use equilaw::Report;
use equilaw::internals::kernel::{Equation, Hypothesis, Law};
use equilaw::internals::model::Inside;
use equilaw::internals::report::lemma;
use std::collections::BTreeSet;

/// What a lemma has to say that a law with this hypothesis is an instance of; nothing of hypotheses that single out a model or a proof and
/// not what is concluded.
fn words(hypothesis: &Hypothesis) -> Option<String> {
    Some(match hypothesis {
        Hypothesis::Motion { dynamics, equation } => {
            let row = dynamics.row();
            let moves = match (equation, &row.noise) {
                (Equation::Decayed, _) => row.decayed.expect("a dynamics with decay"),
                (Equation::Noisy, Some(noise)) => noise.split,
                (Equation::Diffusion, Some(noise)) => noise.diffusion,
                (Equation::Plain | Equation::Noisy | Equation::Diffusion, _) => row.equation,
            };
            moves.to_string()
        }
        Hypothesis::Convex => "convex".into(),
        Hypothesis::Stationary => "stationary point|with `∇L = 0`".into(),
        Hypothesis::SymmetricPoint => "On `V`".into(),
        Hypothesis::FlattestPoint => "is least on an orbit".into(),
        Hypothesis::InDomain => "in the domain".into(),
        Hypothesis::PerSample { .. } => "samples with differentiable".into(),
        Hypothesis::Smooth(1) => "differentiable".into(),
        Hypothesis::Smooth(2) => "twice differentiable|three times differentiable".into(),
        Hypothesis::Smooth(_) => "three times differentiable".into(),
        Hypothesis::Lipschitz => "locally Lipschitz".into(),
        Hypothesis::NonzeroGenerator => "`ξ ≠ 0`".into(),
        Hypothesis::NonzeroFactor => "≠ 0`".into(),
        Hypothesis::Carried { .. }
        | Hypothesis::Moved { .. }
        | Hypothesis::Held
        | Hypothesis::NoEpsilon
        | Hypothesis::Rule(_) => return None,
    })
}

/// Whether a statement says something, or one of several things. The gradient that steps are made of may be called `G`.
fn says(statement: &str, wanted: &str) -> bool {
    let called = |text: &str| text.replace("∇L", "G").replace('Ĝ', "G");
    let named = statement.contains("Here `G` is `∇L`") && statement.contains("the gradient `Ĝ` of a batch");
    wanted.split('|').any(|one| statement.contains(one) || named && statement.contains(&called(one)))
}

const MIRROR: &str = "model mirrored\ndim m = 3, n = 2, r = 2\nparam U : m x r positive\nparam V : n x r positive\noutput F = U * V'\nloss any\n\
    dynamics mirror { U : entropy, V : entropy }\naction balance : D in Diag+(r) { U -> U * D; V -> V * inv(D) }\n";

fn missing(law: &Law) -> Vec<String> {
    let statement = lemma(law.row()).unwrap_or_else(|| panic!("{} is an instance of no lemma", law.id()));
    let wanted = law.hypotheses().iter().filter_map(words);
    wanted.filter(|wanted| !says(statement, wanted)).map(|wanted| format!("{:?}: {wanted}", law.row())).collect()
}

#[test]
fn lemmas_assume_what_their_laws_assume() {
    let mirrored = derived(MIRROR);
    let reports: Vec<&Report> = REPORTS.iter().map(|(_, report)| report).chain([&mirrored]).collect();
    let laws = || reports.iter().flat_map(|report| report.inside().laws.iter());
    let wrong: BTreeSet<String> = laws().flat_map(missing).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(laws().map(|law| law.row()).collect::<BTreeSet<_>>().len() > 20);
}

/// A statement without one of its hypotheses is refused.
#[test]
fn what_is_left_out_is_noticed() {
    let report = derived(MIRROR);
    for law in report.inside().laws {
        let statement = lemma(law.row()).expect("a lemma");
        for wanted in law.hypotheses().iter().filter_map(words) {
            let without = wanted.split('|').fold(statement.to_string(), |text, one| text.replace(one, ""));
            assert!(!says(&without, &wanted), "{}: {wanted}", law.id());
        }
    }
}
