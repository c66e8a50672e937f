//! Truncated power series in nilpotent variables ε₁² = ε₂² = … = 0 over any kind of matrix. Evaluating over them gives
//! directional derivatives: reverse mode over ε is a Hessian product, over several ε a nested Lie bracket.

use super::matrix::{Matrix, Side};
use super::{Elementwise, EvalError, Held};
use crate::term::Rational;

/// Σ_S c_S ε^S over subsets S of the variables, S written as a bit mask. A missing coefficient is zero.
#[derive(Clone, Debug)]
pub struct Series<'a, M> {
    rows: usize,
    cols: usize,
    coefficients: Vec<Option<Held<'a, M>>>,
}

impl<M: Matrix> From<M> for Series<'_, M> {
    fn from(value: M) -> Self {
        Series::holding(Held::Own(value))
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

fn accumulate<M: Matrix>(sum: &mut Option<Held<'_, M>>, term: M) {
    match sum {
        Some(sum) => sum.to_mut().add_assign(&term),
        None => *sum = Some(Held::Own(term)),
    }
}

impl<'a, M: Matrix> Series<'a, M> {
    /// How many variables a series may have: it has two to that many coefficients.
    pub const MAX_VARIABLES: usize = 12;

    /// The series of a value that does not move.
    pub fn holding(value: Held<'a, M>) -> Self {
        let (rows, cols) = (value.as_ref().rows(), value.as_ref().cols());
        Series { rows, cols, coefficients: vec![Some(value)] }
    }

    /// The coefficient of ε^S; `None` for zero.
    pub fn coefficient(&self, set: usize) -> Option<&M> {
        self.coefficients.get(set).and_then(Option::as_ref).map(Held::as_ref)
    }

    /// The coefficient of ε^S, taken out.
    pub fn into_coefficient(mut self, set: usize) -> M {
        let found = self.coefficients.get_mut(set).and_then(Option::take);
        found.map_or_else(|| M::zeros(self.rows, self.cols), Held::into_owned)
    }

    /// Sets the coefficient of ε^S.
    pub fn set(&mut self, set: usize, value: M) {
        self.hold(set, Held::Own(value));
    }

    /// Sets the coefficient of ε^S to a value that may belong to others.
    pub fn hold(&mut self, set: usize, value: Held<'a, M>) {
        if self.coefficients.len() <= set {
            self.coefficients.resize_with((set + 1).next_power_of_two(), || None);
        }
        self.coefficients[set] = Some(value);
    }

    fn linear(&self, rows: usize, cols: usize, map: impl Fn(&M) -> M) -> Self {
        let coefficients = self.coefficients.iter().map(|c| c.as_ref().map(|c| Held::Own(map(c.as_ref())))).collect();
        Series { rows, cols, coefficients }
    }

    /// The product of two series under a bilinear map of their coefficients.
    fn bilinear(&self, other: &Self, rows: usize, cols: usize, map: impl Fn(&M, &M) -> M) -> Self {
        let count = self.coefficients.len().max(other.coefficients.len());
        let coefficients = (0..count).map(|set| self.coefficient_of(set, other, &map)).collect();
        Series { rows, cols, coefficients }
    }

    /// One coefficient of the matrix product, of which the terms are added as they are made.
    fn coefficient_of_product(&self, set: usize, side: Side, other: &Self, other_side: Side) -> Option<Held<'a, M>> {
        let mut sum: Option<M> = None;
        for part in subsets(set) {
            if let (Some(x), Some(y)) = (self.coefficient(part), other.coefficient(set ^ part)) {
                match &mut sum {
                    Some(sum) => sum.add_product(x, side, y, other_side),
                    None => sum = Some(x.product(side, y, other_side)),
                }
            }
        }
        sum.map(Held::Own)
    }

    /// One coefficient of a product under a bilinear map.
    fn coefficient_of(&self, set: usize, other: &Self, map: impl Fn(&M, &M) -> M) -> Option<Held<'a, M>> {
        let mut sum = None;
        for part in subsets(set) {
            if let (Some(x), Some(y)) = (self.coefficient(part), other.coefficient(set ^ part)) {
                accumulate(&mut sum, map(x, y));
            }
        }
        sum
    }

    fn base(&self) -> M {
        self.coefficient(0).cloned().unwrap_or_else(|| M::zeros(self.rows, self.cols))
    }
}

