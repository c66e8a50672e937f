//! The measurement of each kind of law, and the verdict.

use super::checker::{Checker, Measured};
use super::member::Member;
use super::{
    Check, CheckError, TOLERANCE, damped, flattest, flow, identity, kernel, noise, sharpness, step, symmetric,
    transport,
};
use crate::eval::{EvalError, concrete};
use crate::kernel::{Law, Statement, Structure};
use crate::model::{Dynamics, Model};
use crate::numeric::Real;
use crate::term::Sizes;

/// The most entries of an element of a continuous group, which is inverted and multiplied in time of its size cubed, at most
/// a few times for each law.
const ELEMENT_ENTRIES: usize = 1 << 20;

/// The most entries of an element of a finite group, which is only multiplied with parameters.
const PERMUTATION_ENTRIES: usize = 1 << 22;

/// How many other instances are drawn for a law whose measurement meets a singular point.
const REDRAWS: u64 = 8;

impl Checker<'_> {
    /// Measures a law. A law that cannot be measured does not pass, and the remark says why.
    pub fn check(&self, law: &Law) -> Check {
        self.check_statement(law, law.statement())
    }

    /// Measures a statement in place of that of a law, about its action and dynamics and in its symbols. What was not derived can
    /// be measured so, in particular what is wrong.
    pub fn check_statement(&self, law: &Law, statement: &Statement) -> Check {
        let (mut seed, mut measured) = (self.seed, self.attempted(law, statement));
        // A singular point is left for another instance.
        for attempt in 1..=REDRAWS {
            match &measured {
                Err(CheckError::Eval(error)) if error.is_undefined() => {}
                _ => break,
            }
            if let Ok(other) = self.redrawn(attempt) {
                (seed, measured) = (other.seed, other.attempted(law, statement));
            }
        }
        // What is beyond the machine, or the points at hand, is no failure of the law.
        let is_measured = match &measured {
            Err(CheckError::Unmeasured(_) | CheckError::NoInstance { .. }) => false,
            Err(CheckError::Eval(error)) => {
                !error.is_undefined() && !matches!(error, EvalError::TooLarge { .. } | EvalError::TooMuchWork(_))
            }
            Ok(_) | Err(_) => true,
        };
        let Measured { residual, remark } = measured.unwrap_or_else(|error| Measured {
            residual: f64::INFINITY,
            remark: Some(format!("not measured: {error}")),
        });
        let passed = residual <= TOLERANCE;
        Check { law: law.id().to_string(), residual, tolerance: TOLERANCE, passed, measured: is_measured, seed, remark }
    }

    fn attempted(&self, law: &Law, statement: &Statement) -> Result<Measured, CheckError> {
        match self.miscounted(law) {
            Some(remark) => Ok(Measured { residual: f64::INFINITY, remark: Some(remark) }),
            None => self.of_members(law, statement),
        }
    }

    /// What contradicts the number of components that a law states: a rank over a prime field is at most the generic rank, so
    /// no more components can be independent than there are.
    pub fn miscounted(&self, law: &Law) -> Option<String> {
        let independent = law.independent()?;
        let components = law.claim().setting().model().count(law.components(), self.instance.sizes())?;
        let words = format!("{independent} components are independent at these sizes, but the law counts {components}");
        (independent > components).then_some(words)
    }

    /// The worst residual of the members of a law that are measured, with the remark of the first.
    fn of_members(&self, law: &Law, statement: &Statement) -> Result<Measured, CheckError> {
        let (members, all) = Member::all(self.model, law, statement, self.instance.sizes(), Some(self.seed))?;
        let mut found: Option<Measured> = None;
        for member in &members {
            self.affordable(member)?;
            let measured = self.measured(member)?;
            let worst =
                found.as_ref().is_none_or(|found| measured.residual > found.residual || measured.residual.is_nan());
            found = Some(match found {
                Some(found) if !worst || measured.remark.is_none() => {
                    Measured { residual: if worst { measured.residual } else { found.residual }, ..found }
                }
                _ => measured,
            });
        }
        let mut found = found.ok_or_else(|| CheckError::Unmeasured("the law has no member".into()))?;
        if members.len() < all {
            let part = format!("measured at {} of {all} values of its indices", members.len());
            found.remark = Some(found.remark.map_or(part.clone(), |remark| format!("{remark}; {part}")));
        }
        Ok(found)
    }

    /// Whether the elements of the group that a law is measured with are matrices of a moderate size.
    fn affordable(&self, law: &Member) -> Result<(), CheckError> {
        let actions = match law.statement() {
            Statement::Equations { element: Some(_), .. } | Statement::Structure(_) => Vec::from_iter(law.action()),
            Statement::Kernel { generators, .. } => generators.iter().map(|g| g.action).collect(),
            _ => vec![],
        };
        for action in self.model.actions.iter().filter(|a| actions.contains(&a.name)) {
            let Some((shape, _)) = action.group.element() else { continue };
            let limit = if action.group.algebra().is_some() { ELEMENT_ENTRIES } else { PERMUTATION_ENTRIES };
            let (rows, cols) =
                (concrete(shape.rows, self.instance.sizes())?, concrete(shape.cols, self.instance.sizes())?);
            if rows.saturating_mul(cols) > limit {
                let what = format!("the elements of {} are {rows}×{cols} matrices at this size", action.group);
                return Err(CheckError::Unmeasured(what));
            }
        }
        Ok(())
    }

    /// Measures in plain floats, and where these do not confirm the statement once more with their rounding errors.
    fn measured(&self, law: &Member) -> Result<Measured, CheckError> {
        let found = measure(self, law)?;
        if found.residual <= TOLERANCE { Ok(found) } else { measure(&self.rounded()?, law) }
    }
}

