//! Statements about a linear symmetry that are not equations between formulas at one point.

use super::count::entries;
use super::element::Element;
use crate::model::Action;
use crate::term::{
    Expr, Op, Shape, Size, Symbol, add, apply, int, mentions, mul, ratio, size, sub, sym, transpose, zeros,
};

/// What a linear symmetry says of derivatives at other points, of symmetric points and of spectra.
#[derive(Clone, Debug, PartialEq)]
pub enum Structure {
    /// T2 and T8: Kᵀ∇L(Kθ + s) = C′∇L(θ) and KᵀH(Kθ + s)K = C′H(θ) + C″∇L∇Lᵀ for the map Kθ + s of every element of the group,
    /// where L(Kθ + s) = C(L(θ)).
    Transport {
        /// Kᵀ on a tangent U, parameter by parameter.
        adjoint: Vec<(Symbol, Expr)>,
        /// s, on the parameters where it is not 0.
        shift: Vec<(Symbol, Expr)>,
        /// C′ and C″ in the loss and the group element; 1 and 0 for an invariance.
        response: Slopes,
    },
    /// T8: along the orbit d/dt tr H = −2 tr(S_A H) + c′ tr H + c″‖∇L‖², with tr(S_A H) a formula in partial traces of H;
    /// it vanishes for every A, which is the equation, where tr H is least on the orbit.
    Flattest {
        element: Element,
        /// tr(S_A H), linear in A.
        trace: Expr,
        /// c_A′ and c_A″; both 0 for an invariance.
        response: Slopes,
        /// What tr(S_A H) = 0 for every A says, with A eliminated; none where the loss is only equivariant.
        condition: Option<(Expr, Expr)>,
    },
    /// T10: where all these conditions hold, the gradient satisfies them too, and the Hessian commutes with the group.
    FixedSpace {
        conditions: Vec<Condition>,
        /// The finite action, where it is not declared but found inside a continuous one.
        found: Option<Box<Action>>,
    },
    /// T11: where the conditions hold, ∇L has no part in V⊥ and H maps V⊥ to itself; the block of H on V⊥ decides whether the
    /// symmetric solution is stable.
    Breaking { conditions: Vec<Condition>, found: Option<Box<Action>> },
    /// T12: the multiplicities of the eigenvalues of the Hessian at symmetric points, no case where they are known only at
    /// an instance.
    Multiplicities { cases: Vec<Case>, found: Option<Box<Action>> },
    /// T7: α = ⟨ξ, `H[ξ]`⟩ / ‖ξ‖² lies between the extreme eigenvalues, and ‖H‖ ≥ ‖`H[ξ]`‖ / ‖ξ‖.
    Sharpness {
        element: Element,
        /// ⟨ξ, `H[ξ]`⟩, ‖`H[ξ]`‖² and ‖ξ‖² as formulas in parameters and gradient.
        form: Expr,
        image: Expr,
        length: Expr,
        /// Whether ξ = θ and `H[ξ]` = −∇L, as for a scale-invariant loss.
        radial: bool,
    },
    /// T6: `H[ξ]` = factor·∇L, so that the gradient lies in the range of the Hessian.
    Alignment { element: Element, factor: Expr },
    /// T9: D³L[ξ, V, ·] = −(`S*H[V]` + `H[S V]`) + c′`H[V]` + c″⟨∇L, V⟩∇L for every tangent V, where ξ = S θ + b.
    Third {
        element: Element,
        /// S V on each parameter.
        derivative: Vec<(Symbol, Expr)>,
        /// c_A′ and c_A″; both 0 for an invariance.
        response: Slopes,
    },
}

/// The first two derivatives of the map of the loss, in the loss itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Slopes {
    pub first: Expr,
    pub second: Expr,
}

impl Slopes {
    /// The derivatives of a loss that is invariant: of the identity map for a group element, of 0 for a generator.
    pub fn of_invariance(first: i64) -> Slopes {
        Slopes { first: int(first), second: int(0) }
    }
}

/// What the fixed space asks of one parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    pub param: Symbol,
    pub form: Form,
}

/// The shape of a parameter at a symmetric point.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    Zero,
    /// All rows, or all columns, are equal; their number.
    RowsEqual(Size),
    ColumnsEqual(Size),
    /// One row, or column, is zero: that of the coordinate i that the sign changes, for each i.
    RowZero,
    ColumnZero,
    Diagonal,
    /// A multiple of the identity.
    Multiple(Size),
    /// A multiple of the identity plus a multiple of the matrix of ones.
    Central,
    /// Constant along the wrapped diagonals.
    Circulant,
    /// All members of a family are equal: the index and its range.
    MembersEqual(Symbol, Size),
    /// Equal to this formula.
    Equals(Expr),
    /// Fixed by every element of the group, and no simpler form is known.
    Invariant,
}

