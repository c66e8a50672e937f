//! Conservation laws nobody derived: polynomials in the parameters that no field moves, found by linear algebra.

use super::closure::Closure;
use super::echelon::Echelon;
use super::families::{Combination, families};
use super::fields::{Fields, REDRAWS, Vector};
use super::polynomial::{Polynomial, derivative, monomials};
use super::reconstruct::{primitive, rational, rational_vector};
use super::span::Span;
use super::summand::Summand;
use super::{ExactError, Progress, Watch};
use crate::eval::{Residue, mix};
use crate::term::{Expr, Symbol};
use num_traits::{One, Zero};

/// Conserved quantities beyond the known ones, up to dependence on them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Integrals {
    /// Those recognized as matrix formulas.
    pub matrices: Vec<Expr>,
    /// Further ones, as polynomials in the entries.
    pub polynomials: Vec<Polynomial>,
    /// The rank of the gradients of the known and of these quantities together.
    pub rank: usize,
    /// The degrees of the polynomials all of which were tried, up to each.
    pub sought: Vec<usize>,
    /// Parameters with entries that no field was seen to move, so that nothing was sought among them: gates were shut at every
    /// draw.
    pub unmoved: Vec<Symbol>,
}

/// How often fields that vanish are drawn anew: behind many gates few draws open a path.
const CLOSED: u64 = 16;

/// A random point and the value of a random field there. Coordinates are the parameters, the fixed data, which do not move, and the
/// number 1, so that a homogeneous polynomial in them is any polynomial in the parameters with fixed data as coefficients.
type Motion<const P: u64> = (Vector<P>, Vector<P>);

impl Fields {
    /// The number of coordinates of a polynomial: of the parameters, the fixed data, and the number 1.
    fn coordinates(&self) -> usize {
        self.dimension() + self.fixed().map(|b| b.rows * b.cols).sum::<usize>() + 1
    }

    fn motion<const P: u64>(&self, seed: u64) -> Result<Motion<P>, ExactError> {
        let mut last = None;
        for attempt in 0..if self.is_piecewise() { CLOSED } else { 1 } {
            let stream = mix(seed, attempt);
            let seeds = (mix(stream, 0), mix(stream, 1));
            let (point, _, value) = self.placed::<Residue<P>, _>(
                seeds,
                REDRAWS,
                None,
                |drawn| drawn,
                |point, field| Ok(self.at(field, &point.values)?.1),
            )?;
            let mut value = self.flat(&value);
            let vanishes = value.iter().all(Zero::is_zero);
            value.resize(self.coordinates(), Residue::zero());
            let mut place = self.flat(&point.values);
            place.extend(point.fixed_values());
            place.push(Residue::one());
            last = Some((place, value));
            if !vanishes {
                break;
            }
        }
        Ok(last.unwrap_or_default())
    }

    /// The polynomials up to a degree that are conserved: found modulo P, lifted to the rationals and checked
    /// modulo Q. `None` when there are too many monomials, or the polynomials are not rational.
    pub fn polynomials<const P: u64, const Q: u64>(
        &self,
        degree: usize,
        seed: u64,
        watch: Watch,
    ) -> Result<Option<Vec<Polynomial>>, ExactError> {
        let (n, one) = (self.dimension(), self.coordinates() - 1);
        let Some(mut monomials) = monomials(self.coordinates(), degree) else { return Ok(None) };
        monomials.retain(|monomial| monomial.iter().any(|&i| i < n));
        let found = self.conserved::<P>(&monomials, seed, watch)?.nullspace();
        let check = self.conserved::<Q>(&monomials, mix(seed, 1), watch)?.nullspace();
        if found.free != check.free {
            return Ok(None);
        }
        let plain = |monomial: &Vec<usize>| monomial.iter().copied().filter(|&i| i != one).collect::<Vec<_>>();
        let polynomial = |(x, y): (&Vec<Residue<P>>, &Vec<Residue<Q>>)| {
            let coefficients = rational_vector(x, y)?;
            let terms = coefficients.into_iter().zip(monomials.iter().map(plain)).filter(|(c, _)| !c.is_zero());
            Some(Polynomial { terms: terms.collect() })
        };
        Ok(found.basis.iter().zip(&check.basis).map(polynomial).collect())
    }

    /// The equations ⟨∇Q(θ), X(θ)⟩ = 0 for the coefficients of Q, at random points and fields.
    fn conserved<const P: u64>(
        &self,
        monomials: &[Vec<usize>],
        seed: u64,
        watch: Watch,
    ) -> Result<Echelon<P>, ExactError> {
        let mut equations = Echelon::<P>::new(monomials.len());
        let patience = self.rare() + if self.is_piecewise() { 64 } else { 12 };
        let (mut misses, mut drawn) = (0, 0);
        while misses < patience && !equations.is_full() {
            let (point, value) = self.motion::<P>(mix(seed, drawn))?;
            let row: Vec<Residue<P>> = monomials.iter().map(|m| derivative(m, &point, &value)).collect();
            misses = if equations.insert(&row) { 0 } else { misses + 1 };
            drawn += 1;
            if drawn % 64 == 0 {
                watch(Progress { depth: 1, drawn, rank: equations.rank(), of: monomials.len() })?;
            }
        }
        Ok(equations)
    }

