//! T10 and T11, symmetric points of a finite group acting linearly and orthogonally: the fixed space in closed form, which
//! training does not leave, and the block of the Hessian off it, which decides whether training is repelled from it.

use super::action::{ActionKind, ProvedAction};
use super::derivation::{Argument, ClaimId, ClaimStatement, Reason, Theorem};
use super::law::{Draft, Kind, Law, Statement};
use super::linear_map::LinearMap;
use super::place::{Place, form, place};
use super::structure::{Condition, Form, Structure, entries, sum};
use super::{ActionLaws, Context, Missing, law_id, spectrum};
use crate::group::Finite;
use crate::model::{Action, Variable};
use crate::term::{Env, Expr, Size, Symbol, sym};
use num_traits::{One, Signed};
use std::sync::Arc;

/// Which dynamics do not leave the fixed space V. ψ(Pθ) = ψ(θ) for a separable ψ says that it is the same function of two
/// coordinates that are exchanged, and an even one of a coordinate whose sign changes.
const KEPT_BY: &str = "V is kept by gradient flow and gradient descent, by the heavy ball from a velocity in V, each with weight \
                       decay or without, by SGD where the loss of every batch is invariant, and by mirror flow where ψ(Pθ) = ψ(θ)";

/// A finite action with what its laws are derived from.
pub(super) struct Symmetry<'a> {
    pub action: &'a Action,
    pub finite: Finite,
    pub places: Vec<(&'a Variable, Place)>,
    pub env: Arc<Env>,
    /// The continuous action it was found inside, if it is not declared.
    pub parent: Option<&'a Action>,
}

impl Symmetry<'_> {
    /// The declared action the laws belong to.
    fn declared(&self) -> Symbol {
        self.parent.map_or(self.action.name, |parent| parent.name)
    }

    fn found(&self) -> Option<Box<Action>> {
        self.parent.map(|_| Box::new(self.action.clone()))
    }

    /// Which elements of a continuous group the law is about.
    fn subgroup(&self) -> Option<String> {
        let parent = self.parent?;
        Some(format!("by the matrices diag(±1) in place of the elements of {}", parent.group))
    }
}

/// Derives the laws of a finite action from its linear map.
pub(super) fn derive(cx: &Context, proved: &ProvedAction, map: Result<LinearMap, String>, out: &mut ActionLaws) {
    let Some(finite) = proved.action.group.group.finite() else { return };
    match subspace(cx, proved, finite, map, None) {
        Ok((laws, symmetry, mut argument, claim)) => {
            out.laws.extend(laws);
            out.laws.extend(spectrum::multiplicities(&symmetry, &mut argument, claim));
        }
        Err(reason) => out.missing.push(Missing { id: law_id(proved.action.name, "fixed-space"), reason }),
    }
}

/// T10 and T11 of a finite action, with the argument and the claim of T10 for what follows from it.
type Subspace<'a> = (Vec<Law>, Symmetry<'a>, Argument, ClaimId);

/// Derives T10 and T11.
pub(super) fn subspace<'a>(
    cx: &'a Context,
    proved: &'a ProvedAction,
    finite: Finite,
    map: Result<LinearMap, String>,
    parent: Option<&'a Action>,
) -> Result<Subspace<'a>, String> {
    let action = &proved.action;
    if proved.kind == ActionKind::LossEquivariance {
        return Err("the loss is not invariant, so at a fixed point ∇L = C′(L) P∇L need not be fixed".into());
    }
    let map = map?;
    let proofs = map.orthogonal(cx, action).map_err(|reason| format!("the action is not orthogonal: {reason}"))?;
    let mut argument = proved.argument.clone();
    let mut premises = vec![proved.conclusion];
    for proof in proofs {
        let statement = ClaimStatement::Equation { lhs: proof.start.clone(), rhs: proof.end().clone() };
        premises.push(argument.claim(statement, Reason::Rewriting(proof), &[]));
    }
    let places = cx.model.params.iter().map(|p| (p, place(cx, &map.env, action, p))).collect();
    let symmetry = Symmetry { action, finite, places, env: map.env, parent };
    let conditions = conditions(&symmetry);
    if conditions.is_empty() {
        return Err("every point is fixed".into());
    }
    let (fixed, claim) = fixed_space(&symmetry, conditions.clone(), &mut argument, &premises);
    let breaking = breaking(&symmetry, conditions, &mut argument, claim);
    Ok((vec![fixed, breaking], symmetry, argument, claim))
}

/// What the fixed space asks of the parameters, each equation between two of them stated once.
fn conditions(symmetry: &Symmetry) -> Vec<Condition> {
    // Every sign alone is a reflection, whose mirror contains what all of them fix.
    let one_sided = |(_, place): &(_, Place)| matches!(place, Place::Nowhere | Place::Left | Place::Right);
    let single = symmetry.action.group.sizes.first() != Some(&Size::Lit(1)) && symmetry.places.iter().all(one_sided);
    let mut conditions: Vec<Condition> = Vec::new();
    for (param, place) in &symmetry.places {
        let Some(form) = form(symmetry.finite, single, place, param) else { continue };
        // U = ±V says the same as V = ±U.
        let told = |c: &Condition| match (&c.form, &form) {
            (Form::Equals(x), Form::Equals(y)) => unsigned(x) == sym(param.name) && unsigned(y) == sym(c.param),
            _ => false,
        };
        if !conditions.iter().any(told) {
            conditions.push(Condition { param: param.name, form });
        }
    }
    conditions
}

