//! How many components of a law are independent at a generic point: exact ranks over 𝔽_p.

use super::member::Member;
use super::motion::Motion;
use crate::eval::{Bindings, Dense, EvalError, Matrix, Prime, Probe, Sizes, Tape, concrete, mix, stream_of};
use crate::exact::Echelon;
use crate::kernel::{Hyperparameters, Law, Statement};
use crate::model::{Model, Variable};
use crate::term::{Builder, Env, Expr, Facts, Op, Shape, Symbol, Term, sub};
use std::collections::BTreeMap;

type Exact = Dense<Prime>;

/// The most multiplications one elimination may take.
const WORK: usize = 1 << 29;

/// The most coordinates of the differentials that are compared.
const COORDINATES: usize = 1 << 20;

/// The most members of a law of families whose components are counted together.
const MEMBERS: usize = 256;

/// How many random points are tried before the rank is given up; half of all residues have no square root.
const ATTEMPTS: u64 = 16;

/// The number of independent components of a law at a generic point: of the differentials of a quantity, of the linear
/// forms in the gradient that an identity sets to zero, of the generators that span a kernel. `None` where it is not
/// defined, not computable in the field, or too much work.
pub fn independent(model: &Model, law: &Law, sizes: &Sizes, seed: u64) -> Option<usize> {
    let (members, _) = Member::all(model, law, law.statement(), sizes, None).ok().filter(|(_, n)| *n <= MEMBERS)?;
    let mut env: Env = (**members.first()?.env()).clone();
    let velocities: Vec<Symbol> = model.params.iter().map(|p| free_gradient(&mut env, p)).collect();
    match law.statement() {
        Statement::Conserved { .. }
        | Statement::Rate { .. }
        | Statement::Damped { .. }
        | Statement::Step { .. }
        | Statement::Expected { .. } => {
            // A quantity of the heavy ball is a function of the state (θ, θ̇).
            let state: Vec<Symbol> = model.params.iter().map(|p| p.name).chain(velocities).collect();
            let quantities = members.iter().filter_map(|law| law.statement().quantity());
            let formulas: Vec<Expr> = quantities.map(|quantity| freed(&model.inline(quantity))).collect();
            rank_of_differentials(model, &env, &formulas, &state, sizes, seed)
        }
        Statement::Equations { element: None, .. } => {
            let equations = members.iter().flat_map(|law| match law.statement() {
                Statement::Equations { equations, .. } => equations.as_slice(),
                _ => &[],
            });
            let forms: Vec<Expr> = equations.map(|(lhs, rhs)| freed(&sub(lhs, rhs))).collect();
            rank_of_differentials(model, &env, &forms, &velocities, sizes, seed)
        }
        Statement::Equations { .. } | Statement::Structure(_) => None,
        // Said of one of them, and the tangents at members beside each other may depend on each other.
        Statement::Kernel { .. } if law.claim().setting().window().is_some() => None,
        Statement::Kernel { .. } => {
            let generators = members.iter().flat_map(|law| match law.statement() {
                Statement::Kernel { generators, .. } => generators.as_slice(),
                _ => &[],
            });
            orbit_dimension(model, generators.map(|g| g.action), sizes, seed)
        }
    }
}

/// The generic dimension of the span of the generators of several continuous actions.
pub(super) fn orbit_dimension(
    model: &Model,
    actions: impl IntoIterator<Item = Symbol>,
    sizes: &Sizes,
    seed: u64,
) -> Option<usize> {
    let dimension = size_of(model.params.iter().map(|p| p.shape), sizes)?;
    let mut motions = Vec::new();
    let mut elements = 0usize;
    for name in actions {
        let action = model.action(name)?;
        let motion = Motion::new(model, action, sizes).ok()??;
        elements = elements.saturating_add(size_of([motion.group().algebra()?.shape].into_iter(), sizes)?);
        motions.push(motion);
    }
    affordable(elements, dimension)?;
    generic(model, sizes, seed, |at, probe| {
        let mut span = Echelon::new(dimension);
        for motion in &motions {
            for a in motion.basis::<Exact>(sizes, probe)? {
                let xi = motion.generator(at, &a, probe)?;
                span.insert(&xi.iter().flat_map(|x| x.entries()).copied().collect::<Vec<_>>());
            }
        }
        Ok(span.rank())
    })
}

