//! T2, T6, T8 and T9: derivatives at the image of a point, and the third derivative along a generator.

use super::CheckError;
use super::checker::{Checker, Measured};
use super::kernel::random_tangent;
use super::member::Member;
use super::motion::Motion;
use super::representation::Representation;
use crate::eval::{Bindings, EvalError, Reals, Sizes, Tape};
use crate::kernel::{Element, Slopes};
use crate::model::Action;
use crate::numeric::{Real, distance, draw_group_element, norm, residual, rounding};
use crate::term::{Expr, Symbol};
use faer::Mat;

/// ⟨U, V⟩ as a 1×1 matrix.
pub(super) fn inner<M: Real>(u: &[M], v: &[M]) -> M {
    u.iter().zip(v).map(|(u, v)| u.inner(v)).reduce(|sum, x| sum.add(&x)).unwrap_or_else(|| M::zeros(1, 1))
}

/// A linear combination of tangents.
pub(super) fn combined<M: Real>(terms: &[(&M, &[M])]) -> Vec<M> {
    let mut terms = terms.iter().map(|(c, v)| v.iter().map(|x| x.scale(c)).collect::<Vec<M>>());
    let first = terms.next().unwrap_or_default();
    terms.fold(first, |sum, v| sum.iter().zip(&v).map(|(x, y)| x.add(y)).collect())
}

/// The number −1.
pub(super) fn minus_one<M: Real>() -> M {
    Mat::full(1, 1, -1.0).into()
}

/// The numbers of two slopes.
pub(super) fn slopes<M: Real>(
    law: &Member,
    response: &Slopes,
    at: &Bindings<M>,
    sizes: &Sizes,
) -> Result<(M, M), EvalError> {
    let value = |x: &Expr| Tape::new(x, law.env(), sizes)?.eval(at, &Reals);
    Ok((value(&response.first)?, value(&response.second)?))
}

pub(super) fn action_of<'a, M: Clone>(checker: &Checker<'a, M>, law: &Member) -> Result<&'a Action, CheckError> {
    let name = law.action().ok_or_else(|| CheckError::UnknownAction(law.id().to_string()))?;
    let found = checker.model.action(name);
    found.ok_or_else(|| CheckError::UnknownAction(name.to_string()))
}

/// Kᵀ∇L(Kθ) = C′∇L(θ) and KᵀH(Kθ)KV = C′H(θ)V + C″⟨∇L, V⟩∇L for a random element, and the stated formulas for Kᵀ.
pub(super) fn measure<M: Real>(
    checker: &Checker<M>,
    law: &Member,
    adjoint: &[(Symbol, Expr)],
    response: &Slopes,
) -> Result<Measured, CheckError> {
    let action = action_of(checker, law)?;
    let instance = &checker.instance;
    let map = Representation::new(checker.model, action, instance)?;
    let g = draw_group_element(&action.group, instance.sizes(), &mut checker.stream(law, "element"))?.map(M::from);
    let g = g.as_ref();
    let (u, v) =
        (random_tangent(checker, &format!("{}/U", law.id())), random_tangent(checker, &format!("{}/V", law.id())));
    let mut moved = instance.clone();
    moved.set_parameters(&map.apply(g, &instance.parameters(), &Reals)?)?;
    let gradient = map.adjoint(g, &moved.gradient()?, &Reals)?;
    let there = moved.hessian_product(&map.apply(g, &v, &Reals)?)?;
    let there = map.adjoint(g, &there, &Reals)?;
    let mut at = checker.bindings.clone();
    if let (Some(element), Some(g)) = (action.element, g) {
        at.bind(element, g.clone());
    }
    let (first, second) = slopes(law, response, &at, instance.sizes())?;
    let along = second.hadamard(&inner(&checker.gradient, &v));
    let here = combined(&[(&first, &instance.hessian_product(&v)?[..]), (&along, &checker.gradient[..])]);
    let expected = combined(&[(&first, &checker.gradient[..])]);
    let mut residual = distance(&gradient, &expected)?.max(distance(&here, &there)?);
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
        .collect::<Result<Vec<M>, _>>()?;
    residual = residual.max(distance(&stated, &map.adjoint(g, &u, &Reals)?)?);
    Ok(Measured { residual, remark: None })
}

