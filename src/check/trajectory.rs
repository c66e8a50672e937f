//! A point of a trajectory with its velocity: the state (θ, t), for the heavy ball (θ, θ̇, t) with a random θ̇.

use super::CheckError;
use super::checker::Checker;
use super::member::Member;
use crate::eval::Bindings;
use crate::kernel::Hyperparameters;
use crate::model::Dynamics;
use crate::numeric::trajectory::{Coefficients, acceleration, is_discrete, potentials, velocity as velocity_of};
use crate::numeric::{Real, gaussian};
use crate::term::{Builder, Env, Expr, Facts, Op, Symbol, Term};
use faer::Mat;
use std::collections::HashMap;
use std::sync::Arc;

/// What the names of a law are worth at one moment, and the time derivatives of those that move.
pub(super) struct Trajectory<M: Clone + 'static> {
    pub bindings: Bindings<'static, M>,
    pub velocity: HashMap<Symbol, Arc<M>>,
    /// The meaning of every name, with the state's own.
    pub env: Env,
}

impl<M: Real> Trajectory<M> {
    /// The velocity of the law's dynamics at the checker's instance, with the gradient by reverse differentiation.
    pub fn new(checker: &Checker<M>, law: &Member) -> Result<Trajectory<M>, CheckError> {
        let hyper = Hyperparameters::of(checker.model);
        let number =
            |name: Symbol| hyper.values().into_iter().find(|(n, _)| *n == name).map_or(0.0, |(_, value)| value);
        let [decay, friction, step] = [hyper.decay, hyper.friction, hyper.step].map(number);
        let coefficients = Coefficients { decay, friction, step };
        let dynamics = law.dynamics().unwrap_or(&Dynamics::GradientFlow);
        if is_discrete(dynamics) {
            return Err(CheckError::Dynamics(dynamics.name()));
        }
        let mut bindings = checker.bindings.clone();
        let mut env: Env = (**law.env()).clone();
        let mut velocity = HashMap::from([(hyper.time, Arc::new(M::from(Mat::full(1, 1, 1.0))))]);
        let potentials = potentials(checker.model, dynamics);
        let names = checker.instance.parameter_names();
        for ((name, theta), g) in names.iter().zip(checker.instance.theta()).zip(&checker.gradient) {
            if let Some(v) = velocity_of(dynamics, &coefficients, &potentials, *name, theta, g)? {
                velocity.insert(*name, v.into());
                continue;
            }
            let mut rng = checker.stream(law, &format!("velocity of {name}"));
            let v = Arc::new(M::from(gaussian(theta.rows(), theta.cols(), &mut rng)));
            let state = velocity_symbol(*name);
            if let Some(info) = law.env().symbol(*name) {
                env.declare(state, info.shape, Facts::empty());
            }
            velocity.insert(state, acceleration(&coefficients, &*v, g).into());
            bindings.share(state, v.clone());
            velocity.insert(*name, v);
        }
        if law.dynamics() != Some(&Dynamics::HeavyBall) {
            for name in checker.instance.parameter_names() {
                if let (Some(info), Some(v)) = (law.env().symbol(*name), velocity.get(name)) {
                    env.declare(velocity_symbol(*name), info.shape, Facts::empty());
                    bindings.share(velocity_symbol(*name), v.clone());
                }
            }
        }
        Ok(Trajectory { bindings, velocity, env })
    }
}

/// The formula with a name of the state in place of every `dot(W)`.
pub(super) fn stated(expr: &Expr) -> Expr {
    let mut out = Builder::default();
    let root = out.copy_with(expr, |out, node| match node {
        Term::Op(Op::Dot, args) => match &expr[*args.first()?] {
            Term::Sym(name) => Some(out.add(Term::Sym(velocity_symbol(*name)))),
            _ => None,
        },
        _ => None,
    });
    out.finish(root)
}

/// A name no user can write.
fn velocity_symbol(param: Symbol) -> Symbol {
    Symbol::from(format!("·velocity of {param}"))
}
