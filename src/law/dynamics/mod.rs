//! What the other dynamics do with T1, from the same forms as gradient flow: θ in place of the cotangent gives Q_A, the
//! velocity or the gradient in both places the quadratic forms ⟨θ̇, S_Aθ̇⟩ and ⟨∇L, S_A∇L⟩.

mod decay;
mod descent;
mod heavy_ball;
mod hyperparameters;
mod mirror;
mod stochastic;
#[cfg(test)]
mod tests;

pub use hyperparameters::Hyperparameters;

use super::conservation::{Portion, Symmetry, weight_of};
use super::derivation::{ClaimId, ClaimStatement, Reason, Theorem};
use super::difference::Balance;
use super::generator::Tangent;
use super::gradient::{map_proof, pieces_shape, project};
use super::law::{Draft, Element, Kind, Law, Statement};
use super::linear::{Adjoint, Forms, Piece, cotangent, direction, isolate, tangent_env};
use super::potential::degree;
use super::tidy::{collect, primitive, tidy_summands, total};
use super::{ActionLaws, Context, Missing, law_id};
use crate::model::{Dynamics, Potential};
use crate::term::{Env, Expr, Facts, Op, Rational, Shape, Symbol, apply, infer, inner, mentions, substitute, sym};
use num_traits::{One, Zero};
use std::collections::HashMap;
use std::sync::Arc;

/// Derives the laws of every dynamics but gradient flow on each part of the algebra.
pub(super) fn derive(
    cx: &Context,
    tangent: &mut Tangent,
    forms: &Forms,
    adjoint: &Adjoint,
    portions: &[Portion],
    out: &mut ActionLaws,
) {
    for portion in portions {
        let scene = match Scene::new(cx, tangent, forms, adjoint, portion) {
            Ok(scene) => scene,
            Err(reason) => {
                let id = law_id(tangent.action, "weight-decay/conserved");
                out.missing.push(Missing { id, reason });
                continue;
            }
        };
        if portion.symmetry == Symmetry::SelfAdjoint {
            decay::derive(&scene, tangent, out);
            descent::derive(&scene, tangent, out);
            stochastic::derive(&scene, tangent, out);
        }
        heavy_ball::derive(&scene, tangent, out);
    }
    mirror::derive(cx, tangent, forms, adjoint, out);
    without_law(tangent, portions, out);
}

/// Why a dynamics whose laws are about a potential of ξ_A says nothing where there is none.
fn without_law(tangent: &Tangent, portions: &[Portion], out: &mut ActionLaws) {
    let told = [
        (Dynamics::WeightDecay, "weight-decay"),
        (Dynamics::GradientDescent, "gradient-descent"),
        (Dynamics::Sgd, "sgd"),
        (Dynamics::HeavyBall, "heavy-ball"),
    ];
    for (dynamics, part) in told {
        let prefix = law_id(tangent.action, &format!("{part}/"));
        let law = out.laws.iter().any(|law| law.dynamics() == Some(&dynamics));
        if law || out.missing.iter().any(|m| m.id.starts_with(&prefix)) {
            continue;
        }
        let skew = portions.iter().all(|p| p.symmetry == Symmetry::Skew);
        let curl_free = portions.iter().any(|p| p.symmetry == Symmetry::SelfAdjoint);
        let reason = match (skew, curl_free, &dynamics) {
            (_, true, _) => "the projection of the law onto the Lie algebra is empty",
            (true, _, Dynamics::WeightDecay) => {
                "the generator is skew in θ, so it is the gradient of no Q_A; what holds is the constraint of gradient flow, to \
                 which the decay adds −λ⟨θ, ξ_A⟩"
            }
            (true, ..) => "the generator is skew in θ, so it is the gradient of no Q_A whose change could be stated",
            (false, ..) => "ξ_A is not proved curl-free, so there is no potential Q_A whose change could be stated",
        };
        let name = format!("{prefix}{}", if dynamics == Dynamics::WeightDecay { "conserved" } else { "step" });
        out.missing.push(Missing { id: name, reason: reason.into() });
    }
}

/// Why there is no exact law of one finite step.
const NOT_QUADRATIC: &str =
    "the action is not affine in θ, so Q_A is not quadratic and its change in a finite step has no closed form";

/// Summands of a matrix with their coefficients.
type Terms = Vec<(Rational, Expr)>;

/// What stands for the cotangent on every parameter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Filling {
    /// The parameter itself.
    Position,
    /// `grad(W)` or `dot(W)`.
    Quantity(Op),
    /// The noise of a stochastic gradient.
    Noise,
}

