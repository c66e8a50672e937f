//! What the dynamics do with T1, from the same forms: θ in place of the cotangent gives Q_A, the velocity or the gradient in
//! both places the quadratic forms ⟨θ̇, S_Aθ̇⟩ and ⟨∇L, S_A∇L⟩. The statements for every A are the kernel's; here A is eliminated.

mod heavy_ball;
mod mirror;
mod plain;
#[cfg(test)]
mod tests;

use super::conservation::Portion;
use super::context::Context;
use super::difference::{Balance, Growth};
use super::eliminate::{self, Scaled, Stated, Terms};
use super::forms::{Form, Forms, Piece, Slope};
use super::generator::Motion;
use super::{ActionLaws, Missing, law_id, record};
use crate::group::Part;
use crate::kernel::{Flow, Hyperparameters, Inference, LawRow, Proved, Symmetry, degree, field_degree, weight};
use crate::model::Dynamics;
use crate::term::{Expr, Op, Rational, Symbol, add, mentions, mul, sym};
use num_traits::{One, Zero};

/// Derives the laws of every dynamics on each part of the algebra.
pub(super) fn derive(
    cx: &Context,
    motion: &Motion,
    forms: &Forms,
    slope: &Slope,
    portions: &[Portion],
    out: &mut ActionLaws,
) {
    for portion in portions {
        let scene = Scene { cx, motion, forms, slope, portion, hyper: Hyperparameters::of(cx.model()) };
        if portion.is(Symmetry::SelfAdjoint) {
            plain::flow(&scene, out);
            plain::decay(&scene, out);
            plain::descent(&scene, out);
            plain::stochastic(&scene, out);
        }
        heavy_ball::derive(&scene, out);
    }
    mirror::derive(cx, motion, forms, out);
    without_law(motion, portions, out);
}

/// Why a dynamics whose laws are about a potential of ξ_A says nothing where there is none.
fn without_law(motion: &Motion, portions: &[Portion], out: &mut ActionLaws) {
    let told = [
        (Dynamics::WeightDecay, LawRow::DecayConserved),
        (Dynamics::GradientDescent, LawRow::DescentStep),
        (Dynamics::Sgd, LawRow::SgdStep),
        (Dynamics::HeavyBall, LawRow::BallConserved),
    ];
    for (dynamics, row) in told {
        let law = out.laws.iter().any(|law| law.dynamics() == Some(&dynamics));
        let about = |m: &Missing| {
            LawRow::named(m.id.split_once('/').map_or("", |(_, path)| path))
                .is_some_and(|r| r.is_about(Some(&dynamics)))
        };
        if law || out.missing.iter().any(about) {
            continue;
        }
        let skew = portions.iter().all(|p| p.is(Symmetry::Skew));
        let curl_free = portions.iter().any(|p| p.is(Symmetry::SelfAdjoint));
        let reason = match (skew, curl_free, &dynamics) {
            (_, true, _) => "the projection of the law onto the Lie algebra is empty",
            (true, _, Dynamics::WeightDecay) => {
                "the generator is skew in θ, so it is the gradient of no Q_A; what holds is the constraint of gradient flow, to \
                 which the decay adds −λ⟨θ, ξ_A⟩"
            }
            (true, ..) => "the generator is skew in θ, so it is the gradient of no Q_A whose change could be stated",
            (false, ..) => "ξ_A is not proved curl-free, so there is no potential Q_A whose change could be stated",
        };
        let path = if dynamics == Dynamics::HeavyBall { "heavy-ball/step" } else { row.data().path };
        out.missing.push(Missing { id: law_id(motion.action, path), reason: reason.into() });
    }
}

/// Why there is no exact law of one finite step.
const NOT_QUADRATIC: &str =
    "the action is not affine in θ, so Q_A is not quadratic and its change in a finite step has no closed form";

/// Why there is no potential in closed form.
const NOT_HOMOGENEOUS: &str = "ξ_A is curl-free, but it is no sum of homogeneous fields of degrees other than −1, and no closed form of its potential is known";

/// One part of the algebra of one action, with what every dynamics needs of it.
struct Scene<'a> {
    cx: &'a Context<'a>,
    motion: &'a Motion,
    forms: &'a Forms,
    slope: &'a Slope,
    portion: &'a Portion,
    hyper: Hyperparameters,
}

/// What a statement with A eliminated is, and the row it belongs to.
type Found = Result<Option<(LawRow, Stated)>, String>;

impl<'a> Scene<'a> {
    fn part(&self) -> Part {
        self.portion.part
    }

    /// The degree of ξ_A in the parameters: 1 for a linear action, 0 for a translation; none for a sum of several.
    fn degree(&self) -> Option<Rational> {
        field_degree(self.cx.model(), self.motion.components())
    }

