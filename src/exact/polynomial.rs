//! Polynomials in the entries of the parameters, with those of fixed data in their coefficients.

use super::fields::{Fields, Vector};
use crate::eval::{Number, Residue};
use crate::term::{Rational, Symbol};
use num_traits::{One, Signed, Zero};
use std::collections::BTreeMap;

/// A polynomial in the entries of the parameters, and of the fixed data after them.
#[derive(Clone, Debug, PartialEq)]
pub struct Polynomial {
    /// The coefficients, and the numbers of the entries that are multiplied, ascending.
    pub terms: Vec<(Rational, Vec<usize>)>,
}

/// The most monomials of one degree.
const MONOMIALS: usize = 3000;

impl Polynomial {
    /// Σ c · part.
    pub fn sum<'a>(parts: impl Iterator<Item = (&'a Rational, &'a Polynomial)>) -> Polynomial {
        let mut terms: BTreeMap<Vec<usize>, Rational> = Default::default();
        for (c, part) in parts {
            for (x, monomial) in &part.terms {
                *terms.entry(monomial.clone()).or_insert_with(Rational::zero) += c * x;
            }
        }
        Polynomial { terms: terms.into_iter().filter(|(_, c)| !c.is_zero()).map(|(m, c)| (c, m)).collect() }
    }

    /// The derivative at a point along a vector.
    pub fn along<const P: u64>(&self, point: &[Residue<P>], vector: &[Residue<P>]) -> Residue<P> {
        let term = |(c, monomial): &(Rational, Vec<usize>)| {
            Residue::from_rational(c).unwrap_or_default() * derivative(monomial, point, vector)
        };
        self.terms.iter().map(term).fold(Residue::zero(), |a, b| a + b)
    }

    /// The gradient at a point.
    pub fn gradient<const P: u64>(&self, point: &[Residue<P>]) -> Vector<P> {
        let mut out = vec![Residue::zero(); point.len()];
        for (c, monomial) in &self.terms {
            let c: Residue<P> = Residue::from_rational(c).unwrap_or_default();
            for (i, &entry) in monomial.iter().enumerate() {
                out[entry] = out[entry] + without(monomial, i, point) * c;
            }
        }
        out
    }

    /// `W1[1,1]^2 - W2[1,1]^2`, entries counted from 1.
    pub fn text(&self, fields: &Fields) -> String {
        let names: Vec<String> = fields
            .state()
            .iter()
            .chain(fields.fixed())
            .flat_map(|b| (0..b.rows * b.cols).map(|k| entry_name(b.name, b.rows, b.cols, k)))
            .collect();
        let mut out = String::new();
        for (c, monomial) in &self.terms {
            let sign = match (out.is_empty(), c.is_negative()) {
                (true, true) => "-",
                (true, false) => "",
                (false, true) => " - ",
                (false, false) => " + ",
            };
            let mut factors: Vec<String> = Vec::new();
            if !c.abs().is_one() {
                factors.push(c.abs().to_string());
            }
            for run in monomial.chunk_by(|a, b| a == b) {
                let name = &names[run[0]];
                factors.push(if run.len() == 1 { name.clone() } else { format!("{name}^{}", run.len()) });
            }
            out += &format!("{sign}{}", factors.join("*"));
        }
        out
    }
}

fn entry_name(name: Symbol, rows: usize, cols: usize, k: usize) -> String {
    match (rows, cols) {
        (1, 1) => name.to_string(),
        (_, 1) | (1, _) => format!("{name}[{}]", k + 1),
        _ => format!("{name}[{},{}]", k / cols + 1, k % cols + 1),
    }
}

/// All monomials of a degree in n variables, sorted; `None` when there are too many.
pub fn monomials(n: usize, degree: usize) -> Option<Vec<Vec<usize>>> {
    // (n + degree − 1 choose degree), as far as it matters.
    let mut count = 1usize;
    for k in 0..degree {
        count = count.checked_mul(n + k)? / (k + 1);
        if count > MONOMIALS {
            return None;
        }
    }
    let mut out: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..degree {
        let longer = |m: &Vec<usize>| {
            let from = m.last().copied().unwrap_or(0);
            (from..n).map(|i| [m.as_slice(), &[i]].concat()).collect::<Vec<_>>()
        };
        out = out.iter().flat_map(longer).collect();
    }
    Some(out)
}

/// The product of all factors but one.
fn without<const P: u64>(monomial: &[usize], i: usize, point: &[Residue<P>]) -> Residue<P> {
    let others = monomial.iter().enumerate().filter(|(j, _)| *j != i);
    others.fold(Residue::one(), |product, (_, &entry)| product * point[entry])
}

/// The derivative of a monomial at a point along a vector.
pub fn derivative<const P: u64>(monomial: &[usize], point: &[Residue<P>], along: &[Residue<P>]) -> Residue<P> {
    let term = |(i, &entry): (usize, &usize)| along[entry] * without(monomial, i, point);
    monomial.iter().enumerate().map(term).fold(Residue::zero(), |a, b| a + b)
}
