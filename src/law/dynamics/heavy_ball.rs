//! The heavy ball θ̈ + γθ̇ = −∇L: with P_A = ⟨θ̇, ξ_A⟩, d/dt(e^{γt}P_A) = e^{γt}(⟨θ̇, Dξ_A[θ̇]⟩ − ⟨E, r_A⟩). For a skew Dξ_A
//! the quadratic form vanishes and e^{γt}P_A is conserved by an invariance; where ξ_A is the gradient of Q_A, P_A is Q̇_A
//! and the law is Q̈_A + γQ̇_A = ⟨θ̇, Dξ_A[θ̇]⟩ − ⟨E, r_A⟩: what gradient flow conserves, the heavy ball does not.

use super::scene::*;
use crate::kernel::{Flow, LawRow, Proved, Refusal, Statement, Symmetry, cotangent, direction, quantity};
use crate::law::balance::Growth;
use crate::law::eliminate::{Scaled, Stated};
use crate::law::forms::Form;
use crate::law::missing::Obstacle;
use crate::law::outcome::ActionLaws;
use crate::term::{Expr, Op, Rational, Symbol, mul, sym};
use num_traits::{One, Zero};

/// Derives the law of the momentum along the generator.
pub(super) fn derive(scene: &Scene, out: &mut ActionLaws) {
    let translation = scene.degree().as_ref().is_some_and(Rational::is_zero);
    let invariant = scene.is_invariant();
    if scene.portion.is(Symmetry::SelfAdjoint) && !(translation && invariant) {
        let row = if invariant { LawRow::BallBroken } else { LawRow::BallRate };
        // Without a closed form of Q there is still the law of its rate.
        match damped(scene) {
            Ok(found) => scene.record(row, Ok(found), out),
            Err(_) => momentum(scene, row, out),
        }
        return;
    }
    let row = match (invariant, scene.portion.symmetry.is_some()) {
        (true, false) => LawRow::BallBroken,
        (true, true) => LawRow::BallConserved,
        (false, _) => LawRow::BallRate,
    };
    momentum(scene, row, out);
    if translation && invariant {
        scene.record(LawRow::BallConservedSum, second_integral(scene), out);
    }
}

/// Q̈ + γQ̇ = ⟨θ̇, Dξ[θ̇]⟩ − ⟨E, r⟩.
fn damped(scene: &Scene) -> Result<Option<Stated>, Obstacle> {
    let (potential, form) = scene.potential()?;
    let base = scene.base(Flow::Damped, vec![potential, scene.slope.claim.clone()])?;
    let change = [scene.quadratic(&quantity(Op::Dot))?, scene.forms.opposite_response()].map(Scaled::plain);
    scene.state(&base, &Scaled::plain(form), &change, |_, terms, write| {
        write(&crate::law::tidy::collect(terms.concat()))
    })
}

fn momentum(scene: &Scene, row: LawRow, out: &mut ActionLaws) {
    let growth = scene.hyper.growth(&Rational::one(), scene.hyper.friction);
    let found = along(scene, &growth);
    let Ok(Some(stated)) = &found else { return scene.record(row, found, out) };
    let driven = !stated.change[0].is_empty();
    let row = match stated.claim.statement() {
        Some(Statement::Conserved { .. }) => LawRow::BallConserved,
        _ if row == LawRow::BallConserved => LawRow::BallBroken,
        _ => row,
    };
    if !driven && row == LawRow::BallRate {
        let rate = stated.change[1].clone();
        out.rates.push(scene.balance(stated, row, Some(Growth::InQuantity(growth)), rate));
    }
    scene.record(row, found, out);
}

fn along(scene: &Scene, growth: &Expr) -> Result<Option<Stated>, Obstacle> {
    let velocity = quantity(Op::Dot);
    let symmetry = scene.portion.symmetry.iter().map(|(_, claim)| claim.clone());
    let base = scene.base(Flow::Momentum, std::iter::once(scene.slope.claim.clone()).chain(symmetry).collect())?;
    let quadratic = match &scene.portion.symmetry {
        Some((Symmetry::Skew, symmetry)) => vanishing(scene, symmetry)?,
        _ => scene.quadratic(&velocity)?,
    };
    let by = |form: Form| Scaled::by(growth.clone(), form);
    let change = [by(quadratic), by(scene.forms.opposite_response())];
    scene.state(&base, &by(scene.paired(&velocity)?), &change, |_, terms, write| {
        let all = crate::law::tidy::collect(terms.concat());
        if all.is_empty() { write(&all) } else { mul(growth, &write(&all)) }
    })
}

/// ⟨θ̇, Dξ[θ̇]⟩ = 0 for a skew Dξ: half the sum of both sides of ⟨U, Dξ[V]⟩ = −⟨V, Dξ[U]⟩ at U = V = θ̇.
fn vanishing(scene: &Scene, symmetry: &Proved) -> Result<Form, Obstacle> {
    let equation = symmetry.premises().last().ok_or(Refusal("the symmetry rests on no equation"))?;
    let velocity = quantity(Op::Dot);
    let involved = scene.motion.involved(scene.cx).into_iter();
    let images: Vec<(Symbol, Expr)> =
        involved.flat_map(|p| [(cotangent(p), velocity(p)), (direction(p), velocity(p))]).collect();
    let twice = scene.cx.instance(&scene.scope(), equation, &images)?;
    Ok(Form { terms: vec![], equations: vec![(Rational::new(1.into(), 2.into()), twice)] })
}

/// ⟨θ̇, b⟩ + γ⟨θ, b⟩, whose rate is ⟨θ̈ + γθ̇, b⟩ = −⟨∇L, b⟩ = 0.
fn second_integral(scene: &Scene) -> Result<Option<Stated>, Obstacle> {
    let base = scene.base(Flow::SecondIntegral, vec![])?;
    let friction = sym(scene.hyper.friction);
    let (momentum, position) = (scene.paired(&quantity(Op::Dot))?, scene.paired(&|p| sym(p))?);
    // The quantity has a part with the factor γ.
    let mut sum = momentum;
    for (c, matrix) in position.terms {
        sum.terms.push((c, mul(&friction, &matrix)));
    }
    let mut equations: Vec<(Expr, Proved)> = Vec::new();
    for (c, equation) in position.equations {
        equations.push((mul(&crate::term::num(c), &friction), equation));
    }
    for (by, equation) in equations {
        let (lhs, rhs) = equation
            .equation()
            .map(|(l, r)| (mul(&by, l), mul(&by, r)))
            .ok_or(Refusal("the form rests on no equation"))?;
        let scope = scene.scope();
        sum.equations.push((Rational::one(), scene.cx.linear(&scope, &lhs, &rhs, &[(by, equation)])?));
    }
    scene.state(&base, &Scaled::plain(sum), &[], |_, _, write| write(&vec![]))
}
