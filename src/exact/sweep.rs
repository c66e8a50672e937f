//! The number of laws over a range of sizes, and the polynomial in the sizes that it is.

use super::closure::Bounds;
use super::completeness::{Completeness, Quantity};
use super::echelon::Echelon;
use super::method::complete;
use super::motion::Subject;
use super::reconstruct::rational;
use super::{ExactError, Watch};
use crate::eval::{Number, Prime, Residue, mix};
use crate::term::{Expr, Op, Rational, Size, Sizes, Symbol, add, apply, int, mul, num, scaled, size};
use num_traits::{One, Zero};

/// The number of laws at each point of a grid of sizes.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// The sizes that vary.
    pub names: Vec<Symbol>,
    /// Their values and what was found there.
    pub rows: Vec<(Vec<usize>, Completeness)>,
    /// `laws_at_most` as a polynomial in the sizes that vary, when the numbers determine one.
    pub formula: Option<Fit>,
}

/// A polynomial through points.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    pub polynomial: Expr,
    /// The numbers of the points that do not lie on it: sizes at which a rank is bounded by another size.
    pub exceptions: Vec<usize>,
}

/// The largest degree of a formula.
const DEGREE: usize = 3;

/// Counts the laws at every combination of the given sizes, in order; `dims` are the other sizes.
pub fn sweep<'a>(
    subject: impl Into<Subject<'a>>,
    sizes: &Sizes,
    ranges: &[(Symbol, Vec<usize>)],
    known: &'a [Quantity<'a>],
    bounds: Bounds,
    watch: Watch,
) -> Result<Sweep, ExactError> {
    let subject = subject.into();
    tabulate(sizes, ranges, |sizes| complete(subject, sizes, known, bounds, watch))
}

/// The same with a count of one's own at each combination.
pub fn tabulate<E>(
    sizes: &Sizes,
    ranges: &[(Symbol, Vec<usize>)],
    mut count: impl FnMut(&Sizes) -> Result<Completeness, E>,
) -> Result<Sweep, E> {
    let mut grid: Vec<Vec<usize>> = vec![Vec::new()];
    for (_, values) in ranges {
        grid = grid.iter().flat_map(|row| values.iter().map(|&v| [row.as_slice(), &[v]].concat())).collect();
    }
    let names: Vec<Symbol> = ranges.iter().map(|(name, _)| *name).collect();
    let mut rows = Vec::new();
    for values in grid {
        let mut sizes = sizes.clone();
        names.iter().zip(&values).for_each(|(name, n)| sizes.set(*name, *n));
        rows.push((values, count(&sizes)?));
    }
    let points: Vec<(&[usize], usize)> = rows.iter().map(|(at, found)| (at.as_slice(), found.laws_at_most)).collect();
    let formula = fit_most(&names, &points);
    Ok(Sweep { names, rows, formula })
}

/// How many sets of points polynomials are laid through where none fits all.
const DRAWS: u64 = 400;

/// The polynomial of least degree through all points; failing that, one through at least two thirds of them, and two more
/// than determine it.
pub fn fit_most(names: &[Symbol], points: &[(&[usize], usize)]) -> Option<Fit> {
    if let Some(polynomial) = (0..=DEGREE).find_map(|degree| fit(names, points, degree)) {
        return Some(Fit { polynomial: polynomial.expr(names), exceptions: Vec::new() });
    }
    let mut best: Option<(Polynomial, Vec<usize>)> = None;
    for degree in 1..=DEGREE {
        let enough = exponents(names.len(), degree).len() + 1;
        for draw in 0..DRAWS {
            let mut order: Vec<usize> = (0..points.len()).collect();
            order.sort_by_key(|&i| mix(mix(degree as u64, draw), i as u64));
            let drawn: Vec<(&[usize], usize)> = order.iter().take(enough).map(|&i| points[i]).collect();
            let Some(polynomial) = fit(names, &drawn, degree) else { continue };
            let off: Vec<usize> =
                (0..points.len()).filter(|&i| polynomial.at(points[i].0) != Prime::new(points[i].1 as u64)).collect();
            let on = points.len() - off.len();
            let fewer = best.as_ref().is_none_or(|(_, least)| off.len() < least.len());
            if on > enough && 3 * on >= 2 * points.len() && fewer {
                best = Some((polynomial, off));
            }
        }
    }
    best.map(|(polynomial, exceptions)| Fit { polynomial: polynomial.expr(names), exceptions })
}

