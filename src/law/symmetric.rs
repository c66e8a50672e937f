//! T10 to T12, symmetric points of a finite group acting linearly and orthogonally: the fixed space in closed form, which
//! training does not leave, the block of the Hessian off it, and how often eigenvalues are repeated.

use super::action::{ProvedAction, prove};
use super::context::{Context, end_of, fresh};
use super::missing::{Missing, Obstacle, Stage, Wanted};
use super::outcome::{ActionLaws, concluded, record};
use super::tidy::tidy;
use super::transport::LinearMap;
use crate::group::{Finite, GroupId};
use crate::kernel::{ActionKind, Inference, Law, LawRow, Proved, orthogonality_equations};
use crate::model::{Action, Loss, Model};
use crate::rewrite::Purpose;
use crate::term::{Arithmetic, Expr, Symbol, Term, substitute, sym};
use std::collections::HashMap;

/// Derives the laws of a finite action from its linear map.
pub(super) fn derive(cx: &Context, proved: &ProvedAction, map: Result<LinearMap, Obstacle>, out: &mut ActionLaws) {
    if proved.action.group.group.finite().is_none() {
        return;
    }
    match laws(cx, proved, map, None) {
        Ok((laws, missing)) => {
            out.laws.extend(laws);
            let of = |why| Missing { action: proved.action.name, wanted: Wanted::Law(LawRow::Breaking), why };
            out.missing.extend(missing.map(of));
        }
        Err(why) => {
            let wanted = Wanted::Law(LawRow::FixedSpace);
            out.missing.push(Missing { action: proved.action.name, wanted, why });
        }
    }
}

/// T10 to T12 of an exchange of members.
pub(super) fn members(cx: &Context, proved: &ProvedAction, out: &mut ActionLaws) {
    let fixed = cx.infer(Inference::MembersEqual, vec![proved.claim.clone()]);
    let breaking = fixed.clone().and_then(|fixed| cx.infer(Inference::Breaking, vec![fixed]));
    let repeated = fixed.clone().and_then(|fixed| cx.infer(Inference::Multiplicities, vec![fixed]));
    record(out, proved.action.name, LawRow::FixedSpace, fixed.map(Some));
    record(out, proved.action.name, LawRow::Breaking, breaking.map(Some));
    record(out, proved.action.name, LawRow::Multiplicities, repeated.map(Some));
}

/// T10 and T11, or why the latter is missing, and T12 of what is no group of signs.
fn laws(
    cx: &Context,
    proved: &ProvedAction,
    map: Result<LinearMap, Obstacle>,
    within: Option<Symbol>,
) -> Result<(Vec<Law>, Option<Obstacle>), Obstacle> {
    let action = &proved.action;
    if proved.kind == ActionKind::LossEquivariance {
        return Err(Obstacle::NotInvariant);
    }
    let map = map?;
    if let Some((param, _)) = map.shift.first() {
        return Err(Obstacle::NotLinear(*param));
    }
    let mut premises = vec![proved.claim.clone(), map.equation.clone()];
    for (on, lhs, rhs) in orthogonality_equations(cx.model(), action, &map.adjoint) {
        let equal = cx.prove(&map.scope, Purpose::Prove, &[], &lhs, &rhs);
        let equal = equal.map_err(Stage::Orthogonality(on).fails())?;
        premises.push(equal);
    }
    if action.element.is_none() {
        for (_, image) in &action.images {
            let short = cx.simplify(&map.scope, image)?;
            premises.push(cx.reworded(short.clone(), &tidy(map.scope.env(), end_of(&short)))?);
        }
    }
    let fixed = cx.infer(Inference::FixedSpace, premises)?;
    let law = |claim: Proved, row: LawRow| concluded(claim, row, within);
    let mut out = vec![law(fixed.clone(), LawRow::FixedSpace)?];
    let breaking = cx.infer(Inference::Breaking, vec![fixed.clone()]);
    let missing = match breaking.and_then(|breaking| law(breaking, LawRow::Breaking)) {
        Ok(breaking) => {
            out.push(breaking);
            None
        }
        Err(why) => Some(why),
    };
    let repeats = !matches!(action.group.group.finite(), Some(Finite::Signs | Finite::Involution));
    // Where the group acts in a way whose isotypic parts are not known in closed form, there is nothing to state.
    if let (true, Ok(repeated)) = (repeats, cx.infer(Inference::Multiplicities, vec![fixed])) {
        out.push(law(repeated, LawRow::Multiplicities)?);
    }
    Ok((out, missing))
}

