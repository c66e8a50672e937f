//! Truncated power series in nilpotent variables ε₁² = ε₂² = … = 0 over any kind of matrix. Evaluating over them gives
//! directional derivatives: reverse mode over ε is a Hessian product, over several ε a nested Lie bracket.

use super::matrix::{Matrix, Side};
use super::{Elementwise, EvalError};
use crate::term::Rational;

/// Σ_S c_S ε^S over subsets S of the variables, S written as a bit mask. A missing coefficient is zero.
#[derive(Clone, Debug)]
pub struct Series<M> {
    rows: usize,
    cols: usize,
    coefficients: Vec<Option<M>>,
}

impl<M: Matrix> From<M> for Series<M> {
    fn from(value: M) -> Self {
        Series { rows: value.rows(), cols: value.cols(), coefficients: vec![Some(value)] }
    }
}

/// The subsets of a set, both as bit masks, the empty one first.
fn subsets(set: usize) -> impl Iterator<Item = usize> {
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let current = next?;
        next = if current == set { None } else { Some((current.wrapping_sub(set)) & set) };
        Some(current)
    })
}

fn accumulate<M: Matrix>(sum: &mut Option<M>, term: M) {
    match sum {
        Some(sum) => sum.add_assign(&term),
        None => *sum = Some(term),
    }
}

impl<M: Matrix> Series<M> {
    /// How many variables a series may have: it has two to that many coefficients.
    pub const MAX_VARIABLES: usize = 12;

    /// The coefficient of ε^S; `None` for zero.
    pub fn coefficient(&self, set: usize) -> Option<&M> {
        self.coefficients.get(set).and_then(Option::as_ref)
    }

    /// The coefficient of ε^S, taken out.
    pub fn into_coefficient(mut self, set: usize) -> M {
        let found = self.coefficients.get_mut(set).and_then(Option::take);
        found.unwrap_or_else(|| M::zeros(self.rows, self.cols))
    }

    /// Sets the coefficient of ε^S.
    pub fn set(&mut self, set: usize, value: M) {
        if self.coefficients.len() <= set {
            self.coefficients.resize_with((set + 1).next_power_of_two(), || None);
        }
        self.coefficients[set] = Some(value);
    }

    fn linear(&self, rows: usize, cols: usize, map: impl Fn(&M) -> M) -> Self {
        let coefficients = self.coefficients.iter().map(|c| c.as_ref().map(&map)).collect();
        Series { rows, cols, coefficients }
    }

    /// The product of two series under a bilinear map of their coefficients.
    fn bilinear(&self, other: &Self, rows: usize, cols: usize, map: impl Fn(&M, &M) -> M) -> Self {
        let mut coefficients = vec![None; self.coefficients.len().max(other.coefficients.len())];
        for (set, sum) in coefficients.iter_mut().enumerate() {
            for part in subsets(set) {
                if let (Some(x), Some(y)) = (self.coefficient(part), other.coefficient(set ^ part)) {
                    accumulate(sum, map(x, y));
                }
            }
        }
        Series { rows, cols, coefficients }
    }

    fn base(&self) -> M {
        self.coefficient(0).cloned().unwrap_or_else(|| M::zeros(self.rows, self.cols))
    }
}

impl<M: Matrix> Matrix for Series<M> {
    type Oracle = M::Oracle;

    fn rows(&self) -> usize {
        self.rows
    }

    fn cols(&self) -> usize {
        self.cols
    }

    fn constant(rows: usize, cols: usize, value: &Rational) -> Result<Self, EvalError> {
        Ok(M::constant(rows, cols, value)?.into())
    }

    fn identity(n: usize) -> Self {
        M::identity(n).into()
    }

    fn turn(n: usize) -> Self {
        M::turn(n).into()
    }

    fn offset(rows: usize, cols: usize, by: isize) -> Self {
        M::offset(rows, cols, by).into()
    }

    fn selection(rows: usize, ones: &[Option<usize>]) -> Self {
        M::selection(rows, ones).into()
    }

    fn generic(rows: usize, cols: usize, stream: u64, oracle: &M::Oracle) -> Self {
        M::generic(rows, cols, stream, oracle).into()
    }

    fn add(&self, other: &Self) -> Self {
        let mut sum = self.clone();
        sum.add_assign(other);
        sum
    }

    fn add_assign(&mut self, other: &Self) {
        if self.coefficients.len() < other.coefficients.len() {
            self.coefficients.resize_with(other.coefficients.len(), || None);
        }
        for (sum, term) in self.coefficients.iter_mut().zip(&other.coefficients) {
            match (sum, term) {
                (Some(sum), Some(term)) => sum.add_assign(term),
                (sum @ None, Some(term)) => *sum = Some(term.clone()),
                (_, None) => {}
            }
        }
    }

