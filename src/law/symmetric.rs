//! T10 to T12, symmetric points of a finite group acting linearly and orthogonally: the fixed space in closed form, which
//! training does not leave, and the multiplicities of the eigenvalues of the Hessian there.

use super::action::ProvedAction;
use super::derivation::{Argument, ClaimId, ClaimStatement, Reason, Theorem};
use super::law::{Draft, Kind, Law, Statement};
use super::linear::simplify;
use super::linear_map::LinearMap;
use super::structure::{Condition, Form, Multiplicity, Structure, entries, sum};
use super::tidy::tidy_summands;
use super::{ActionLaws, Context, Missing, law_id};
use crate::group::Finite;
use crate::language::{Action, Variable};
use crate::term::{Env, Expr, Size, factors, int, scaled, size, sub, sym, transpose};
use num_traits::{One, Signed};
use std::sync::Arc;

/// Derives the laws of a finite action from its linear map.
pub(super) fn derive(cx: &Context, proved: &ProvedAction, map: Result<LinearMap, String>, out: &mut ActionLaws) {
    let action = &proved.action;
    let Some(finite) = action.group.group.finite() else { return };
    let orthogonal = map.and_then(|map| {
        let proofs = map.orthogonal(cx, action).map_err(|reason| format!("the action is not orthogonal: {reason}"))?;
        Ok((map, proofs))
    });
    let (map, proofs) = match orthogonal {
        Ok(found) => found,
        Err(reason) => {
            out.missing.push(Missing { id: law_id(action.name, "fixed-space"), reason });
            return;
        }
    };
    let mut argument = proved.argument.clone();
    let mut premises = vec![proved.conclusion];
    for proof in proofs {
        let statement = ClaimStatement::Equation { lhs: proof.start.clone(), rhs: proof.end().clone() };
        premises.push(argument.claim(statement, Reason::Rewriting(proof), &[]));
    }
    let places: Vec<(&Variable, Place)> = cx.model.params.iter().map(|p| (p, place(cx, &map.env, action, p))).collect();
    let (law, claim) = fixed_space(action, finite, &places, &map.env, &mut argument, &premises);
    out.laws.push(law);
    if !matches!(finite, Finite::Signs | Finite::Involution) {
        out.laws.push(multiplicities(action, finite, &places, &map.env, &mut argument, claim));
    }
}

/// Where the group element stands in the image of a parameter.
#[derive(Clone, Debug, PartialEq)]
enum Place {
    /// The parameter does not move.
    Nowhere,
    Left,
    Right,
    Both,
    /// The image of a group without elements, simplified.
    Image(Expr),
    Other,
}

fn place(cx: &Context, env: &Arc<Env>, action: &Action, param: &Variable) -> Place {
    let Some((_, image)) = action.images.iter().find(|(name, _)| *name == param.name) else { return Place::Nowhere };
    let Ok(proof) = simplify(cx, env, image) else { return Place::Other };
    let image = super::tidy(env, proof.end());
    if image == sym(param.name) {
        return Place::Nowhere;
    }
    let Some(g) = action.element else { return Place::Image(image) };
    let summands = tidy_summands(env, &image);
    let [(coefficient, term)] = summands.as_slice() else { return Place::Other };
    if !coefficient.is_one() {
        return Place::Other;
    }
    let (g, w) = (sym(g), sym(param.name));
    let is_element = |x: &Expr| *x == g || *x == transpose(&g);
    match factors(term).as_slice() {
        [x, y] if is_element(x) && *y == w => Place::Left,
        [x, y] if *x == w && is_element(y) => Place::Right,
        // g W g' is a conjugation; g W g is not for a group that does not commute.
        [x, y, z] if is_element(x) && *y == w && *z == super::tidy(env, &flipped(x)) => Place::Both,
        _ => Place::Other,
    }
}

fn flipped(x: &Expr) -> Expr {
    match crate::term::root(x) {
        crate::term::Term::Sym(_) => transpose(x),
        _ => crate::term::arguments(x).into_iter().next().unwrap_or_else(|| x.clone()),
    }
}

/// What the fixed space asks of a parameter.
fn form(finite: Finite, place: &Place, param: &Variable) -> Option<Form> {
    let (rows, cols) = (param.shape.rows, param.shape.cols);
    Some(match (place, finite) {
        (Place::Nowhere, _) => return None,
        (Place::Image(image), _) => {
            let opposite = scaled(-crate::term::Rational::one(), &sym(param.name));
            if *image == opposite { Form::Zero } else { Form::Equals(image.clone()) }
        }
        (Place::Other, _) => Form::Invariant,
        (Place::Left | Place::Right, Finite::Signs | Finite::SignedPermutations) => Form::Zero,
        (Place::Left, _) => Form::RowsEqual(rows),
        (Place::Right, _) => Form::ColumnsEqual(cols),
        (Place::Both, Finite::Signs) => Form::Diagonal,
        (Place::Both, Finite::SignedPermutations) => Form::Multiple(rows),
        (Place::Both, Finite::Permutations) => Form::Central,
        (Place::Both, Finite::Shifts) => Form::Circulant,
        (Place::Both, Finite::Involution) => Form::Invariant,
    })
}

