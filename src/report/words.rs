//! Hypotheses and remarks in words.

use super::letters::free_letters;
use super::prose::{Inline, Prose, prose};
use super::range::range;
use crate::group::Finite;
use crate::kernel::{Claim, Equation, Hypothesis, Law, Remark, Rule};
use crate::model::{Dynamics, Time};
use crate::term::print::{Line, line};
use crate::term::{Op, Symbol};

/// A hypothesis of a law.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Told {
    /// By itself: `gradient flow θ̇ = −∇L`.
    pub words: Prose,
    /// Where a heading names the dynamics: `θ̇ = −∇L`.
    pub brief: Prose,
    /// At the beginning of a sentence: `along gradient flow θ̇ = −∇L`.
    pub clause: Prose,
}

impl Told {
    /// What reads the same everywhere.
    fn same(words: Prose) -> Told {
        Told { brief: words.clone(), clause: words.clone(), words }
    }

    fn motion(dynamics: &Dynamics, equation: Equation) -> Told {
        let words = motion(dynamics, equation);
        let steps = dynamics.row().time == Time::Discrete && equation != Equation::Diffusion;
        let clause = prose![if steps { "with " } else { "along " }, words.clone()];
        Told { brief: unnamed(dynamics, equation), clause, words }
    }
}

/// The motion with what is assumed of its noise. Gradient flow, which most laws are about, is called by its name too.
pub(super) fn motion(dynamics: &Dynamics, equation: Equation) -> Prose {
    let name = if *dynamics == Dynamics::GradientFlow { dynamics.row().words } else { "" };
    Prose::text(name).join(unnamed(dynamics, equation))
}

fn unnamed(dynamics: &Dynamics, equation: Equation) -> Prose {
    let row = dynamics.row();
    match (equation, &row.noise) {
        (Equation::Plain, Some(_)) => {
            prose![Line::from(row.equation), Prose::marked(", `Ĝ` the gradient of the loss of the batch")]
        }
        (Equation::Noisy, Some(noise)) => prose![Line::from(noise.split), Prose::marked(", `N` of mean `0`")],
        (Equation::Diffusion, Some(noise)) => {
            let terms = Prose::marked(", `B` a Brownian motion and `Σ` the covariance of `N`, of mean `0`");
            prose![Line::from(noise.diffusion), terms]
        }
        (Equation::Decayed, _) => Prose::math(row.decayed.unwrap_or(row.equation)),
        (Equation::Plain | Equation::Noisy | Equation::Diffusion, _) => Prose::math(row.equation),
    }
}

