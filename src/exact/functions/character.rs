//! Logarithms of residues modulo a factor of p − 1: the relations between numbers under multiplication become linear.

use crate::eval::{Residue, Rooted};
use num_traits::{One, Zero};
use std::collections::HashMap;
use std::sync::LazyLock;

/// A prime factor of p − 1 for the field of [`Rooted`].
pub const ORDER: u64 = 17_839;

/// The logarithms of the roots of unity of that order, to the base of one of them.
static LOGARITHMS: LazyLock<HashMap<u64, u64>> = LazyLock::new(|| {
    let root = (2..).map(|n| Rooted::new(n).pow((Rooted::MODULUS - 1) / ORDER)).find(|root| !root.is_one());
    let powers = std::iter::successors(Some(Rooted::one()), |power| Some(*power * root.unwrap_or_default()));
    powers.zip(0..ORDER).map(|(power, k)| (power.residue(), k)).collect()
});

/// A homomorphism from the multiplicative group of the field onto the integers modulo [`ORDER`].
pub fn character(x: Rooted) -> Residue<ORDER> {
    let root = x.pow((Rooted::MODULUS - 1) / ORDER);
    LOGARITHMS.get(&root.residue()).map_or(Residue::zero(), |&k| Residue::new(k))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn products_become_sums(a in 1..Rooted::MODULUS, b in 1..Rooted::MODULUS) {
            let (x, y) = (Rooted::new(a), Rooted::new(b));
            prop_assert_eq!(character(x * y), character(x) + character(y));
        }
    }

    #[test]
    fn it_takes_many_values() {
        let values: std::collections::BTreeSet<u64> = (2..200).map(|n| character(Rooted::new(n)).residue()).collect();
        assert!(values.len() > 150);
    }
}
