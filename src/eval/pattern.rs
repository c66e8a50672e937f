//! The gates of a formula at a point, read off its evaluation there.

use super::located::Located;
use super::reverse::evaluate;
use super::tape::{Primitive, Tape};
use super::tower::Reach;
use super::{Bindings, Dense, Elementwise, EvalError, Gates, Key, Matrix, Probe, Reals};
use std::borrow::Cow;

/// For the entries of the arguments of piecewise functions, application by application, whether the gate is open.
pub type Pattern = Vec<bool>;

impl Tape {
    /// Whether a piecewise function is applied.
    pub fn has_gates(&self) -> bool {
        self.gated().next().is_some()
    }

    /// How many entries piecewise functions are applied to.
    pub fn gate_entries(&self) -> usize {
        self.gated().map(|argument| self.nodes[argument].rows * self.nodes[argument].cols).sum()
    }

    /// The arguments of piecewise functions, in the order of evaluation.
    pub(super) fn gated(&self) -> impl Iterator<Item = usize> {
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

    /// The pattern of those gates at a point that the arguments of transcendental functions depend on, as far as it is decided;
    /// and whether all of it is. More may be where the probe knows more.
    pub fn region<const P: u64>(
        &self,
        reach: &Reach,
        at: &Bindings<Dense<Located<P>>>,
        probe: &Probe,
    ) -> Result<(Pattern, bool), EvalError> {
        let mut values: Vec<Cow<Dense<Located<P>>>> = Vec::with_capacity(self.nodes.len());
        let mut pattern = Pattern::new();
        for (node, needed) in self.nodes.iter().zip(&reach.needed) {
            values.push(match &node.primitive {
                _ if !needed => Cow::Owned(Dense::zeros(0, 0)),
                Primitive::Input(Key::Symbol(name)) => {
                    Cow::Borrowed(at.symbol(*name).ok_or_else(|| EvalError::Unbound(name.to_string()))?)
                }
                Primitive::Apply { function, order, argument } => {
                    if matches!(function, Elementwise::Homogeneous { .. }) {
                        for x in values[*argument].entries() {
                            match x.opens() {
                                Ok(open) => pattern.push(open),
                                Err(_) => return Ok((pattern, false)),
                            }
                        }
                    }
                    let value = values[*argument].derivatives(function, *order, 1, probe)?.pop();
                    Cow::Owned(value.ok_or_else(|| EvalError::Unsupported("a function without a value".into()))?)
                }
                _ => Cow::Owned(evaluate(node, &values, at, probe)?),
            });
        }
        Ok((pattern, true))
    }

    /// The pattern of the gates at a point, as floats see it: for choosing among points, not for what is proved.
    pub fn pattern(&self, at: &Bindings<Dense<f64>>) -> Result<Pattern, EvalError> {
        let forward = self.forward(at, &Reals, &vec![false; self.nodes.len()])?;
        Ok(self.gated().flat_map(|argument| forward.values[argument].entries()).map(|x| *x > 0.0).collect())
    }
}