/// What a law assumes, one sentence part for each.
pub(super) fn hypotheses(law: &Law) -> Vec<Told> {
    let all = law.hypotheses();
    let has = |h: &Hypothesis| all.contains(h);
    let order = all.iter().find_map(|h| match h {
        Hypothesis::Smooth(k) => Some(*k),
        _ => None,
    });
    let differentiable = match order {
        Some(1) | None => "differentiable",
        Some(2) => "twice differentiable",
        Some(_) => "three times differentiable",
    };
    let smooth = || prose![Line::from("L"), " is ", differentiable];
    let mut out = Vec::new();
    for hypothesis in all {
        let words = match hypothesis {
            Hypothesis::Motion { dynamics, equation } => {
                out.push(Told::motion(dynamics, *equation));
                let Dynamics::Mirror(potentials) = dynamics else { continue };
                let on = |(p, kind): &(Symbol, Symbol)| prose![format!("{kind} on "), Line::declared(*p)];
                let each = potentials.iter().map(on).reduce(|all, one| all.then(", ").glue(one)).unwrap_or_default();
                prose!["for ", Line::from("ψ"), " with ", each]
            }
            Hypothesis::Convex => prose!["where ", Line::from("ψ"), " is convex, ", Line::from("ψ″ > 0")],
            Hypothesis::Stationary => {
                prose!["at a stationary point, ", Line::from("∇L = 0"), ", where ", smooth()]
            }
            Hypothesis::SymmetricPoint => prose!["at symmetric points where ", smooth()],
            Hypothesis::FlattestPoint => prose!["where ", Line::from("tr H"), " is least on the orbit"],
            Hypothesis::PerSample { invariant } => {
                let moves = if *invariant { "invariant" } else { "equivariant as stated" };
                prose!["where each sample's loss is ", differentiable, " and ", moves]
            }
            Hypothesis::InDomain => prose!["where ", Line::from("Kθ"), " is in the domain"],
            Hypothesis::Smooth(_) => {
                let told = has(&Hypothesis::Stationary)
                    || has(&Hypothesis::SymmetricPoint)
                    || all.iter().any(|h| matches!(h, Hypothesis::PerSample { .. }));
                if told {
                    continue;
                }
                let nonzero = prose![" and ", Line::from("ξ ≠ 0")];
                let nonzero = if has(&Hypothesis::NonzeroGenerator) { nonzero } else { Prose::default() };
                prose!["wherever ", smooth(), nonzero]
            }
            Hypothesis::Lipschitz => prose!["wherever ", Line::from("∇L"), " is locally Lipschitz"],
            Hypothesis::NonzeroGenerator if order.is_some() => continue,
            Hypothesis::NonzeroGenerator => prose!["wherever ", Line::from("ξ ≠ 0")],
            Hypothesis::NonzeroFactor => "for a factor that is not zero".into(),
            Hypothesis::Carried { before, .. } => {
                prose!["where ", Line::declared(*before), " is moved as the induction says"]
            }
            Hypothesis::Moved { moved, .. } => {
                prose!["where ", Line::declared(moved.name), " is moved as the induction says"]
            }
            Hypothesis::Held => held(),
            Hypothesis::NoEpsilon => no_epsilon(),
            Hypothesis::Rule(name) => match law.claim().setting().rules().get(*name) {
                Some(rule) => {
                    let words = assuming(&[rule]);
                    let brief = format!("assuming {name}").as_str().into();
                    out.push(Told { brief, clause: words.clone(), words });
                    continue;
                }
                None => continue,
            },
        };
        out.push(Told::same(words));
    }
    out
}

/// What gradient and Hessian are where gradients stop.
fn held() -> Prose {
    prose!["with what stands in ", stopgrad(), " held constant by every derivative"]
}

/// The same before the definitions of a model.
pub(super) fn held_apart() -> Prose {
    let said = " is held constant: `∇L` and `H` are the derivatives in `θ` at its value, no action moves it, and what is proved holds for \
                every value of it, hence at every moment for the one it has.";
    prose!["What stands in ", stopgrad(), Prose::marked(said)]
}

fn stopgrad() -> Prose {
    Prose(vec![Inline::Code(Op::StopGrad.to_string())])
}

/// That a step holds for ideal normalizations only.
fn no_epsilon() -> Prose {
    prose!["for normalizations with ", Line::from("ε = 0")]
}

/// That rules of the user's own are assumed: `assuming the rule half, ?X => 2 * ?X`.
pub(super) fn assuming(rules: &[&Rule]) -> Prose {
    let code = |text: &str| Prose(vec![Inline::Code(text.to_string())]);
    let each = rules.iter().map(|rule| prose![code(&rule.name), ", ", code(&rule.statement())]);
    let several = if rules.len() > 1 { "assuming the rules " } else { "assuming the rule " };
    Prose::text(several).glue(Prose::enumerated(each.collect()))
}

/// What the proof of an action assumes, in the JSON output; none where it assumes nothing.
pub(super) fn hypotheses_of_action(claim: &Claim) -> Option<Vec<String>> {
    let rules = claim.hypotheses().rules().filter_map(|name| claim.setting().rules().get(name));
    let ideal = claim.hypotheses().as_slice().contains(&Hypothesis::NoEpsilon).then(|| no_epsilon().unicode());
    let stops = claim.hypotheses().as_slice().contains(&Hypothesis::Held).then(|| held().unicode());
    let told: Vec<String> = rules.map(|rule| assuming(&[rule]).unicode()).chain(stops).chain(ideal).collect();
    (!told.is_empty()).then_some(told)
}

/// Whether a remark says how a law is made rather than what it says, so that a short report leaves it out.
pub(super) fn is_detail(remark: &Remark) -> bool {
    matches!(
        remark,
        Remark::Skew { .. } | Remark::ExactRank | Remark::Within { .. } | Remark::AtInstance | Remark::Uncoupled
    )
}

/// Whether a remark is part of the lemma that an article has of the law.
pub(super) fn is_common(remark: &Remark) -> bool {
    matches!(remark, Remark::Skew { .. } | Remark::Kept | Remark::Stability)
}

