//! The point at which a spectrum is taken: where training ended, a stationary point by construction, or the instance itself.

use crate::check::checker::Checker;
use crate::check::member::Member;
use crate::check::symmetric::{projected, representation};
use crate::check::{CheckError, representation::Representation};
use crate::kernel::{Law, Statement, Structure};
use crate::numeric::{Instance, Minimized, minimize, norm};
use crate::term::Symbol;
use faer::Mat;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The most steps towards a stationary point.
    pub train: Option<usize>,
    /// How many eigenvalues of largest magnitude are computed where the Hessian is not formed.
    pub top: usize,
    /// The action at a symmetric point of which the spectrum is taken.
    pub symmetric: Option<Symbol>,
}

/// How a point was reached.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    pub loss: f64,
    /// ‖∇L‖ there.
    pub gradient: f64,
    /// Steps of training, with L and ‖∇L‖ before them.
    pub trained: Option<(usize, f64, f64)>,
    /// Whether the target of the generic loss was moved to the output.
    pub planted: bool,
    /// The action whose group it is averaged over.
    pub symmetric: Option<String>,
}

/// The law that says how often eigenvalues are repeated at the symmetric points of an action, at one of its members.
pub(super) fn multiplicities<'a>(
    checker: &Checker<'a>,
    laws: &'a [Law],
    action: Symbol,
) -> Result<Option<(Member<'a>, Representation)>, CheckError> {
    for law in laws.iter().filter(|law| law.action() == Some(action)) {
        let Statement::Structure(Structure::Multiplicities { found, .. }) = law.statement() else { continue };
        let (members, _) = Member::all(checker.model, law, law.statement(), checker.instance.sizes(), None)?;
        let Some(member) = members.into_iter().next() else { continue };
        let map = representation(checker, &member, &[], found.as_deref())?;
        return Ok(Some((member, map)));
    }
    Ok(None)
}

/// Goes to the point that is asked for.
pub(super) fn reach(checker: &Checker<'_>, laws: &[Law], asked: &Asked) -> Result<(Instance, Point), CheckError> {
    let mut instance = checker.instance().clone();
    let map = match asked.symmetric {
        None => None,
        Some(action) => {
            let nothing = || {
                let words = format!("no law says how often eigenvalues are repeated at symmetric points of `{action}`");
                CheckError::Unmeasured(words)
            };
            Some(multiplicities(checker, laws, action)?.ok_or_else(nothing)?.1)
        }
    };
    let project = |theta: Vec<Mat<f64>>| match &map {
        Some(map) => projected(map, &theta),
        None => Ok(theta),
    };
    instance.set_parameters(&project(instance.parameters())?)?;
    let mut planted = false;
    let trained = match asked.train {
        Some(steps) => {
            let Minimized { steps, loss, gradient } = minimize(&mut instance, steps, &project)?;
            Some((steps, loss[0], gradient[0]))
        }
        // A point that is both says little: nothing but the part of H that is fixed is left there.
        None if map.is_some() => None,
        None => {
            if let Some(at_rest) = instance.planted()? {
                (instance, planted) = (at_rest, true);
            }
            None
        }
    };
    let symmetric = asked.symmetric.map(|action| action.to_string());
    let (loss, gradient) = (instance.loss()?[(0, 0)], norm(&instance.gradient()?));
    Ok((instance, Point { loss, gradient, trained, planted, symmetric }))
}
