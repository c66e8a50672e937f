//! The gates of a formula at a point, read off its evaluation there.

use super::located::Located;
use super::tape::{Primitive, Tape};
use super::{Bindings, Dense, Elementwise, EvalError, Gates, Probe, Reals};

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
        let arguments = self.gated().flat_map(|argument| forward.values[argument].entries());
        let gates = arguments.map(|x| Ok((x.residue().residue(), x.opens()?)));
        Gates::new(gates.collect::<Result<Vec<_>, EvalError>>()?.into_iter()).ok_or(EvalError::Undecided)
    }

    /// The pattern of the gates at a point, as floats see it: for choosing among points, not for what is proved.
    pub fn pattern(&self, at: &Bindings<Dense<f64>>) -> Result<Pattern, EvalError> {
        let forward = self.forward(at, &Reals, &vec![false; self.nodes.len()])?;
        Ok(self.gated().flat_map(|argument| forward.values[argument].entries()).map(|x| *x > 0.0).collect())
    }
}
