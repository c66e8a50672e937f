//! Potentials in closed form. Where a field ω on parameter space is curl-free (Dω self-adjoint) and homogeneous of degree
//! k ≠ −1, Euler's identity gives ∇⟨ω, θ⟩ = ω + (Dω)*θ = ω + Dω[θ] = (k + 1) ω, so ω is the gradient of ⟨ω, θ⟩/(k + 1);
//! a sum of such fields is curl-free degree by degree.

use crate::model::Model;
use crate::term::{Degree, Expr, Op, Rational, Symbol, Term, arguments, is_zero, mentions, root};
use num_traits::{One, Zero};

/// The degree k with f(cθ) = c^k f(θ) for every c > 0, for a formula in the parameters.
pub fn degree(model: &Model, expr: &Expr) -> Option<Rational> {
    let params: Vec<Symbol> = model.params.iter().map(|p| p.name).collect();
    degree_in(model, expr, &params)
}

/// The degree in some symbols, all scaled together.
pub fn degree_in(model: &Model, expr: &Expr, symbols: &[Symbol]) -> Option<Rational> {
    if !symbols.iter().any(|s| mentions(expr, *s)) {
        return Some(Rational::zero());
    }
    let of = |e: &Expr| degree_in(model, e, symbols);
    let op = match root(expr) {
        Term::Sym(_) => return Some(Rational::one()),
        Term::Op(op, _) => op,
        Term::Num(_) | Term::Size(_) | Term::Fun(_) => return None,
    };
    match (op.row().degree, arguments(expr).as_slice()) {
        // 0 has every degree.
        (Degree::Common, [x, y]) if is_zero(x) => of(y),
        (Degree::Common, [x, y]) if is_zero(y) => of(x),
        (Degree::Common, [x, y]) => of(x).filter(|k| of(y).as_ref() == Some(k)),
        (Degree::Total, [x, y]) => Some(of(x)? + of(y)?),
        (Degree::Times(n), [x, ..]) => Some(of(x)? * Rational::from_integer(n.into())),
        (Degree::Exponent, [x, exponent]) => match root(exponent) {
            Term::Num(q) => Some(of(x)? * &**q),
            _ => None,
        },
        (Degree::Function, [f, x]) => {
            let function = match (root(f), arguments(f).as_slice()) {
                (Term::Fun(name), _) => model.env.function(*name)?,
                (Term::Op(Op::Deriv, _), [f]) => match root(f) {
                    Term::Fun(name) => model.env.function(*name)?.derivative(),
                    _ => return None,
                },
                _ => return None,
            };
            Some(function.homogeneous? * of(x)?)
        }
        (Degree::Unknown, _) => None,
        (Degree::Common | Degree::Total | Degree::Times(_) | Degree::Exponent | Degree::Function, _) => None,
    }
}

/// 1/(k + 1), by which ⟨ω, θ⟩ is the potential of a curl-free ω of degree k; none for k = −1.
pub fn weight(degree: &Rational) -> Option<Rational> {
    let k = degree + Rational::one();
    (!k.is_zero()).then(|| k.recip())
}
