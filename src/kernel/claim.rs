//! Claims: what was inferred, from what, under which hypotheses. There is no way to make one but by an inference that the
//! kernel carries out.

use super::count::Count;
use super::element::Element;
use super::hypothesis::{Hypotheses, Hypothesis};
use super::inference::{Inference, Side, Symmetry};
pub use super::refusal::Refusal;
use super::scope::{Scope, Setting};
use super::statement::Statement;
use crate::group::{Algebra, Family, Part};
use crate::model::{Action, Dynamics};
use crate::term::{Expr, Symbol};
use std::sync::Arc;

/// A claim that holds, shared by everything that rests on it.
pub type Proved = Arc<Claim>;

/// What was inferred.
#[derive(Clone, Debug)]
pub struct Claim {
    setting: Setting,
    scope: Scope,
    judgement: Judgement,
    by: Inference,
    premises: Vec<Proved>,
    hypotheses: Hypotheses,
    count: Option<Count>,
}

/// What a claim states, for all values of the symbols of its scope.
#[derive(Clone, Debug, PartialEq)]
pub enum Judgement {
    /// T0: the images of the parameters, and of output and loss where they are declared, form a group action.
    GroupAction { action: Arc<Action>, side: Side },
    /// Under the action the named quantity (a `let`, the output, the loss) goes to the expression.
    Transport { action: Arc<Action>, name: Symbol, image: Expr },
    /// T0: a group action under which output or loss go where the action says.
    Equivariance { action: Arc<Action>, kind: ActionKind, side: Side },
    /// An equation; of differentials, along these directions of the named symbols.
    Equation { along: Vec<(Symbol, Expr)>, lhs: Expr, rhs: Expr },
    /// d/dt at t = 0 along exp(tA) of the image of a parameter, the output or the loss.
    Generator { action: Arc<Action>, element: Element, name: Symbol, value: Expr },
    /// The action to first order.
    Tangent(Tangent),
    /// M(θ)ξ_A of a mirror flow with M = ∇²ψ.
    Field(Field),
    /// `Dω_A[V]` of a field ω_A on the parameters it moves.
    Derivative { field: Components, derivative: Components },
    /// The derivative of the field is self-adjoint, or skew.
    Symmetry { field: Components, symmetry: Symmetry },
    /// ∇ form = field.
    Potential { field: Components, form: Expr },
    /// What a law states, with the dynamics it is about.
    Law { statement: Statement, dynamics: Option<Dynamics> },
}

/// The components of a field on the parameters where it is not zero.
pub type Components = Vec<(Symbol, Expr)>;

/// A continuous action to first order.
#[derive(Clone, Debug, PartialEq)]
pub struct Tangent {
    pub action: Arc<Action>,
    pub kind: ActionKind,
    pub element: Element,
    /// ξ_A on each parameter it moves, in the order of the model's parameters.
    pub components: Components,
    pub response: Response,
}

impl Tangent {
    /// The Lie algebra; the action is continuous.
    pub fn algebra(&self) -> Option<Algebra> {
        self.action.group.algebra()
    }

    /// ξ_A on a parameter; zero is `None`.
    pub fn on(&self, param: Symbol) -> Option<&Expr> {
        self.components.iter().find(|(p, _)| *p == param).map(|(_, value)| value)
    }

    /// Whether the action leaves the output or the loss invariant.
    pub fn is_invariance(&self) -> bool {
        matches!(self.response, Response::Invariant)
    }
}

/// The first-order motion of the output or the loss.
#[derive(Clone, Debug, PartialEq)]
pub enum Response {
    /// The action is an invariance.
    Invariant,
    /// r_A(F), a formula in the output's symbol.
    Output(Expr),
    /// c_A(L), a formula in the symbol `loss`.
    Loss(Expr),
}

/// The dual field of a mirror flow.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    pub dynamics: Dynamics,
    pub tangent: Components,
    pub components: Components,
    /// ψ′ at every entry, for each parameter that moves.
    pub slopes: Components,
}

/// What kind of equivariance was proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionKind {
    Invariance,
    Equivariance,
    /// Of the output, where the parameters enter the loss in other ways too: it says nothing of the loss.
    OutputEquivariance,
    LossInvariance,
    LossEquivariance,
}

impl ActionKind {
    /// The name in the JSON output.
    pub fn name(self) -> &'static str {
        match self {
            ActionKind::Invariance | ActionKind::LossInvariance => "invariance",
            ActionKind::Equivariance | ActionKind::OutputEquivariance => "equivariance",
            ActionKind::LossEquivariance => "loss-equivariance",
        }
    }

    /// Whether nothing moves.
    pub fn is_invariance(self) -> bool {
        matches!(self, ActionKind::Invariance | ActionKind::LossInvariance)
    }
}

