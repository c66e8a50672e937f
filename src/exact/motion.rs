//! The dynamics whose laws are counted, as vector fields on their state space. A conserved function of the state is constant along
//! all of them (Marcotte, Gribonval, Peyré 2024: beyond Euclidean gradient flow).

use super::block::Block;
use super::functions::unrelated;
use crate::eval::{Bindings, Dense, Elementwise, EvalError, Exponent, Matrix, Prime, Probe, Residue, Series};
use crate::eval::{Sizes, Tape, mix};
use crate::model::Model;
use crate::term::{Builder, Env, Expr, Facts, Op, Rational, Symbol, Term, sym};
use num_traits::One;

/// A dynamics. Its numbers are generic; their names are those that the laws give them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Motion<'a> {
    /// θ̇ = −∇L.
    #[default]
    Gradient,
    /// d/dt ∇ψ(θ) = −∇L, with the potential of each parameter.
    Mirror(&'a [(Symbol, Symbol)]),
    /// θ̇ = −∇L − λθ, with time as a coordinate: laws may depend on it.
    Decay { decay: Symbol, time: Symbol },
    /// θ̈ + γθ̇ = −∇L, on θ, θ̇ and time.
    HeavyBall { friction: Symbol, time: Symbol },
}

/// What laws are counted of.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    pub model: &'a Model,
    pub motion: Motion<'a>,
}

impl<'a> From<&'a Model> for Subject<'a> {
    fn from(model: &'a Model) -> Subject<'a> {
        Subject { model, motion: Motion::Gradient }
    }
}

impl Motion<'_> {
    /// Whether the loss drives what moves without it as well, so that a sum of fields is not a field.
    pub(super) fn drifts(self) -> bool {
        matches!(self, Motion::Decay { .. } | Motion::HeavyBall { .. })
    }

    /// The number that the dynamics has.
    pub(super) fn coefficient(self) -> Option<Symbol> {
        match self {
            Motion::Gradient | Motion::Mirror(_) => None,
            Motion::Decay { decay, .. } => Some(decay),
            Motion::HeavyBall { friction, .. } => Some(friction),
        }
    }

    /// What of the state comes after the parameters.
    pub(super) fn further(self, parameters: &[Block]) -> Vec<Block> {
        match self {
            Motion::Gradient | Motion::Mirror(_) => vec![],
            Motion::Decay { time: name, .. } => vec![Block::number(name)],
            Motion::HeavyBall { time: name, .. } => {
                let velocity = |b: &Block| Block { name: velocity(b.name), facts: Facts::empty(), ..*b };
                parameters.iter().map(velocity).chain([Block::number(name)]).collect()
            }
        }
    }
}

/// The name of the velocity of a parameter: as a law writes it, which no name of a model is.
fn velocity(parameter: Symbol) -> Symbol {
    format!("dot({parameter})").into()
}

/// A conserved quantity as a function of the state, where velocities are names, and its environment.
pub(super) fn of_state(model: &Model, quantity: &Expr, env: &Env) -> (Expr, Env) {
    let mut env = env.clone();
    for parameter in &model.params {
        env.declare(velocity(parameter.name), parameter.shape, Facts::empty());
    }
    let mut out = Builder::default();
    let root = out.copy_with(quantity, |out, node| match node {
        Term::Op(Op::Dot, args) => match &quantity[args[0]] {
            Term::Sym(parameter) => Some(out.copy(&sym(velocity(*parameter)))),
            _ => None,
        },
        _ => None,
    });
    (out.finish(root), env)
}

/// What makes a field on the state of the gradient of its potential.
#[derive(Clone, Debug)]
pub(super) enum Drive {
    Gradient,
    /// ψ at every entry of each parameter.
    Mirror(Vec<(Symbol, Tape)>),
    Decay(Symbol),
    HeavyBall(Symbol),
}

impl Drive {
    pub fn new(model: &Model, motion: Motion, sizes: &Sizes) -> Result<Drive, EvalError> {
        Ok(match motion {
            Motion::Gradient => Drive::Gradient,
            Motion::Decay { decay, .. } => Drive::Decay(decay),
            Motion::HeavyBall { friction, .. } => Drive::HeavyBall(friction),
            Motion::Mirror(potentials) => {
                let potential = |parameter: Symbol| {
                    let named = potentials.iter().find(|(p, _)| *p == parameter).map(|(_, potential)| *potential);
                    named.and_then(|name| model.potential(name))
                };
                let psi = |p: &crate::model::Variable| {
                    let none = || EvalError::Unsupported(format!("mirror flow without a potential of {}", p.name));
                    let psi = potential(p.name).ok_or_else(none)?.at(&sym(p.name), p.shape);
                    let tape = Tape::new(&psi, &model.env, sizes)?;
                    match tape.has_gates() {
                        true => Err(EvalError::Unsupported(format!(
                            "mirror flow with a kink in the potential of {}",
                            p.name
                        ))),
                        false => Ok((p.name, tape)),
                    }
                };
                Drive::Mirror(model.params.iter().map(psi).collect::<Result<_, _>>()?)
            }
        })
    }