    fn sub(&self, other: &Self) -> Self {
        let len = self.coefficients.len().max(other.coefficients.len());
        let coefficients = (0..len)
            .map(|set| match (self.coefficient(set), other.coefficient(set)) {
                (Some(x), Some(y)) => Some(x.sub(y)),
                (Some(x), None) => Some(x.clone()),
                (None, Some(y)) => Some(y.neg()),
                (None, None) => None,
            })
            .collect();
        Series { rows: self.rows, cols: self.cols, coefficients }
    }

    fn neg(&self) -> Self {
        self.linear(self.rows, self.cols, M::neg)
    }

    fn hadamard(&self, other: &Self) -> Self {
        self.bilinear(other, self.rows, self.cols, M::hadamard)
    }

    fn product(&self, side: Side, other: &Self, other_side: Side) -> Self {
        let rows = if side == Side::Plain { self.rows } else { self.cols };
        let cols = if other_side == Side::Plain { other.cols } else { other.rows };
        self.bilinear(other, rows, cols, |x, y| x.product(side, y, other_side))
    }

    fn scale(&self, scalar: &Self) -> Self {
        self.bilinear(scalar, self.rows, self.cols, M::scale)
    }

    fn inner(&self, other: &Self) -> Self {
        self.bilinear(other, 1, 1, M::inner)
    }

    fn transpose(&self) -> Self {
        self.linear(self.cols, self.rows, M::transpose)
    }

    fn stack(&self, width: usize) -> Self {
        self.linear(self.rows * (self.cols / width), width, |x| x.stack(width))
    }

    fn unstack(&self, height: usize) -> Self {
        self.linear(height, self.cols * (self.rows / height), |x| x.unstack(height))
    }

    /// From X X⁻¹ = I, coefficient by coefficient.
    fn inverse(&self) -> Result<Self, EvalError> {
        let base = self.base().inverse()?;
        let mut out = Series { coefficients: vec![None; self.coefficients.len()], ..Series::from(base.clone()) };
        for set in 1..self.coefficients.len() {
            let mut sum = None;
            for part in subsets(set).skip(1) {
                let rest = if part == set { Some(&base) } else { out.coefficient(set ^ part) };
                if let (Some(x), Some(y)) = (self.coefficient(part), rest) {
                    accumulate(&mut sum, x.product(Side::Plain, y, Side::Plain));
                }
            }
            out.coefficients[set] = sum.map(|sum: M| base.product(Side::Plain, &sum, Side::Plain).neg());
        }
        out.coefficients[0] = Some(base);
        Ok(out)
    }

    fn diagonal(&self) -> Self {
        self.linear(self.rows, self.rows, M::diagonal)
    }

    fn diagonal_of(&self) -> Self {
        self.linear(self.rows, 1, M::diagonal_of)
    }

    fn broadcast(&self, rows: usize, cols: usize) -> Self {
        self.linear(rows, cols, |x| x.broadcast(rows, cols))
    }

    fn reduce(&self, rows: usize, cols: usize) -> Self {
        self.linear(rows, cols, |x| x.reduce(rows, cols))
    }

    fn column_max(&self, oracle: &M::Oracle) -> Self {
        self.base().column_max(oracle).into()
    }

    /// With ε the last variable of S and X = a + ε b: f⁽ᵏ⁾(X) = f⁽ᵏ⁾(a) + ε f⁽ᵏ⁺¹⁾(a) b, so the coefficient at S ∪ {ε}
    /// of one order follows from those without ε of the next.
    fn derivatives(
        &self,
        function: &Elementwise,
        from: usize,
        count: usize,
        oracle: &M::Oracle,
    ) -> Result<Vec<Self>, EvalError> {
        let len = self.coefficients.len();
        let variables = len.trailing_zeros() as usize;
        let base = self.base().derivatives(function, from, count + variables, oracle)?;
        let mut orders: Vec<Vec<Option<M>>> = base
            .into_iter()
            .map(|value| {
                let mut coefficients = vec![None; len];
                coefficients[0] = Some(value);
                coefficients
            })
            .collect();
        for set in 1..len {
            let last = 1 << set.ilog2();
            for k in 0..count + variables - set.count_ones() as usize {
                let mut sum = None;
                for part in subsets(set ^ last) {
                    if let (Some(x), Some(y)) = (&orders[k + 1][part], self.coefficient(set ^ part)) {
                        accumulate(&mut sum, x.hadamard(y));
                    }
                }
                orders[k][set] = sum;
            }
        }
        orders.truncate(count);
        Ok(orders.into_iter().map(|coefficients| Series { rows: self.rows, cols: self.cols, coefficients }).collect())
    }

    fn zeros(rows: usize, cols: usize) -> Self {
        Series { rows, cols, coefficients: vec![None] }
    }
}
