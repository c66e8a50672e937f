//! The Lie algebra of all generators of a form, and what it says about training.

use super::branch::Branch;
use super::fields::Fields;
use super::functions::Independence;
use super::layout::{Form, Layout};
use super::lie_algebra::{Coordinates, LieAlgebra, Signature, signature};
use super::recognize::name;
use super::reconstruct::rational;
use super::sparse::{Sparse, nullspace, rank};
use super::subspace::Subspace;
use super::{ExactError, Watch};
use crate::eval::{Checked, EvalError, Prime, Residue, Rooted, mix};
use crate::model::Model;
use crate::term::{Rational, Sizes};
use num_traits::Zero;
use std::collections::BTreeMap;

/// The largest algebra whose structure is computed.
const STRUCTURE: usize = 96;

/// The Lie algebra of the symmetries of a model.
#[derive(Clone, Debug)]
pub struct Algebra {
    pub dimension: usize,
    pub layout: Layout,
    /// In reduced form; `None` when it is not rational.
    pub basis: Option<Vec<Sparse<Rational>>>,
    pub k_dim: usize,
    pub p_dim: usize,
    /// How many independent first integrals of gradient flow follow: the rank of the ξ_A(θ), A ∈ 𝔭.
    pub gradient_flow_laws: usize,
    /// How many independent laws of the heavy ball follow: the rank of (ξ_A(θ), S_A θ̇), A ∈ 𝔨.
    pub heavy_ball_laws: usize,
    /// `None` for an algebra too large to be taken apart.
    pub structure: Option<Structure>,
    pub prime: u64,
    /// Whether values of functions were taken for unrelated that may be related.
    pub unrelated: bool,
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
    symmetries_with((model, &Branch::all(model, sizes)?), sizes, form, seed, watch)
}

/// The same with the branches of the model.
pub fn symmetries_with(
    (model, branches): (&Model, &[Branch]),
    sizes: &Sizes,
    form: Form,
    seed: u64,
    watch: Watch,
) -> Result<Algebra, ExactError> {
    let fields = Fields::new(model, sizes)?.briefly();
    // Where all parameters are one column a branch has none of them.
    let of = (form, if form.general { &[] } else { branches });
    match fields.algebra::<{ Prime::MODULUS }, { Rooted::MODULUS }>(of, seed, watch) {
        Err(ExactError::Eval(EvalError::Irrational(_) | EvalError::NoSquareRoot { .. })) => {
            fields.algebra::<{ Rooted::MODULUS }, { Checked::MODULUS }>(of, seed, watch)
        }
        done => done,
    }
}

impl Fields {
    fn algebra<const P: u64, const Q: u64>(
        &self,
        (form, branches): (Form, &[Branch]),
        seed: u64,
        watch: Watch,
    ) -> Result<Algebra, ExactError> {
        let layout = Layout::new(self, form);
        let (found, basis) = self.rational_symmetries::<P, Q>((&layout, branches), seed, watch)?;
        let space = Subspace::new(found);
        let p = subspace(&space, |g| layout.skewness(g));
        let k = subspace(&space, |g| layout.symmetry(g));
        let point = layout.blocks(&self.anywhere::<Residue<P>>(mix(seed, 2))?.values);
        let velocity = layout.blocks(&self.anywhere::<Residue<P>>(mix(seed, 3))?.values);
        let dimension = layout.dimension();
        let gradients: Vec<_> = p.iter().map(|c| layout.at(&space.vector(c), &point, false)).collect();
        let momentum = |c: &Sparse<Residue<P>>| {
            let generator = space.vector(c);
            let moved = layout.at(&generator, &velocity, true).into_iter().map(|(i, x)| (dimension + i, x));
            layout.at(&generator, &point, false).into_iter().chain(moved).collect()
        };
        let momenta: Vec<Sparse<Residue<P>>> = k.iter().map(momentum).collect();
        Ok(Algebra {
            dimension: space.dimension(),
            basis,
            k_dim: k.len(),
            p_dim: p.len(),
            gradient_flow_laws: rank(dimension, &gradients),
            heavy_ball_laws: rank(2 * dimension, &momenta),
            structure: (space.dimension() <= STRUCTURE).then(|| structure(&layout, &space)),
            layout,
            prime: P,
            unrelated: self.independence().contains(&Independence::Undecided),
        })
    }
}

/// The coordinates of the generators on which linear conditions vanish.
fn subspace<const P: u64>(
    space: &Subspace<P>,
    conditions: impl Fn(&Sparse<Residue<P>>) -> Vec<(usize, Residue<P>)>,
) -> Vec<Sparse<Residue<P>>> {
    let mut equations: BTreeMap<usize, Sparse<Residue<P>>> = BTreeMap::new();
    for (i, generator) in space.basis().iter().enumerate() {
        for (key, x) in conditions(generator) {
            equations.entry(key).or_default().push((i, x));
        }
    }
    let equations: Vec<Sparse<Residue<P>>> = equations.into_values().collect();
    nullspace(space.dimension(), &equations).into_iter().map(|(_, coordinates)| coordinates).collect()
}

fn structure<const P: u64>(layout: &Layout, space: &Subspace<P>) -> Structure {
    let (basis, dimension) = (space.basis(), space.dimension());
    let dense = |sparse: Sparse<Residue<P>>| {
        let mut out: Coordinates<P> = vec![Residue::zero(); dimension];
        sparse.into_iter().for_each(|(i, x)| out[i] = x);
        out
    };
    let algebra = LieAlgebra::new(dimension, |i, j| dense(space.coordinates(&layout.bracket(&basis[i], &basis[j]))));
    let translations: Vec<_> = subspace(space, |g| layout.linear_part(g)).into_iter().map(dense).collect();
    let torus = basis.iter().all(|g| layout.is_diagonal(g));
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
