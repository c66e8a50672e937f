//! Conservation laws nobody derived: polynomials in the parameters that no field moves, found by linear algebra.

use super::closure::Closure;
use super::echelon::Echelon;
use super::fields::{Fields, Vector};
use super::polynomial::{Polynomial, derivative, monomials};
use super::reconstruct::{primitive, rational, rational_vector};
use super::span::Span;
use super::summand::{Side, Summand};
use super::{ExactError, Progress, Watch};
use crate::eval::{Residue, mix};
use crate::model::Model;
use crate::term::{Expr, Rational, Shape, Size, add, scaled};
use num_traits::Zero;

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
    /// a closure are known, until no law can be missing: first among matrix formulas, at any number of parameters, then
    /// among all polynomials where these are few enough.
    pub fn integrals<const P: u64, const Q: u64, S: Span<P>>(
        &self,
        model: &Model,
        closure: &Closure<P, S>,
        known: S,
        degree: usize,
        seed: u64,
        watch: Watch,
    ) -> Result<Integrals, ExactError> {
        let mut out = Integrals::default();
        let mut span = known;
        let point = self.flat(&closure.point);
        let most = self.dimension() - closure.span.rank();
        for degree in 1..=degree {
            for (formula, summands) in self.formulas::<P, Q>(model, degree, mix(seed, degree as u64), most)? {
                let before = span.rank();
                for part in (0..summands.entries()).collect::<Vec<_>>().chunks(span.batch() as usize) {
                    let gradients: Vec<Vector<P>> = part.iter().map(|&k| summands.entry(k).gradient(&point)).collect();
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
            for polynomial in found {
                let gradient = polynomial.gradient(&point);
                if closure.span.is_orthogonal(&gradient) && span.extend(&[gradient]) == [true] {
                    out.polynomials.push(polynomial);
                }
            }
        }
        out.rank = span.rank();
        Ok(out)
    }

    /// Sums Σ cᵢ Mᵢ over the parameters, with Mᵢ a matrix of polynomials in Wᵢ (the rows of W, their sums, W Wᵀ, …), all
    /// of whose entries are conserved by random fields at random points: the formulas, largest first. The coefficients are
    /// found from one entry, modulo P, and checked on all modulo Q.
    fn formulas<const P: u64, const Q: u64>(
        &self,
        model: &Model,
        degree: usize,
        seed: u64,
        most: usize,
    ) -> Result<Vec<(Expr, Combination)>, ExactError> {
        let mut out = Vec::new();
        let (here, there) = (self.motions::<P>(seed)?, self.motions::<Q>(mix(seed, 1))?);
        for family in self.families(model, degree) {
            let Some(entries) = family.iter().map(|s| s.entries).min() else { continue };
            // What has more independent entries than there are laws is not conserved.
            if entries > most.saturating_mul(2) + 1 {
                continue;
            }
            let first: Vec<Polynomial> = family.iter().map(|s| s.entry(0)).collect();
            let mut equations = Echelon::<P>::new(family.len());
            for (point, value) in &here {
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
        Ok(out)
    }

    /// Random points and the values of random fields there.
    fn motions<const P: u64>(&self, seed: u64) -> Result<Vec<(Vector<P>, Vector<P>)>, ExactError> {
        let motion = |number| {
            let stream = mix(mix(seed, 2), number);
            let point = self.point::<Residue<P>>(mix(stream, 0))?;
            let (_, value) = self.draw(&point, mix(stream, 1))?;
            Ok((self.flat(&point), self.flat(&value)))
        };
        let count = 2 * self.parameters().len() as u64 + if self.is_piecewise() { 36 } else { 12 };
        (0..count).map(motion).collect()
    }

    /// Families of matrices of the same shape, one of each parameter that has one.
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
        let mut shapes: Vec<Shape> = Vec::new();
        sides.iter().for_each(|side| {
            if !shapes.contains(&side.shape) {
                shapes.push(side.shape);
            }
        });
        let of_shape = |shape: &Shape| sides.iter().step_by(2).filter(|s| s.shape == *shape).collect::<Vec<_>>();
        match degree {
            1 => {
                let matrices = shapes.iter().map(|s| of_shape(s).into_iter().map(Side::whole).collect());
                [matrices.collect(), of_size(&Side::sums), vec![whole(&Side::total)]].concat()
            }
            2 => {
                let pairs = |shape: &Shape| {
                    let sides = of_shape(shape);
                    let later = |i: usize| sides[i + 1..].iter().map(|s| sides[i].hadamard(s)).collect::<Vec<_>>();
                    (0..sides.len().min(PAIRED)).flat_map(later).collect::<Vec<_>>()
                };
                let centred = |s: &Size| -> Vec<Summand> {
                    sides.iter().filter(|side| side.size() == *s).filter_map(Side::centred).collect()
                };
                [
                    of_size(&Side::gram),
                    of_size(&Side::diagonal),
                    vec![whole(&Side::norm)],
                    shapes.iter().map(pairs).collect(),
                    sizes.iter().map(centred).collect(),
                ]
                .concat()
            }
            _ => Vec::new(),
        }
    }
}

/// Up to how many parameters polynomials in single entries are sought.
const ENTRIES: usize = 1500;

/// The most parameters of a shape that are multiplied with each other.
const PAIRED: usize = 8;

/// Σ cᵢ Mᵢ.
struct Combination(Vec<(Rational, Summand)>);

impl Combination {
    fn entries(&self) -> usize {
        self.0.iter().map(|(_, s)| s.entries).min().unwrap_or(0)
    }

    fn entry(&self, k: usize) -> Polynomial {
        let parts: Vec<(&Rational, Polynomial)> = self.0.iter().map(|(c, s)| (c, s.entry(k))).collect();
        Polynomial::sum(parts.iter().map(|(c, q)| (*c, q)))
    }

    fn formula(&self) -> Option<Expr> {
        self.0.iter().map(|(c, s)| scaled(c.clone(), &s.formula)).reduce(|a, b| add(&a, &b))
    }
}