/// The multiplicities for the sizes of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Every size where there is no condition.
    pub when: Option<When>,
    pub classes: Vec<Multiplicity>,
}

/// A condition on a size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Odd(Size),
    Even(Size),
    AtLeast(Size, u64),
}

impl When {
    /// Whether it holds, given the number a size has; `None` where it has none.
    pub fn holds(self, value: impl Fn(Size) -> Option<u64>) -> Option<bool> {
        Some(match self {
            When::Odd(n) => value(n)? % 2 == 1,
            When::Even(n) => value(n)? % 2 == 0,
            When::AtLeast(n, least) => value(n)? >= least,
        })
    }
}

/// `count` eigenvalues, each repeated `multiplicity` times.
#[derive(Clone, Debug, PartialEq)]
pub struct Multiplicity {
    pub count: Expr,
    pub multiplicity: Expr,
}

impl Condition {
    /// The condition as an equation `W = …`, where one formula says it.
    pub fn equation(&self, shape: Shape) -> Option<(Expr, Expr)> {
        let w = sym(self.param);
        let over = |n: Size, x: &Expr| mul(&apply(Op::Pow, &[&size(n), &int(-1)]), x);
        let ones = |n: Size| apply(Op::Ones, &[&size(n), &size(n)]);
        let value = match &self.form {
            Form::Zero => zeros(shape),
            Form::RowsEqual(n) => over(*n, &mul(&ones(*n), &w)),
            Form::ColumnsEqual(n) => over(*n, &mul(&w, &ones(*n))),
            Form::Diagonal => apply(Op::Diag, &[&apply(Op::Diagvec, &[&w])]),
            Form::Multiple(n) => over(*n, &mul(&apply(Op::Tr, &[&w]), &apply(Op::Eye, &[&size(*n)]))),
            Form::MembersEqual(index, n) => over(*n, &apply(Op::Over, &[&sym(*index), &w])),
            Form::Equals(value) => value.clone(),
            Form::RowZero | Form::ColumnZero | Form::Central | Form::Circulant | Form::Invariant => return None,
        };
        Some((w, value))
    }

    /// Whether the condition is about a parameter.
    pub fn mentions(&self, param: Symbol) -> bool {
        let value = match &self.form {
            Form::Equals(value) => mentions(value, param),
            _ => false,
        };
        self.param == param || value
    }

    /// Whether the condition is about one coordinate, each in turn.
    pub fn is_of_coordinate(&self) -> bool {
        matches!(self.form, Form::RowZero | Form::ColumnZero)
    }

    /// How many independent equations it is; `None` where that depends on the map.
    pub fn codimension(&self, shape: Shape) -> Option<Expr> {
        let (m, n) = (size(shape.rows), size(shape.cols));
        let less = |x: &Expr, k: i64| sub(x, &int(k));
        let half = |sign: i64| mul(&ratio(1, 2), &mul(&n, &add(&n, &int(sign))));
        Some(match &self.form {
            Form::Zero => entries(shape),
            Form::RowsEqual(_) => times(&less(&m, 1), shape.cols),
            Form::ColumnsEqual(_) => times(&less(&n, 1), shape.rows),
            Form::RowZero => n,
            Form::ColumnZero => m,
            Form::MembersEqual(_, n) => mul(&sub(&size(*n), &int(1)), &entries(shape)),
            Form::Diagonal => mul(&n, &less(&n, 1)),
            Form::Multiple(_) => less(&apply(Op::Pow, &[&n, &int(2)]), 1),
            Form::Circulant => mul(&n, &less(&n, 1)),
            Form::Equals(value) => {
                let (c, body) = crate::term::summands(value).into_iter().next()?;
                let w = sym(self.param);
                let one = num_traits::One::is_one(&c);
                match () {
                    _ if body == transpose(&w) => half(if one { -1 } else { 1 }),
                    // An exchange of two parameters is stated once.
                    _ if body.len() == 1 && body != w => entries(shape),
                    _ => return None,
                }
            }
            // The commutant of the permutations has two dimensions, one for a single coordinate.
            Form::Central => sub(&apply(Op::Pow, &[&n, &int(2)]), &apply(Op::Min, &[&n, &int(2)])),
            Form::Invariant => return None,
        })
    }
}

fn times(x: &Expr, n: Size) -> Expr {
    if n == Size::Lit(1) { x.clone() } else { mul(x, &size(n)) }
}