/// What an inference concludes.
pub(super) struct Conclusion {
    pub scope: Scope,
    pub judgement: Judgement,
    /// Hypotheses beyond those of the premises, and those that the statement itself says.
    pub assumed: Vec<Hypothesis>,
    pub discharged: Vec<Hypothesis>,
    pub count: Option<Count>,
}

impl Conclusion {
    pub fn new(scope: Scope, judgement: Judgement) -> Conclusion {
        Conclusion { scope, judgement, assumed: vec![], discharged: vec![], count: None }
    }

    /// What a law states of every point, whatever the dynamics.
    pub fn law(scope: Scope, statement: Statement) -> Conclusion {
        Conclusion::new(scope, Judgement::Law { statement, dynamics: None })
    }

    /// Whether it speaks of the loss as a whole, or of its derivatives, so that it matters what is held while these are taken.
    pub fn is_about_the_loss(&self) -> bool {
        matches!(self.judgement, Judgement::Equivariance { .. } | Judgement::Law { .. })
    }

    pub fn assuming(mut self, hypotheses: impl IntoIterator<Item = Hypothesis>) -> Conclusion {
        self.assumed.extend(hypotheses);
        self
    }

    pub fn counted(mut self, count: Option<Count>) -> Conclusion {
        self.count = count;
        self
    }
}

impl Claim {
    /// The claim that an inference concludes; `infer.rs` is the only caller.
    pub(super) fn concluded(setting: &Setting, by: Inference, premises: Vec<Proved>, conclusion: Conclusion) -> Proved {
        let Conclusion { scope, judgement, assumed, discharged, count } = conclusion;
        let mut hypotheses = Hypotheses::default();
        premises.iter().for_each(|p| hypotheses.extend(&p.hypotheses));
        discharged.iter().for_each(|h| hypotheses.remove(h));
        assumed.into_iter().for_each(|h| hypotheses.add(h));
        Arc::new(Claim { setting: setting.clone(), scope, judgement, by, premises, hypotheses, count })
    }

    pub fn setting(&self) -> &Setting {
        &self.setting
    }

    /// The symbols the claim holds for all values of.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    pub fn judgement(&self) -> &Judgement {
        &self.judgement
    }

    /// Why it holds.
    pub fn by(&self) -> &Inference {
        &self.by
    }

    pub fn premises(&self) -> &[Proved] {
        &self.premises
    }

    pub fn hypotheses(&self) -> &Hypotheses {
        &self.hypotheses
    }

    /// How many scalar statements it is.
    pub fn count(&self) -> Option<&Count> {
        self.count.as_ref()
    }

    /// The two sides of an equation that depends on no direction.
    pub fn equation(&self) -> Option<(&Expr, &Expr)> {
        match &self.judgement {
            Judgement::Equation { along, lhs, rhs } if along.is_empty() => Some((lhs, rhs)),
            _ => None,
        }
    }

    /// What it states, if it is a law.
    pub fn statement(&self) -> Option<&Statement> {
        match &self.judgement {
            Judgement::Law { statement, .. } => Some(statement),
            _ => None,
        }
    }

    /// The name of the second element of the form it rests on.
    pub(super) fn by_second(&self) -> Option<Symbol> {
        match &self.by {
            Inference::HessianForm { second } => Some(*second),
            _ => self.premises.iter().find_map(|p| p.by_second()),
        }
    }

    /// The action to first order, if it is one.
    pub fn tangent(&self) -> Option<&Tangent> {
        match &self.judgement {
            Judgement::Tangent(tangent) => Some(tangent),
            _ => None,
        }
    }
}

/// A claim and everything it rests on, premises first, each once.
pub fn derivation(of: &Proved) -> Vec<Proved> {
    fn visit(claim: &Proved, out: &mut Vec<Proved>, seen: &mut std::collections::HashSet<*const Claim>) {
        if !seen.insert(Arc::as_ptr(claim)) {
            return;
        }
        claim.premises.iter().for_each(|p| visit(p, out, seen));
        out.push(claim.clone());
    }
    let (mut out, mut seen) = (Vec::new(), std::collections::HashSet::new());
    visit(of, &mut out, &mut seen);
    out
}

/// A part of an algebra.
pub fn family_of(algebra: &Algebra, part: Part) -> Option<Family> {
    algebra.families.iter().find(|f| f.part == part).cloned()
}
