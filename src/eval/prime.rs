//! The prime fields 𝔽_p for p < 2⁶¹.

use num_integer::Integer;
use num_traits::{One, Zero};
use std::fmt;
use std::ops::{Add, Mul, Neg, Sub};

/// A residue modulo a prime P < 2⁶¹, in 0 … P − 1. The oracle assumes that the prime is 3 modulo 4: −1 is not a square.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Residue<const P: u64>(u64);

/// The field of the Mersenne prime 2⁶¹ − 1, in which reduction is a shift and an addition.
pub type Prime = Residue<{ (1 << 61) - 1 }>;

/// A second large field, with p ≡ −1 modulo 4·2·3·5·…·43: by quadratic reciprocity every natural number without a prime
/// factor above 43 has a square root in it.
pub type Rooted = Residue<1_726_924_495_780_443_959>;

/// A third large field, to check what was found in the second; p ≡ −1 as there.
pub type Checked = Residue<313_986_271_960_080_719>;

/// A field so small that a sum of 512 products of balanced residues is exact in a 64-bit float; p ≡ −1 modulo
/// 4·2·3·5·7·11·13.
pub type Small = Residue<7_927_919>;

impl<const P: u64> Residue<P> {
    pub const MODULUS: u64 = P;

    /// The part of the order of the group of units made of primes up to 13: a power of this order has roots of all orders made of
    /// them, unique in the subgroup of such powers.
    pub(super) const SMALL_ORDERS: u64 = {
        let (mut rest, mut q) = (P - 1, 2);
        while q <= 13 {
            while rest.is_multiple_of(q) {
                rest /= q;
            }
            q += 1;
        }
        (P - 1) / rest
    };

    /// Whether x is a power of that order, as the values of exp are.
    pub(super) fn is_power_of_small_orders(self) -> bool {
        self.pow((P - 1) / Self::SMALL_ORDERS) == Residue(1)
    }

    /// The residue of any number.
    pub fn new(n: u64) -> Self {
        Self::reduce(n.into())
    }

    /// The representative in 0 … p − 1.
    pub fn residue(self) -> u64 {
        self.0
    }

    /// The residue of a sum of products. 2⁶¹ ≡ 1 modulo the Mersenne prime: the high bits are added to the low ones.
    #[inline]
    pub fn reduce(n: u128) -> Self {
        const MERSENNE: u64 = (1 << 61) - 1;
        if P != MERSENNE {
            return Residue(match u64::try_from(n) {
                Ok(n) => n % P,
                Err(_) => (n % u128::from(P)) as u64,
            });
        }
        let once = (n & u128::from(P)) + (n >> 61);
        let twice = ((once & u128::from(P)) + (once >> 61)) as u64;
        Residue(if twice >= P { twice - P } else { twice })
    }

    /// 2⁻ᵏ for k < 64. A half of an odd residue x is (x + p)/2.
    pub(super) fn half_to_the(k: u32) -> Self {
        Residue(Self::HALVES[k as usize])
    }

    const HALVES: [u64; 64] = {
        let (mut halves, mut k) = ([1; 64], 1);
        while k < 64 {
            let x: u64 = halves[k - 1];
            halves[k] = if x.is_multiple_of(2) { x / 2 } else { (x + P) / 2 };
            k += 1;
        }
        halves
    };

    /// Σ xᵢ yᵢ. Sixty-four products fit into 128 bits before they are reduced.
    pub fn sum_of_products(mut pairs: impl Iterator<Item = (Self, Self)>) -> Self {
        let mut sum = Residue(0);
        loop {
            let (mut products, mut count) = (0u128, 0);
            for (x, y) in pairs.by_ref().take(64) {
                products += u128::from(x.0) * u128::from(y.0);
                count += 1;
            }
            match count {
                0 => return sum,
                _ => sum = sum + Self::reduce(products),
            }
        }
    }

    /// By repeated squaring; `num_traits::pow` takes a `usize`, which need not hold an exponent near P.
    pub fn pow(self, mut exponent: u64) -> Self {
        let (mut square, mut power) = (self, Residue(1));
        while exponent > 0 {
            if exponent & 1 == 1 {
                power = power * square;
            }
            square = square * square;
            exponent >>= 1;
        }
        power
    }

