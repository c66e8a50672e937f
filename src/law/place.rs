//! Where the element of a finite group stands in the image of each parameter, and what a fixed point looks like there.

use super::Context;
use super::linear::simplify;
use super::structure::Form;
use super::tidy::tidy_summands;
use crate::group::Finite;
use crate::model::{Action, Variable};
use crate::term::{Env, Expr, Term, arguments, factors, root, scaled, sym, transpose};
use num_traits::One;
use std::sync::Arc;

/// Where the group element stands in the image of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Place {
    /// The parameter does not move.
    Nowhere,
    Left,
    Right,
    Both,
    /// The image of a group without elements, simplified.
    Image(Expr),
    Other,
}

pub(super) fn place(cx: &Context, env: &Arc<Env>, action: &Action, param: &Variable) -> Place {
    let is_involution = action.group.group.finite() == Some(Finite::Signs);
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
        // g W g' is a conjugation, and g W g where g is its own inverse.
        [x, y, z] if is_element(x) && *y == w && *z == super::tidy(env, &flipped(x)) => Place::Both,
        [x, y, z] if is_involution && is_element(x) && *y == w && is_element(z) => Place::Both,
        _ => Place::Other,
    }
}

fn flipped(x: &Expr) -> Expr {
    match root(x) {
        Term::Sym(_) => transpose(x),
        _ => arguments(x).into_iter().next().unwrap_or_else(|| x.clone()),
    }
}

/// What the fixed space asks of a parameter; `None` where the parameter does not move. With `single` it is the fixed space
/// of one sign, diag(1, …, −1, …, 1).
pub(super) fn form(finite: Finite, single: bool, place: &Place, param: &Variable) -> Option<Form> {
    let (rows, cols) = (param.shape.rows, param.shape.cols);
    Some(match (place, finite) {
        (Place::Nowhere, _) => return None,
        (Place::Image(image), _) => {
            let opposite = scaled(-crate::term::Rational::one(), &sym(param.name));
            if *image == opposite { Form::Zero } else { Form::Equals(image.clone()) }
        }
        (Place::Other, _) => Form::Invariant,
        (Place::Left, Finite::Signs) if single => Form::RowZero,
        (Place::Right, Finite::Signs) if single => Form::ColumnZero,
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
