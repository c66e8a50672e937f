//! Eigenvalues of symmetric matrices.

use crate::eval::EvalError;
use crate::numeric::{gaussian, stream};
use faer::dyn_stack::{MemBuffer, MemStack, StackReq};
use faer::matrix_free::LinOp;
use faer::matrix_free::eigen::{PartialEigenParams, partial_self_adjoint_eigen, partial_self_adjoint_eigen_scratch};
use faer::{Mat, MatMut, MatRef, Par, Side};
use std::fmt;
use std::sync::Mutex;

/// Eigenvalues in descending order, and a column for each.
#[derive(Clone, Debug)]
pub struct Eigen {
    pub values: Vec<f64>,
    pub vectors: Mat<f64>,
}

impl Eigen {
    fn sorted(values: &[f64], vectors: MatRef<'_, f64>) -> Eigen {
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|&i, &j| values[j].total_cmp(&values[i]));
        let vectors = Mat::from_fn(vectors.nrows(), order.len(), |i, k| vectors[(i, order[k])]);
        Eigen { values: order.into_iter().map(|k| values[k]).collect(), vectors }
    }
}

/// All eigenvalues and eigenvectors of a symmetric matrix.
pub fn eigen(matrix: &Mat<f64>) -> Result<Eigen, EvalError> {
    if !matrix.is_all_finite() {
        return Err(EvalError::Overflow);
    }
    let failed = |_| EvalError::Unsupported("the eigenvalue iteration did not converge; the spectrum".into());
    let found = matrix.self_adjoint_eigen(Side::Lower).map_err(failed)?;
    let values: Vec<f64> = found.S().column_vector().iter().copied().collect();
    Ok(Eigen::sorted(&values, found.U()))
}

/// A symmetric operator applied to a vector.
pub type Product<'a> = &'a (dyn Fn(&[f64]) -> Result<Vec<f64>, EvalError> + Sync);

/// A symmetric operator that is known by its products, and the first error of one.
struct Products<'a> {
    dimension: usize,
    product: Product<'a>,
    /// A diagonal matrix that is added, far below what is asked for: without it a Krylov space of an operator of low rank would
    /// end, which the iteration does not survive.
    shift: Vec<f64>,
    failed: Mutex<Option<EvalError>>,
}

impl fmt::Debug for Products<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a symmetric operator of dimension {}", self.dimension)
    }
}

impl LinOp<f64> for Products<'_> {
    fn apply_scratch(&self, _: usize, _: Par) -> StackReq {
        StackReq::EMPTY
    }

    fn nrows(&self) -> usize {
        self.dimension
    }

    fn ncols(&self) -> usize {
        self.dimension
    }

    fn apply(&self, mut out: MatMut<'_, f64>, rhs: MatRef<'_, f64>, _: Par, _: &mut MemStack) {
        for j in 0..rhs.ncols() {
            let column: Vec<f64> = rhs.col(j).iter().copied().collect();
            let image = (self.product)(&column).unwrap_or_else(|error| {
                self.failed.lock().unwrap_or_else(|e| e.into_inner()).get_or_insert(error);
                // Anything that brings the iteration to its end.
                column.iter().enumerate().map(|(i, x)| (i + 1) as f64 * x).collect()
            });
            for (i, x) in image.into_iter().enumerate() {
                out[(i, j)] = x + self.shift[i] * column[i];
            }
        }
    }

    fn conj_apply(&self, out: MatMut<'_, f64>, rhs: MatRef<'_, f64>, par: Par, stack: &mut MemStack) {
        self.apply(out, rhs, par, stack);
    }
}

/// From this dimension on eigenvalues of an operator are found by its products alone.
pub const PARTIAL: usize = 256;

/// How often the search for eigenvalues starts anew from what it has.
const RESTARTS: usize = 100;

/// How exactly eigenvalues are found, and what is added to an operator, relative to its norm.
const EXACT: f64 = 1e-9;
const SHIFT: f64 = 1e-12;

/// Of a symmetric operator of a dimension above [`PARTIAL`] and about the norm `size` the eigenvalues of largest magnitude, as many
/// of `count` as were found up to 10⁻⁹ of that (Stewart, 2001).
pub fn largest(dimension: usize, count: usize, size: f64, product: Product<'_>) -> Result<Eigen, EvalError> {
    if dimension <= PARTIAL || count > PARTIAL / 4 {
        return Err(EvalError::Unsupported("a part of a spectrum that small".into()));
    }
    if size == 0.0 {
        return Ok(Eigen { values: vec![], vectors: Mat::zeros(dimension, 0) });
    }
    let random = |name: &str| gaussian(dimension, 1, &mut stream(0, name));
    let shift = random("the shift of an operator").col_as_slice(0).iter().map(|x| SHIFT * size * x).collect();
    let products = Products { dimension, product, shift, failed: Mutex::new(None) };
    let start = random("the first vector of a Krylov space");
    let parameters = PartialEigenParams { max_restarts: RESTARTS, ..PartialEigenParams::default() };
    let scratch = partial_self_adjoint_eigen_scratch(&products, count, Par::Seq, parameters);
    let mut memory = MemBuffer::new(scratch);
    let (mut vectors, mut values) = (Mat::zeros(dimension, count), vec![0.0; count]);
    let stack = MemStack::new(&mut memory);
    let info = partial_self_adjoint_eigen(
        vectors.as_mut(),
        &mut values,
        &products,
        start.col(0),
        EXACT * size,
        Par::Seq,
        stack,
        parameters,
    );
    if let Some(error) = products.failed.into_inner().unwrap_or_else(|e| e.into_inner()) {
        return Err(error);
    }
    let found = info.n_converged_eigen.min(count);
    Ok(Eigen::sorted(&values[..found], vectors.as_ref().subcols(0, found)))
}

/// The eigenvalues of a symmetric matrix in ascending order.
pub fn eigenvalues(matrix: &Mat<f64>) -> Result<Vec<f64>, EvalError> {
    if matrix.nrows() != matrix.ncols() {
        return Err(EvalError::Unsupported("the spectrum of a matrix that is not square".into()));
    }
    if !matrix.is_all_finite() {
        return Err(EvalError::Overflow);
    }
    let failed = |_| EvalError::Unsupported("the eigenvalue iteration did not converge; the spectrum".into());
    let mut values = matrix.self_adjoint_eigenvalues(Side::Lower).map_err(failed)?;
    values.sort_by(f64::total_cmp);
    Ok(values)
}

/// The number of eigenvalues of magnitude at most `tolerance`·‖H‖, or within what rounding allows: the dimension of the kernel.
pub fn nullity(eigenvalues: &[f64], tolerance: f64, rounding: f64) -> usize {
    let norm = eigenvalues.iter().fold(0.0f64, |norm, x| norm.max(x.abs()));
    eigenvalues.iter().filter(|x| x.abs() <= (tolerance * norm).max(rounding)).count()
}

/// The number of singular values of rows above `tolerance` times the largest: their rank.
pub fn rank(rows: &[Vec<f64>], tolerance: f64) -> Result<usize, EvalError> {
    let width = rows.first().map_or(0, Vec::len);
    let matrix = Mat::from_fn(rows.len(), width, |i, j| rows[i][j]);
    if !matrix.is_all_finite() {
        return Err(EvalError::Overflow);
    }
    let failed = |_| EvalError::Unsupported("the singular values did not converge; the rank".into());
    let values = matrix.singular_values().map_err(failed)?;
    let largest = values.iter().fold(0.0f64, |largest, x| largest.max(*x));
    Ok(values.iter().filter(|x| **x > tolerance * largest).count())
}