/// A remark.
pub(super) fn remark(law: &Law, remark: &Remark) -> Prose {
    let letter = || free_letters(law.claim().setting().model())[0];
    let math = |text: &str| Line::from(text);
    match remark {
        Remark::Skew { range: elements, linear } => {
            let skew = if *linear { prose![", ", math("⟨θ, ξ_A(θ)⟩ = 0")] } else { Prose::default() };
            let so = ", and a skew field is not a gradient: no first integral follows";
            prose!["for ", range(elements, vec![]), " the generator is skew in ", math("θ"), skew, so]
        }
        Remark::MixedDecay { affine: true } => prose![
            "not conserved: the linear and the constant part of ",
            math("ξ"),
            " make parts of ",
            math("Q"),
            " that decay at the different rates ",
            math("2λ"),
            " and ",
            math("λ"),
            ", so no multiple of ",
            math("Q"),
            " by a function of time is"
        ],
        Remark::MixedDecay { affine: false } => {
            prose!["not conserved: parts of ", math("Q"), " decay at different rates"]
        }
        Remark::Equilibrium { response: false } => "the noise is in equilibrium where this vanishes".into(),
        Remark::Equilibrium { response: true } => "response and noise are in equilibrium where this vanishes".into(),
        Remark::DampedAndDriven => {
            let driven = ", which gradient flow conserves, is not conserved: its momentum is damped and driven";
            prose![math("Q"), driven]
        }
        Remark::Driven => {
            prose!["not conserved: ", math("⟨θ̇, Dξ[θ̇]⟩"), " drives the momentum along ", math("ξ")]
        }
        Remark::LossOnly => {
            "the invariance is of the loss, not of the output, so the Gauss–Newton matrix need not share the kernel"
                .into()
        }
        Remark::Flat { dimension } => {
            let bound = match dimension {
                Some(dimension) => Prose::math(line!["dim ker H ≥ ", Line::count(dimension)]),
                None => prose![math("ξ"), " lies in the kernel of ", math("H")],
            };
            prose!["so at every point the form ", math("H"), " vanishes along the orbits, and ", bound]
        }
        Remark::NeverLeast => prose![
            math("tr H"),
            " changes by an exponential along the orbit, so unless it is constant it is least nowhere there"
        ],
        Remark::ExactRank => {
            "the dimension is the exact rank of all these generators at the sizes of the instance".into()
        }
        Remark::Within { finite: Finite::Permutations, group } => {
            let among = format!(
                "by the permutations in place of the elements of {group}; the same holds where row and column "
            );
            prose![among, math(letter()), " are multiplied by a sign ", math("±1"), " of their own"]
        }
        Remark::Within { group, .. } => {
            prose!["by the matrices ", math("diag(±1)"), format!(" in place of the elements of {group}")]
        }
        Remark::EvenLoss => prose!["the loss is even, so ", math("∇L(0) = 0")],
        Remark::EachCoordinate { origin } => {
            let origin = match origin {
                true => prose!["; for all together ", math("∇L(0) = 0")],
                false => Prose::default(),
            };
            prose!["for each ", math(letter()), ", and so for any set of them", origin]
        }
        Remark::AtMostEquations => "the number of equations is an upper bound".into(),
        Remark::Kept => {
            let kept = " stays in it: gradient flow, gradient descent and, from a velocity in ";
            let further = ", the heavy ball, each with weight decay or without; SGD where the loss of every batch is \
                           invariant; mirror flow where its potential is invariant";
            prose!["training that starts in ", math("V"), kept, math("V"), further]
        }
        Remark::Stability => prose![
            "at a stationary point unstable where ",
            math("H_V⊥"),
            " has a negative eigenvalue, linearly stable off ",
            math("V"),
            " where it is positive definite"
        ],
        Remark::Uncoupled => {
            prose![
                "where several ",
                math(letter()),
                " vanish their blocks are uncoupled; no eigenvalue has to be repeated"
            ]
        }
        Remark::AtMostDimension => prose!["the dimension of ", math("V⊥"), " is an upper bound"],
        Remark::AtInstance => "they are found exactly at the instance of the check".into(),
        Remark::Coincide => {
            prose!["groups may coincide: for few data many of them are ", math("0")]
        }
    }
}