fn fixed_space(
    action: &Action,
    finite: Finite,
    places: &[(&Variable, Place)],
    env: &Arc<Env>,
    argument: &mut Argument,
    premises: &[ClaimId],
) -> (Law, ClaimId) {
    let mut conditions: Vec<Condition> = Vec::new();
    for (param, place) in places {
        let Some(form) = form(finite, place, param) else { continue };
        // U = ±V says the same as V = ±U.
        let told = |c: &Condition| match (&c.form, &form) {
            (Form::Equals(x), Form::Equals(y)) => unsigned(x) == sym(param.name) && unsigned(y) == sym(c.param),
            _ => false,
        };
        if !conditions.iter().any(told) {
            conditions.push(Condition { param: param.name, form });
        }
    }
    let shape = |c: &Condition| places.iter().find(|(p, _)| p.name == c.param).map(|(p, _)| p.shape);
    let codimensions: Option<Vec<Expr>> = conditions.iter().map(|c| c.codimension(shape(c)?)).collect();
    let mut remarks = Vec::new();
    let everything = conditions.iter().all(|c| c.form == Form::Zero) && conditions.len() == places.len();
    if everything {
        remarks.push("the loss is even, so ∇L(0) = 0".to_string());
    }
    remarks.push("on V ⊕ V⊥ there H is block diagonal; the symmetry is stable while H on V⊥ is ≥ 0".into());
    let components = codimensions.map_or_else(
        || {
            remarks.push("the number of equations is an upper bound".into());
            sum(conditions.iter().filter_map(shape).map(entries))
        },
        sum,
    );
    let words = "where P θ = θ for every P, transport says P∇L = ∇L and PH = HP for the orthogonal P; the velocity of \
                 each dynamics is a combination of θ, ∇L and earlier velocities, all of them fixed";
    let claim = argument.theorem(ClaimStatement::Conclusion, Theorem::FixedSpace, words, premises);
    let draft = Draft {
        id: law_id(action.name, "fixed-space"),
        action: Some(action.name),
        dynamics: None,
        kind: Kind::Subspace,
        theorem: Theorem::FixedSpace,
        statement: Statement::Structure(Structure::FixedSpace { conditions }),
        hypotheses: vec!["wherever L is differentiable".into()],
        components,
        premises: vec![law_id(action.name, "transport")],
        remarks,
        env: env.clone(),
    };
    (Law::new(draft, argument.conclude(claim)), claim)
}

/// A multiple of a formula by ±1 without the sign.
fn unsigned(x: &Expr) -> Expr {
    match crate::term::summands(x).as_slice() {
        [(c, term)] if c.abs().is_one() => term.clone(),
        _ => x.clone(),
    }
}

/// The isotypic decomposition where parameter space is a sum of copies of the natural module and trivial ones:
/// n coordinates are trivial ⊕ standard under permutations, and irreducible under signed permutations.
fn classes(finite: Finite, places: &[(&Variable, Place)], n: Size) -> Option<Vec<Multiplicity>> {
    let (mut copies, mut fixed) = (Vec::new(), Vec::new());
    for (param, place) in places {
        match place {
            Place::Nowhere => fixed.push(entries(param.shape)),
            Place::Left => copies.push(size(param.shape.cols)),
            Place::Right => copies.push(size(param.shape.rows)),
            Place::Both | Place::Image(_) | Place::Other => return None,
        }
    }
    let m = sum(copies.clone());
    let class = |count: Expr, multiplicity: Expr| Multiplicity { count, multiplicity };
    match finite {
        Finite::Permutations => {
            Some(vec![class(sum(copies.into_iter().chain(fixed)), int(1)), class(m, sub(&size(n), &int(1)))])
        }
        Finite::SignedPermutations => {
            let simple = (!fixed.is_empty()).then(|| class(sum(fixed), int(1)));
            Some(simple.into_iter().chain([class(m, size(n))]).collect())
        }
        Finite::Shifts | Finite::Signs | Finite::Involution => None,
    }
}

fn multiplicities(
    action: &Action,
    finite: Finite,
    places: &[(&Variable, Place)],
    env: &Arc<Env>,
    argument: &mut Argument,
    fixed: ClaimId,
) -> Law {
    let n = action.group.sizes.first().copied().unwrap_or(Size::Lit(1));
    let classes = classes(finite, places, n).unwrap_or_default();
    let words = "a symmetric matrix that commutes with the group acts on each isotypic part m·V as a symmetric m×m matrix \
                 beside the identity of V";
    let conclusion = argument.theorem(ClaimStatement::Conclusion, Theorem::Spectrum, words, &[fixed]);
    let remarks = match classes.is_empty() {
        true => vec!["they are found exactly at the instance of the check".into()],
        false => vec![],
    };
    let draft = Draft {
        id: law_id(action.name, "multiplicities"),
        action: Some(action.name),
        dynamics: None,
        kind: Kind::Multiplicity,
        theorem: Theorem::Spectrum,
        components: sum(classes.iter().map(|c| c.count.clone())),
        statement: Statement::Structure(Structure::Multiplicities { classes }),
        hypotheses: vec!["at symmetric points where L is twice differentiable".into()],
        premises: vec![law_id(action.name, "fixed-space")],
        remarks,
        env: env.clone(),
    };
    Law::new(draft, argument.conclude(conclusion))
}
