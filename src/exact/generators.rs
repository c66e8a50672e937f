//! All infinitesimal symmetries of one form: the generators W ↦ A W + W B + C on each parameter under which every field's
//! potential is invariant. Each random point and field gives one linear equation for A, B and C (T1); the solutions
//! over 𝔽_p are lifted to the rationals.

use super::echelon::{Echelon, Nullspace};
use super::fields::Fields;
use super::reconstruct::rational_vector;
use super::{ExactError, Progress, Watch};
use crate::eval::{Dense, Matrix, Number, Residue, Side, mix};
use crate::term::Rational;

/// Which generators are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// Affine maps of the whole parameter space, a single column, in place of A W + W B + C parameter by parameter.
    pub general: bool,
    /// Also those that multiply the output (or an explicit loss) by a number.
    pub equivariant: bool,
}

/// The part of a generator on one parameter: W ↦ A W + W B + C. For generators on all of parameter space there is one
/// part, on the column of all entries.
#[derive(Clone, Debug, PartialEq)]
pub struct Part<T> {
    pub a: Dense<T>,
    pub b: Dense<T>,
    pub c: Dense<T>,
}

/// A generator of a symmetry.
#[derive(Clone, Debug, PartialEq)]
pub struct Generator<T> {
    pub parts: Vec<Part<T>>,
    /// What the output is multiplied by, to first order; zero for an invariance.
    pub scale: T,
}

/// How generators are written as vectors. (A, B) = (c, −c) acts as zero, so the last entry of B is taken to be zero.
#[derive(Clone, Debug)]
pub struct Layout {
    form: Form,
    extents: Vec<(usize, usize)>,
}

/// The most unknown entries of a generator.
const UNKNOWNS: usize = 2000;

impl Layout {
    pub fn new(fields: &Fields, form: Form) -> Result<Layout, ExactError> {
        let extents = match form.general {
            true => vec![(fields.dimension(), 1)],
            false => fields.parameters().iter().map(|b| (b.rows, b.cols)).collect(),
        };
        let layout = Layout { form, extents };
        match layout.width() {
            size if size > UNKNOWNS => {
                Err(ExactError::TooLarge { what: "unknown entries of a generator", size, limit: UNKNOWNS })
            }
            _ => Ok(layout),
        }
    }

    /// The number of unknowns.
    pub fn width(&self) -> usize {
        let part = |&(m, n): &(usize, usize)| m * m + n * n - 1 + m * n;
        self.extents.iter().map(part).sum::<usize>() + usize::from(self.form.equivariant)
    }

    /// The rows and columns of each part's parameter.
    pub fn extents(&self) -> &[(usize, usize)] {
        &self.extents
    }

    /// Parameters as the columns that the parts act on.
    pub fn blocks<T: Number>(&self, point: &[Dense<T>]) -> Vec<Dense<T>> {
        if !self.form.general {
            return point.to_vec();
        }
        let entries: Vec<T> = point.iter().flat_map(|block| block.entries().iter().cloned()).collect();
        vec![Dense::from_fn(entries.len(), 1, |i, _| entries[i].clone())]
    }

    /// The vector of a generator.
    pub fn vector<T: Number>(&self, generator: &Generator<T>) -> Vec<T> {
        let mut out = Vec::with_capacity(self.width());
        for part in &generator.parts {
            let n = part.b.rows();
            // (A, B) + (c, −c) with c the last entry of B.
            let c = part.b.get(n - 1, n - 1).clone();
            let shifted = |x: &Dense<T>, c: &T, i: usize, j: usize| {
                let x = x.get(i, j).clone();
                if i == j { x + c.clone() } else { x }
            };
            let m = part.a.rows();
            out.extend((0..m * m).map(|k| shifted(&part.a, &c, k / m, k % m)));
            out.extend((0..n * n - 1).map(|k| shifted(&part.b, &-c.clone(), k / n, k % n)));
            out.extend(part.c.entries().iter().cloned());
        }
        if self.form.equivariant {
            out.push(generator.scale.clone());
        }
        out
    }

    /// The generator of a vector.
    pub fn generator<T: Number>(&self, vector: &[T]) -> Generator<T> {
        let mut rest = vector.iter().cloned();
        let mut next = || rest.next().unwrap_or_else(T::zero);
        let parts = self.extents.iter().map(|&(m, n)| Part {
            a: Dense::from_fn(m, m, |_, _| next()),
            b: Dense::from_fn(n, n, |i, j| if (i, j) == (n - 1, n - 1) { T::zero() } else { next() }),
            c: Dense::from_fn(m, n, |_, _| next()),
        });
        let parts = parts.collect();
        Generator { parts, scale: if self.form.equivariant { next() } else { T::zero() } }
    }

    /// The coefficients of ⟨G, A W + W B + C⟩ − s·(potential) in the unknowns.
    fn equation<T: Number>(&self, point: &[Dense<T>], gradient: &[Dense<T>], potential: &Dense<T>) -> Vec<T> {
        let mut out = Vec::with_capacity(self.width());
        for (w, g) in self.blocks(point).iter().zip(&self.blocks(gradient)) {
            out.extend(g.product(Side::Plain, w, Side::Transposed).entries().iter().cloned());
            let b = w.product(Side::Transposed, g, Side::Plain);
            out.extend(b.entries()[..b.entries().len() - 1].iter().cloned());
            out.extend(g.entries().iter().cloned());
        }
        if self.form.equivariant {
            out.push(-potential.get(0, 0).clone());
        }
        out
    }
}

