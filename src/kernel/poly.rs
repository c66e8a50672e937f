//! Linear combinations of monomials: what a normal form is made of.

use crate::term::{Rational, Shape};
use egg::Id;
use num_traits::Zero;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// A product: powers of scalars, and a chain of matrices; an empty chain is the identity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Monomial {
    pub scalars: Vec<(Id, Rational)>,
    pub factors: Vec<Id>,
}

/// A linear combination of monomials of one shape.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Poly {
    pub shape: Shape,
    pub terms: BTreeMap<Monomial, Rational>,
}

impl Poly {
    pub fn zero(shape: Shape) -> Poly {
        Poly { shape, terms: BTreeMap::new() }
    }

    /// A multiple of one monomial.
    pub fn of(shape: Shape, monomial: Monomial, c: Rational) -> Poly {
        let mut out = Poly::zero(shape);
        out.push(monomial, c);
        out
    }

    pub fn number(value: Rational) -> Poly {
        Poly::of(Shape::SCALAR, Monomial::default(), value)
    }

    pub fn push(&mut self, monomial: Monomial, c: Rational) {
        if c.is_zero() {
            return;
        }
        match self.terms.entry(monomial) {
            Entry::Vacant(entry) => {
                entry.insert(c);
            }
            Entry::Occupied(mut entry) => {
                *entry.get_mut() += c;
                if entry.get().is_zero() {
                    entry.remove();
                }
            }
        }
    }

    /// Adds a multiple of another combination.
    pub fn add(&mut self, other: &Poly, c: &Rational) {
        for (monomial, d) in &other.terms {
            self.push(monomial.clone(), d * c);
        }
    }

    /// Adds another combination.
    pub fn merge(&mut self, other: Poly) {
        for (monomial, d) in other.terms {
            self.push(monomial, d);
        }
    }

    /// A multiple of it.
    pub fn times(&self, c: &Rational) -> Poly {
        let mut out = Poly::zero(self.shape);
        out.add(self, c);
        out
    }

    pub fn is_zero(&self) -> bool {
        self.terms.is_empty()
    }

    /// The number it is, if it is one.
    pub fn constant(&self) -> Option<Rational> {
        match self.terms.len() {
            0 => Some(Rational::zero()),
            1 => self.terms.iter().next().filter(|(m, _)| **m == Monomial::default()).map(|(_, c)| c.clone()),
            _ => None,
        }
    }

    /// c with `self` = c · `other`; none where there is no such number but 0.
    pub fn ratio(&self, other: &Poly) -> Option<Rational> {
        let (m, d) = other.terms.iter().next()?;
        let c = self.terms.get(m)? / d;
        (other.times(&c).terms == self.terms).then_some(c)
    }
}

/// The product of powers of scalars.
pub(super) fn merged(x: &[(Id, Rational)], y: &[(Id, Rational)]) -> Vec<(Id, Rational)> {
    let mut out = x.to_vec();
    for (id, p) in y {
        match out.binary_search_by_key(id, |(id, _)| *id) {
            Ok(at) => {
                out[at].1 += p;
                if out[at].1.is_zero() {
                    out.remove(at);
                }
            }
            Err(at) => out.insert(at, (*id, p.clone())),
        }
    }
    out
}
