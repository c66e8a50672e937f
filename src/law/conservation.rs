//! Gradient flow θ̇ = −∇L. Where A ↦ ξ_A is curl-free it has a potential Q_A, ∇Q_A = ξ_A, and
//! dQ_A/dt = ⟨ξ_A, θ̇⟩ = −⟨∇L, ξ_A⟩ = −⟨E, r_A⟩: conserved for an invariance. The skew part has no potential.

use super::context::{Context, Weighted, start_of};
use super::eliminate;
use super::forms::{Forms, Slope};
use super::generator::Motion;
use super::gradient::Identity;
use super::missing::{Curled, Missing, Obstacle, Wanted};
use super::outcome::{ActionLaws, Curl, record};
use crate::group::Part;
use crate::kernel::{
    Inference, Judgement, LawRow, Proved, Symmetry, cotangent, direction, quantity, symmetry_equation,
};
use crate::rewrite::Purpose;
use crate::term::{Expr, Op, Rational, Symbol, neg, num, scaled, sum_of, sym};
use num_traits::One;
use std::collections::HashMap;

/// A part of the algebra with what is proved of Dω_A there.
#[derive(Clone)]
pub(super) struct Portion {
    pub part: Part,
    /// Whether it is self-adjoint or skew, with the claim; none if neither is proved.
    pub symmetry: Option<(Symmetry, Proved)>,
}

impl Portion {
    pub fn is(&self, symmetry: Symmetry) -> bool {
        self.symmetry.as_ref().is_some_and(|(s, _)| *s == symmetry)
    }
}

/// Derives what gradient flow does with T1, and returns the parts of the algebra the other dynamics tell apart.
pub(super) fn derive(
    cx: &Context,
    motion: &Motion,
    forms: &Forms,
    slope: &Slope,
    identity: Option<&Identity>,
    out: &mut ActionLaws,
) -> Vec<Portion> {
    let portions = portions(cx, motion, slope);
    for portion in &portions {
        match &portion.symmetry {
            Some((Symmetry::SelfAdjoint, _)) => {}
            Some((Symmetry::Skew, proved)) => {
                if let Some(identity) = identity {
                    let law = constraint(cx, motion, forms, portion.part, proved, identity);
                    record(out, motion.action, LawRow::FlowConstraint, law.map(Some));
                }
            }
            None => {
                open(cx, motion, &slope.claim, portion.part, LawRow::FlowConserved, Curled::Generator, out);
            }
        }
    }
    portions
}

/// Records that a field is not proved curl-free, as a question that numbers may answer.
pub(super) fn open(
    cx: &Context,
    motion: &Motion,
    derivative: &Proved,
    part: Part,
    row: LawRow,
    curled: Curled,
    out: &mut ActionLaws,
) {
    let field = match derivative.judgement() {
        Judgement::Derivative { field, .. } => field.clone(),
        _ => motion.components().clone(),
    };
    out.curls.push(Curl {
        missing: out.missing.len(),
        action: motion.action,
        element: motion.element(),
        facts: motion.family(part).facts,
        field,
        env: motion.scope(cx, Part::Whole).env().clone(),
    });
    let why = Obstacle::NotCurlFree(curled);
    out.missing.push(Missing { action: motion.action, wanted: Wanted::Law(row), why });
}