    /// The root of order `n` that lies in the largest subgroup where it is unique, if x lies in that subgroup. There
    /// ⁿ√(xy) = ⁿ√x·ⁿ√y, as for positive reals; half of all x have a square root.
    pub fn root(self, n: u64) -> Option<Self> {
        if self.is_zero() {
            return Some(self);
        }
        let mut order = P - 1;
        while order.gcd(&n) > 1 {
            order /= order.gcd(&n);
        }
        let inverse = i128::from(n).extended_gcd(&order.into()).x.mod_floor(&order.into());
        let root = self.pow(u64::try_from(inverse).ok()?);
        // x^{n·inverse} = x says that x lies in the subgroup: n·inverse − 1 is a multiple of its order, by a number without a
        // prime factor in common with its index, as n has all of these.
        (root.pow(n) == self).then_some(root)
    }

    /// The smaller of x and −x, and whether it is −x.
    pub(super) fn canonical(self) -> (Self, bool) {
        let negative = -self;
        if negative.0 < self.0 { (negative, true) } else { (self, false) }
    }
}

impl<const P: u64> fmt::Debug for Residue<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const P: u64> fmt::Display for Residue<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const P: u64> Add for Residue<P> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let sum = self.0 + other.0;
        Residue(if sum >= P { sum - P } else { sum })
    }
}

impl<const P: u64> Sub for Residue<P> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Residue(if self.0 >= other.0 { self.0 - other.0 } else { self.0 + P - other.0 })
    }
}

impl<const P: u64> Mul for Residue<P> {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        if P < 1 << 32 {
            return Residue(self.0 * other.0 % P);
        }
        Self::reduce(u128::from(self.0) * u128::from(other.0))
    }
}

impl<const P: u64> Neg for Residue<P> {
    type Output = Self;
    fn neg(self) -> Self {
        Residue(if self.0 == 0 { 0 } else { P - self.0 })
    }
}

impl<const P: u64> Zero for Residue<P> {
    fn zero() -> Self {
        Residue(0)
    }

    fn is_zero(&self) -> bool {
        self.0 == 0
    }
}

impl<const P: u64> One for Residue<P> {
    fn one() -> Self {
        Residue(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::Number;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn arithmetic_agrees_with_that_of_the_integers(a in 0..Prime::MODULUS, b in 0..Prime::MODULUS) {
            let p = u128::from(Prime::MODULUS);
            let (x, y) = (Prime::new(a), Prime::new(b));
            prop_assert_eq!(u128::from((x * y).0), u128::from(a) * u128::from(b) % p);
            prop_assert_eq!(u128::from((x + y).0), (u128::from(a) + u128::from(b)) % p);
            prop_assert_eq!(x - y + y, x);
            prop_assert_eq!(x + -x, Prime::zero());
            if a != 0 {
                prop_assert_eq!(x.reciprocal()? * x, Prime::one());
            }
        }

        #[test]
        fn a_root_to_its_power_is_the_number(a in 1..Prime::MODULUS, n in 1u64..12) {
            let x = Prime::new(a);
            if let Some(root) = x.root(n) {
                prop_assert_eq!(root.pow(n), x);
            }
            let positive = x.pow(Prime::MODULUS - 1).root(n);
            prop_assert_eq!(positive, Some(Prime::one()));
        }

        #[test]
        fn a_long_dot_product_does_not_overflow(n in 1usize..300) {
            let largest = vec![Prime::new(Prime::MODULUS - 1); n];
            prop_assert_eq!(Prime::dot(&largest, &largest), Prime::new(n as u64));
            let largest = vec![Small::new(Small::MODULUS - 1); 400 * n];
            prop_assert_eq!(Small::dot(&largest, &largest), Small::new(400 * n as u64));
        }
    }

    #[test]
    fn halves_are_halves() {
        for k in 0..64 {
            assert_eq!(Prime::half_to_the(k) * Prime::new(2).pow(k.into()), Prime::one());
            assert_eq!(Rooted::half_to_the(k) * Rooted::new(2).pow(k.into()), Rooted::one());
        }
    }

    #[test]
    fn half_of_all_residues_are_squares() {
        let squares = (1..2000).filter(|&n| Prime::new(n * 0x1234_5678_9abc).root(2).is_some()).count();
        assert!((800..1200).contains(&squares));
    }

    #[test]
    fn small_numbers_have_square_roots_in_the_fields_chosen_for_it() {
        assert!((1..47).all(|n| Rooted::new(n).root(2).is_some_and(|root| root * root == Rooted::new(n))));
        assert!((1..17).all(|n| Small::new(n).root(2).is_some_and(|root| root * root == Small::new(n))));
        assert_eq!(Rooted::new(46) * Rooted::new(46).reciprocal().expect("a field"), Rooted::one());
    }
}
