//! Potentials in closed form. Where a field ω on parameter space is curl-free (Dω self-adjoint) and homogeneous of degree
//! k ≠ −1, Euler's identity gives ∇⟨ω, θ⟩ = ω + (Dω)*θ = ω + Dω[θ] = (k + 1) ω, so ω is the gradient of ⟨ω, θ⟩/(k + 1);
//! a sum of such fields is curl-free degree by degree.

use crate::model::Model;
use crate::term::{Expr, Op, Rational, Symbol, Term, arguments, mentions, root};
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
    match (root(expr), arguments(expr).as_slice()) {
        (Term::Sym(_), _) => Some(Rational::one()),
        (Term::Op(Op::Add, _), [x, y]) => of(x).filter(|k| of(y).as_ref() == Some(k)),
        (Term::Op(Op::Mul | Op::Had | Op::Inner, _), [x, y]) => Some(of(x)? + of(y)?),
        (Term::Op(Op::T | Op::Tr | Op::Diag | Op::Diagvec | Op::Sum, _), [x]) => of(x),
        (Term::Op(Op::Norm2, _), [x]) => Some(of(x)? * Rational::from_integer(2.into())),
        (Term::Op(Op::Inv, _), [x]) => Some(-of(x)?),
        (Term::Op(Op::Normalize | Op::RmsNorm | Op::LayerNorm | Op::BatchNorm, _), [x]) => {
            of(x).map(|_| Rational::zero())
        }
        (Term::Op(Op::Pow | Op::HadPow, _), [x, exponent]) => match root(exponent) {
            Term::Num(q) => Some(of(x)? * q),
            _ => None,
        },
        (Term::Op(Op::Apply, _), [f, x]) => {
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
        _ => None,
    }
}

/// 1/(k + 1), by which ⟨ω, θ⟩ is the potential of a curl-free ω of degree k; none for k = −1.
pub fn weight(degree: &Rational) -> Option<Rational> {
    let k = degree + Rational::one();
    (!k.is_zero()).then(|| k.recip())
}