/// The whole algebra where Dω_A is self-adjoint or skew on all of it, else its parts.
pub(super) fn portions(cx: &Context, motion: &Motion, slope: &Slope) -> Vec<Portion> {
    let whole = motion.algebra.families[0].part;
    let proved = |part: Part, symmetry: Symmetry| {
        self::symmetry(cx, motion, slope, part, symmetry)
            .map(|claim| Portion { part, symmetry: Some((symmetry, claim)) })
    };
    for symmetry in [Symmetry::SelfAdjoint, Symmetry::Skew] {
        if let Some(portion) = proved(whole, symmetry) {
            return vec![portion];
        }
    }
    let of_part = |family: &crate::group::Family| {
        let orders = match family.part {
            Part::Skew => [Symmetry::Skew, Symmetry::SelfAdjoint],
            Part::Whole | Part::Symmetric => [Symmetry::SelfAdjoint, Symmetry::Skew],
        };
        let found = orders.into_iter().find_map(|symmetry| proved(family.part, symmetry));
        found.unwrap_or(Portion { part: family.part, symmetry: None })
    };
    let out: Vec<Portion> = motion.algebra.families[1..].iter().map(of_part).collect();
    if out.iter().all(|portion| portion.symmetry.is_none()) {
        return vec![Portion { part: whole, symmetry: None }];
    }
    out
}

/// Proves that Dω_A is self-adjoint (or skew) for A in a part: ⟨U, Dω[V]⟩ = ±⟨V, Dω[U]⟩.
fn symmetry(cx: &Context, motion: &Motion, slope: &Slope, part: Part, which: Symmetry) -> Option<Proved> {
    let scope = motion.scope(cx, part);
    let (lhs, rhs) = symmetry_equation(cx.model(), &motion.tangent().action, &slope.derivative, which);
    let conclude = |equation: Proved| {
        cx.infer(Inference::Symmetry { part, symmetry: which }, vec![slope.claim.clone(), equation]).ok()
    };
    // Products and transposes are compared in normal form; what else there is needs the rules.
    if let Ok(equation) = cx.linear(&scope, &lhs, &rhs, &[]) {
        return conclude(equation);
    }
    let one = Rational::one();
    let mut of: Vec<Weighted> = slope.pieces.iter().map(|p| (num(p.coefficient.clone()), p.equation.clone())).collect();
    let involved = motion.involved(cx);
    let cotangents: HashMap<Symbol, Expr> = involved.iter().map(|p| (direction(*p), sym(cotangent(*p)))).collect();
    for param in cx.model().params.iter().filter(|p| involved.contains(&p.name)) {
        let summands = slope.pieces.iter().filter(|p| p.to == param.name);
        let terms: Vec<Expr> = summands.map(|p| scaled(p.coefficient.clone(), &p.matrix)).collect();
        let star = sum_of(&terms, param.shape);
        let forward = slope.along(param.name, &cotangents).unwrap_or_else(|| sum_of(&[], param.shape));
        let wanted = if which == Symmetry::Skew { neg(&forward) } else { forward };
        let equal = cx.prove(&scope, Purpose::Simplify, &[], &star, &wanted).ok()?;
        if start_of(&equal) != &wanted {
            let with = sym(direction(param.name));
            let paired = cx.infer(Inference::Paired { scope: scope.clone(), with }, vec![equal]).ok()?;
            let paired = motion.summed_equation(cx, param.name, paired).ok()?;
            of.push((num(one.clone()), paired));
        }
    }
    conclude(cx.linear(&scope, &lhs, &rhs, &of).ok()?)
}

/// The skew part: ⟨θ̇, ξ_A⟩ = −⟨E, r_A⟩ constrains the velocity, but ξ_A is not a gradient.
fn constraint(
    cx: &Context,
    motion: &Motion,
    forms: &Forms,
    part: Part,
    skew: &Proved,
    identity: &Identity,
) -> Result<Proved, Obstacle> {
    let moving = cx.infer(Inference::Velocity, vec![identity.raw.clone(), skew.clone()])?;
    let scope = cx.setting().tangent(moving.scope());
    // ⟨∇L, ξ⟩ is −⟨θ̇, ξ⟩.
    let mut form = forms.filled(cx, &scope, &quantity(Op::Dot), false, |_| Ok(Some(-Rational::one())))?;
    let response = forms.opposite_response();
    form.terms.extend(response.terms);
    form.equations.extend(response.equations);
    let (equation, _) = eliminate::equation(cx, motion, part, &moving, &form)?;
    cx.infer(Inference::Equations { element: None }, vec![equation])
}
