//! An evaluation up to the last root of a formula that is taken up again where it stopped, after some names were drawn anew: only what
//! depends on these is computed again.

use super::reverse::evaluate;
use super::tape::{Primitive, Tape};
use super::{Bindings, Elementwise, EvalError, Exponent, Key, Matrix};
use crate::term::Symbol;
use std::borrow::Cow;

/// The values of the nodes of a tape, as far as they are known.
pub struct Resumed<'t, M: Matrix + 'static> {
    tape: &'t Tape,
    values: Vec<Cow<'static, M>>,
    known: Vec<bool>,
}

impl<'t, M: Matrix> Resumed<'t, M> {
    pub fn new(tape: &'t Tape) -> Self {
        let is_root = |node: &super::tape::Node| {
            matches!(node.primitive, Primitive::Apply { function: Elementwise::Power(Exponent::Root(_)), .. })
        };
        let end = tape.nodes.iter().rposition(is_root).map_or(0, |last| last + 1);
        Resumed { tape, values: vec![Cow::Owned(M::zeros(0, 0)); end], known: vec![false; end] }
    }

    /// Evaluates what is not known yet.
    ///
    /// # Errors
    /// Those of [`Tape::eval`]; what was computed before is kept.
    pub fn advance(&mut self, inputs: &Bindings<M>, oracle: &M::Oracle) -> Result<(), EvalError> {
        for slot in 0..self.known.len() {
            if self.known[slot] {
                continue;
            }
            let node = &self.tape.nodes[slot];
            let value = match &node.primitive {
                Primitive::Input(key) => inputs.get(*key).cloned(),
                Primitive::Apply { function, order, argument } => {
                    let value = self.values[*argument].derivatives(function, *order, 1, oracle);
                    value.map_err(|error| error.met_at(slot))?.pop()
                }
                _ => Some(evaluate(node, &self.values, inputs, oracle)?),
            };
            self.values[slot] = Cow::Owned(value.ok_or_else(|| EvalError::Unbound("a node of a formula".into()))?);
            self.known[slot] = true;
        }
        Ok(())
    }

    /// The value of a node that is known.
    pub fn value(&self, slot: usize) -> Option<&M> {
        self.known.get(slot).is_some_and(|known| *known).then(|| self.values[slot].as_ref())
    }

    /// Forgets what depends on some names.
    pub fn forget(&mut self, names: &[Symbol]) {
        for slot in 0..self.known.len() {
            let primitive = &self.tape.nodes[slot].primitive;
            let mut stays = !matches!(primitive, Primitive::Input(Key::Symbol(name)) if names.contains(name));
            primitive.reads(|x| stays &= self.known[x]);
            self.known[slot] &= stays;
        }
    }

    /// Forgets everything.
    pub fn restart(&mut self) {
        self.known.fill(false);
    }
}