/// One part of the algebra of one action, with what every dynamics needs of it.
struct Scene<'a> {
    cx: &'a Context<'a>,
    forms: &'a Forms,
    portion: &'a Portion,
    hyper: Hyperparameters,
    /// The meaning of every symbol of a law: A restricted to the part, and the hyper-parameters.
    env: Arc<Env>,
    work: Arc<Env>,
    shape: Shape,
    element: Element,
    /// Whether Dξ_A does not depend on the parameters.
    affine: bool,
    /// The degree of ξ_A in the parameters: 1 for a linear action, 0 for a translation; none for a sum of several.
    degree: Option<Rational>,
    adjoint: &'a Adjoint,
    /// −⟨E, r_A⟩, projected; empty for an invariance.
    response: Terms,
}

impl<'a> Scene<'a> {
    fn new(
        cx: &'a Context,
        tangent: &Tangent,
        forms: &'a Forms,
        adjoint: &'a Adjoint,
        portion: &'a Portion,
    ) -> Result<Scene<'a>, String> {
        let restricted = match tangent.element.unit {
            true => tangent.env.clone(),
            false => tangent.env_for(portion.family.facts),
        };
        let hyper = Hyperparameters::of(cx.model);
        let mut env = (*restricted).clone();
        hyper.declare(&mut env);
        for param in &cx.model.params {
            env.declare(hyper.noise(cx.model, param.name), param.shape, Facts::empty());
        }
        let work = tangent_env(cx, &env);
        let shape = infer(&work, &portion.family.project(&pieces_shape(tangent)).1).map_err(|e| e.to_string())?.shape;
        let mut degrees = forms.pieces.iter().map(|p| degree(cx, &p.term));
        let first = degrees.next().flatten();
        let one = degrees.all(|k| k == first);
        let degree = first.filter(|_| one);
        let response = match &forms.response {
            Some((matrix, _)) => collect(project(cx, &work, &portion.family, &-Rational::one(), matrix)?),
            None => vec![],
        };
        let (env, affine) = (Arc::new(env), adjoint.affine);
        let element = tangent.element.clone();
        Ok(Scene { cx, forms, portion, hyper, env, work, shape, element, affine, degree, adjoint, response })
    }

    /// ⟨U, ξ_A⟩ with A eliminated.
    fn paired(&self, with: Filling) -> Result<Terms, String> {
        self.form(with, false, |_| Ok(Some(Rational::one())))
    }

    /// Q_A with A eliminated: ½⟨θ, S_A θ⟩ + ⟨b_A, θ⟩ for an affine action.
    fn potential(&self) -> Result<Terms, String> {
        self.form(Filling::Position, false, |p| weight_of(self.cx, p).map(Some))
    }

    /// ⟨V, Dξ_A[V]⟩ with A eliminated, for V what stands for every parameter; ⟨V, S_A V⟩ for an affine action.
    fn quadratic(&self, of: Filling) -> Result<Terms, String> {
        if self.affine {
            return self.form(of, true, |p| Ok(is_linear(self.cx, p).then(Rational::one)));
        }
        let images = self.images(of, false);
        let along: HashMap<Symbol, Expr> =
            self.cx.model.params.iter().map(|p| (direction(p.name), images[&cotangent(p.name)].clone())).collect();
        let mut terms = Vec::new();
        for (param, _) in &self.adjoint.derivative {
            let Some(moved) = self.adjoint.derivative_at(*param, &along) else { continue };
            for (c, term) in tidy_summands(&self.work, &moved) {
                let form = inner(&images[&cotangent(*param)], &term);
                let (matrix, _) = isolate(self.cx, &self.work, &self.element, &form)?;
                terms.extend(project(self.cx, &self.work, &self.portion.family, &c, &matrix)?);
            }
        }
        Ok(collect(terms))
    }

    /// d/dt quantity = first + response.
    fn rate(&self, quantity: Expr, first: Expr, response: &[(Rational, Expr)]) -> Statement {
        let rate = match response.is_empty() {
            true => first,
            false => crate::term::add(&first, &self.total(response)),
        };
        Statement::Rate { quantity, rate }
    }

    fn form(
        &self,
        with: Filling,
        both: bool,
        weight: impl Fn(&Piece) -> Result<Option<Rational>, String>,
    ) -> Result<Terms, String> {
        let images = self.images(with, both);
        let mut terms = Vec::new();
        for piece in &self.forms.pieces {
            let Some(weight) = weight(piece)? else { continue };
            let matrix = substitute(&piece.matrix, &images);
            let coefficient = weight * &piece.coefficient;
            terms.extend(project(self.cx, &self.work, &self.portion.family, &coefficient, &matrix)?);
        }
        Ok(collect(terms))
    }

    /// What stands for the cotangent of each parameter, and with `both` for the parameter too.
    fn images(&self, with: Filling, both: bool) -> HashMap<Symbol, Expr> {
        let mut images = HashMap::new();
        for param in &self.cx.model.params {
            let image = match with {
                Filling::Position => sym(param.name),
                Filling::Quantity(op) => apply(op, &[&sym(param.name)]),
                Filling::Noise => sym(self.hyper.noise(self.cx.model, param.name)),
            };
            if both {
                images.insert(param.name, image.clone());
            }
            images.insert(cotangent(param.name), image);
        }
        images
    }

    fn total(&self, terms: &[(Rational, Expr)]) -> Expr {
        total(&self.env, terms, self.shape)
    }

    /// The claims a law rests on: the form ⟨U, ξ_A⟩ piece by piece for that U, the response, and the symmetry of S_A.
    fn premises(&self, tangent: &mut Tangent, with: Filling) -> Vec<ClaimId> {
        let mut claims = self.portion.claims.clone();
        claims.push(tangent.equivariance);
        claims.extend(tangent.generator_claims());
        let images = self.images(with, false);
        let pieces = self.forms.pieces.iter().map(|p| map_proof(&p.proof, &images));
        for proof in pieces.chain(self.forms.response.iter().map(|(_, proof)| proof.clone())) {
            let statement = ClaimStatement::Equation { lhs: proof.start.clone(), rhs: proof.end().clone() };
            claims.push(tangent.argument.claim(statement, Reason::Rewriting(proof), &[]));
        }
        claims
    }

    /// Concludes a law from its premises, in words.
    fn law(&self, tangent: &mut Tangent, conclusion: Conclusion) -> Law {
        let Conclusion { dynamics, name, kind, statement, mut premises, words, remarks } = conclusion;
        let equation = dynamics.row().hypothesis(matches!(statement, Statement::Step { factor: Some(_), .. }));
        let mut hypotheses = vec![equation.clone()];
        hypotheses.extend(match &dynamics {
            Dynamics::Sgd if self.response.is_empty() => {
                vec!["when each sample's loss is smooth and invariant".to_string()]
            }
            Dynamics::Sgd => vec!["when each sample's loss is smooth and equivariant as stated".to_string()],
            Dynamics::Mirror(potentials) => {
                let each: Vec<String> = potentials.iter().map(|(p, kind)| format!("{kind} on {p}")).collect();
                let declared = potentials.iter().any(|(_, kind)| Potential::builtin(kind.as_str()).is_none());
                let convex = declared.then(|| "where ψ is convex, ψ″ > 0".to_string());
                let potential = format!("for ψ with {}", each.join(", "));
                [potential].into_iter().chain(convex).chain(["wherever L is differentiable".to_string()]).collect()
            }
            _ => vec!["wherever L is differentiable".into()],
        });
        let motion = ClaimStatement::Assumption(equation);
        premises.push(tangent.argument.claim(motion, Reason::Hypothesis, &[]));
        let conclusion = tangent.argument.theorem(ClaimStatement::Conclusion, Theorem::Conservation, words, &premises);
        let draft = Draft {
            id: law_id(tangent.action, name),
            action: Some(tangent.action),
            kind,
            theorem: Theorem::Conservation,
            statement,
            hypotheses,
            dynamics: Some(dynamics),
            components: self.portion.family.dimension.clone(),
            premises: vec![law_id(tangent.action, "gradient")],
            remarks,
            env: self.env.clone(),
        };
        Law::new(draft, tangent.argument.conclude(conclusion))
    }
}

/// What a derivation ends in.
struct Conclusion {
    dynamics: Dynamics,
    name: &'static str,
    kind: Kind,
    statement: Statement,
    premises: Vec<ClaimId>,
    words: &'static str,
    remarks: Vec<String>,
}

/// Whether a summand of ξ_A mentions a parameter.
fn is_linear(cx: &Context, piece: &Piece) -> bool {
    cx.model.params.iter().any(|p| mentions(&piece.term, p.name))
}

/// Records a derived law, or why it is missing.
fn record(out: &mut ActionLaws, action: Symbol, name: &str, law: Result<Option<Law>, String>) {
    match law {
        Ok(Some(law)) => out.laws.push(law),
        Ok(None) => {}
        Err(reason) => out.missing.push(Missing { id: law_id(action, name), reason }),
    }
}
