//! Where the element of a finite group stands in the image of each parameter, and what a fixed point looks like there.

use super::claim::Refusal;
use super::normal::Normal;
use super::structure::Form;
use crate::group::Finite;
use crate::model::{Action, Variable};
use crate::term::{Expr, Op, Symbol, Term, scaled, sym};
use egg::Id;
use num_traits::One;

/// Where the group element stands in the image of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// The parameter does not move.
    Nowhere,
    Left,
    Right,
    Both,
    /// Whole members of a family are exchanged, those of this index.
    Members(Symbol),
    /// The image of a group without elements.
    Image(Expr),
    Other,
}

/// How a factor of an image is made of the element: g or its inverse transpose, g' or g⁻¹, which for the orthogonal elements of
/// the finite groups are the same two matrices.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Forward,
    Backward,
}

/// Reads the place off the normal form of the image; `told` are other words for it.
pub(super) fn place(
    normal: &mut Normal,
    action: &Action,
    param: &Variable,
    told: Option<Expr>,
) -> Result<Place, Refusal> {
    let Some((_, image)) = action.images.iter().find(|(name, _)| *name == param.name) else {
        return Ok(Place::Nowhere);
    };
    if let Some(index) = action.exchanged() {
        return Ok(Place::Members(index));
    }
    let own = normal.of(&sym(param.name))?;
    let poly = normal.of(told.as_ref().unwrap_or(image))?;
    if poly == own {
        return Ok(Place::Nowhere);
    }
    let Some(g) = action.element else { return Ok(Place::Image(told.unwrap_or_else(|| image.clone()))) };
    let mut terms = poly.terms.iter();
    let (Some((m, c)), None) = (terms.next(), terms.next()) else { return Ok(Place::Other) };
    if !c.is_one() || !m.scalars.is_empty() {
        return Ok(Place::Other);
    }
    let turn = |id: Id| {
        let plain = |id: Id| matches!(normal.arena.node(id), Term::Sym(name) if *name == g);
        let inside = |id: Id, op: Op| match normal.arena.node(id) {
            Term::Op(other, args) if *other == op => Some(args[0]),
            _ => None,
        };
        match (inside(id, Op::T), inside(id, Op::Inv)) {
            _ if plain(id) => Some(Turn::Forward),
            (Some(x), _) if plain(x) => Some(Turn::Backward),
            (_, Some(x)) if plain(x) => Some(Turn::Backward),
            (Some(x), _) if inside(x, Op::Inv).is_some_and(plain) => Some(Turn::Forward),
            _ => None,
        }
    };
    let is_param = |id: Id| matches!(normal.arena.node(id), Term::Sym(name) if *name == param.name);
    let is_involution = action.group.group.finite() == Some(Finite::Signs);
    Ok(match m.factors.as_slice() {
        [x, w] if is_param(*w) && turn(*x).is_some() => Place::Left,
        [w, x] if is_param(*w) && turn(*x).is_some() => Place::Right,
        // g W g' is a conjugation, and g W g where g is its own inverse.
        [x, w, y] if is_param(*w) => match (turn(*x), turn(*y)) {
            (Some(a), Some(b)) if a != b || is_involution => Place::Both,
            _ => Place::Other,
        },
        _ => Place::Other,
    })
}

/// What the fixed space asks of a parameter; `None` where the parameter does not move. With `single` it is the fixed space
/// of one sign, diag(1, …, −1, …, 1).
pub fn form(finite: Finite, single: bool, place: &Place, param: &Variable) -> Option<Form> {
    let (rows, cols) = (param.shape.rows, param.shape.cols);
    Some(match (place, finite) {
        (Place::Nowhere, _) => return None,
        (Place::Image(image), _) => {
            let opposite = scaled(-crate::term::Rational::one(), &sym(param.name));
            if *image == opposite { Form::Zero } else { Form::Equals(image.clone()) }
        }
        (Place::Other | Place::Members(_), _) => Form::Invariant,
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
