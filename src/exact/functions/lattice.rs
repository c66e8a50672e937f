//! The ℚ-linear relations of a quantity to the generators before it.

use super::columns::Columns;
use crate::eval::{Number, Residue};
use crate::exact::reconstruct::rational;
use crate::term::Rational;
use num_traits::{Signed, ToPrimitive, Zero};

/// What a quantity is as a function.
#[derive(Clone, Debug, PartialEq)]
pub enum Found<const P: u64> {
    /// A combination of generators and a constant.
    Combination(Vec<(usize, Rational)>, Residue<P>),
    /// It is not, but less this combination of generators it is a function of the shared variables alone.
    Shared(Vec<(usize, Rational)>),
    Independent,
    /// It would be one with coefficients that are no small rational numbers.
    Irrational,
}

/// The values of generators at sample points, in two points each that have the shared variables in common.
#[derive(Clone, Debug)]
pub struct Lattice<const P: u64> {
    /// At the first points, after the constant 1.
    whole: Columns<P>,
    whole_of: Vec<usize>,
    /// The differences between the two points.
    moving: Columns<P>,
    moving_of: Vec<usize>,
    /// The largest numerator and denominator of a coefficient.
    largest: u64,
}

impl<const P: u64> Lattice<P> {
    pub fn new(points: usize, largest: u64) -> Self {
        let mut whole = Columns::new();
        whole.insert(&vec![Residue::new(1); points]);
        Lattice { whole, whole_of: Vec::new(), moving: Columns::new(), moving_of: Vec::new(), largest }
    }

    /// Adds a generator by its values; whether it is independent of the others. One that depends on them with coefficients
    /// that are not rational is left out.
    pub fn insert(&mut self, generator: usize, at: &[[Residue<P>; 2]]) -> bool {
        if self.moving.insert(&difference(at)) {
            self.moving_of.push(generator);
        }
        let is_new = self.whole.insert(&first(at));
        if is_new {
            self.whole_of.push(generator);
        }
        is_new
    }

    /// What the quantity with the given values is.
    pub fn find(&self, at: &[[Residue<P>; 2]]) -> Found<P> {
        if let Some(coordinates) = self.whole.coordinates(&first(at)) {
            let [constant, rest @ ..] = coordinates.as_slice() else { return Found::Irrational };
            return match self.combination(rest, &self.whole_of) {
                Some(combination) => Found::Combination(combination, *constant),
                None => Found::Irrational,
            };
        }
        match self.moving.coordinates(&difference(at)) {
            Some(coordinates) => match self.combination(&coordinates, &self.moving_of) {
                Some(combination) => Found::Shared(combination),
                None => Found::Irrational,
            },
            None => Found::Independent,
        }
    }

    fn combination(&self, coordinates: &[Residue<P>], of: &[usize]) -> Option<Vec<(usize, Rational)>> {
        let terms = coordinates.iter().zip(of).filter(|(c, _)| !c.is_zero());
        terms.map(|(c, g)| Some((*g, small(*c, self.largest)?))).collect()
    }
}

/// The rational number with this residue, if it is one with numerator and denominator up to a bound.
pub fn small<const P: u64>(x: Residue<P>, largest: u64) -> Option<Rational> {
    let fits = |n: &num_bigint::BigInt| n.abs().to_u64().is_some_and(|n| n <= largest);
    rational(x).filter(|q| fits(q.numer()) && fits(q.denom()) && Residue::<P>::from_rational(q) == Ok(x))
}

fn first<const P: u64>(at: &[[Residue<P>; 2]]) -> Vec<Residue<P>> {
    at.iter().map(|[x, _]| *x).collect()
}

fn difference<const P: u64>(at: &[[Residue<P>; 2]]) -> Vec<Residue<P>> {
    at.iter().map(|[x, y]| *x - *y).collect()
}
