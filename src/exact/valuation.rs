//! Ranks over the field 𝔽_p((t)) of formal Laurent series, of vectors of which only the first coefficients are known.

use crate::eval::{Jet, Number, Residue};
use num_traits::{One, Zero};

/// A growing list of vectors over 𝔽_p((t)), each independent of those before it: whatever the coefficients beyond those
/// that are known are.
#[derive(Clone, Debug, Default)]
pub struct Valued<const P: u64, const K: usize> {
    rows: Vec<Row<P, K>>,
}

/// A vector of power series of which one entry, the pivot, is 1. True are its entries modulo t to the power of its precision.
#[derive(Clone, Debug)]
struct Row<const P: u64, const K: usize> {
    entries: Vec<Coefficients<P, K>>,
    pivot: usize,
    precision: usize,
}

type Coefficients<const P: u64, const K: usize> = [Residue<P>; K];

/// The lowest exponent with a coefficient that is not zero, below the precision.
fn valuation<const P: u64, const K: usize>(x: &Coefficients<P, K>, precision: usize) -> Option<usize> {
    x[..precision].iter().position(|c| !c.is_zero())
}

impl<const P: u64, const K: usize> Valued<P, K> {
    pub fn new() -> Self {
        Valued { rows: Vec::new() }
    }

    pub fn rank(&self) -> usize {
        self.rows.len()
    }

    /// Adds a vector if it is known to be independent of the others; whether it is.
    ///
    /// With the true rows rᵢ, whose pivots are 1, and true entries the vector less Σ cᵢ rᵢ is zero at their pivots. Here a factor c is
    /// known modulo t^m, a row modulo t^n: what is subtracted is true modulo t^min(m, n + v) for the valuation v of c. A
    /// coefficient of the rest below its precision that is not zero is therefore one of the true rest.
    pub fn insert(&mut self, vector: &[Jet<P, K>]) -> bool {
        let mut rest: Vec<Coefficients<P, K>> = vector.iter().map(|x| *x.coefficients()).collect();
        let mut precision = K;
        for row in &self.rows {
            let factor = rest[row.pivot];
            let Some(shift) = valuation(&factor, precision) else { continue };
            precision = precision.min(shift + row.precision);
            for (x, r) in rest.iter_mut().zip(&row.entries) {
                subtract(x, &factor, r);
            }
        }
        let lowest = rest.iter().enumerate().filter_map(|(i, x)| Some((valuation(x, precision)?, i))).min();
        let Some((shift, pivot)) = lowest else { return false };
        precision -= shift;
        let Some(scale) = inverse(&shifted(&rest[pivot], shift)) else { return false };
        let entries = rest.iter().map(|x| {
            let mut out = [Residue::zero(); K];
            subtract(&mut out, &scale, &shifted(x, shift).map(|c| -c));
            out
        });
        self.rows.push(Row { entries: entries.collect(), pivot, precision });
        true
    }
}

/// x − c r.
fn subtract<const P: u64, const K: usize>(x: &mut Coefficients<P, K>, c: &Coefficients<P, K>, r: &Coefficients<P, K>) {
    if r.iter().all(Zero::is_zero) {
        return;
    }
    for k in (0..K).rev() {
        let pairs = (0..=k).filter(|&j| !c[j].is_zero()).map(|j| (c[j], r[k - j]));
        x[k] = x[k] - Residue::sum_of_products(pairs);
    }
}

/// x/tᵐ.
fn shifted<const P: u64, const K: usize>(x: &Coefficients<P, K>, by: usize) -> Coefficients<P, K> {
    let mut out = [Residue::zero(); K];
    out[..K - by].copy_from_slice(&x[by..]);
    out
}

fn inverse<const P: u64, const K: usize>(x: &Coefficients<P, K>) -> Option<Coefficients<P, K>> {
    let first = x[0].reciprocal().ok()?;
    let mut out = [Residue::zero(); K];
    out[0] = Residue::one() * first;
    for k in 1..K {
        out[k] = -(Residue::sum_of_products((1..=k).map(|j| (x[j], out[k - j]))) * first);
    }
    Some(out)
}
