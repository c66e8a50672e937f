//! T2, T6, T8 and T9: derivatives at the image of a point, and the third derivative along a generator.

use super::CheckError;
use super::kernel::{random_tangent, ratio};
use super::law::{Checker, Measured, tangent_norm};
use super::representation::Representation;
use crate::eval::{Reals, Tape};
use crate::language::Action;
use crate::law::{Element, Law};
use crate::numeric::draw_group_element;
use crate::term::{Expr, Symbol};
use faer::Mat;

type Tangent = Vec<Mat<f64>>;

/// ‖U − V‖ / (‖U‖ + ‖V‖), or against a scale where both nearly vanish.
pub(super) fn distance(u: &[Mat<f64>], v: &[Mat<f64>], scale: f64) -> f64 {
    let difference: Tangent = u.iter().zip(v).map(|(u, v)| u - v).collect();
    ratio(tangent_norm(&difference), (tangent_norm(u) + tangent_norm(v)).max(scale * 1e-3))
}

pub(super) fn action_of<'a>(checker: &Checker<'a>, law: &Law) -> Result<&'a Action, CheckError> {
    let name = law.action().ok_or_else(|| CheckError::UnknownAction(law.id().to_string()))?;
    let found = checker.model.actions.iter().find(|a| a.name == name);
    found.ok_or_else(|| CheckError::UnknownAction(name.to_string()))
}

/// ∇L(θ) = Pᵀ∇L(Pθ) and H(θ)V = PᵀH(Pθ)PV for a random element, and the stated formulas for Pᵀ.
pub(super) fn measure(checker: &Checker, law: &Law, adjoint: &[(Symbol, Expr)]) -> Result<Measured, CheckError> {
    let action = action_of(checker, law)?;
    let instance = &checker.instance;
    let map = Representation::new(checker.model, action, instance.sizes())?;
    let g = draw_group_element(&action.group, instance.sizes(), &mut checker.stream(law, "element"))?;
    let g = g.as_ref();
    let (u, v) =
        (random_tangent(checker, &format!("{}/U", law.id())), random_tangent(checker, &format!("{}/V", law.id())));
    let mut moved = instance.clone();
    moved.set_parameters(&map.apply(g, &instance.parameters(), &Reals)?)?;
    let gradient = map.adjoint(g, &moved.gradient()?, &Reals)?;
    let there = moved.hessian_product(&map.apply(g, &v, &Reals)?)?;
    let (here, there) = (instance.hessian_product(&v)?, map.adjoint(g, &there, &Reals)?);
    let mut residual = distance(&gradient, &checker.gradient, 0.0).max(distance(&here, &there, 0.0));
    // The formulas of the law against the reverse pass of the declared map.
    let mut bindings = instance.bindings();
    for (name, u) in instance.parameter_names().iter().zip(&u) {
        bindings.bind(Symbol::from(format!("U[{name}]")), u.clone());
    }
    if let (Some(element), Some(g)) = (action.element, g) {
        bindings.bind(element, g.clone());
    }
    let stated = adjoint
        .iter()
        .map(|(_, block)| Tape::new(block, law.env(), instance.sizes())?.eval(&bindings, &Reals))
        .collect::<Result<Tangent, _>>()?;
    residual = residual.max(distance(&stated, &map.adjoint(g, &u, &Reals)?, 0.0));
    Ok(Measured { residual, remark: None })
}

/// D³L[ξ, V, ·] + S*H[V] + H[S V] = 0 for a random V.
pub(super) fn third(checker: &Checker, law: &Law, element: &Element) -> Result<Measured, CheckError> {
    let action = action_of(checker, law)?;
    let instance = &checker.instance;
    let motion = checker.motion(action.name)?;
    let a = match element.unit {
        true => Mat::full(1, 1, 1.0),
        false => {
            let algebra = motion.group().algebra().ok_or(CheckError::Finite)?;
            motion.draw(algebra.whole(), instance.sizes(), &mut checker.stream(law, "A"))?
        }
    };
    let theta = &checker.bindings;
    let v = random_tangent(checker, &format!("{}/V", law.id()));
    let xi = motion.generator(theta, &a, &Reals)?;
    // S V = ξ(θ + V) − ξ(θ) for an affine ξ.
    let mut shifted = instance.bindings();
    for ((name, x), v) in instance.parameter_names().iter().zip(instance.parameters()).zip(&v) {
        shifted.bind(*name, x + v);
    }
    let sv: Tangent = motion.generator(&shifted, &a, &Reals)?.iter().zip(&xi).map(|(x, y)| x - y).collect();
    let third: Tangent = instance.third_derivative(&xi, &v)?.iter().map(|x| -x).collect();
    let first = motion.adjoint(theta, &a, &instance.hessian_product(&v)?, &Reals)?;
    let second = instance.hessian_product(&sv)?;
    let other = random_tangent(checker, &format!("{}/W", law.id()));
    let scale = tangent_norm(&instance.third_derivative(&other, &v)?) / tangent_norm(&other) * tangent_norm(&xi);
    let sum: Tangent = first.iter().zip(&second).map(|(x, y)| x + y).collect();
    Ok(Measured { residual: distance(&sum, &third, scale), remark: None })
}

/// H[ξ] = factor·∇L for the one generator.
pub(super) fn alignment(checker: &Checker, law: &Law, factor: &Expr) -> Result<Measured, CheckError> {
    let instance = &checker.instance;
    let motion = checker.motion(action_of(checker, law)?.name)?;
    let xi = motion.generator(&checker.bindings, &Mat::full(1, 1, 1.0), &Reals)?;
    let factor = Tape::new(factor, law.env(), instance.sizes())?.eval(&checker.bindings, &Reals)?[(0, 0)];
    let gradient: Tangent = checker.gradient.iter().map(|g| g * faer::Scale(factor)).collect();
    Ok(Measured { residual: distance(&instance.hessian_product(&xi)?, &gradient, 0.0), remark: None })
}
