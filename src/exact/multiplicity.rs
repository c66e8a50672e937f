//! How often the eigenvalues of a matrix are repeated: the squarefree decomposition of its characteristic polynomial.

use crate::eval::{Number, Prime};
use num_traits::{One, Zero};

/// A polynomial, lowest coefficient first, without leading zeros; empty for zero.
type Polynomial = Vec<Prime>;

/// For each multiplicity in ascending order, how many eigenvalues have it, counted in the algebraic closure.
///
/// # Panics
/// When the matrix is not square.
pub fn eigenvalue_multiplicities(matrix: Vec<Vec<Prime>>) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let f = characteristic(hessenberg(matrix));
    // Yun's algorithm; the degree is far below p, so a repeated factor shows in the derivative.
    let slope = derivative(&f);
    let common = gcd(f.clone(), slope.clone());
    let mut rest = quotient(f, &common);
    let mut slope = quotient(slope, &common);
    let mut multiplicity = 1;
    while rest.len() > 1 {
        let difference = subtract(&slope, &derivative(&rest));
        let factor = gcd(rest.clone(), difference.clone());
        if factor.len() > 1 {
            out.push((multiplicity, factor.len() - 1));
        }
        rest = quotient(rest, &factor);
        slope = quotient(difference, &factor);
        multiplicity += 1;
    }
    out
}

/// A similar matrix that is zero below the first subdiagonal.
fn hessenberg(mut a: Vec<Vec<Prime>>) -> Vec<Vec<Prime>> {
    let n = a.len();
    assert!(a.iter().all(|row| row.len() == n), "a square matrix");
    for k in 0..n.saturating_sub(2) {
        let Some(pivot) = (k + 1..n).find(|&i| !a[i][k].is_zero()) else { continue };
        a.swap(pivot, k + 1);
        a.iter_mut().for_each(|row| row.swap(pivot, k + 1));
        let Ok(inverse) = a[k + 1][k].reciprocal() else { continue };
        for i in k + 2..n {
            let factor = a[i][k] * inverse;
            if factor.is_zero() {
                continue;
            }
            let (above, below) = a.split_at_mut(i);
            below[0].iter_mut().zip(&above[k + 1]).for_each(|(x, y)| *x = *x - factor * *y);
            a.iter_mut().for_each(|row| row[k + 1] = row[k + 1] + factor * row[i]);
        }
    }
    a
}

/// det(x I − A) of a Hessenberg matrix, by the characteristic polynomials of its leading blocks.
fn characteristic(a: Vec<Vec<Prime>>) -> Polynomial {
    let mut leading: Vec<Polynomial> = vec![vec![Prime::one()]];
    for k in 0..a.len() {
        let mut next = vec![Prime::zero()];
        next.extend(&leading[k]);
        let mut product = Prime::one();
        for i in (0..=k).rev() {
            let factor = a[i][k] * product;
            next.iter_mut().zip(&leading[i]).for_each(|(x, y)| *x = *x - factor * *y);
            if i > 0 {
                product = product * a[i][i - 1];
            }
        }
        leading.push(next);
    }
    leading.pop().unwrap_or_default()
}

fn trimmed(mut f: Polynomial) -> Polynomial {
    while f.last().is_some_and(Zero::is_zero) {
        f.pop();
    }
    f
}

fn derivative(f: &[Prime]) -> Polynomial {
    trimmed(f.iter().enumerate().skip(1).map(|(k, c)| Prime::new(k as u64) * *c).collect())
}

fn subtract(f: &[Prime], g: &[Prime]) -> Polynomial {
    let at = |f: &[Prime], k: usize| f.get(k).copied().unwrap_or_else(Prime::zero);
    trimmed((0..f.len().max(g.len())).map(|k| at(f, k) - at(g, k)).collect())
}

/// Quotient and remainder by a polynomial that is not zero.
fn divide(mut f: Polynomial, g: &[Prime]) -> (Polynomial, Polynomial) {
    let inverse = g.last().and_then(|c| c.reciprocal().ok()).unwrap_or_else(Prime::zero);
    let mut quotient = vec![Prime::zero(); (f.len() + 1).saturating_sub(g.len())];
    for k in (0..quotient.len()).rev() {
        let factor = f[k + g.len() - 1] * inverse;
        quotient[k] = factor;
        f[k..].iter_mut().zip(g).for_each(|(x, y)| *x = *x - factor * *y);
    }
    (trimmed(quotient), trimmed(f))
}

fn quotient(f: Polynomial, g: &[Prime]) -> Polynomial {
    divide(f, g).0
}

fn gcd(mut f: Polynomial, mut g: Polynomial) -> Polynomial {
    while !g.is_empty() {
        let remainder = divide(f, &g).1;
        f = std::mem::replace(&mut g, remainder);
    }
    f
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_projection_has_two_repeated_eigenvalues() {
        // The matrix of ones: 4 once, 0 three times.
        let ones = vec![vec![Prime::one(); 4]; 4];
        assert_eq!(eigenvalue_multiplicities(ones), [(1, 1), (3, 1)]);
    }

    #[test]
    fn conjugation_does_not_change_multiplicities() {
        // diag(1, 1, 2, 2, 3) conjugated by a unipotent matrix.
        let n = 5;
        let mut a: Vec<Vec<Prime>> =
            (0..n).map(|i| (0..n).map(|j| Prime::new(if i == j { [1, 1, 2, 2, 3][i] } else { 0 })).collect()).collect();
        for (i, j, c) in [(0, 3, 5), (4, 1, 7), (2, 0, 3), (1, 2, 11)] {
            let c = Prime::new(c);
            let row = a[j].clone();
            a[i].iter_mut().zip(&row).for_each(|(x, y)| *x = *x + c * *y);
            a.iter_mut().for_each(|r| r[j] = r[j] - c * r[i]);
        }
        assert_eq!(eigenvalue_multiplicities(a), [(1, 1), (2, 2)]);
    }
}
