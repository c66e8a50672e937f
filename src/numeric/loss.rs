//! The loss of an instance: the model's own, or a generic function of the output where every loss is meant.

use crate::eval::EvalError;
use crate::model::{Loss, Model};
use crate::term::{
    Argument, Env, Expr, Facts, Op, Shape, Symbol, Term, add, apply, call_elementwise, mul, ratio, sub, sym,
};

/// What the generic loss needs beyond the model's own names; neither is a name a user can write.
pub(super) const TARGET: &str = "·target";
pub(super) const MIX: &str = "·mix";

/// The loss as a formula in parameters, data, `let`s and the output, with the names it adds declared in `env`.
///
/// Where every loss is meant: ½‖sin U‖² + 7/20‖sin(MU)‖² with U = F − Y, M and Y fixed and random. It is smooth, not
/// convex, and stationary at F = Y.
pub(super) fn instantiated(model: &Model, env: &mut Env) -> Result<Expr, EvalError> {
    let output = match (&model.loss, &model.output) {
        (Loss::Explicit(loss), _) => return Ok(loss.clone()),
        (Loss::Any, Some(output)) => output.name,
        (Loss::Any, None) => return Err(EvalError::Unsupported("every loss of a model without an output".into())),
    };
    let shape = env.symbol(output).ok_or_else(|| EvalError::Unbound(output.to_string()))?.shape;
    env.declare(TARGET.into(), shape, Facts::CONSTANT);
    env.declare(MIX.into(), Shape::square(shape.rows), Facts::CONSTANT);
    let u = sub(&sym(output), &sym(TARGET.into()));
    let sine = |x: &Expr| apply(Op::Norm2, &[&call_elementwise("sin".into(), x)]);
    let mixed = mul(&sym(MIX.into()), &u);
    Ok(add(&mul(&ratio(1, 2), &sine(&u)), &mul(&ratio(7, 20), &sine(&mixed))))
}

/// How a loss wants a data matrix to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// Each column a probability distribution.
    Distribution,
    /// Each entry ±1.
    Sign,
}

/// What the losses in a formula ask of a data matrix: the second argument of `cross_entropy`, `logistic`, `exponential`.
pub(super) fn target(loss: &Expr, name: Symbol) -> Option<Target> {
    loss.as_ref().iter().find_map(|node| match node {
        Term::Op(op, args) => {
            let places = (0..args.len()).filter(|&i| loss[args[i]] == Term::Sym(name));
            places.map(|i| op.argument(i)).find_map(|argument| match argument {
                Argument::Distribution => Some(Target::Distribution),
                Argument::Signs => Some(Target::Sign),
                Argument::Operand | Argument::Positive | Argument::Shaped | Argument::Size => None,
                Argument::Exponent | Argument::Function | Argument::Name | Argument::Index => None,
            })
        }
        _ => None,
    })
}
