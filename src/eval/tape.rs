//! The tape: a formula lowered to a small set of primitive operations with concrete shapes, in the order of evaluation.

use super::{Elementwise, EvalError, Exponent, Key, Sizes};
use crate::term::{Op, Rational, Size, Symbol};
use std::collections::HashMap;
use std::sync::Arc;

/// The position of a node on the tape.
pub(super) type Slot = usize;

/// A primitive operation on earlier nodes. Column-wise functions, losses and declared functions are composed of these.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Primitive {
    /// Every entry is the number.
    Constant(Rational),
    Identity,
    /// The quarter turn of each plane of two consecutive coordinates.
    Turn,
    /// Entry (i, j) is 1 where i = j + the number, else 0.
    Offset(isize),
    /// Column j has a 1 in this row, or nothing but zeros.
    Selection(Arc<[Option<usize>]>),
    /// A generic constant matrix.
    Generic(u64),
    Input(Key),
    /// A quantity of the trajectory that takes an argument.
    Quantity {
        op: Op,
        name: Symbol,
        block: Option<Symbol>,
        argument: Slot,
    },
    Add(Slot, Slot),
    Sub(Slot, Slot),
    Product(Slot, Slot),
    /// The product of a 1×1 node and a matrix.
    Scale(Slot, Slot),
    Hadamard(Slot, Slot),
    Inner(Slot, Slot),
    /// The sums of an entrywise product down to the node's shape.
    Dots(Slot, Slot),
    Transpose(Slot),
    /// Blocks of as many columns as the node has, above each other.
    Stack(Slot),
    /// The columns of some numbers, zeros where there is none: the product with that selection.
    Gather(Slot, Arc<[Option<usize>]>),
    /// Each column added to the one of some number, if there is one: the product with that selection transposed.
    Scatter(Slot, Arc<[Option<usize>]>),
    Inverse(Slot),
    /// As a 1×1 matrix.
    Determinant(Slot),
    Diagonal(Slot),
    DiagonalOf(Slot),
    /// Repeats a row, column or scalar to the node's shape.
    Broadcast(Slot),
    /// Sums down to the node's shape: a row, column or scalar.
    Reduce(Slot),
    /// The largest entry of each column, a constant of differentiation.
    ColumnMax(Slot),
    /// The value itself, derivatives along directions included, through which no gradient passes back.
    Stopped(Slot),
    Apply {
        function: Elementwise,
        order: usize,
        argument: Slot,
    },
}

impl Primitive {
    /// Calls `f` on every operand through which a derivative passes.
    pub(super) fn operands(&self, mut f: impl FnMut(Slot)) {
        use Primitive::*;
        match *self {
            Constant(_) | Identity | Turn | Offset(_) | Selection(_) | Generic(_) | Input(_) | ColumnMax(_)
            | Stopped(_) => {}
            Add(a, b) | Sub(a, b) | Product(a, b) | Scale(a, b) | Hadamard(a, b) | Inner(a, b) | Dots(a, b) => {
                f(a);
                f(b);
            }
            Transpose(a)
            | Stack(a)
            | Gather(a, _)
            | Scatter(a, _)
            | Inverse(a)
            | Determinant(a)
            | Diagonal(a)
            | DiagonalOf(a)
            | Broadcast(a)
            | Reduce(a) => f(a),
            Quantity { argument, .. } | Apply { argument, .. } => f(argument),
        }
    }
}

impl Primitive {
    /// Calls `f` on every operand.
    pub(super) fn reads(&self, mut f: impl FnMut(Slot)) {
        if let Primitive::ColumnMax(x) | Primitive::Stopped(x) = self {
            f(*x);
        }
        self.operands(f);
    }

    /// Puts another slot in the place of every operand.
    pub(super) fn relocate(&mut self, f: impl Fn(Slot) -> Slot) {
        use Primitive::*;
        match self {
            Constant(_) | Identity | Turn | Offset(_) | Selection(_) | Generic(_) | Input(_) => {}
            Add(a, b) | Sub(a, b) | Product(a, b) | Scale(a, b) | Hadamard(a, b) | Inner(a, b) | Dots(a, b) => {
                (*a, *b) = (f(*a), f(*b));
            }
            Transpose(a)
            | Stack(a)
            | Gather(a, _)
            | Scatter(a, _)
            | Inverse(a)
            | Determinant(a)
            | Diagonal(a)
            | DiagonalOf(a)
            | Broadcast(a)
            | Reduce(a)
            | ColumnMax(a)
            | Stopped(a) => *a = f(*a),
            Quantity { argument, .. } | Apply { argument, .. } => *argument = f(*argument),
        }
    }
}

