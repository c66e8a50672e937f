//! What is claimed of definitions on the way of an action through them: how each is carried.

use super::context::Context;
use super::missing::Obstacle;
use crate::kernel::{Inference, Proved};
use crate::model::{Action, Definition};
use crate::term::{Symbol, symbols};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The claims that say what definitions go to, in the order in which they were found.
#[derive(Default)]
pub(super) struct Kept(HashMap<Symbol, (usize, Proved)>);

impl Kept {
    pub fn keep(&mut self, name: Symbol, claim: Proved) {
        self.0.insert(name, (self.0.len(), claim));
    }

    pub fn get(&self, name: Symbol) -> Option<&Proved> {
        self.0.get(&name).map(|(_, claim)| claim)
    }

    pub fn has(&self, name: Symbol) -> bool {
        self.0.contains_key(&name)
    }

    /// The claim that a definition is carried by an equation, from what is claimed of the definitions that it reads.
    pub fn carry(
        &self,
        cx: &Context,
        action: &Arc<Action>,
        definition: &Definition,
        chain: Proved,
    ) -> Result<Proved, Obstacle> {
        let used: BTreeMap<usize, &Proved> =
            symbols(&definition.expr).filter_map(|name| self.0.get(&name)).map(|(at, claim)| (*at, claim)).collect();
        let by = Inference::Transport { action: action.clone(), name: definition.name };
        cx.infer(by, std::iter::once(chain).chain(used.into_values().cloned()).collect())
    }
}
