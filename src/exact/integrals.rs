//! Conservation laws nobody derived: polynomials in the parameters that no field moves, found by linear algebra.

use super::closure::Closure;
use super::echelon::Echelon;
use super::fields::{Fields, Vector};
use super::reconstruct::rational_vector;
use super::subspace::Subspace;
use super::{ExactError, Progress, Watch};
use crate::eval::{Number, Residue, mix};
use crate::language::Model;
use crate::term::{Expr, Op, Rational, Shape, Size, Symbol, add, apply, mul, scaled, size, sym, transpose};
use num_traits::{One, Signed, Zero};

/// A homogeneous polynomial in the entries of the parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Polynomial {
    /// The coefficients, and the numbers of the entries that are multiplied, ascending.
    pub terms: Vec<(Rational, Vec<usize>)>,
}

/// Conserved quantities beyond the known ones, up to dependence on them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Integrals {
    /// Those recognized as matrix formulas.
    pub matrices: Vec<Expr>,
    /// Further ones, as polynomials in the entries.
    pub polynomials: Vec<Polynomial>,
    /// The rank of the gradients of the known and of these quantities together.
    pub rank: usize,
}

/// The most monomials of one degree.
const MONOMIALS: usize = 3000;

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
            let point = self.point::<P>(mix(stream, 0))?;
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

/// A matrix of polynomials in one parameter.
#[derive(Clone)]
struct Summand {
    formula: Expr,
    entries: Vec<Polynomial>,
}

/// The rows or the columns of a parameter.
struct Side {
    name: Symbol,
    shape: Shape,
    extent: (usize, usize),
    /// The number of the parameter's first entry.
    offset: usize,
    rows: bool,
}

impl Side {
    fn size(&self) -> Size {
        if self.rows { self.shape.rows } else { self.shape.cols }
    }

    /// How many rows (columns) there are, and their length.
    fn counts(&self) -> (usize, usize) {
        let (m, n) = self.extent;
        if self.rows { (m, n) } else { (n, m) }
    }

    /// The number of entry k of row (column) i.
    fn entry(&self, i: usize, k: usize) -> usize {
        let (row, col) = if self.rows { (i, k) } else { (k, i) };
        self.offset + row * self.extent.1 + col
    }

    fn product(&self, i: usize, j: usize) -> Polynomial {
        let terms = (0..self.counts().1).map(|k| {
            let (a, b) = (self.entry(i, k), self.entry(j, k));
            (Rational::one(), vec![a.min(b), a.max(b)])
        });
        Polynomial { terms: terms.collect() }
    }

    /// W Wᵀ (Wᵀ W), an entry off the diagonal first.
    fn gram(&self) -> Summand {
        let n = self.counts().0;
        let mut pairs: Vec<(usize, usize)> = (0..n).flat_map(|i| (i..n).map(move |j| (i, j))).collect();
        pairs.sort_by_key(|(i, j)| i == j);
        let w = sym(self.name);
        let formula = if self.rows { mul(&w, &transpose(&w)) } else { mul(&transpose(&w), &w) };
        Summand { formula, entries: pairs.into_iter().map(|(i, j)| self.product(i, j)).collect() }
    }

    fn diagonal(&self) -> Summand {
        let formula = apply(Op::Diagvec, &[&self.gram().formula]);
        Summand { formula, entries: (0..self.counts().0).map(|i| self.product(i, i)).collect() }
    }

    fn norm(&self) -> Summand {
        let terms = (0..self.counts().0).flat_map(|i| self.product(i, i).terms).collect();
        Summand { formula: apply(Op::Norm2, &[&sym(self.name)]), entries: vec![Polynomial { terms }] }
    }

    /// The sums of the rows (columns), as a column.
    fn sums(&self) -> Summand {
        let w = sym(self.name);
        let ones = |n: Size| apply(Op::Ones, &[&size(n), &size(Size::Lit(1))]);
        let formula = match (self.rows, self.shape) {
            (true, Shape { cols: Size::Lit(1), .. }) => w,
            (true, shape) => mul(&w, &ones(shape.cols)),
            (false, Shape { rows: Size::Lit(1), .. }) => transpose(&w),
            (false, shape) => mul(&transpose(&w), &ones(shape.rows)),
        };
        let (count, length) = self.counts();
        let sum = |i| Polynomial { terms: (0..length).map(|k| (Rational::one(), vec![self.entry(i, k)])).collect() };
        Summand { formula, entries: (0..count).map(sum).collect() }
    }