/// A primitive and the shape of its value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Node {
    pub primitive: Primitive,
    pub rows: usize,
    pub cols: usize,
}

/// A formula ready to be evaluated and differentiated over any kind of matrix.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    pub(super) nodes: Vec<Node>,
    /// The slot of every node, while the tape is being written.
    pub(super) memo: HashMap<Node, Slot>,
}

/// The largest number of entries all values of one tape may have together.
pub const ENTRY_LIMIT: usize = 200_000_000;

impl Tape {
    /// Rows and columns of the formula's value.
    pub fn shape(&self) -> (usize, usize) {
        self.nodes.last().map_or((0, 0), |n| (n.rows, n.cols))
    }

    /// The number of multiplications of an evaluation, up to a constant factor.
    pub fn multiplications(&self) -> u64 {
        let cost = |node: &Node| {
            let inner = match node.primitive {
                Primitive::Product(x, _) => {
                    let (rows, cols) = (self.nodes[x].rows, self.nodes[x].cols);
                    (rows * cols) / node.rows.max(1)
                }
                Primitive::Inverse(_) => node.rows,
                Primitive::Determinant(x) => self.nodes[x].rows.pow(3),
                _ => 1,
            };
            (node.rows as u64 * node.cols as u64).saturating_mul(inner.max(1) as u64)
        };
        self.nodes.iter().fold(0, |sum, node| sum.saturating_add(cost(node)))
    }

    /// Whether π occurs.
    pub fn has_pi(&self) -> bool {
        self.nodes.iter().any(|n| matches!(n.primitive, Primitive::Apply { function: Elementwise::Pi, .. }))
    }

    /// The number of roots an evaluation draws.
    pub fn roots(&self) -> usize {
        self.roots_among(&vec![true; self.nodes.len()])
    }

    /// The number of roots that some of the nodes draw.
    pub(super) fn roots_among(&self, nodes: &[bool]) -> usize {
        let of = |(node, _): (&Node, &bool)| match &node.primitive {
            Primitive::Apply { function: Elementwise::Power(Exponent::Root(_)), argument, .. } => {
                let constant = matches!(self.nodes[*argument].primitive, Primitive::Constant(_));
                if constant { 0 } else { node.rows * node.cols }
            }
            _ => 0,
        };
        self.nodes.iter().zip(nodes).filter(|(_, asked)| **asked).map(of).sum()
    }

    /// The names the formula depends on, in order of occurrence.
    pub fn symbols(&self) -> impl Iterator<Item = Symbol> {
        self.nodes.iter().filter_map(|n| match n.primitive {
            Primitive::Input(Key::Symbol(name)) => Some(name),
            _ => None,
        })
    }

    /// Whether the formula reads a value of the kind asked for.
    pub fn reads(&self, wanted: impl Fn(Key) -> bool) -> bool {
        self.nodes.iter().any(|n| matches!(n.primitive, Primitive::Input(key) if wanted(key)))
    }

    /// Whether the formula asks for a quantity that takes an argument.
    pub fn asks(&self, wanted: Op) -> bool {
        self.nodes.iter().any(|n| matches!(n.primitive, Primitive::Quantity { op, .. } if op == wanted))
    }

    /// Whether a derivative of the formula may jump: it applies a piecewise function of degree below 2.
    pub fn has_kinks(&self) -> bool {
        self.nodes.iter().any(|n| match &n.primitive {
            Primitive::Apply { function: Elementwise::Homogeneous { degree, .. }, .. } => {
                !matches!(degree, Exponent::Natural(2..))
            }
            _ => false,
        })
    }

    /// Ends the writing: `root` becomes the last node, and what it does not depend on is not part of it.
    pub(super) fn finish(mut self, root: Slot) -> Result<Tape, EvalError> {
        self.nodes.truncate(root + 1);
        self.memo = HashMap::new();
        let tape = self.without_unread();
        let entries = tape.nodes.iter().fold(0usize, |sum, n| sum.saturating_add(n.rows.saturating_mul(n.cols)));
        if entries > ENTRY_LIMIT {
            return Err(EvalError::TooLarge { entries, limit: ENTRY_LIMIT });
        }
        Ok(tape)
    }

    pub(super) fn push(&mut self, primitive: Primitive, rows: usize, cols: usize) -> Slot {
        // What keeps the shape sums and repeats nothing.
        if let Primitive::Reduce(x) | Primitive::Broadcast(x) = primitive
            && self.shape_of(x) == (rows, cols)
        {
            return x;
        }
        let node = Node { primitive, rows, cols };
        if let Some(&slot) = self.memo.get(&node) {
            return slot;
        }
        self.nodes.push(node.clone());
        self.memo.insert(node, self.nodes.len() - 1);
        self.nodes.len() - 1
    }