/// The action of a finite group in place of the group of a proved invariance, under a name like `basis·sign`.
fn restriction(model: &Model, action: &Action, group: GroupId) -> Option<Action> {
    let element = action.element?;
    let row = group.row();
    let s = fresh(&model.env, if row.finite() == Some(Finite::Signs) { "S" } else { "P" });
    let at = HashMap::from([(element, sym(s))]);
    Some(Action {
        name: format!("{}·{}", action.name, row.name().to_lowercase()).as_str().into(),
        group: group.of(&[action.group.element()?.0.rows]),
        element: Some(s),
        images: action.images.iter().map(|(param, image)| (*param, substitute(image, &at))).collect(),
        output: action.output.as_ref().map(|image| substitute(image, &at)),
        loss: action.loss.as_ref().map(|image| substitute(image, &at)),
        indices: action.indices.clone(),
    })
}

/// Whether output and loss are made of sums and products alone.
fn is_polynomial(model: &Model) -> bool {
    let plain = |expr: &Expr| {
        expr.as_ref().iter().all(|node| match node {
            Term::Op(op, _) => op.row().arithmetic == Arithmetic::Polynomial,
            Term::Fun(_) => false,
            Term::Num(_) | Term::Sym(_) | Term::Size(_) => true,
        })
    };
    let loss = match &model.loss {
        Loss::Any => true,
        Loss::Explicit(loss) => plain(loss),
    };
    loss && model.definitions().iter().all(|definition| plain(&definition.expr))
}

/// Derives the laws of the finite groups in a group, unless the model declares a finite action of theirs that moves the same
/// parameters.
pub(super) fn subgroups(cx: &Context, parent: &ProvedAction, out: &mut ActionLaws) {
    let row = parent.action.group.group;
    // The elements are positive; that −1 acts too has to be proved, which is tried for polynomials.
    let beside = (row.has_signs_beside() && is_polynomial(cx.model())).then_some(GroupId::Sign);
    for group in row.subgroups().iter().copied().chain(beside) {
        subgroup(cx, parent, group, out);
    }
}

fn subgroup(cx: &Context, parent: &ProvedAction, group: GroupId, out: &mut ActionLaws) {
    let Some(action) = restriction(cx.model(), &parent.action, group) else { return };
    let moves = |a: &Action| a.images.iter().map(|(param, _)| *param).collect::<Vec<_>>();
    let is_parent = |a: &Action| a.name == parent.action.name;
    // What is said of a subgroup of a finite group, only that subgroup itself says; of a continuous one any finite group does.
    let told = |a: &Action| match parent.action.group.group.finite() {
        Some(_) => a.group.group.id() == group,
        None => a.group.group.finite().is_some(),
    };
    if cx.model().actions.iter().any(|a| !is_parent(a) && told(a) && moves(a) == moves(&action)) {
        return;
    }
    // Nothing is claimed of these groups, so what is not proved is not missed; and where they move the output or the loss, ∇L
    // at a fixed point need not be fixed.
    let Ok(proved) = prove(cx, &action) else { return };
    if !proved.kind.is_invariance() {
        return;
    }
    if let Ok((laws, _)) = laws(cx, &proved, LinearMap::derive(cx, &action), Some(parent.action.name)) {
        out.laws.extend(laws);
    }
}