    /// Whether roots occur in a potential.
    pub fn has_roots(&self) -> bool {
        match self {
            Drive::Mirror(potentials) => potentials.iter().any(|(_, psi)| psi.roots() > 0),
            _ => false,
        }
    }

    /// The velocity of a state, of the gradient on the parameters there. A gradient flow is taken backwards, which has the same
    /// conserved functions.
    pub fn field<M: Matrix>(
        &self,
        gradient: Vec<M>,
        at: &[M],
        coefficient: impl Fn(Symbol) -> Result<M, EvalError>,
        functions: &M::Oracle,
    ) -> Result<Vec<M>, EvalError> {
        let one = || M::constant(1, 1, &Rational::one());
        match self {
            Drive::Gradient => Ok(gradient),
            Drive::Mirror(potentials) => {
                let moved = |((g, x), (name, psi)): ((&M, &M), &(Symbol, Tape))| {
                    Ok(g.hadamard(&reciprocal(&curvature(psi, *name, x, functions)?, functions)?))
                };
                gradient.iter().zip(at).zip(potentials).map(moved).collect()
            }
            Drive::Decay(decay) => {
                let decay = coefficient(*decay)?;
                let moved = gradient.iter().zip(at).map(|(g, x)| x.scale(&decay).add(g).neg());
                Ok(moved.chain([one()?]).collect())
            }
            Drive::HeavyBall(friction) => {
                let friction = coefficient(*friction)?;
                let velocities = &at[gradient.len()..2 * gradient.len()];
                let accelerations = gradient.iter().zip(velocities).map(|(g, v)| v.scale(&friction).add(g).neg());
                Ok(velocities.iter().cloned().chain(accelerations).chain([one()?]).collect())
            }
        }
    }

    /// Whether values of functions are in the fields which are not those of the model's formula.
    ///
    /// # Errors
    /// Where a potential has no curvature.
    pub fn is_transcendental(&self, parameters: &[Block]) -> Result<bool, EvalError> {
        let Drive::Mirror(potentials) = self else { return Ok(false) };
        let mut differs = false;
        for ((name, psi), block) in potentials.iter().zip(parameters) {
            let random = |i: usize, j: usize| Residue::new(mix(block.rows as u64, (i * block.cols + j) as u64));
            let x: Dense<Prime> = Dense::from_fn(block.rows, block.cols, random);
            let seen = |functions: &Probe| curvature(psi, *name, &x, functions);
            match (seen(&unrelated()), seen(&Probe::new(1))) {
                (Ok(one), Ok(_)) if one.entries().iter().any(num_traits::Zero::is_zero) => {
                    return Err(EvalError::Unsupported(format!("mirror flow with a flat potential of {name}")));
                }
                (Ok(one), Ok(other)) => differs |= one != other,
                // Roots are missing in this field.
                (Err(error), _) | (_, Err(error)) if error.is_unlucky() => {}
                (Err(error), _) | (_, Err(error)) => return Err(error),
            }
        }
        Ok(differs)
    }
}

/// ψ″ at every entry: ψ at x + ε₁ + ε₂.
fn curvature<M: Matrix>(psi: &Tape, name: Symbol, x: &M, functions: &M::Oracle) -> Result<M, EvalError> {
    let mut moved = Series::from(x.clone());
    for variable in [1, 2] {
        moved.set(variable, M::constant(x.rows(), x.cols(), &Rational::one())?);
    }
    let mut at = Bindings::new();
    at.bind(name, moved);
    Ok(psi.eval(&at, functions)?.into_coefficient(3))
}

/// 1/x at every entry.
fn reciprocal<M: Matrix>(x: &M, functions: &M::Oracle) -> Result<M, EvalError> {
    let inverse = Elementwise::Power(Exponent::Inverse(1));
    x.derivatives(&inverse, 0, 1, functions)?.pop().ok_or(EvalError::Singular)
}
