//! Laws: a claim that states one, under a name. Statement, hypotheses, number of components and remarks are those of the
//! claim; there is no second place where they are written.

use super::catalogue::{Kind, LawRow, Theorem};
use super::claim::{Claim, Judgement, Proved, Refusal, derivation};
use super::hypothesis::Hypothesis;
use super::inference::Inference;
use super::members;
use super::remark::{Remark, remarks};
use super::statement::Statement;
use super::structure::Structure;
use crate::model::{Action, Dynamics};
use crate::term::{Env, Expr, Index, Indices, Symbol, int};
use std::fmt;
use std::sync::Arc;

/// What a law is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// One action.
    Action(Symbol),
    /// What several actions give together.
    Actions(Vec<Symbol>),
    /// All actions there are.
    All,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Action(action) => write!(f, "{action}"),
            Subject::Actions(actions) => {
                write!(f, "{}", actions.iter().map(|a| a.as_str()).collect::<Vec<_>>().join("-"))
            }
            Subject::All => write!(f, "all"),
        }
    }
}

/// A derived law.
#[derive(Clone, Debug)]
pub struct Law {
    id: String,
    row: LawRow,
    subject: Subject,
    /// The declared action inside which the one it is about was found.
    within: Option<Symbol>,
    claim: Proved,
    components: Expr,
    indices: Vec<Index>,
    premises: Vec<String>,
    remarks: Vec<Remark>,
    independent: Option<usize>,
}

impl Law {
    /// The law that a claim states. For an action found inside a declared one `within` is the declared one.
    ///
    /// # Errors
    /// When the claim does not state a law of that kind.
    pub fn conclude(claim: Proved, row: LawRow, within: Option<Symbol>) -> Result<Law, Refusal> {
        let Judgement::Law { statement, dynamics } = claim.judgement() else {
            return Err(Refusal("the claim states no law"));
        };
        if !row.is_about(dynamics.as_ref()) || !admits(row, statement, &claim) {
            return Err(Refusal("the claim does not state a law of that kind"));
        }
        let all = derivation(&claim);
        let mut actions: Vec<Symbol> = Vec::new();
        for action in all.iter().filter_map(|c| action_of(c)) {
            if !actions.contains(&action) {
                actions.push(action);
            }
        }
        let data = row.data();
        let joint = matches!(claim.by(), Inference::JointKernel);
        let subject = match (joint, actions.as_slice()) {
            (true, _) => Subject::All,
            (false, []) => return Err(Refusal("the law is of no action")),
            (false, [action]) => Subject::Action(*action),
            (false, actions) => Subject::Actions(actions.to_vec()),
        };
        let rests = match subject {
            Subject::Action(_) => data.rests.to_vec(),
            Subject::Actions(_) | Subject::All => vec![row.combined_from().unwrap_or(row)],
        };
        let of = |action: Symbol, row: LawRow| {
            // What is found inside a declared action rests on the transport of the declared one.
            let owner = if row == LawRow::Transport { within.unwrap_or(action) } else { action };
            format!("{owner}/{}", row.data().path)
        };
        let premise = |action: Symbol, row: LawRow| match claim.statement() {
            // The kernel of a constant generator is what T3 says of every point, and no law of its own.
            Some(Statement::Kernel { generators, .. }) if joint => {
                let params = &claim.setting().model().params;
                let flat = generators.iter().any(|g| g.action == action && g.is_constant(params));
                of(action, if flat { LawRow::HessianImage } else { row })
            }
            _ => of(action, row),
        };
        let premises = actions.iter().flat_map(|a| rests.iter().map(|r| premise(*a, *r))).collect();
        let components = claim.count().map_or_else(|| int(1), |count| count.formula.clone());
        let env = claim.scope().env();
        let mut free = Indices::NONE;
        match (statement, &subject) {
            // What is said of an action as a whole is said of each of them.
            (Statement::Kernel { .. } | Statement::Structure(_), Subject::Action(_)) => {
                for action in all.iter().filter_map(|c| equivariant(c)) {
                    free = free.union(env.indices_of(&action.indices));
                }
            }
            _ => {
                for formula in statement.formulas() {
                    free = free.union(members::indices(env, formula)?);
                }
            }
        }
        // Equations are counted where they are put together.
        let components = match statement.quantity() {
            Some(_) => members::for_each(env, free, &components),
            None => components,
        };
        let indices = env.listed(free).collect();
        let remarks = remarks(&claim, row, within);
        let id = format!("{subject}/{}", data.path);
        Ok(Law { id, row, subject, within, claim, components, indices, premises, remarks, independent: None })
    }