    fn is_invariant(&self) -> bool {
        self.forms.response.is_none()
    }

    /// The claim that ξ_A has a potential, and the potential as a form: θ in place of the cotangent, with the weights of
    /// Euler's identity.
    fn potential(&self) -> Result<(Proved, Form), String> {
        let Some((Symmetry::SelfAdjoint, symmetry)) = &self.portion.symmetry else {
            return Err("ξ_A is not proved curl-free".into());
        };
        let model = self.cx.model();
        let by = |p: &Piece| {
            let weight = degree(model, &p.term).as_ref().and_then(weight);
            weight.map(Some).ok_or_else(|| NOT_HOMOGENEOUS.to_string())
        };
        let form = self.filled(&|p| sym(p), false, by)?;
        let claim = self.cx.infer(Inference::Integration, vec![symmetry.clone()])?;
        Ok((claim, form))
    }

    /// The form ⟨U, ξ_A⟩ with something in place of U.
    fn filled(
        &self,
        with: &dyn Fn(Symbol) -> Expr,
        both: bool,
        weight: impl Fn(&Piece) -> Result<Option<Rational>, String>,
    ) -> Result<Form, String> {
        self.forms.filled(self.cx, &self.scope(), with, both, weight)
    }

    fn paired(&self, with: &dyn Fn(Symbol) -> Expr) -> Result<Form, String> {
        self.filled(with, false, |_| Ok(Some(Rational::one())))
    }

    /// The scope of what is said of this part.
    fn scope(&self) -> crate::kernel::Scope {
        crate::kernel::flow_scope(self.cx.setting(), &self.motion.scope(self.cx, self.part()))
    }

    /// ⟨X, Dξ_A[X]⟩, for an affine action read off the forms with X in both places.
    fn quadratic(&self, with: &dyn Fn(Symbol) -> Expr) -> Result<Form, String> {
        let model = self.cx.model();
        let linear = |p: &Piece| Ok(model.params.iter().any(|q| mentions(&p.term, q.name)).then(Rational::one));
        if self.slope.affine
            && let Ok(form) = self.filled(with, true, linear)
        {
            return Ok(form);
        }
        self.slope.quadratic(self.cx, &self.scope(), self.motion, with)
    }

    /// A noise in place of a parameter.
    fn noise(&self) -> impl Fn(Symbol) -> Expr {
        move |p| sym(self.hyper.noise(self.cx.model(), p))
    }

    /// What the kernel says of a dynamics for every A.
    fn base(&self, flow: Flow, more: Vec<Proved>) -> Result<Proved, String> {
        let premises = std::iter::once(self.motion.claim.clone()).chain(more).collect();
        self.cx.infer(Inference::Flow(flow), premises)
    }

    /// That statement with A eliminated.
    fn state(
        &self,
        base: &Proved,
        quantity: &Scaled,
        change: &[Scaled],
        told: impl Fn(&Expr, &[Terms], &dyn Fn(&Terms) -> Expr) -> Expr,
    ) -> Result<Option<Stated>, String> {
        eliminate::flow(self.cx, self.motion, self.part(), base, quantity, change, told)
    }

    /// Records a statement as a law, or why it is missing.
    fn record(&self, row: LawRow, found: Result<Option<Stated>, String>, out: &mut ActionLaws) {
        record(out, self.motion.action, row, found.map(|f| f.map(|stated| stated.claim)));
    }

    /// A rate that may combine with others to something conserved.
    fn balance(&self, stated: &Stated, row: LawRow, growth: Option<Growth>, rate: Terms) -> Balance {
        Balance {
            claim: stated.claim.clone(),
            row,
            growth,
            quantity: stated.quantity.clone(),
            rate,
            shape: stated.shape,
        }
    }
}

/// Σ factor · terms, without what is empty; the zero of the shape for nothing.
fn summed(parts: &[(Option<Expr>, &Terms)], write: &dyn Fn(&Terms) -> Expr) -> Expr {
    let parts = parts.iter().filter(|(_, terms)| !terms.is_empty());
    let sum = parts.map(|(factor, terms)| match factor {
        Some(factor) => mul(factor, &write(terms)),
        None => write(terms),
    });
    sum.reduce(|sum, x| add(&sum, &x)).unwrap_or_else(|| write(&vec![]))
}

/// Whether a rational number is 0, or 1.
fn is_zero_or_one(k: &Rational) -> bool {
    k.is_zero() || k.is_one()
}

/// The gradient or the velocity of a parameter.
fn quantity(op: Op) -> impl Fn(Symbol) -> Expr {
    super::forms::quantity(op)
}
