//! T2, T6, T8 and T9: derivatives at the image of a point, and the third derivative along a generator.

use super::CheckError;
use super::checker::{Checker, Measured};
use super::member::Member;
use super::representation::Representation;
use crate::eval::{Bindings, EvalError, Reals, Sizes, Tape};
use crate::kernel::{Element, Slopes};
use crate::model::Action;
use crate::numeric::{Combination, Real, distance, draw_group_element};
use crate::term::{Expr, Symbol};
use faer::Mat;

/// ⟨U, V⟩ as a 1×1 matrix.
pub(super) fn inner<'a, M: Real>(u: impl IntoIterator<Item = &'a M>, v: impl IntoIterator<Item = &'a M>) -> M {
    u.into_iter().zip(v).map(|(u, v)| u.inner(v)).reduce(|sum, x| sum.add(&x)).unwrap_or_else(|| M::zeros(1, 1))
}

/// The number 1.
pub(super) fn one<M: Real>() -> M {
    Mat::full(1, 1, 1.0).into()
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

/// Kᵀ∇L(Kθ + s) = C′∇L(θ) and KᵀH(Kθ + s)KV = C′H(θ)V + C″⟨∇L, V⟩∇L for a random element, and the stated formulas for Kᵀ
/// and s.
pub(super) fn measure<M: Real>(
    checker: &Checker<M>,
    law: &Member,
    adjoint: &[(Symbol, Expr)],
    shift: &[(Symbol, Expr)],
    response: &Slopes,
) -> Result<Measured, CheckError> {
    let action = action_of(checker, law)?;
    let instance = &checker.instance;
    let map = Representation::new(checker.model, action, instance)?;
    let g = draw_group_element(&action.group, instance.sizes(), &mut checker.stream(law, "element"))?.map(M::from);
    let g = g.as_ref();
    let v = checker.direction();
    let mut moved = instance.clone();
    moved.move_to(map.apply(g, &instance.theta().collect::<Vec<_>>(), &Reals)?)?;
    let gradient = map.adjoint(g, &moved.gradient()?, &Reals)?;
    let origin: Vec<M> = v.iter().map(|v| M::zeros(v.rows(), v.cols())).collect();
    let origin = map.apply(g, &origin, &Reals)?;
    let mut along = map.apply(g, v, &Reals)?;
    along.iter_mut().zip(&origin).for_each(|(x, s)| x.add_scaled(&one::<M>().neg(), s));
    let there = moved.hessian_product(&along)?;
    let there = map.adjoint(g, &there, &Reals)?;
    let mut at = checker.bindings.clone();
    if let (Some(element), Some(g)) = (action.element, g) {
        at.bind(element, g.clone());
    }
    let (first, second) = slopes(law, response, &at, instance.sizes())?;
    drop(moved);
    let mut sum = Combination::of(gradient);
    sum.add(&first.neg(), checker.gradient());
    let mut residual = sum.residual()?;
    sum = Combination::of(there);
    sum.add(&first.neg(), checker.image()?);
    sum.add(&second.hadamard(&inner(checker.gradient(), v)).neg(), checker.gradient());
    residual = residual.max(sum.residual()?);
    drop(sum);
    // The formulas of the law against the reverse pass of the declared map.
    let mut bindings = instance.bindings();
    for (name, u) in instance.parameter_names().iter().zip(v) {
        bindings.lend(Symbol::from(format!("U[{name}]")), u);
    }
    if let (Some(element), Some(g)) = (action.element, g) {
        bindings.bind(element, g.clone());
    }
    let stated = adjoint
        .iter()
        .map(|(_, block)| Tape::new(block, law.env(), instance.sizes())?.eval(&bindings, &Reals))
        .collect::<Result<Vec<M>, _>>()?;
    residual = residual.max(distance(&stated, &map.adjoint(g, v, &Reals)?)?);
    for (name, s) in instance.parameter_names().iter().zip(&origin) {
        let stated = match shift.iter().find(|(param, _)| param == name) {
            Some((_, s)) => Tape::new(s, law.env(), instance.sizes())?.eval(&bindings, &Reals)?,
            None => M::zeros(s.rows(), s.cols()),
        };
        residual = residual.max(distance(&[stated], std::slice::from_ref(s))?);
    }
    Ok(Measured { residual, remark: None })
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
    let action = action_of(checker, law)?.name;
    let (orbit, motion) = (checker.orbit(action)?, checker.motion(action)?);
    let v = checker.direction();
    let sv = orbit.along(checker, motion)?;
    let mut at = checker.bindings.clone();
    at.bind(element.symbol, orbit.a.clone());
    let (first, second) = slopes(law, response, &at, instance.sizes())?;
    for (name, v) in instance.parameter_names().iter().zip(v) {
        at.lend(Symbol::from(format!("V[{name}]")), v);
    }
    let stated = (derivative.iter())
        .map(|(_, block)| Tape::new(block, law.env(), instance.sizes())?.eval(&at, &Reals))
        .collect::<Result<Vec<M>, _>>()?;
    let stated = distance(&stated, sv)?;
    let hv = checker.image()?;
    let mut sum = Combination::of(motion.adjoint(&checker.bindings, &orbit.a, hv, &Reals)?);
    sum.add(&one(), &instance.hessian_product(sv)?);
    sum.add(&first.neg(), hv);
    sum.add(&second.hadamard(&inner(checker.gradient(), v)).neg(), checker.gradient());
    sum.add(&one(), orbit.third(checker)?);
    Ok(Measured { residual: sum.residual()?.max(stated), remark: None })
}

/// H[ξ] = factor·∇L for the one generator.
pub(super) fn alignment<M: Real>(checker: &Checker<M>, law: &Member, factor: &Expr) -> Result<Measured, CheckError> {
    let instance = &checker.instance;
    let orbit = checker.orbit(action_of(checker, law)?.name)?;
    let factor = Tape::new(factor, law.env(), instance.sizes())?.eval(&checker.bindings, &Reals)?;
    let mut sum = Combination::of(orbit.image(checker)?.to_vec());
    sum.add(&factor.neg(), checker.gradient());
    Ok(Measured { residual: sum.residual()?, remark: None })
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
