//! The gates of a formula at a real point: which side of its kink each piecewise function is on there.

use super::located::Located;
use super::tape::{Primitive, Tape};
use super::{Bindings, Dense, Elementwise, EvalError, Probe, Reals};
use std::collections::HashMap;
use std::sync::Arc;

/// For the residue of each argument of a piecewise function at a point whether the real argument is positive. Gates are
/// constant near the point, so that derivatives there are those of a formula without kinks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gates(Arc<HashMap<u64, bool>>);

impl Gates {
    /// Whether the gate with that argument is open; `None` where the argument does not occur at the point.
    pub(super) fn open(&self, residue: u64) -> Option<bool> {
        self.0.get(&residue).copied()
    }
}

/// For the entries of the arguments of piecewise functions, application by application, whether the gate is open.
pub type Pattern = Vec<bool>;

impl Tape {
    /// Whether a piecewise function is applied.
    pub fn has_gates(&self) -> bool {
        self.gated().next().is_some()
    }

    fn gated(&self) -> impl Iterator<Item = usize> {
        self.nodes.iter().filter_map(|node| match &node.primitive {
            Primitive::Apply { function: Elementwise::Homogeneous { .. }, argument, .. } => Some(*argument),
            _ => None,
        })
    }

    /// The gates at a point.
    ///
    /// # Errors
    /// `Undecided` where the sign of an argument is not known, or two arguments of different signs have the same residue.
    pub fn gates<const P: u64>(&self, at: &Bindings<Dense<Located<P>>>, probe: &Probe) -> Result<Gates, EvalError> {
        let forward = self.forward(at, probe, &vec![false; self.nodes.len()])?;
        let mut gates = HashMap::new();
        for argument in self.gated() {
            for x in forward.values[argument].entries() {
                let open = x.opens()?;
                if gates.insert(x.residue().residue(), open).is_some_and(|other| other != open) {
                    return Err(EvalError::Undecided);
                }
            }
        }
        Ok(Gates(Arc::new(gates)))
    }

    /// The pattern of the gates at a point, as floats see it: for choosing among points, not for what is proved.
    pub fn pattern(&self, at: &Bindings<Dense<f64>>) -> Result<Pattern, EvalError> {
        let forward = self.forward(at, &Reals, &vec![false; self.nodes.len()])?;
        Ok(self.gated().flat_map(|argument| forward.values[argument].entries()).map(|x| *x > 0.0).collect())
    }
}