fn measure<M: Real>(checker: &Checker<M>, law: &Member) -> Result<Measured, CheckError> {
    match law.statement() {
        Statement::Equations { element, equations } => identity::measure(checker, law, element.as_ref(), equations),
        Statement::Conserved { quantity } => flow::measure(checker, law, quantity, None),
        Statement::Rate { quantity, rate } => flow::measure(checker, law, quantity, Some(rate)),
        Statement::Damped { quantity, friction, force } => damped::measure(checker, law, quantity, friction, force),
        Statement::Step { quantity, factor: None, change } if law.dynamics() == Some(&Dynamics::Sgd) => {
            noise::every_batch(checker, law, quantity, change)
        }
        Statement::Step { quantity, factor, change } => step::measure(checker, law, quantity, factor.as_ref(), change),
        Statement::Expected { quantity, continuous, change } => {
            noise::measure(checker, law, quantity, *continuous, change)
        }
        Statement::Kernel { generators, .. } => kernel::measure(checker, law, generators),
        Statement::Structure(structure) => match structure {
            Structure::Transport { adjoint, shift, response } => {
                transport::measure(checker, law, adjoint, shift, response)
            }
            Structure::FixedSpace { conditions, found } => {
                symmetric::fixed_space(checker, law, conditions, found.as_deref())
            }
            Structure::Breaking { conditions, found } => {
                symmetric::breaking(checker, law, conditions, found.as_deref())
            }
            Structure::Multiplicities { cases, found } => {
                symmetric::multiplicities(checker, law, cases, found.as_deref())
            }
            Structure::Flattest { element, trace, response, condition } => {
                flattest::measure(checker, law, element, trace, response, condition.as_ref())
            }
            Structure::Sharpness { element, form, image, length, .. } => {
                sharpness::measure(checker, law, element, [form, image, length])
            }
            Structure::Alignment { factor, .. } => transport::alignment(checker, law, factor),
            Structure::Third { element, derivative, response } => {
                transport::third(checker, law, element, derivative, response)
            }
        },
    }
}

/// Checks every law at one instance.
///
/// # Errors
/// When no instance of the model can be evaluated.
pub fn check_all(model: &Model, laws: &[Law], sizes: &Sizes, seed: u64) -> Result<Vec<Check>, CheckError> {
    let written = model.written_out(sizes)?;
    let checker = Checker::new(&written, sizes, seed)?;
    Ok(laws.iter().map(|law| checker.check(law)).collect())
}