    /// The stable identifier: `rescale/gradient-flow/conserved`.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn row(&self) -> LawRow {
        self.row
    }

    /// What it is about: an action that may have been found inside a declared one, or several.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// The declared action inside which the one it is about was found.
    pub fn within(&self) -> Option<Symbol> {
        self.within
    }

    /// The declared action it comes from; none for a law of several actions together.
    pub fn action(&self) -> Option<Symbol> {
        match self.subject {
            Subject::Action(action) => self.within.or(Some(action)),
            Subject::Actions(_) | Subject::All => None,
        }
    }

    /// The dynamics it holds under; none when it holds at every point of parameter space.
    pub fn dynamics(&self) -> Option<&Dynamics> {
        match self.claim.judgement() {
            Judgement::Law { dynamics, .. } => dynamics.as_ref(),
            _ => None,
        }
    }

    pub fn kind(&self) -> Kind {
        self.row.data().kind
    }

    pub fn theorem(&self) -> Theorem {
        self.row.data().theorem
    }

    /// 1 for statements about the gradient, 2 about the Hessian, 3 about its derivative.
    pub fn order(&self) -> u8 {
        self.row.data().order
    }

    /// What the concluding claim states.
    pub fn statement(&self) -> &Statement {
        match self.claim.judgement() {
            Judgement::Law { statement, .. } => statement,
            _ => unreachable!("a law is made of a claim that states one"),
        }
    }

    /// What is assumed.
    pub fn hypotheses(&self) -> &[Hypothesis] {
        self.claim.hypotheses().as_slice()
    }

    /// How many scalar statements the law is, as a formula in the sizes.
    pub fn components(&self) -> &Expr {
        &self.components
    }

    /// The indices it holds for all values of.
    pub fn indices(&self) -> &[Index] {
        &self.indices
    }

    /// How many of them are independent at a generic point of the default instance.
    pub fn independent(&self) -> Option<usize> {
        self.independent
    }

    /// Records the number of independent components measured at an instance.
    pub fn set_independent(&mut self, count: usize) {
        self.independent = Some(count);
    }

    /// The ids of the laws it follows from.
    pub fn premises(&self) -> &[String] {
        &self.premises
    }

    /// What else a reader should know.
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// The meaning of every symbol in the statement.
    pub fn env(&self) -> &Arc<Env> {
        self.claim.scope().env()
    }

    /// The claim that states it, with everything it rests on.
    pub fn claim(&self) -> &Proved {
        &self.claim
    }

    /// Whether it rests on rules of the user's own, which are assumed and not proved.
    pub fn assumes_rules(&self) -> bool {
        self.claim.hypotheses().rules().next().is_some()
    }

    /// The quantity a law is about: what is conserved, or whose rate is known.
    pub fn quantity(&self) -> Option<&Expr> {
        self.statement().quantity()
    }
}

/// The action a claim introduces.
fn equivariant(claim: &Claim) -> Option<&Action> {
    match claim.judgement() {
        Judgement::Equivariance { action, .. } => Some(action),
        _ => None,
    }
}

fn action_of(claim: &Claim) -> Option<Symbol> {
    equivariant(claim).map(|action| action.name)
}

/// Whether a statement is of the kind a row says.
fn admits(row: LawRow, statement: &Statement, claim: &Proved) -> bool {
    use LawRow::*;
    let rests_on = |which: fn(&Inference) -> bool| derivation(claim).iter().any(|c| which(c.by()));
    let image = |by: &Inference| matches!(by, Inference::HessianImage);
    let form = |by: &Inference| matches!(by, Inference::HessianForm { .. });
    match (row, statement) {
        (Gradient, Statement::Equations { element: None, .. }) => {
            rests_on(|by| matches!(by, Inference::GradientIdentity)) && !rests_on(image) && !rests_on(form)
        }
        (FlowConstraint, Statement::Equations { element: None, .. }) => {
            rests_on(|by| matches!(by, Inference::Symmetry { .. }))
        }
        (HessianImage, Statement::Equations { element: Some(_), .. }) => rests_on(image) && !rests_on(form),
        (HessianForm, Statement::Equations { element: Some(_), .. }) => rests_on(form),
        (FlowConserved | DecayConserved | BallConserved | BallConservedSum | MirrorConserved, s) => {
            matches!(s, Statement::Conserved { .. })
        }
        (FlowRate | DecayRate | MirrorRate, s) => matches!(s, Statement::Rate { .. }),
        (BallRate | BallBroken, s) => matches!(s, Statement::Rate { .. } | Statement::Damped { .. }),
        (DescentStep | SgdStep, s) => matches!(s, Statement::Step { factor: None, .. }),
        (DescentDecayedStep, s) => matches!(s, Statement::Step { factor: Some(_), .. }),
        (SgdMean, s) => matches!(s, Statement::Expected { continuous: false, .. }),
        (SgdDrift | SgdEquilibrium, s) => matches!(s, Statement::Expected { continuous: true, .. }),
        (Kernel, s) => matches!(s, Statement::Kernel { .. }),
        (_, Statement::Structure(structure)) => matches!(
            (row, structure),
            (Transport, Structure::Transport { .. })
                | (Alignment, Structure::Alignment { .. })
                | (Sharpness, Structure::Sharpness { .. })
                | (Third, Structure::Third { .. })
                | (Flattest, Structure::Flattest { .. })
                | (FixedSpace, Structure::FixedSpace { .. })
                | (Breaking, Structure::Breaking { .. })
                | (Multiplicities, Structure::Multiplicities { .. })
        ),
        _ => false,
    }
}
