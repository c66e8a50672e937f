//! Which laws are asked for by a word: a topic, a dynamics, or an action.

use super::outline::Topic;
use crate::Report;
use crate::kernel::{Law, Subject};
use crate::model::Dynamics;
use crate::term::Symbol;

/// Laws of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Only(Which);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    Topics(&'static [Topic]),
    Dynamics(&'static str),
    Action(Symbol),
}

/// The topics by the words that ask for them.
const TOPICS: &[(&str, &[Topic])] = &[
    ("conserved", &[Topic::Conserved]),
    ("rates", &[Topic::Rate]),
    ("constraints", &[Topic::Constraint]),
    ("gradient", &[Topic::Gradient]),
    ("subspaces", &[Topic::Subspace]),
    ("hessian", &[Topic::Hessian, Topic::Kernel, Topic::Spectrum, Topic::Sharpness]),
    ("kernel", &[Topic::Kernel]),
    ("spectrum", &[Topic::Spectrum]),
    ("sharpness", &[Topic::Sharpness]),
    ("orbits", &[Topic::Orbit]),
];

impl Only {
    /// What a word asks for of a report, an action before a topic of the same name.
    ///
    /// # Errors
    /// The words there are, when it is none of them.
    pub fn named(word: &str, report: &Report) -> Result<Only, Vec<String>> {
        let actions = || report.actions.iter().map(|a| a.action.name);
        if let Some(action) = actions().find(|name| name.as_str() == word) {
            return Ok(Only(Which::Action(action)));
        }
        let topic = TOPICS.iter().find(|(name, _)| *name == word).map(|(_, topics)| Which::Topics(topics));
        let which = topic.or_else(|| Dynamics::names().find(|name| *name == word).map(Which::Dynamics));
        which.map(Only).ok_or_else(|| {
            let topics = TOPICS.iter().map(|(name, _)| *name).chain(Dynamics::names());
            topics.chain(actions().map(|name| name.as_str())).map(str::to_string).collect()
        })
    }

    /// Whether a law of a topic is asked for.
    pub(super) fn holds(self, topic: Topic, law: &Law) -> bool {
        match self.0 {
            Which::Topics(topics) => topics.contains(&topic),
            Which::Dynamics(name) => law.dynamics().is_some_and(|dynamics| dynamics.name() == name),
            Which::Action(action) => match law.subject() {
                Subject::Action(name) => *name == action || law.within() == Some(action),
                Subject::Actions(names) => names.contains(&action),
                Subject::All => false,
            },
        }
    }
}