/// An element of the algebra, ξ there, and S V = ξ(θ + V) − ξ(θ) for an affine ξ.
pub(super) struct Orbit<'a, M> {
    pub motion: &'a Motion,
    pub a: M,
    pub xi: Vec<M>,
}

impl<'a, M: Real> Orbit<'a, M> {
    pub fn new(checker: &'a Checker<M>, law: &Member, element: &Element) -> Result<Orbit<'a, M>, CheckError> {
        let motion = checker.motion(action_of(checker, law)?.name)?;
        let a = match element.unit {
            true => M::from(Mat::full(1, 1, 1.0)),
            false => {
                let algebra = motion.group().algebra().ok_or(CheckError::Finite)?;
                motion.draw(algebra.whole(), checker.instance.sizes(), &mut checker.stream(law, "A"))?
            }
        };
        let xi = motion.generator(&checker.bindings, &a, &Reals)?;
        Ok(Orbit { motion, a, xi })
    }

    pub fn linear_part(&self, checker: &Checker<M>, v: &[M]) -> Result<Vec<M>, CheckError> {
        let instance = &checker.instance;
        let mut shifted = instance.bindings();
        for ((name, x), v) in instance.parameter_names().iter().zip(instance.parameters()).zip(v) {
            shifted.bind(*name, x.add(v));
        }
        let moved = self.motion.generator(&shifted, &self.a, &Reals)?;
        Ok(moved.iter().zip(&self.xi).map(|(x, y)| x.sub(y)).collect())
    }
}

/// D³L[ξ, V, ·] = −S*H[V] − H[S V] + c′H[V] + c″⟨∇L, V⟩∇L for a random V, and the stated formulas for S V.
pub(super) fn third<M: Real>(
    checker: &Checker<M>,
    law: &Member,
    element: &Element,
    derivative: &[(Symbol, Expr)],
    response: &Slopes,
) -> Result<Measured, CheckError> {
    let instance = &checker.instance;
    let orbit = Orbit::new(checker, law, element)?;
    let v = random_tangent(checker, &format!("{}/V", law.id()));
    let sv = orbit.linear_part(checker, &v)?;
    let mut at = checker.bindings.clone();
    at.bind(element.symbol, orbit.a.clone());
    let (first, second) = slopes(law, response, &at, instance.sizes())?;
    for (name, v) in instance.parameter_names().iter().zip(&v) {
        at.bind(Symbol::from(format!("V[{name}]")), v.clone());
    }
    let stated = (derivative.iter())
        .map(|(_, block)| Tape::new(block, law.env(), instance.sizes())?.eval(&at, &Reals))
        .collect::<Result<Vec<M>, _>>()?;
    let hv = instance.hessian_product(&v)?;
    let rotated = orbit.motion.adjoint(&checker.bindings, &orbit.a, &hv, &Reals)?;
    let along = second.hadamard(&inner(&checker.gradient, &v));
    let turned = instance.hessian_product(&sv)?;
    let third = instance.third_derivative(&orbit.xi, &v)?;
    let minus = minus_one();
    let terms: [(&M, &[M]); 5] =
        [(&minus, &rotated), (&minus, &turned), (&first, &hv), (&along, &checker.gradient), (&minus, &third)];
    let size: f64 = terms.iter().map(|(c, term)| c.norm() * norm(term)).sum();
    let sum = combined(&terms);
    let worst = residual(norm(&sum), size, rounding(&sum))?;
    Ok(Measured { residual: worst.max(distance(&stated, &sv)?), remark: None })
}

/// H[ξ] = factor·∇L for the one generator.
pub(super) fn alignment<M: Real>(checker: &Checker<M>, law: &Member, factor: &Expr) -> Result<Measured, CheckError> {
    let instance = &checker.instance;
    let motion = checker.motion(action_of(checker, law)?.name)?;
    let xi = motion.generator(&checker.bindings, &M::from(Mat::full(1, 1, 1.0)), &Reals)?;
    let factor = Tape::new(factor, law.env(), instance.sizes())?.eval(&checker.bindings, &Reals)?;
    let gradient = combined(&[(&factor, &checker.gradient[..])]);
    Ok(Measured { residual: distance(&instance.hessian_product(&xi)?, &gradient)?, remark: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;
    use crate::numeric::stream;
    use proptest::prelude::*;

    /// Two layers on which several groups act; the sizes are those asked for.
    const MODEL: &str = "
        model transported
        dim d = 3, h = 4, k = 2, n = 5
        param U : h x d
        param V : k x h
        data X : d x n
        output F = V * tanh(U * X)
        loss any
        action permute : P in Perm(h) { U -> P * U; V -> V * P' }
        action turn : P in Cyclic(h) { U -> P * U; V -> V * P' }
        action flip : S in Sign(h) { U -> S * U; V -> V * S }
        action signed : Q in SignedPerm(h) { U -> Q * U; V -> V * Q' }
    ";

    const LINEAR: &str = "
        model linear
        dim d = 3, h = 4, k = 2, n = 5
        param U : h x d
        param V : k x h
        data X : d x n
        output F = V * U * X
        loss any
        action basis : G in GL(h) { U -> G * U; V -> V * inv(G) }
        action rotate : O in O(h) { U -> O * U; V -> V * O' }
        action scale : D in Diag+(h) { U -> D * U; V -> V * inv(D) }
    ";

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]

        #[test]
        fn transport_by_two_elements_in_turn_is_transport_by_their_product(
            seed in 0u64..1000, h in 1usize..6, d in 1usize..4, linear: bool
        ) {
            let model = Model::parse("test.eqv", if linear { LINEAR } else { MODEL }).unwrap();
            let sizes = model.sizes(&[("h".into(), h as u64), ("d".into(), d as u64)]).unwrap();
            let instance = crate::numeric::Instance::new(&model, &sizes, seed).unwrap();
            for action in &model.actions {
                let map = Representation::new(&model, action, &instance).unwrap();
                let draw = |name: &str| {
                    draw_group_element(&action.group, instance.sizes(), &mut stream(seed, name)).unwrap().unwrap()
                };
                let (first, second) = (draw("first"), draw("second"));
                let both = &second * &first;
                let v: Vec<Mat<f64>> = instance.pullback(&instance.output().unwrap()).unwrap();
                let (first, second, both) = (Some(&first), Some(&second), Some(&both));
                let apply = |g, v: &Vec<Mat<f64>>| map.apply(g, v, &Reals).unwrap();
                let adjoint = |g, u: &Vec<Mat<f64>>| map.adjoint(g, u, &Reals).unwrap();
                let theta = instance.parameters();
                let in_turn = apply(second, &apply(first, &theta));
                let mut there = instance.clone();
                there.set_parameters(&in_turn).unwrap();
                let back = |u: &Vec<Mat<f64>>| (adjoint(first, &adjoint(second, u)), adjoint(both, u));
                let (gradient, at_once) = back(&there.gradient().unwrap());
                prop_assert!(distance(&in_turn, &apply(both, &theta)).unwrap() < 1e-9);
                prop_assert!(distance(&gradient, &at_once).unwrap() < 1e-9);
                prop_assert!(distance(&gradient, &instance.gradient().unwrap()).unwrap() < 1e-7);
                let hessian = there.hessian_product(&apply(second, &apply(first, &v))).unwrap();
                let (hessian, at_once) = back(&hessian);
                prop_assert!(distance(&hessian, &at_once).unwrap() < 1e-9);
                prop_assert!(distance(&hessian, &instance.hessian_product(&v).unwrap()).unwrap() < 1e-7);
            }
        }
    }
}