    fn total(&self) -> Summand {
        let (m, n) = self.extent;
        let terms = (0..m * n).map(|k| (Rational::one(), vec![self.offset + k])).collect();
        Summand { formula: apply(Op::Sum, &[&sym(self.name)]), entries: vec![Polynomial { terms }] }
    }
}

/// A pattern with its first coefficient positive.
fn positive(pattern: Vec<Rational>) -> Vec<Rational> {
    let negative = pattern.iter().find(|c| !c.is_zero()).is_some_and(Signed::is_negative);
    if negative { pattern.into_iter().map(|c| -c).collect() } else { pattern }
}

impl Polynomial {
    fn sum<'a>(parts: impl Iterator<Item = (&'a Rational, &'a Polynomial)>) -> Polynomial {
        let mut terms: std::collections::BTreeMap<Vec<usize>, Rational> = Default::default();
        for (c, part) in parts {
            for (x, monomial) in &part.terms {
                *terms.entry(monomial.clone()).or_insert_with(Rational::zero) += c * x;
            }
        }
        Polynomial { terms: terms.into_iter().filter(|(_, c)| !c.is_zero()).map(|(m, c)| (c, m)).collect() }
    }

    /// The coefficients in the given monomials, which are sorted.
    fn vector<const P: u64>(&self, monomials: &[Vec<usize>]) -> Vector<P> {
        let mut out = vec![Residue::zero(); monomials.len()];
        for (c, monomial) in &self.terms {
            if let Ok(i) = monomials.binary_search(monomial) {
                out[i] = Residue::from_rational(c).unwrap_or_default();
            }
        }
        out
    }

    fn gradient<const P: u64>(&self, point: &[Residue<P>]) -> Vector<P> {
        let mut out = vec![Residue::zero(); point.len()];
        for (c, monomial) in &self.terms {
            let c: Residue<P> = Residue::from_rational(c).unwrap_or_default();
            for (i, &entry) in monomial.iter().enumerate() {
                out[entry] = out[entry] + without(monomial, i, point) * c;
            }
        }
        out
    }

    /// `W1[1,1]^2 - W2[1,1]^2`, entries counted from 1.
    pub fn text(&self, fields: &Fields) -> String {
        let names: Vec<String> = fields
            .parameters()
            .iter()
            .flat_map(|b| (0..b.rows * b.cols).map(|k| entry_name(b.name, b.rows, b.cols, k)))
            .collect();
        let mut out = String::new();
        for (c, monomial) in &self.terms {
            let sign = match (out.is_empty(), c.is_negative()) {
                (true, true) => "-",
                (true, false) => "",
                (false, true) => " - ",
                (false, false) => " + ",
            };
            let mut factors: Vec<String> = Vec::new();
            if !c.abs().is_one() {
                factors.push(c.abs().to_string());
            }
            for run in monomial.chunk_by(|a, b| a == b) {
                let name = &names[run[0]];
                factors.push(if run.len() == 1 { name.clone() } else { format!("{name}^{}", run.len()) });
            }
            out += &format!("{sign}{}", factors.join("*"));
        }
        out
    }
}

fn entry_name(name: Symbol, rows: usize, cols: usize, k: usize) -> String {
    match (rows, cols) {
        (1, 1) => name.to_string(),
        (_, 1) | (1, _) => format!("{name}[{}]", k + 1),
        _ => format!("{name}[{},{}]", k / cols + 1, k % cols + 1),
    }
}

/// All monomials of a degree in n variables, sorted; `None` when there are too many.
fn monomials(n: usize, degree: usize) -> Option<Vec<Vec<usize>>> {
    let mut out: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..degree {
        let longer = |m: &Vec<usize>| {
            let from = m.last().copied().unwrap_or(0);
            (from..n).map(|i| [m.as_slice(), &[i]].concat()).collect::<Vec<_>>()
        };
        out = out.iter().flat_map(longer).collect();
        if out.len() > MONOMIALS {
            return None;
        }
    }
    Some(out)
}

/// The product of all factors but one.
fn without<const P: u64>(monomial: &[usize], i: usize, point: &[Residue<P>]) -> Residue<P> {
    let others = monomial.iter().enumerate().filter(|(j, _)| *j != i);
    others.fold(Residue::one(), |product, (_, &entry)| product * point[entry])
}

/// The derivative of a monomial at a point along a vector.
fn derivative<const P: u64>(monomial: &[usize], point: &[Residue<P>], along: &[Residue<P>]) -> Residue<P> {
    let term = |(i, &entry): (usize, &usize)| along[entry] * without(monomial, i, point);
    monomial.iter().enumerate().map(term).fold(Residue::zero(), |a, b| a + b)
}