    pub(super) fn shape_of(&self, x: Slot) -> (usize, usize) {
        (self.nodes[x].rows, self.nodes[x].cols)
    }

    pub(super) fn number(&mut self, value: Rational) -> Slot {
        self.push(Primitive::Constant(value), 1, 1)
    }

    pub(super) fn scaled(&mut self, value: Rational, x: Slot) -> Slot {
        let scalar = self.number(value);
        let (r, c) = self.shape_of(x);
        self.push(Primitive::Scale(scalar, x), r, c)
    }

    /// An operation that keeps the shape of its first operand.
    pub(super) fn like(&mut self, x: Slot, primitive: Primitive) -> Slot {
        let (r, c) = self.shape_of(x);
        self.push(primitive, r, c)
    }

    pub(super) fn apply(&mut self, function: Elementwise, order: usize, argument: Slot) -> Slot {
        if order == 0
            && let Some((function, z)) = self.of_square(&function, argument)
        {
            return self.like(z, Primitive::Apply { function, order, argument: z });
        }
        self.like(argument, Primitive::Apply { function, order, argument })
    }

    /// The product; that with a selection, which is never formed, picks or adds columns.
    pub(super) fn product(&mut self, x: Slot, y: Slot) -> Slot {
        let (rows, cols) = (self.nodes[x].rows, self.nodes[y].cols);
        let transposed = match self.nodes[y].primitive {
            Primitive::Transpose(z) => self.selected(z),
            _ => None,
        };
        let primitive = match (self.selected(y), transposed) {
            (Some(chosen), _) => Primitive::Gather(x, chosen),
            (None, Some(chosen)) => Primitive::Scatter(x, chosen),
            (None, None) => Primitive::Product(x, y),
        };
        self.push(primitive, rows, cols)
    }

    /// Where each column of a selection has its 1.
    fn selected(&self, x: Slot) -> Option<Arc<[Option<usize>]>> {
        let Node { primitive, rows, cols } = &self.nodes[x];
        match primitive {
            Primitive::Selection(ones) => Some(ones.clone()),
            Primitive::Offset(by) => Some((0..*cols).map(|j| j.checked_add_signed(*by).filter(|i| i < rows)).collect()),
            _ => None,
        }
    }

    /// The columns around each column of x, stacked: with zeros where there are none.
    pub(super) fn unfold(&mut self, x: Slot, rows: usize) -> Slot {
        let (channels, positions) = self.shape_of(x);
        let window = rows.div_ceil(channels);
        let middle = (window - 1) / 2;
        let mut sum = None;
        for tap in 0..window {
            let place = self.push(Primitive::Offset((tap * channels) as isize), rows, channels);
            let shift = self.push(Primitive::Offset(tap as isize - middle as isize), positions, positions);
            let moved = self.product(x, shift);
            let term = self.product(place, moved);
            sum = Some(match sum {
                None => term,
                Some(sum) => self.like(term, Primitive::Add(sum, term)),
            });
        }
        sum.unwrap_or(x)
    }

    /// The rows of x above those of y.
    pub(super) fn concat(&mut self, x: Slot, y: Slot) -> Slot {
        let ((above, _), (below, _)) = (self.shape_of(x), self.shape_of(y));
        let rows = above + below;
        let first = self.push(Primitive::Offset(0), rows, above);
        let last = self.push(Primitive::Offset(above as isize), rows, below);
        let (x, y) = (self.product(first, x), self.product(last, y));
        self.like(x, Primitive::Add(x, y))
    }

    /// The entries on and below the diagonal of a square matrix.
    pub(super) fn lower_triangle(&mut self, x: Slot) -> Slot {
        let mut mask = self.like(x, Primitive::Identity);
        for below in 1..self.shape_of(x).0 {
            let diagonal = self.like(x, Primitive::Offset(below as isize));
            mask = self.like(x, Primitive::Add(mask, diagonal));
        }
        self.like(x, Primitive::Hadamard(mask, x))
    }

    pub(super) fn transpose(&mut self, x: Slot) -> Slot {
        let (r, c) = self.shape_of(x);
        self.push(Primitive::Transpose(x), c, r)
    }
}

/// The concrete number of a symbolic size.
pub fn concrete(size: Size, sizes: &Sizes) -> Result<usize, EvalError> {
    sizes.value(size).filter(|&n| n > 0).ok_or_else(|| EvalError::UnknownSize(size.to_string()))
}