    /// Looks for conserved polynomials up to a degree that are independent of quantities whose gradients at the point of
    /// a closure are known, until no law can be missing: first among matrix formulas, at any number of parameters, then
    /// among all polynomials where these are few enough.
    pub fn integrals<const P: u64, const Q: u64, S: Span<P>>(
        &self,
        closure: &Closure<P, S>,
        known: S,
        degree: usize,
        seed: u64,
        watch: Watch,
    ) -> Result<Integrals, ExactError> {
        let mut span = known;
        let mut point = self.flat(&closure.point.values);
        point.extend(closure.point.fixed_values());
        point.push(Residue::one());
        let most = self.dimension() - closure.span.rank();
        let gradient = |q: &Polynomial| {
            let mut gradient = q.gradient(&point);
            gradient.truncate(self.dimension());
            gradient
        };
        let motions = self.motions::<P>(seed)?;
        let checks = self.motions::<Q>(mix(seed, 1))?;
        let still = self.still(&motions);
        let moves = |q: &Polynomial| q.terms.iter().all(|(_, monomial)| monomial.iter().all(|i| !still.contains(i)));
        let mut out = Integrals { unmoved: self.owners(&still), ..Integrals::default() };
        for degree in 1..=degree {
            for (formula, summands) in formulas(families(self, degree), &motions, &checks, most) {
                let before = span.rank();
                let entries: Vec<Polynomial> = (0..summands.entries()).map(|k| summands.entry(k)).collect();
                if !entries.iter().all(&moves) {
                    continue;
                }
                for part in entries.chunks(span.batch() as usize) {
                    let gradients: Vec<Vector<P>> = part.iter().map(&gradient).collect();
                    span.extend(&gradients.into_iter().filter(|g| closure.span.is_orthogonal(g)).collect::<Vec<_>>());
                }
                if span.rank() > before {
                    out.matrices.push(formula);
                }
            }
        }
        for degree in 1..=degree {
            if span.rank() >= most || self.dimension() > ENTRIES {
                break;
            }
            let Some(found) = self.polynomials::<P, Q>(degree, mix(seed, degree as u64), watch)? else { continue };
            out.sought.push(degree);
            for polynomial in found.into_iter().filter(&moves) {
                let gradient = gradient(&polynomial);
                if closure.span.is_orthogonal(&gradient) && span.extend(&[gradient]) == [true] {
                    out.polynomials.push(polynomial);
                }
            }
        }
        out.rank = span.rank();
        Ok(out)
    }

    /// The entries of parameters that the formula reads and no motion moves, where gates occur: that they are conserved does not
    /// follow, since other points may open their gates.
    fn still<const P: u64>(&self, motions: &[Motion<P>]) -> Vec<usize> {
        if !self.is_piecewise() {
            return Vec::new();
        }
        let read = self.state().iter().flat_map(|b| std::iter::repeat_n(self.reads(b.name), b.rows * b.cols));
        let moved = |i: usize| motions.iter().any(|(_, value)| !value[i].is_zero());
        read.enumerate().filter(|&(i, read)| read && !moved(i)).map(|(i, _)| i).collect()
    }

    /// The parameters with any of some entries.
    fn owners(&self, entries: &[usize]) -> Vec<Symbol> {
        let mut offset = 0;
        let mut out = Vec::new();
        for block in self.state() {
            let end = offset + block.rows * block.cols;
            if entries.iter().any(|i| (offset..end).contains(i)) {
                out.push(block.name);
            }
            offset = end;
        }
        out
    }

    /// Random points and the values of random fields there.
    fn motions<const P: u64>(&self, seed: u64) -> Result<Vec<Motion<P>>, ExactError> {
        let matrices = self.state().len() * (1 + self.fixed().count());
        let count = self.rare() as u64 + 4 * matrices as u64 + if self.is_piecewise() { 64 } else { 12 };
        (0..count).map(|number| self.motion(mix(mix(seed, 2), number))).collect()
    }
}

/// Up to how many parameters polynomials in single entries are sought.
const ENTRIES: usize = 1500;

/// Sums Σ cᵢ Mᵢ over the parameters, with Mᵢ a matrix of polynomials in Wᵢ (the rows of W, their sums, W Wᵀ, …), all
/// of whose entries are conserved by random fields at random points: the formulas, largest first. The coefficients are
/// found from one entry, modulo P, and checked on all modulo Q.
fn formulas<const P: u64, const Q: u64>(
    families: Vec<Vec<Summand>>,
    here: &[Motion<P>],
    there: &[Motion<Q>],
    most: usize,
) -> Vec<(Expr, Combination)> {
    let mut out = Vec::new();
    for family in families {
        let Some(entries) = family.iter().map(|s| s.entries).min() else { continue };
        // What has more independent entries than there are laws is not conserved.
        if entries > most.saturating_mul(2) + 1 {
            continue;
        }
        let first: Vec<Polynomial> = family.iter().map(|s| s.entry(0)).collect();
        let mut equations = Echelon::<P>::new(family.len());
        for (point, value) in here {
            equations.insert(&first.iter().map(|q| q.along(point, value)).collect::<Vec<_>>());
        }
        for solution in equations.nullspace().basis {
            let Some(pattern) = solution.into_iter().map(rational).collect::<Option<Vec<_>>>() else { continue };
            let parts = primitive(&pattern).into_iter().zip(&family).filter(|(c, _)| !c.is_zero());
            let combination = Combination(parts.map(|(c, s)| (c, s.clone())).collect());
            let vanishes = |k| {
                let entry = combination.entry(k);
                there.iter().all(|(point, value)| entry.along(point, value).is_zero())
            };
            if (0..entries).all(vanishes) {
                out.extend(combination.formula().map(|f| (f, combination)));
            }
        }
    }
    out
}
