//! The roots of a formula that can be looked for before anything else is evaluated: over a finite field most points lack one.

use super::reverse::evaluate;
use super::tape::{Primitive, Tape};
use super::{Bindings, Elementwise, EvalError, Exponent, Key, Matrix};
use crate::term::Symbol;
use std::borrow::Cow;

/// The part of a tape below the roots before which neither gates nor values of functions stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Roots {
    needed: Vec<bool>,
    /// The names they depend on.
    pub names: Vec<Symbol>,
}

impl Tape {
    /// The part of the tape below its roots.
    pub fn below_roots(&self) -> Roots {
        let mut plain = vec![false; self.nodes.len()];
        for (slot, node) in self.nodes.iter().enumerate() {
            let mut is_plain = match &node.primitive {
                Primitive::Apply { function, .. } => matches!(function, Elementwise::Power(_)),
                Primitive::Generic(_)
                | Primitive::Quantity { .. }
                | Primitive::ColumnMax(_)
                | Primitive::Stopped(_) => false,
                _ => true,
            };
            node.primitive.operands(|x| is_plain &= plain[x]);
            plain[slot] = is_plain;
        }
        let mut roots = Roots { needed: vec![false; self.nodes.len()], names: Vec::new() };
        for (slot, node) in self.nodes.iter().enumerate().rev() {
            if let Primitive::Apply { function: Elementwise::Power(Exponent::Root(_)), .. } = node.primitive {
                roots.needed[slot] |= plain[slot];
            }
            if roots.needed[slot] {
                node.primitive.operands(|x| roots.needed[x] = true);
                if let Primitive::Input(Key::Symbol(name)) = node.primitive {
                    roots.names.push(name);
                }
            }
        }
        roots
    }

    /// Whether none of these roots is known to be missing at a point; that of a constant is missing at all.
    pub fn may_have_roots<M: Matrix>(&self, roots: &Roots, at: &Bindings<M>, oracle: &M::Oracle) -> bool {
        let mut values: Vec<Cow<M>> = Vec::with_capacity(self.nodes.len());
        for (node, needed) in self.nodes.iter().zip(&roots.needed) {
            let value = match &node.primitive {
                _ if !needed => Cow::Owned(M::zeros(0, 0)),
                Primitive::Input(key) => match at.get(*key) {
                    Some(value) => Cow::Borrowed(value),
                    None => return true,
                },
                Primitive::Apply { function, order, argument } => {
                    let constant = matches!(self.nodes[*argument].primitive, Primitive::Constant(_));
                    match values[*argument].derivatives(function, *order, 1, oracle).map(|mut d| d.pop()) {
                        Ok(Some(value)) => Cow::Owned(value),
                        Err(EvalError::NoSquareRoot { .. }) => return constant,
                        _ => return true,
                    }
                }
                _ => match evaluate(node, &values, at, oracle) {
                    Ok(value) => Cow::Owned(value),
                    Err(_) => return true,
                },
            };
            values.push(value);
        }
        true
    }
}
