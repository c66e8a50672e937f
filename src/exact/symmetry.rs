//! The Lie algebra of all generators of a form, and what it says about training.

use super::echelon::{Echelon, Nullspace};
use super::fields::Fields;
use super::generators::{Form, Generator, Layout, Part, bracket};
use super::lie_algebra::{Coordinates, LieAlgebra, Signature, signature};
use super::recognize::name;
use super::reconstruct::rational;
use super::{ExactError, Watch};
use crate::eval::{Checked, Dense, EvalError, Prime, Residue, Rooted, mix};
use crate::model::Model;
use crate::term::{Rational, Sizes};
use num_traits::Zero;

/// The largest algebra whose structure is computed.
const STRUCTURE: usize = 96;

/// The Lie algebra of the symmetries of a model.
#[derive(Clone, Debug)]
pub struct Algebra {
    pub dimension: usize,
    pub layout: Layout,
    /// In reduced form; `None` when it is not rational.
    pub basis: Option<Vec<Generator<Rational>>>,
    pub k_dim: usize,
    pub p_dim: usize,
    /// How many independent first integrals of gradient flow follow: the rank of the ξ_A(θ), A ∈ 𝔭.
    pub gradient_flow_laws: usize,
    /// How many independent laws of the heavy ball follow: the rank of (ξ_A(θ), S_A θ̇), A ∈ 𝔨.
    pub heavy_ball_laws: usize,
    /// `None` for an algebra too large to be taken apart.
    pub structure: Option<Structure>,
    pub prime: u64,
}

/// The invariants of an algebra.
#[derive(Clone, Debug, PartialEq)]
pub struct Structure {
    pub name: String,
    /// (i, j, k, c): [eᵢ, eⱼ] = Σ c eₖ, i < j.
    pub constants: Vec<(usize, usize, usize, Rational)>,
    pub centre: usize,
    pub derived_series: Vec<usize>,
    pub lower_central_series: Vec<usize>,
    pub radical: usize,
    /// Positive, negative, zero; `None` when it is not rational.
    pub killing_signature: Option<Signature>,
}

/// All generators of a form that leave a model invariant, at its default sizes overridden by `dims`.
pub fn symmetries(model: &Model, sizes: &Sizes, form: Form, seed: u64, watch: Watch) -> Result<Algebra, ExactError> {
    let fields = Fields::new(model, sizes)?;
    match fields.algebra::<{ Prime::MODULUS }, { Rooted::MODULUS }>(form, seed, watch) {
        Err(ExactError::Eval(EvalError::Irrational(_) | EvalError::NoSquareRoot { .. })) => {
            fields.algebra::<{ Rooted::MODULUS }, { Checked::MODULUS }>(form, seed, watch)
        }
        done => done,
    }
}

impl Fields {
    fn algebra<const P: u64, const Q: u64>(&self, form: Form, seed: u64, watch: Watch) -> Result<Algebra, ExactError> {
        let layout = Layout::new(self, form)?;
        let (found, lifted) = self.rational_symmetries::<P, Q>(&layout, seed, watch)?;
        let basis: Vec<Generator<Residue<P>>> = found.basis.iter().map(|v| layout.generator(v)).collect();
        let p = subspace(&basis, Part::skewness);
        let k = subspace(&basis, Part::symmetry);
        let point = layout.blocks(&self.anywhere::<Residue<P>>(mix(seed, 2))?.values);
        let velocity = layout.blocks(&self.anywhere::<Residue<P>>(mix(seed, 3))?.values);
        let flat = |blocks: Vec<Dense<Residue<P>>>| -> Vec<_> {
            blocks.iter().flat_map(|b| b.entries().iter().copied()).collect::<Vec<Residue<P>>>()
        };
        let at = |c: &Coordinates<P>| layout.generator(&combination(&found, c));
        let rank = |vectors: Vec<Vec<Residue<P>>>| match vectors.first() {
            Some(first) => Echelon::spanned_by(first.len(), vectors.iter().map(Vec::as_slice)).rank(),
            None => 0,
        };
        let gradients = p.iter().map(|c| flat(at(c).at(&point)));
        let momenta = k.iter().map(|c| [flat(at(c).at(&point)), flat(at(c).linear(&velocity))].concat());
        Ok(Algebra {
            dimension: basis.len(),
            basis: lifted.map(|vectors| vectors.iter().map(|v| layout.generator(v)).collect()),
            k_dim: k.len(),
            p_dim: p.len(),
            gradient_flow_laws: rank(gradients.collect()),
            heavy_ball_laws: rank(momenta.collect()),
            structure: (basis.len() <= STRUCTURE).then(|| structure(&layout, &found, &basis)),
            layout,
            prime: P,
        })
    }
}

/// The combination of a basis with the given coordinates.
fn combination<const P: u64>(space: &Nullspace<P>, coordinates: &[Residue<P>]) -> Vec<Residue<P>> {
    let width = space.basis.first().map_or(0, Vec::len);
    let mut out = vec![Residue::zero(); width];
    for (x, &c) in space.basis.iter().zip(coordinates).filter(|(_, c)| !c.is_zero()) {
        out.iter_mut().zip(x).for_each(|(sum, x)| *sum = *sum + c * *x);
    }
    out
}

/// The coordinates of the generators on all parts of which a linear condition vanishes.
fn subspace<const P: u64>(
    basis: &[Generator<Residue<P>>],
    condition: impl Fn(&Part<Residue<P>>) -> Vec<Residue<P>>,
) -> Vec<Coordinates<P>> {
    let columns: Vec<Vec<Residue<P>>> = basis.iter().map(|g| g.parts.iter().flat_map(&condition).collect()).collect();
    let mut equations = Echelon::new(basis.len());
    for i in 0..columns.first().map_or(0, Vec::len) {
        let row: Vec<Residue<P>> = columns.iter().map(|column| column[i]).collect();
        if row.iter().any(|x| !x.is_zero()) {
            equations.insert(&row);
        }
    }
    equations.nullspace().basis
}

fn structure<const P: u64>(layout: &Layout, space: &Nullspace<P>, basis: &[Generator<Residue<P>>]) -> Structure {
    let algebra =
        LieAlgebra::new(basis.len(), |i, j| space.coordinates(&layout.vector(&bracket(&basis[i], &basis[j]))));
    let translations = subspace(basis, Part::linear_part);
    let torus = basis.iter().all(|g| g.parts.iter().all(Part::is_diagonal));
    let killing = algebra.killing_form();
    Structure {
        name: name(&algebra, &translations, torus),
        constants: algebra.structure_constants().filter_map(|(i, j, k, c)| Some((i, j, k, rational(c)?))).collect(),
        centre: algebra.centre().len(),
        derived_series: algebra.derived_series(),
        lower_central_series: algebra.lower_central_series(),
        radical: algebra.radical(&killing).len(),
        killing_signature: signature(&killing),
    }
}
