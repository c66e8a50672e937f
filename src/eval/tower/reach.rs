//! Which part of a tape its exponentials and logarithms depend on.

use super::pair::Pair;
use crate::eval::Key;
use crate::eval::elementwise::Elementwise;
use crate::eval::tape::{Primitive, Tape};
use crate::term::{Equation, Symbol};

/// The part of a tape below its transcendental functions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reach {
    /// The nodes that such a function depends on, and the functions.
    pub(in crate::eval) needed: Vec<bool>,
    /// How many pairs an evaluation draws.
    pub pairs: usize,
    /// Whether logarithms are among them.
    pub has_logarithms: bool,
    /// Whether an argument depends on a gate: its relations to others are then those of a region.
    pub is_gated: bool,
    /// Whether the normal distribution function occurs.
    pub has_normal: bool,
    /// The names that an argument depends on.
    pub names: Vec<Symbol>,
}

impl Tape {
    /// The number of roots below its transcendental functions.
    pub fn roots_below(&self, reach: &Reach) -> usize {
        self.roots_among(&reach.needed)
    }

    /// The part of the tape below its transcendental functions.
    pub fn reach(&self) -> Reach {
        let mut needed = vec![false; self.nodes.len()];
        let mut reach = Reach::default();
        for (slot, node) in self.nodes.iter().enumerate().rev() {
            match &node.primitive {
                Primitive::Apply { function: Elementwise::Solution(equation), .. } => {
                    needed[slot] = true;
                    reach.pairs += node.rows * node.cols * Pair::of(*equation).len();
                    reach.has_logarithms |= Pair::of(*equation).contains(&Pair::Logarithm);
                    reach.has_normal |= *equation == Equation::Gelu;
                }
                Primitive::Apply { function: Elementwise::Homogeneous { .. }, .. } => reach.is_gated |= needed[slot],
                Primitive::Input(Key::Symbol(name)) if needed[slot] => reach.names.push(*name),
                _ => {}
            }
            if needed[slot] {
                node.primitive.reads(|x| needed[x] = true);
            }
        }
        reach.needed = needed;
        reach
    }
}
