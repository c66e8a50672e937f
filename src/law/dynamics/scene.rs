//! One part of the algebra of one action, with what every dynamics needs of it.

use crate::group::Part;
use crate::kernel::{Flow, Hyperparameters, Inference, LawRow, Proved, Symmetry, degree, field_degree, weight};
use crate::law::balance::{Balance, Growth};
use crate::law::conservation::Portion;
use crate::law::context::Context;
use crate::law::eliminate::{self, Scaled, Stated, Terms};
use crate::law::forms::{Form, Forms, Piece, Slope};
use crate::law::generator::Motion;
use crate::law::missing::{Curled, Obstacle};
use crate::law::outcome::{ActionLaws, record};
use crate::term::{Expr, Rational, Symbol, add, mentions, mul, sym};
use num_traits::{One, Zero};

/// One part of the algebra of one action, with what every dynamics needs of it.
pub(super) struct Scene<'a> {
    pub(super) cx: &'a Context<'a>,
    pub(super) motion: &'a Motion,
    pub(super) forms: &'a Forms,
    pub(super) slope: &'a Slope,
    pub(super) portion: &'a Portion,
    pub(super) hyper: Hyperparameters,
}

/// What a statement with A eliminated is, and the row it belongs to.
pub(super) type Found = Result<Option<(LawRow, Stated)>, Obstacle>;

impl<'a> Scene<'a> {
    pub(super) fn part(&self) -> Part {
        self.portion.part
    }

    /// The degree of ξ_A in the parameters: 1 for a linear action, 0 for a translation; none for a sum of several.
    pub(super) fn degree(&self) -> Option<Rational> {
        field_degree(self.cx.model(), self.motion.components())
    }

    pub(super) fn is_invariant(&self) -> bool {
        self.forms.response.is_none()
    }

    /// The claim that ξ_A has a potential, and the potential as a form: θ in place of the cotangent, with the weights of
    /// Euler's identity.
    pub(super) fn potential(&self) -> Result<(Proved, Form), Obstacle> {
        let Some((Symmetry::SelfAdjoint, symmetry)) = &self.portion.symmetry else {
            return Err(Obstacle::NotCurlFree(Curled::Unstated));
        };
        let model = self.cx.model();
        let by = |p: &Piece| {
            let weight = degree(model, &p.term).as_ref().and_then(weight);
            weight.map(Some).ok_or(Obstacle::NotHomogeneous)
        };
        let form = self.filled(&|p| sym(p), false, by)?;
        let claim = self.cx.infer(Inference::Integration, vec![symmetry.clone()])?;
        Ok((claim, form))
    }

    /// The form ⟨U, ξ_A⟩ with something in place of U.
    pub(super) fn filled(
        &self,
        with: &dyn Fn(Symbol) -> Expr,
        both: bool,
        weight: impl Fn(&Piece) -> Result<Option<Rational>, Obstacle>,
    ) -> Result<Form, Obstacle> {
        self.forms.filled(self.cx, &self.scope(), with, both, weight)
    }

    pub(super) fn paired(&self, with: &dyn Fn(Symbol) -> Expr) -> Result<Form, Obstacle> {
        self.filled(with, false, |_| Ok(Some(Rational::one())))
    }

    /// The scope of what is said of this part.
    pub(super) fn scope(&self) -> crate::kernel::Scope {
        self.cx.setting().flowing(&self.motion.scope(self.cx, self.part()))
    }

    /// ⟨X, Dξ_A[X]⟩, for an affine action read off the forms with X in both places.
    pub(super) fn quadratic(&self, with: &dyn Fn(Symbol) -> Expr) -> Result<Form, Obstacle> {
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
    pub(super) fn noise(&self) -> impl Fn(Symbol) -> Expr {
        move |p| sym(self.cx.setting().noise(p))
    }

    /// What the kernel says of a dynamics for every A.
    pub(super) fn base(&self, flow: Flow, more: Vec<Proved>) -> Result<Proved, Obstacle> {
        let premises = std::iter::once(self.motion.claim.clone()).chain(more).collect();
        self.cx.infer(Inference::Flow(flow), premises)
    }

    /// That statement with A eliminated.
    pub(super) fn state(
        &self,
        base: &Proved,
        quantity: &Scaled,
        change: &[Scaled],
        told: impl Fn(&Expr, &[Terms], &dyn Fn(&Terms) -> Expr) -> Expr,
    ) -> Result<Option<Stated>, Obstacle> {
        eliminate::flow(self.cx, self.motion, self.part(), base, quantity, change, told)
    }

    /// Records a statement as a law, or why it is missing.
    pub(super) fn record(&self, row: LawRow, found: Result<Option<Stated>, Obstacle>, out: &mut ActionLaws) {
        record(out, self.motion.action, row, found.map(|f| f.map(|stated| stated.claim)));
    }

    /// A rate that may combine with others to something conserved.
    pub(super) fn balance(&self, stated: &Stated, row: LawRow, growth: Option<Growth>, rate: Terms) -> Balance {
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
pub(super) fn summed(parts: &[(Option<Expr>, &Terms)], write: &dyn Fn(&Terms) -> Expr) -> Expr {
    let parts = parts.iter().filter(|(_, terms)| !terms.is_empty());
    let sum = parts.map(|(factor, terms)| match factor {
        Some(factor) => mul(factor, &write(terms)),
        None => write(terms),
    });
    sum.reduce(|sum, x| add(&sum, &x)).unwrap_or_else(|| write(&vec![]))
}

/// Whether a rational number is 0, or 1.
pub(super) fn is_zero_or_one(k: &Rational) -> bool {
    k.is_zero() || k.is_one()
}