/// A polynomial in sizes: exponents and coefficients.
struct Polynomial {
    exponents: Vec<Vec<usize>>,
    coefficients: Vec<Rational>,
}

impl Polynomial {
    fn at(&self, point: &[usize]) -> Prime {
        let terms = self.exponents.iter().zip(&self.coefficients);
        let term = |(e, c): (&Vec<usize>, &Rational)| Prime::from_rational(c).unwrap_or_default() * power(point, e);
        terms.map(term).fold(Prime::zero(), |a, b| a + b)
    }

    fn expr(&self, names: &[Symbol]) -> Expr {
        polynomial(names, &self.exponents, &self.coefficients)
    }
}

fn power(at: &[usize], e: &[usize]) -> Prime {
    at.iter().zip(e).map(|(&x, &e)| Prime::new(x as u64).pow(e as u64)).fold(Prime::one(), |a, b| a * b)
}

/// The polynomial of a degree through points, if there are more points than it has coefficients and these determine it.
fn fit(names: &[Symbol], points: &[(&[usize], usize)], degree: usize) -> Option<Polynomial> {
    let exponents = exponents(names.len(), degree);
    let mut equations = Echelon::<{ Prime::MODULUS }>::new(exponents.len() + 1);
    for (at, value) in points {
        let mut row: Vec<Prime> = exponents.iter().map(|e| power(at, e)).collect();
        row.push(-Residue::new(*value as u64));
        equations.insert(&row);
    }
    let [solution] = equations.nullspace().basis.try_into().ok()?;
    // Unique, with the value itself as the one free unknown, and at least one point left to confirm it.
    let determined = solution.last().is_some_and(One::is_one) && points.len() > exponents.len();
    let mut coefficients: Vec<Rational> = solution.into_iter().map(rational).collect::<Option<_>>()?;
    coefficients.truncate(exponents.len());
    determined.then_some(Polynomial { exponents, coefficients })
}

/// All exponents of total degree at most `degree`, high powers first.
fn exponents(variables: usize, degree: usize) -> Vec<Vec<usize>> {
    let mut out: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..variables {
        out = out.iter().flat_map(|e| (0..=degree).map(|k| [e.as_slice(), &[k]].concat())).collect();
    }
    out.retain(|e| e.iter().sum::<usize>() <= degree);
    out.sort_by_key(|e| std::cmp::Reverse((e.iter().sum::<usize>(), e.clone())));
    out
}

fn polynomial(names: &[Symbol], exponents: &[Vec<usize>], coefficients: &[Rational]) -> Expr {
    let power = |name: &Symbol, e: usize| match e {
        1 => size(Size::Name(*name)),
        e => apply(Op::Pow, &[&size(Size::Name(*name)), &int(e as i64)]),
    };
    let monomial = |e: &[usize]| {
        names.iter().zip(e).filter(|(_, e)| **e > 0).map(|(n, &e)| power(n, e)).reduce(|a, b| mul(&a, &b))
    };
    let terms = exponents.iter().zip(coefficients).filter(|(_, c)| !c.is_zero()).map(|(e, c)| match monomial(e) {
        Some(m) => scaled(c.clone(), &m),
        None => num(c.clone()),
    });
    terms.reduce(|a, b| add(&a, &b)).unwrap_or_else(|| int(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::print::text;

    #[test]
    fn a_polynomial_is_found_from_its_values_and_only_from_enough_of_them() {
        let names = [Symbol::from("h")];
        let at: Vec<[usize; 1]> = (2..10).map(|h| [h]).collect();
        let mut triangle: Vec<(&[usize], usize)> = at.iter().map(|h| (h.as_slice(), h[0] * (h[0] + 1) / 2)).collect();
        let all = fit_most(&names, &triangle).expect("a polynomial");
        assert_eq!((text(&all.polynomial).as_str(), all.exceptions.len()), ("1/2 * h^2 + 1/2 * h", 0));
        assert_eq!(fit_most(&names, &triangle[..3]), None);
        triangle[6].1 = 30;
        let most = fit_most(&names, &triangle).expect("a polynomial");
        assert_eq!((text(&most.polynomial).as_str(), most.exceptions), ("1/2 * h^2 + 1/2 * h", vec![6]));
        let powers: Vec<(&[usize], usize)> = at.iter().map(|h| (h.as_slice(), 1 << h[0])).collect();
        assert_eq!(fit_most(&names, &powers), None);
    }
}
