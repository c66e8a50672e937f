//! Block diagonal matrices of complex numbers, a + bi as the block a I + b J.

use super::build::sign;
use super::number::{Sampled, nonnegative};
use crate::eval::Dense;
use crate::term::Complex;
use rand::Rng;

/// The matrix of n/2 random numbers.
pub(super) fn planes<T: Sampled>(n: usize, numbers: Complex, rng: &mut impl Rng) -> Dense<T> {
    let drawn: Vec<(T, T)> = (0..n / 2).map(|_| number(numbers, rng)).collect();
    Dense::from_fn(n, n, |i, j| match (i / 2 == j / 2, i % 2, j % 2) {
        (false, ..) => T::zero(),
        (_, 0, 1) => -drawn[i / 2].1.clone(),
        (_, 1, 0) => drawn[i / 2].1.clone(),
        _ => drawn[i / 2].0.clone(),
    })
}

fn number<T: Sampled>(numbers: Complex, rng: &mut impl Rng) -> (T, T) {
    match numbers {
        Complex::Any => (T::any(rng), T::any(rng)),
        Complex::Unit => {
            let turn = T::rotation(2, rng);
            (turn_entry(&turn, 0), turn_entry(&turn, 1))
        }
        Complex::Real { nonnegative: true } => (nonnegative(rng), T::zero()),
        Complex::Real { nonnegative: false } => (T::any(rng), T::zero()),
        Complex::Imaginary => (T::zero(), T::any(rng)),
        Complex::Quarters if rng.random() => (sign(rng), T::zero()),
        Complex::Quarters | Complex::QuarterTurns => (T::zero(), sign(rng)),
        Complex::Signs => (sign(rng), T::zero()),
    }
}

fn turn_entry<T: Sampled>(turn: &Dense<T>, row: usize) -> T {
    turn.entries()[row].clone()
}
