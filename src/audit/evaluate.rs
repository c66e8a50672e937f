//! The values of both sides of a rule. `d(X)` is the ε-part of X where every matrix moves along its direction; quantities
//! of a trajectory are fixed linear maps of their argument.

use super::instance::Point;
use crate::eval::{Bindings, CANCELLED, EvalError, Matrix, Quantities, Reals, Sizes, Tape, mix, stream_of};
use crate::numeric::TOLERANCE;
use crate::sample::{self, stream};
use crate::term::{Builder, Env, Expr, Facts, Op, Shape, Symbol, Term, infer, subterm};
use egg::{Id, Language};
use faer::Mat;

/// A side of a rule without differentials, and the values it reads.
pub(super) struct Side<'a, M: Clone> {
    tape: Tape,
    bindings: Bindings<'a, M>,
}

impl<'a, M: Matrix + 'static> Side<'a, M> {
    /// Lowers a side; every differential is evaluated and replaced by a name for its value.
    pub fn new(
        expr: &Expr,
        env: &Env,
        sizes: &Sizes,
        point: &Point<M>,
        oracle: &M::Oracle,
        quantities: &'a dyn Quantities<M>,
    ) -> Result<Side<'a, M>, EvalError> {
        let mut bindings = Bindings::new();
        for (name, value) in &point.values {
            bindings.bind(*name, value.clone());
        }
        let mut env = env.clone();
        let mut out = Builder::default();
        let mut ids: Vec<Id> = Vec::with_capacity(expr.len());
        for (i, node) in expr.as_ref().iter().enumerate() {
            let id = match node {
                Term::Op(Op::Diff, args) => {
                    let inside = subterm(expr, args[0]);
                    let moved = bindings.along(std::slice::from_ref(&point.directions))?;
                    let value = Tape::new(&inside, &env, sizes)?.eval(&moved, oracle)?.into_coefficient(1);
                    let name = Symbol::from(format!("d{i}"));
                    let known = infer(&env, &subterm(expr, Id::from(i)))?;
                    env.declare(name, known.shape, known.facts);
                    bindings.bind(name, value);
                    out.add(Term::Sym(name))
                }
                node => out.add(node.clone().map_children(|c| ids[usize::from(c)])),
            };
            ids.push(id);
        }
        let root = *ids.last().ok_or_else(|| EvalError::Unbound("an empty formula".into()))?;
        let tape = Tape::new(&out.finish(root), &env, sizes)?;
        Ok(Side { tape, bindings: bindings.with_quantities(quantities) })
    }

    pub fn value(&self, oracle: &M::Oracle) -> Result<M, EvalError> {
        self.tape.eval(&self.bindings, oracle)
    }
}

/// The value of a side, `Singular` where it is not finite.
pub(super) fn finite(side: &Result<Side<Mat<f64>>, EvalError>) -> Result<Mat<f64>, EvalError> {
    let value = side.as_ref().map_err(Clone::clone)?.value(&Reals)?;
    if value.is_all_finite() { Ok(value) } else { Err(EvalError::Singular) }
}

/// ‖lhs − rhs‖ relative to the size of the two sides, given with their values; where both vanish, to the natural scale of their
/// formulas.
pub(super) fn residual(lhs: (&Side<Mat<f64>>, Mat<f64>), rhs: (&Side<Mat<f64>>, Mat<f64>)) -> Result<f64, EvalError> {
    let (difference, size) = ((&lhs.1 - &rhs.1).norm_l2(), lhs.1.norm_l2() + rhs.1.norm_l2());
    if difference <= TOLERANCE * size {
        return Ok(if difference == 0.0 { 0.0 } else { difference / size });
    }
    let natural = |side: &Side<Mat<f64>>| {
        let norms = |x: &Mat<f64>| [x.norm_l2(), 0.0];
        Ok::<f64, EvalError>(side.tape.natural_scale(&side.bindings, &Reals, norms, |_| 1.0)?[0])
    };
    let natural = natural(lhs.0)? + natural(rhs.0)?;
    Ok(difference / if size < CANCELLED * natural { natural } else { size })
}

/// Fixed random linear maps for the quantities that are linear in their argument; that of ℓ″ is symmetric.
pub(super) struct LinearMaps<'a> {
    pub env: &'a Env,
    pub sizes: &'a Sizes,
    pub seed: u64,
}

impl Quantities<Mat<f64>> for LinearMaps<'_> {
    fn quantity(&self, op: Op, names: &[Symbol], z: &Mat<f64>) -> Result<Mat<f64>, EvalError> {
        let of = names.last().copied().and_then(|name| self.env.symbol(name)).map_or(Shape::SCALAR, |info| info.shape);
        let rows = crate::eval::concrete(of.rows, self.sizes)?;
        let cols = crate::eval::concrete(of.cols, self.sizes)?;
        let facts = if op == Op::HessLoss { Facts::SYMMETRIC } else { Facts::empty() };
        let label = names.iter().fold(mix(self.seed, stream_of(op.name().unwrap_or_default())), |hash, name| {
            mix(hash, stream_of(name.as_str()))
        });
        let (m, n) = (rows * cols, z.nrows() * z.ncols());
        let map = sample::matrix::<f64>(m, n, facts, &mut stream(label, "linear map"));
        let map: Mat<f64> = map.map_err(|_| EvalError::Singular)?.into();
        let image = |k: usize| (0..map.ncols()).map(|l| map[(k, l)] * z[(l / z.ncols(), l % z.ncols())]).sum();
        Ok(Mat::from_fn(rows, cols, |i, j| image(i * cols + j)))
    }
}

/// No quantities: nothing that is not rational.
pub(super) struct NoQuantities;

impl<M> Quantities<M> for NoQuantities {
    fn quantity(&self, op: Op, _: &[Symbol], _: &M) -> Result<M, EvalError> {
        Err(EvalError::Unsupported(op.name().unwrap_or("a quantity").into()))
    }
}
