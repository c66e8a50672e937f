//! Conservation laws nobody derived: polynomials in the parameters that no field moves, found by linear algebra.

use super::closure::Closure;
use super::echelon::Echelon;
use super::fields::{Fields, Vector};
use super::polynomial::{Polynomial, derivative, monomials};
use super::reconstruct::rational_vector;
use super::subspace::Subspace;
use super::summand::{Side, Summand};
use super::{ExactError, Progress, Watch};
use crate::eval::{Residue, mix};
use crate::language::Model;
use crate::term::{Expr, Rational, Size, add, scaled};
use num_traits::{Signed, Zero};

/// Conserved quantities beyond the known ones, up to dependence on them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Integrals {
    /// Those recognized as matrix formulas.
    pub matrices: Vec<Expr>,
    /// Further ones, as polynomials in the entries.
    pub polynomials: Vec<Polynomial>,
    /// The rank of the gradients of the known and of these quantities together.
    pub rank: usize,
    /// The degrees all of whose homogeneous polynomials were tried.
    pub sought: Vec<usize>,
}

impl Fields {
    /// The homogeneous polynomials of a degree that are conserved: found modulo P, lifted to the rationals and checked
    /// modulo Q. `None` when there are too many monomials, or the polynomials are not rational.
    pub fn polynomials<const P: u64, const Q: u64>(
        &self,
        degree: usize,
        seed: u64,
        watch: Watch,
    ) -> Result<Option<Vec<Polynomial>>, ExactError> {
        let Some(monomials) = monomials(self.dimension(), degree) else { return Ok(None) };
        let found = self.conserved::<P>(&monomials, seed, watch)?.nullspace();
        let check = self.conserved::<Q>(&monomials, mix(seed, 1), watch)?.nullspace();
        if found.free != check.free {
            return Ok(None);
        }
        let polynomial = |(x, y): (&Vec<Residue<P>>, &Vec<Residue<Q>>)| {
            let coefficients = rational_vector(x, y)?;
            let terms = coefficients.into_iter().zip(monomials.iter().cloned()).filter(|(c, _)| !c.is_zero());
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
        let patience = if self.is_piecewise() { 36 } else { 12 };
        let (mut misses, mut drawn) = (0, 0);
        while misses < patience && !equations.is_full() {
            let stream = mix(seed, drawn);
            let point = self.point::<Residue<P>>(mix(stream, 0))?;
            let (_, value) = self.draw(&point, mix(stream, 1))?;
            let (point, value) = (self.flat(&point), self.flat(&value));
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
    /// a closure are known, until no law can be missing.
    pub fn integrals<const P: u64, const Q: u64>(
        &self,
        model: &Model,
        closure: &Closure<P, Echelon<P>>,
        known: Echelon<P>,
        degree: usize,
        seed: u64,
        watch: Watch,
    ) -> Result<Integrals, ExactError> {
        let mut out = Integrals::default();
        let mut span = known;
        let point = self.flat(&closure.point);
        let most = self.dimension() - closure.span.rank();
        for degree in 1..=degree {
            if span.rank() >= most {
                break;
            }
            let Some(found) = self.polynomials::<P, Q>(degree, mix(seed, degree as u64), watch)? else { continue };
            let Some(monomials) = monomials(self.dimension(), degree) else { continue };
            out.sought.push(degree);
            let vectors: Vec<Vector<P>> = found.iter().map(|q| q.vector(&monomials)).collect();
            let space = Subspace::new(monomials.len(), &vectors);
            for (formula, components) in self.formulas(model, degree, &space) {
                let gradients = components.iter().filter(|q| closure.span.is_orthogonal(&q.gradient(&point)));
                if gradients.filter(|q| span.insert(&q.gradient(&point))).count() > 0 {
                    out.matrices.push(formula);
                }
            }
            for polynomial in found {
                let gradient = polynomial.gradient(&point);
                if closure.span.is_orthogonal(&gradient) && span.insert(&gradient) {
                    out.polynomials.push(polynomial);
                }
            }
        }
        out.rank = span.rank();
        Ok(out)
    }

    /// Sums Σ cᵢ Mᵢ over the parameters, with Mᵢ a matrix of polynomials in Wᵢ (the rows of W, their sums, W Wᵀ, …), all
    /// of whose entries lie in a space of polynomials: the formulas, largest first, and their entries.
    fn formulas<const P: u64>(
        &self,
        model: &Model,
        degree: usize,
        space: &Subspace<P>,
    ) -> Vec<(Expr, Vec<Polynomial>)> {
        let Some(monomials) = monomials(self.dimension(), degree) else { return Vec::new() };
        let mut out = Vec::new();
        for family in self.families(model, degree) {
            let Some(entries) = family.iter().map(|s| s.entries.len()).min() else { continue };
            let vectors: Vec<Vector<P>> =
                family.iter().filter_map(|s| Some(s.entries.first()?.vector(&monomials))).collect();
            for pattern in space.patterns(&vectors) {
                let pattern = positive(pattern);
                let entry = |k: usize| {
                    let parts = family.iter().zip(&pattern).filter(|(_, c)| !c.is_zero());
                    Polynomial::sum(parts.map(|(s, c)| (c, &s.entries[k])))
                };
                let all: Vec<Polynomial> = (0..entries).map(entry).collect();
                if all.iter().all(|q| space.contains(&q.vector(&monomials))) {
                    let parts = family.iter().zip(&pattern).filter(|(_, c)| !c.is_zero());
                    let formula = parts.map(|(s, c)| scaled(c.clone(), &s.formula)).reduce(|a, b| add(&a, &b));
                    out.extend(formula.map(|f| (f, all)));
                }
            }
        }
        out
    }

    /// Families of matrices of the same shape, one of each parameter that has one; the entry that tells most stands first.
    fn families(&self, model: &Model, degree: usize) -> Vec<Vec<Summand>> {
        let mut offset = 0;
        let mut sides: Vec<Side> = Vec::new();
        for (block, param) in self.parameters().iter().zip(&model.params) {
            let side = |rows: bool| Side {
                name: param.name,
                shape: param.shape,
                extent: (block.rows, block.cols),
                offset,
                rows,
            };
            sides.extend([side(true), side(false)]);
            offset += block.rows * block.cols;
        }
        let mut sizes: Vec<Size> = Vec::new();
        sides.iter().map(Side::size).for_each(|s| {
            if s != Size::Lit(1) && !sizes.contains(&s) {
                sizes.push(s);
            }
        });
        let of_size = |make: &dyn Fn(&Side) -> Summand| -> Vec<Vec<Summand>> {
            let of = |s: &Size| sides.iter().filter(|side| side.size() == *s).map(make).collect();
            sizes.iter().map(of).collect()
        };
        let whole = |make: &dyn Fn(&Side) -> Summand| sides.iter().step_by(2).map(make).collect::<Vec<_>>();
        match degree {
            1 => [of_size(&Side::sums), vec![whole(&Side::total)]].concat(),
            2 => [of_size(&Side::gram), of_size(&Side::diagonal), vec![whole(&Side::norm)]].concat(),
            _ => Vec::new(),
        }
    }
}

/// A pattern with its first coefficient positive.
fn positive(pattern: Vec<Rational>) -> Vec<Rational> {
    let negative = pattern.iter().find(|c| !c.is_zero()).is_some_and(Signed::is_negative);
    if negative { pattern.into_iter().map(|c| -c).collect() } else { pattern }
}
