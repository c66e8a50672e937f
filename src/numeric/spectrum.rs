//! Eigenvalues of symmetric matrices.

use crate::eval::EvalError;
use faer::{Mat, MatRef, Side};

/// Makes decompositions the same for any number of threads: the order of sums depends on into how many parts they split their work.
pub fn split_alike() {
    // Only with the feature `flow`, whose solver asks for it, does faer split any.
    #[cfg(feature = "flow")]
    faer::set_global_parallelism(faer::Par::rayon(2));
}

/// Eigenvalues in descending order, and a column for each.
#[derive(Clone, Debug)]
pub struct Eigen {
    pub values: Vec<f64>,
    pub vectors: Mat<f64>,
}

impl Eigen {
    /// In descending order.
    pub(super) fn sorted(values: &[f64], vectors: MatRef<'_, f64>) -> Eigen {
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
    split_alike();
    let failed = |_| EvalError::Unsupported("the eigenvalue iteration did not converge; the spectrum".into());
    let found = matrix.self_adjoint_eigen(Side::Lower).map_err(failed)?;
    let values: Vec<f64> = found.S().column_vector().iter().copied().collect();
    Ok(Eigen::sorted(&values, found.U()))
}

/// The eigenvalues of a symmetric matrix in ascending order.
pub fn eigenvalues(matrix: &Mat<f64>) -> Result<Vec<f64>, EvalError> {
    if matrix.nrows() != matrix.ncols() {
        return Err(EvalError::Unsupported("the spectrum of a matrix that is not square".into()));
    }
    if !matrix.is_all_finite() {
        return Err(EvalError::Overflow);
    }
    split_alike();
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