/// Generators as vectors over the rationals.
pub type RationalVectors = Vec<Vec<Rational>>;

/// How many equations in a row must follow from the others.
const PATIENCE: usize = 12;
const PATIENCE_BEHIND_GATES: usize = 36;

impl Fields {
    /// The generators modulo p in reduced form.
    pub fn symmetries<const P: u64>(
        &self,
        layout: &Layout,
        seed: u64,
        watch: Watch,
    ) -> Result<Nullspace<P>, ExactError> {
        let patience = self.rare() + if self.is_piecewise() { PATIENCE_BEHIND_GATES } else { PATIENCE };
        let mut equations = Echelon::<P>::new(layout.width());
        let (mut misses, mut drawn) = (0, 0);
        while misses < patience && !equations.is_full() {
            let stream = mix(seed, drawn);
            let at = self.place::<Residue<P>>(mix(stream, 0), mix(stream, 1))?;
            let equation = layout.equation(&at.point.values, &at.value, &at.potential);
            misses = if equations.insert(&equation) { 0 } else { misses + 1 };
            drawn += 1;
            if drawn % 64 == 0 {
                watch(Progress { depth: 1, drawn, rank: equations.rank(), of: layout.width() })?;
            }
        }
        Ok(equations.nullspace())
    }

    /// The generators over the rationals, as vectors in reduced form, found modulo P and checked modulo Q. `None` when
    /// they are not rational (or a draw was degenerate).
    pub fn rational_symmetries<const P: u64, const Q: u64>(
        &self,
        layout: &Layout,
        seed: u64,
        watch: Watch,
    ) -> Result<(Nullspace<P>, Option<RationalVectors>), ExactError> {
        let found = self.symmetries::<P>(layout, seed, watch)?;
        let check = self.symmetries::<Q>(layout, mix(seed, 1), watch)?;
        let same = found.free == check.free;
        let lifted = found.basis.iter().zip(&check.basis).map(|(x, y)| rational_vector(x, y)).collect();
        Ok((found, if same { lifted } else { None }))
    }
}

/// [ξ, η] = Dη[ξ] − Dξ[η] of two generators.
pub fn bracket<T: Number>(x: &Generator<T>, y: &Generator<T>) -> Generator<T> {
    let times = |x: &Dense<T>, y: &Dense<T>| x.product(Side::Plain, y, Side::Plain);
    let part = |(x, y): (&Part<T>, &Part<T>)| Part {
        a: times(&y.a, &x.a).sub(&times(&x.a, &y.a)),
        b: times(&x.b, &y.b).sub(&times(&y.b, &x.b)),
        c: times(&y.a, &x.c).add(&times(&x.c, &y.b)).sub(&times(&x.a, &y.c)).sub(&times(&y.c, &x.b)),
    };
    Generator { parts: x.parts.iter().zip(&y.parts).map(part).collect(), scale: T::zero() }
}

impl<T: Number> Generator<T> {
    /// ξ(θ), block by block.
    pub fn at(&self, blocks: &[Dense<T>]) -> Vec<Dense<T>> {
        self.parts.iter().zip(blocks).map(|(part, w)| part.applied(w).add(&part.c)).collect()
    }

    /// S V: the linear part applied to a tangent.
    pub fn linear(&self, blocks: &[Dense<T>]) -> Vec<Dense<T>> {
        self.parts.iter().zip(blocks).map(|(part, v)| part.applied(v)).collect()
    }
}

impl<T: Number> Part<T> {
    fn applied(&self, w: &Dense<T>) -> Dense<T> {
        self.a.product(Side::Plain, w, Side::Plain).add(&w.product(Side::Plain, &self.b, Side::Plain))
    }

    /// What vanishes exactly when S is self-adjoint.
    pub fn skewness(&self) -> Vec<T> {
        let skew = |x: &Dense<T>| x.sub(&x.transpose()).entries().to_vec();
        [skew(&self.a), skew(&self.b)].concat()
    }

    /// What vanishes exactly when S is skew: A + Aᵀ = c, B + Bᵀ = −c for some number c.
    pub fn symmetry(&self) -> Vec<T> {
        let symmetric = |x: &Dense<T>, sign: T| {
            let sum = x.add(&x.transpose());
            let c = sign * (self.a.get(0, 0).clone() + self.a.get(0, 0).clone());
            let n = sum.rows();
            let less = |k: usize| {
                let x = sum.get(k / n, k % n).clone();
                if k / n == k % n { x - c.clone() } else { x }
            };
            (0..n * n).map(less).collect::<Vec<T>>()
        };
        [symmetric(&self.a, T::one()), symmetric(&self.b, -T::one())].concat()
    }

    /// The entries of A and B once (A, B) + (c, −c) has made the last entry of B zero: S is zero when they are.
    pub fn linear_part(&self) -> Vec<T> {
        let last = self.b.rows() - 1;
        let c = self.b.get(last, last).clone();
        let plus =
            |x: &Dense<T>, c: T| x.add(&Dense::identity(x.rows()).scale(&Dense::from_fn(1, 1, |_, _| c.clone())));
        [plus(&self.a, c.clone()).entries(), plus(&self.b, -c).entries()].concat()
    }

    /// Whether A and B are diagonal.
    pub fn is_diagonal(&self) -> bool {
        let diagonal = |x: &Dense<T>| {
            let n = x.rows();
            x.entries().iter().enumerate().all(|(k, x)| k / n == k % n || x.is_zero())
        };
        diagonal(&self.a) && diagonal(&self.b)
    }
}