/// The codimension of the fixed space; as an upper bound the number of entries the conditions are about, and whether it is
/// only that.
fn codimension(symmetry: &Symmetry, conditions: &[Condition]) -> (Expr, bool) {
    let shape = |c: &Condition| symmetry.places.iter().find(|(p, _)| p.name == c.param).map(|(p, _)| p.shape);
    let known: Option<Vec<Expr>> = conditions.iter().map(|c| c.codimension(shape(c)?)).collect();
    match known {
        Some(known) => (sum(known), false),
        None => (sum(conditions.iter().filter_map(shape).map(entries)), true),
    }
}

fn fixed_space(
    symmetry: &Symmetry,
    conditions: Vec<Condition>,
    argument: &mut Argument,
    premises: &[ClaimId],
) -> (Law, ClaimId) {
    let Symmetry { action, places, env, .. } = symmetry;
    let (components, bound) = codimension(symmetry, &conditions);
    let mut remarks = Vec::from_iter(symmetry.subgroup());
    let everything = conditions.len() == places.len();
    if everything && conditions.iter().all(|c| c.form == Form::Zero) {
        remarks.push("the loss is even, so ∇L(0) = 0".to_string());
    }
    if conditions.iter().all(Condition::is_of_coordinate) {
        let origin = if everything { "; for all together ∇L(0) = 0" } else { "" };
        remarks.push(format!("for each i, and so for any set of them{origin}"));
    }
    if bound {
        remarks.push("the number of equations is an upper bound".into());
    }
    remarks.push(KEPT_BY.into());
    let words = "where P θ = θ for every P, transport says P∇L = ∇L and PH = HP for the orthogonal P; the velocity of \
                 gradient flow, gradient descent and the heavy ball, with decay or without, is a combination of θ, ∇L and \
                 earlier velocities, all of them fixed; under mirror flow it is −(∇²ψ)⁻¹∇L, and ψ(Pθ) = ψ(θ) makes ∇²ψ \
                 commute with P where P θ = θ";
    let claim = argument.theorem(ClaimStatement::Conclusion, Theorem::FixedSpace, words, premises);
    let draft = Draft {
        id: law_id(action.name, "fixed-space"),
        action: Some(symmetry.declared()),
        dynamics: None,
        kind: Kind::Subspace,
        theorem: Theorem::FixedSpace,
        statement: Statement::Structure(Structure::FixedSpace { conditions, found: symmetry.found() }),
        hypotheses: vec!["wherever L is differentiable".into()],
        components,
        premises: vec![law_id(symmetry.declared(), "transport")],
        remarks,
        env: env.clone(),
    };
    (Law::new(draft, argument.conclude(claim)), claim)
}

/// T11: H is block diagonal for V ⊕ V⊥.
fn breaking(symmetry: &Symmetry, conditions: Vec<Condition>, argument: &mut Argument, fixed: ClaimId) -> Law {
    let Symmetry { action, finite, env, .. } = symmetry;
    let (components, bound) = codimension(symmetry, &conditions);
    let words = match finite {
        Finite::Involution | Finite::Signs => {
            "P = I − 2OOᵀ with V = {Oᵀθ = 0}: PH = HP and P∇L = ∇L say Oᵀ∇L = 0 and OᵀH(I − OOᵀ) = 0"
        }
        _ => {
            "H commutes with the projection onto V, the mean of all P, so it maps V and V⊥ to themselves; ∇L lies in V"
        }
    };
    let conclusion = argument.theorem(ClaimStatement::Conclusion, Theorem::Mirror, words, &[fixed]);
    let mut remarks = Vec::from_iter(symmetry.subgroup());
    if conditions.iter().all(Condition::is_of_coordinate) {
        remarks.push("where several i vanish their blocks are uncoupled; no eigenvalue has to be repeated".into());
    }
    if bound {
        remarks.push("the dimension of V⊥ is an upper bound".into());
    }
    let draft = Draft {
        id: law_id(action.name, "symmetry-breaking"),
        action: Some(symmetry.declared()),
        dynamics: None,
        kind: Kind::Subspace,
        theorem: Theorem::Mirror,
        statement: Statement::Structure(Structure::Breaking { conditions, found: symmetry.found() }),
        hypotheses: vec!["at symmetric points where L is twice differentiable".into()],
        components,
        premises: vec![law_id(action.name, "fixed-space")],
        remarks,
        env: env.clone(),
    };
    Law::new(draft, argument.conclude(conclusion))
}

/// A multiple of a formula by ±1 without the sign.
fn unsigned(x: &Expr) -> Expr {
    match crate::term::summands(x).as_slice() {
        [(c, term)] if c.abs().is_one() => term.clone(),
        _ => x.clone(),
    }
}
