//! What a matrix satisfies beyond its facts: the equations that make an element or an algebra one of a group that no fact tells.

use crate::term::{Expr, Facts, Op, Size, apply, mul, size, transpose};

/// A set of matrices that facts do not describe. Every set of algebras here is a linear space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Constraint {
    /// Those of trace 0.
    TraceFree,
    /// Those that leave the form I_{p,q}: gᵀ I_{p,q} g = I_{p,q}.
    Isometry(Size, Size),
    /// Those that leave it infinitesimally: Aᵀ I_{p,q} + I_{p,q} A = 0.
    Infinitesimal(Size, Size),
}

impl Constraint {
    /// Its name, and the sizes it takes.
    pub fn told(self) -> (&'static str, Vec<Size>) {
        match self {
            Constraint::TraceFree => ("trace-free", vec![]),
            Constraint::Isometry(p, q) => ("isometry", vec![p, q]),
            Constraint::Infinitesimal(p, q) => ("form-skew", vec![p, q]),
        }
    }

    /// The constraint of a name and sizes.
    pub fn read(name: &str, sizes: &[Size]) -> Option<Constraint> {
        match (name, sizes) {
            ("trace-free", []) => Some(Constraint::TraceFree),
            ("isometry", [p, q]) => Some(Constraint::Isometry(*p, *q)),
            ("form-skew", [p, q]) => Some(Constraint::Infinitesimal(*p, *q)),
            _ => None,
        }
    }

    /// Whether it is a linear space, so that 0 satisfies it.
    pub fn is_linear(self) -> bool {
        !matches!(self, Constraint::Isometry(..))
    }

    /// Whether matrices with some facts satisfy it.
    pub fn follows(self, facts: Facts) -> bool {
        self == Constraint::TraceFree && facts.contains(Facts::SKEW)
    }

    /// Equations that a matrix x of the set satisfies, which a search tries; none where its projection says it all.
    pub fn equations(self, x: &Expr) -> Vec<(Expr, Expr)> {
        match self {
            Constraint::TraceFree | Constraint::Infinitesimal(..) => vec![],
            Constraint::Isometry(p, q) => {
                let (j, t) = (signature(p, q), transpose(x));
                vec![
                    (mul(&t, &mul(&j, x)), j.clone()),
                    // Its inverse J xᵀ J leaves the form too.
                    (mul(x, &mul(&j, &t)), j.clone()),
                    (apply(Op::Inv, &[x]), mul(&j, &mul(&t, &j))),
                ]
            }
        }
    }
}

/// I_{p,q}.
pub(super) fn signature(p: Size, q: Size) -> Expr {
    apply(Op::Signature, &[&size(p), &size(q)])
}
