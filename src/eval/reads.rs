//! Which values of a tape are read, and by what: those that nothing reads are not computed, and one that nothing reads any more is given up.

use super::tape::{Primitive, Slot, Tape};

/// What is asked for of an evaluation.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Asked {
    /// The values of all nodes.
    All,
    /// The last value, of which only one coefficient may be read.
    Value(Option<usize>),
    /// What a pull-back reads, and the last value or not.
    Pullback { value: bool },
}

impl Asked {
    /// The coefficient that is read of the last value.
    pub fn part(self) -> Option<usize> {
        match self {
            Asked::Value(part) => part,
            Asked::All | Asked::Pullback { .. } => None,
        }
    }
}

/// Who reads the values of a tape.
pub(super) struct Reads<'a> {
    tape: &'a Tape,
    active: &'a [bool],
    /// The last node that reads a value, none where no node does.
    last: Vec<Option<Slot>>,
    /// Whether it is read after all nodes are evaluated.
    kept: Vec<bool>,
}

impl<'a> Reads<'a> {
    /// `active` are the nodes through which a gradient passes.
    pub fn new(tape: &'a Tape, active: &'a [bool], asked: Asked) -> Self {
        let nodes = &tape.nodes;
        let mut kept = vec![asked == Asked::All; nodes.len()];
        if let Asked::Pullback { .. } = asked {
            for (slot, node) in nodes.iter().enumerate().filter(|(slot, _)| active[*slot]) {
                node.primitive.read_back(slot, |value, through| kept[value] |= active[through]);
            }
        }
        if let Some(last) = kept.last_mut() {
            *last |= !matches!(asked, Asked::Pullback { value: false });
        }
        let mut reads = Reads { tape, active, last: vec![None; nodes.len()], kept };
        for (slot, node) in nodes.iter().enumerate().rev() {
            if reads.is_computed(slot) {
                node.primitive.reads(|x| _ = reads.last[x].get_or_insert(slot));
            }
        }
        reads
    }

    /// Whether anything reads the value of a node, or the derivative of its function.
    pub fn is_computed(&self, slot: Slot) -> bool {
        let slope = || self.active[slot] && matches!(self.tape.nodes[slot].primitive, Primitive::Apply { .. });
        self.kept[slot] || self.last[slot].is_some() || slope()
    }

    /// Whether nothing reads the value of a node after another one is evaluated.
    pub fn ends(&self, slot: Slot, at: Slot) -> bool {
        !self.kept[slot] && self.last[slot].is_none_or(|last| last <= at)
    }
}

impl Primitive {
    /// Calls `f` on every value that the way back reads at the node of that slot, each with the operand whose adjoint is made with it.
    fn read_back(&self, slot: Slot, mut f: impl FnMut(Slot, Slot)) {
        use Primitive::*;
        match *self {
            Product(x, y) | Scale(x, y) | Hadamard(x, y) | Inner(x, y) | Dots(x, y) => {
                f(y, x);
                f(x, y);
            }
            Inverse(x) => f(slot, x),
            Determinant(x) => {
                f(slot, x);
                f(x, x);
            }
            // The adjoint alone, or the derivative of a function, which is kept beside its value.
            Constant(_)
            | Identity
            | Turn
            | Offset(_)
            | Selection(_)
            | Generic(_)
            | Input(_)
            | Quantity { .. }
            | Add(..)
            | Sub(..)
            | Transpose(_)
            | Stack(_)
            | Gather(..)
            | Scatter(..)
            | Diagonal(_)
            | DiagonalOf(_)
            | Broadcast(_)
            | Reduce(_)
            | ColumnMax(_)
            | Stopped(_)
            | Apply { .. } => {}
        }
    }
}
