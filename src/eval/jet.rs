//! Truncated power series in the parameter t of a formal curve, over 𝔽_p: the Taylor polynomial, or jet, of a function along
//! the curve. Where the value of a function at t = 0 is known – e⁰, log 1, Φ(0) – its differential equation gives all other
//! coefficients, which are rational, so that every identity between functions holds by itself.

use super::{Number, Residue};
use num_rational::Ratio;
use num_traits::{CheckedAdd, CheckedMul, One, Zero};
use std::ops::{Add, Mul, Neg, Sub};

bitflags::bitflags! {
    /// The transcendental constants that a number is computed with, as indeterminates.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Constants: u32 {
        /// 1/√(2π).
        const DENSITY = 1;
        const E = 1 << 1;
        /// The logarithm of the first of the prime numbers; the next bits are those of the others.
        const LOGARITHM = 1 << 2;
    }
}

/// The prime numbers whose logarithms are constants.
pub(super) const PRIMES: [i64; 15] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47];

/// How many products of two residues fit into 128 bits.
const DELAY: usize = 64;

/// Σ_{k < K} cₖ tᵏ modulo P.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Jet<const P: u64, const K: usize> {
    pub(super) coefficients: [Residue<P>; K],
    /// The value at t = 0, where it is this rational number whatever the point is: not by an accident modulo P.
    pub(super) base: Option<Ratio<i64>>,
    pub(super) constants: Constants,
}

impl<const P: u64, const K: usize> Jet<P, K> {
    const ORDER: () = assert!(1 < K && K < DELAY);

    /// 1/k for 0 < k < K.
    pub(super) const RECIPROCALS: [u64; K] = {
        let (mut out, mut k) = ([0; K], 1);
        while k < K {
            let n = k as u64;
            // p = qk + r, hence 1/k = −q/r.
            out[k] = match k {
                1 => 1,
                _ => (((P - P / n) as u128 * out[(P % n) as usize] as u128) % P as u128) as u64,
            };
            k += 1;
        }
        out
    };

    /// A rational number with small numerator that was drawn, the same along the curve.
    pub fn drawn(value: Residue<P>) -> Self {
        let base = [Residue::zero(), Residue::one()].iter().position(|small| *small == value);
        Jet { base: base.map(|n| Ratio::from_integer(n as i64)), ..Self::constant(value) }
    }

    /// A number that is the same along the curve.
    pub(super) fn constant(value: Residue<P>) -> Self {
        let () = Self::ORDER;
        let mut coefficients = [Residue::zero(); K];
        coefficients[0] = value;
        Jet { coefficients, base: None, constants: Constants::empty() }
    }

    /// A number that is zero at t = 0 and moves with the given velocity.
    pub fn moving(velocity: Residue<P>) -> Self {
        let mut out = Self::zero();
        out.coefficients[1] = velocity;
        out
    }

    /// The coefficients of 1, t, t², ….
    pub fn coefficients(&self) -> &[Residue<P>; K] {
        &self.coefficients
    }

    /// The constants it is computed with.
    pub fn constants(&self) -> Constants {
        self.constants
    }

    pub(super) fn known(value: Residue<P>, base: Option<Ratio<i64>>) -> Self {
        Jet { base, ..Self::constant(value) }
    }

    /// y with y′ = g x′ and the given value at t = 0.
    pub(super) fn integral(value: Self, g: &Self, x: &Self) -> Self {
        let mut out = Jet { constants: value.constants | g.constants | x.constants, ..value };
        for k in 1..K {
            let pairs = (1..=k).map(|j| (Residue::from_integer(j as i64) * x.coefficients[j], g.coefficients[k - j]));
            out.coefficients[k] = Residue::sum_of_products(pairs) * Residue::new(Self::RECIPROCALS[k]);
        }
        out
    }
}

impl<const P: u64, const K: usize> Jet<P, K> {
    /// Σ aᵢ bᵢ.
    pub(super) fn sum_of_products(a: &[Self], b: &[Self]) -> Self {
        let (mut sums, mut base, mut constants) = (Sums::new(), Some(Ratio::zero()), Constants::empty());
        for (x, y) in a.iter().zip(b).filter(|(x, y)| !x.is_zero() && !y.is_zero()) {
            sums.add(&x.coefficients, &y.coefficients);
            base = sum(base, product(x.base, y.base));
            constants |= x.constants | y.constants;
        }
        // A factor that is zero modulo P by accident may not be zero.
        let exact = |x: &Self| x.base.is_some() || !x.is_zero();
        let base = base.filter(|_| a.iter().zip(b).all(|(x, y)| exact(x) && exact(y)));
        Jet { coefficients: sums.reduced(), base, constants }
    }
}

/// Sums of products of coefficients, not yet reduced.
struct Sums<const P: u64, const K: usize> {
    sums: [u128; K],
    pending: usize,
}

impl<const P: u64, const K: usize> Sums<P, K> {
    fn new() -> Self {
        Sums { sums: [0; K], pending: 0 }
    }

    fn add(&mut self, a: &[Residue<P>; K], b: &[Residue<P>; K]) {
        if self.pending + K >= DELAY {
            self.sums = self.sums.map(|sum| Residue::<P>::reduce(sum).residue().into());
            self.pending = 1;
        }
        self.pending += K;
        for (i, x) in a.iter().enumerate().filter(|(_, x)| !x.is_zero()) {
            let x = u128::from(x.residue());
            for (sum, y) in self.sums[i..].iter_mut().zip(b) {
                *sum += x * u128::from(y.residue());
            }
        }
    }

    fn reduced(self) -> [Residue<P>; K] {
        self.sums.map(|sum| if sum == 0 { Residue::zero() } else { Residue::reduce(sum) })
    }
}

fn sum(a: Option<Ratio<i64>>, b: Option<Ratio<i64>>) -> Option<Ratio<i64>> {
    a?.checked_add(&b?)
}

/// Zero times anything is zero.
fn product(a: Option<Ratio<i64>>, b: Option<Ratio<i64>>) -> Option<Ratio<i64>> {
    let is_zero = |x: Option<Ratio<i64>>| x.is_some_and(|x| x.is_zero());
    if is_zero(a) || is_zero(b) { Some(Ratio::zero()) } else { a?.checked_mul(&b?) }
}

impl<const P: u64, const K: usize> Add for Jet<P, K> {
    type Output = Self;
    fn add(mut self, other: Self) -> Self {
        self.coefficients.iter_mut().zip(other.coefficients).for_each(|(x, y)| *x = *x + y);
        Jet { base: sum(self.base, other.base), constants: self.constants.union(other.constants), ..self }
    }
}

impl<const P: u64, const K: usize> Sub for Jet<P, K> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl<const P: u64, const K: usize> Mul for Jet<P, K> {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self::sum_of_products(&[self], &[other])
    }
}

impl<const P: u64, const K: usize> Neg for Jet<P, K> {
    type Output = Self;
    fn neg(self) -> Self {
        Jet { coefficients: self.coefficients.map(Neg::neg), base: self.base.map(Neg::neg), ..self }
    }
}

impl<const P: u64, const K: usize> Zero for Jet<P, K> {
    fn zero() -> Self {
        Jet::known(Residue::zero(), Some(Ratio::zero()))
    }

    fn is_zero(&self) -> bool {
        self.coefficients.iter().all(Zero::is_zero)
    }
}

impl<const P: u64, const K: usize> One for Jet<P, K> {
    fn one() -> Self {
        Jet::known(Residue::one(), Some(Ratio::one()))
    }
}