impl<M: Matrix> Matrix for Series<'_, M> {
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
                (Some(sum @ Held::Own(_)), Some(term)) => sum.to_mut().add_assign(term.as_ref()),
                (Some(sum), Some(term)) => *sum = Held::Own(sum.as_ref().add(term.as_ref())),
                (sum @ None, Some(term)) => *sum = Some(term.clone()),
                (_, None) => {}
            }
        }
    }

    fn sub(&self, other: &Self) -> Self {
        let len = self.coefficients.len().max(other.coefficients.len());
        let coefficients = (0..len)
            .map(|set| match (self.coefficient(set), other.coefficient(set)) {
                (Some(x), Some(y)) => Some(Held::Own(x.sub(y))),
                (Some(_), None) => self.coefficients[set].clone(),
                (None, Some(y)) => Some(Held::Own(y.neg())),
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
        let count = self.coefficients.len().max(other.coefficients.len());
        let coefficients = (0..count).map(|set| self.coefficient_of_product(set, side, other, other_side)).collect();
        Series { rows, cols, coefficients }
    }

    fn part_of_product(&self, side: Side, other: &Self, other_side: Side, set: usize) -> Self {
        let rows = if side == Side::Plain { self.rows } else { self.cols };
        let cols = if other_side == Side::Plain { other.cols } else { other.rows };
        let mut coefficients = vec![None; (set + 1).next_power_of_two()];
        coefficients[set] = self.coefficient_of_product(set, side, other, other_side);
        Series { rows, cols, coefficients }
    }

    fn scale(&self, scalar: &Self) -> Self {
        self.bilinear(scalar, self.rows, self.cols, M::scale)
    }

    fn inner(&self, other: &Self) -> Self {
        self.bilinear(other, 1, 1, M::inner)
    }

    fn dots(&self, other: &Self, rows: usize, cols: usize) -> Self {
        self.bilinear(other, rows, cols, |x, y| x.dots(y, rows, cols))
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

    fn gather(&self, chosen: &[Option<usize>]) -> Self {
        self.linear(self.rows, chosen.len(), |x| x.gather(chosen))
    }

    fn scatter(&self, chosen: &[Option<usize>], cols: usize) -> Self {
        self.linear(self.rows, cols, |x| x.scatter(chosen, cols))
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
            let product = |sum: Held<M>| base.product(Side::Plain, sum.as_ref(), Side::Plain).neg();
            out.coefficients[set] = sum.map(|sum| Held::Own(product(sum)));
        }
        out.coefficients[0] = Some(Held::Own(base));
        Ok(out)
    }

    /// With ε the last variable of S and X = a + ε b: det X = det a (1 + ε tr(a⁻¹ b)).
    fn determinant(&self) -> Result<Self, EvalError> {
        let mut out: Self = self.base().determinant()?.into();
        let count = self.coefficients.len();
        if count < 2 {
            return Ok(out);
        }
        let inverse = self.inverse()?;
        out.coefficients.resize_with(count, || None);
        for set in 1..count {
            let last = 1 << set.ilog2();
            let mut sum = None;
            for part in subsets(set ^ last) {
                for of_inverse in subsets(set ^ last ^ part) {
                    let of_slope = set ^ part ^ of_inverse;
                    let factors = (out.coefficient(part), inverse.coefficient(of_inverse), self.coefficient(of_slope));
                    if let (Some(value), Some(inverse), Some(slope)) = factors {
                        accumulate(&mut sum, inverse.transpose().inner(slope).hadamard(value));
                    }
                }
            }
            out.coefficients[set] = sum;
        }
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
        let mut orders: Vec<Vec<Option<Held<M>>>> = base
            .into_iter()
            .map(|value| {
                let mut coefficients = vec![None; len];
                coefficients[0] = Some(Held::Own(value));
                coefficients
            })
            .collect();
        for set in 1..len {
            let last = 1 << set.ilog2();
            for k in 0..count + variables - set.count_ones() as usize {
                let mut sum = None;
                for part in subsets(set ^ last) {
                    if let (Some(x), Some(y)) = (&orders[k + 1][part], self.coefficient(set ^ part)) {
                        accumulate(&mut sum, x.as_ref().hadamard(y));
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