/// The rank of the differentials of all entries of the formulas with respect to the given symbols.
fn rank_of_differentials(
    model: &Model,
    env: &Env,
    formulas: &[Expr],
    wrt: &[Symbol],
    sizes: &Sizes,
    seed: u64,
) -> Option<usize> {
    let tapes: Vec<Tape> = formulas.iter().map(|f| Tape::new(f, env, sizes)).collect::<Result<_, _>>().ok()?;
    let shapes = wrt.iter().map(|name| env.symbol(*name).map(|info| info.shape)).collect::<Option<Vec<Shape>>>()?;
    let dimension = size_of(shapes.iter().copied(), sizes)?;
    let components = tapes.iter().map(|tape| tape.shape().0 * tape.shape().1).sum();
    affordable(components, dimension)?;
    generic(model, sizes, seed, |at, probe| {
        let mut at = at.clone();
        for (name, shape) in wrt.iter().zip(&shapes) {
            if at.symbol(*name).is_none() {
                at.bind(*name, random(*name, *shape, sizes, probe)?);
            }
        }
        let mut span = Echelon::new(dimension);
        for tape in &tapes {
            let (rows, cols) = tape.shape();
            for k in 0..rows * cols {
                if span.is_full() {
                    break;
                }
                let unit = Exact::from_fn(rows, cols, |i, j| Prime::new(u64::from(i * cols + j == k)));
                let (_, gradient) = tape.vjp(&at, probe, &unit, wrt)?;
                span.insert(&gradient.iter().flat_map(|g| g.entries()).copied().collect::<Vec<_>>());
            }
        }
        Ok(span.rank())
    })
}

/// Measures at a random point of 𝔽_p, at another one where a root does not exist or a matrix is singular.
fn generic(
    model: &Model,
    sizes: &Sizes,
    seed: u64,
    measure: impl Fn(&Bindings<Exact>, &Probe) -> Result<usize, EvalError>,
) -> Option<usize> {
    // A fact such as symmetry makes parameter space smaller than its entries; only open conditions do not.
    let open = Facts::ANYWHERE | Facts::INVERTIBLE;
    let free = |v: &Variable| (v.facts - open).is_empty() || v.shape.is_scalar();
    if !model.params.iter().chain(&model.data).all(free) {
        return None;
    }
    for k in 0..ATTEMPTS {
        let probe = Probe::new(mix(seed, k));
        let point = || {
            let mut at = Bindings::new();
            for variable in model.params.iter().chain(&model.data) {
                at.bind(variable.name, random(variable.name, variable.shape, sizes, &probe)?);
            }
            if let Some(output) = &model.output {
                let shape =
                    model.env.symbol(output.name).ok_or_else(|| EvalError::Unbound(output.name.to_string()))?.shape;
                at.bind(output.name, random(output.name, shape, sizes, &probe)?);
                at.bind_quantity(Op::Err, output.name, random("error signal".into(), shape, sizes, &probe)?);
            }
            for (name, _) in Hyperparameters::of(model).values() {
                at.bind(name, random(name, Shape::SCALAR, sizes, &probe)?);
            }
            let loss = Model::loss_symbol();
            at.bind(loss, random(loss, Shape::SCALAR, sizes, &probe)?);
            measure(&at, &probe)
        };
        match point() {
            Ok(rank) => return Some(rank),
            Err(EvalError::Singular | EvalError::NoSquareRoot { .. } | EvalError::Logarithm) => {}
            Err(_) => return None,
        }
    }
    None
}

fn random(name: Symbol, shape: Shape, sizes: &Sizes, probe: &Probe) -> Result<Exact, EvalError> {
    Ok(Exact::generic(concrete(shape.rows, sizes)?, concrete(shape.cols, sizes)?, stream_of(name.as_str()), probe))
}

/// The number of entries of matrices of the given shapes.
fn size_of(shapes: impl Iterator<Item = Shape>, sizes: &Sizes) -> Option<usize> {
    let mut sum = 0usize;
    for shape in shapes {
        let entries = concrete(shape.rows, sizes).ok()?.checked_mul(concrete(shape.cols, sizes).ok()?)?;
        sum = sum.checked_add(entries)?;
    }
    Some(sum)
}

fn affordable(rows: usize, columns: usize) -> Option<()> {
    let work = rows.saturating_mul(columns).saturating_mul(rows.min(columns));
    (work <= WORK && columns <= COORDINATES).then_some(())
}

/// A free symbol in place of `grad(W)`; what the velocity is a multiple of.
fn free_gradient(env: &mut Env, param: &Variable) -> Symbol {
    let name = gradient_symbol(param.name);
    env.declare(name, param.shape, Facts::empty());
    name
}

fn gradient_symbol(param: Symbol) -> Symbol {
    Symbol::from(format!("∇[{param}]"))
}

/// The formula with free symbols for `grad(W)` and `dot(W)`.
fn freed(expr: &Expr) -> Expr {
    let params: BTreeMap<egg::Id, Symbol> = expr
        .as_ref()
        .iter()
        .enumerate()
        .filter_map(|(i, node)| match node {
            Term::Sym(name) => Some((egg::Id::from(i), *name)),
            _ => None,
        })
        .collect();
    let mut out = Builder::default();
    let root = out.copy_with(expr, |out, node| match node {
        Term::Op(Op::Grad | Op::Dot, args) => Some(out.add(Term::Sym(gradient_symbol(*params.get(args.first()?)?)))),
        _ => None,
    });
    out.finish(root)
}
