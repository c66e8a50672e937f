//! Column-wise functions and losses, composed of primitives so that every derivative of them is one of the primitives'.

use super::tape::{Primitive, Slot, Tape};
use super::{Elementwise, Exponent};
use crate::term::{Equation, Rational};
use num_traits::{One, Zero};
use std::sync::Arc;

fn ratio(n: i64, d: usize) -> Rational {
    Rational::new(n.into(), d.into())
}

impl Tape {
    fn column_sums(&mut self, x: Slot) -> Slot {
        let cols = self.shape_of(x).1;
        self.push(Primitive::Reduce(x), 1, cols)
    }

    fn broadcast_like(&mut self, row: Slot, x: Slot) -> Slot {
        self.like(x, Primitive::Broadcast(row))
    }

    fn total(&mut self, x: Slot) -> Slot {
        self.push(Primitive::Reduce(x), 1, 1)
    }

    /// X minus the maximum of each column: neither softmax nor its derivatives change, and no exponential overflows.
    fn shifted(&mut self, x: Slot) -> Slot {
        let cols = self.shape_of(x).1;
        let max = self.push(Primitive::ColumnMax(x), 1, cols);
        let max = self.broadcast_like(max, x);
        self.like(x, Primitive::Sub(x, max))
    }

    pub(super) fn softmax(&mut self, x: Slot) -> Slot {
        let shifted = self.shifted(x);
        let exp = self.apply(Elementwise::Solution(Equation::Exp), 0, shifted);
        let sums = self.column_sums(exp);
        let reciprocal = self.apply(Elementwise::Power(Exponent::Inverse(1)), 0, sums);
        let reciprocal = self.broadcast_like(reciprocal, x);
        self.like(x, Primitive::Hadamard(exp, reciprocal))
    }

    pub(super) fn log_softmax(&mut self, x: Slot) -> Slot {
        let shifted = self.shifted(x);
        let exp = self.apply(Elementwise::Solution(Equation::Exp), 0, shifted);
        let sums = self.column_sums(exp);
        let log = self.apply(Elementwise::Solution(Equation::Log), 0, sums);
        let log = self.broadcast_like(log, x);
        self.like(x, Primitive::Sub(shifted, log))
    }

    /// Each column times (`weight` · its squared norm + ε)^(−1/2), without ε where there is none.
    fn over_norm(&mut self, x: Slot, weight: Rational, eps: Option<Slot>) -> Slot {
        let squares = self.like(x, Primitive::Hadamard(x, x));
        let sums = self.column_sums(squares);
        let mut mean = if weight.is_one() { sums } else { self.scaled(weight, sums) };
        if let Some(eps) = eps {
            let eps = self.broadcast_like(eps, mean);
            mean = self.like(mean, Primitive::Add(mean, eps));
        }
        let reciprocal = self.apply(Elementwise::Power(Exponent::Root(ratio(-1, 2))), 0, mean);
        let reciprocal = self.broadcast_like(reciprocal, x);
        self.like(x, Primitive::Hadamard(x, reciprocal))
    }

    pub(super) fn normalize(&mut self, x: Slot, eps: Option<Slot>) -> Slot {
        self.over_norm(x, Rational::one(), eps)
    }

    pub(super) fn rms_norm(&mut self, x: Slot, eps: Option<Slot>) -> Slot {
        let rows = self.shape_of(x).0;
        self.over_norm(x, ratio(1, rows), eps)
    }

    pub(super) fn layer_norm(&mut self, x: Slot, eps: Option<Slot>) -> Slot {
        let rows = self.shape_of(x).0;
        let sums = self.column_sums(x);
        let mean = self.scaled(ratio(1, rows), sums);
        let mean = self.broadcast_like(mean, x);
        let centred = self.like(x, Primitive::Sub(x, mean));
        self.rms_norm(centred, eps)
    }

    pub(super) fn batch_norm(&mut self, x: Slot, eps: Option<Slot>) -> Slot {
        let rows_as_columns = self.transpose(x);
        let normed = self.layer_norm(rows_as_columns, eps);
        self.transpose(normed)
    }

    /// Blocks of equally many rows, each minus its mean and divided by the root of its variance + ε.
    pub(super) fn group_norm(&mut self, x: Slot, groups: usize, eps: Option<Slot>) -> Slot {
        let (rows, cols) = self.shape_of(x);
        let height = (rows / groups.max(1)).max(1);
        let members: Arc<[Option<usize>]> = (0..rows).map(|i| Some(i / height)).collect();
        let sums = self.push(Primitive::Selection(members), groups, rows);
        let each = self.transpose(sums);
        let entries = ratio(1, height * cols);
        // A number for each group, from the entries of its rows.
        let mean = |tape: &mut Tape, x: Slot| {
            let of_rows = tape.push(Primitive::Reduce(x), rows, 1);
            let of_groups = tape.product(sums, of_rows);
            tape.scaled(entries.clone(), of_groups)
        };
        let spread = |tape: &mut Tape, of_groups: Slot| {
            let of_rows = tape.product(each, of_groups);
            tape.like(x, Primitive::Broadcast(of_rows))
        };
        let middle = mean(self, x);
        let middle = spread(self, middle);
        let centred = self.like(x, Primitive::Sub(x, middle));
        let squares = self.like(x, Primitive::Hadamard(centred, centred));
        let mut variance = mean(self, squares);
        if let Some(eps) = eps {
            let eps = self.broadcast_like(eps, variance);
            variance = self.like(variance, Primitive::Add(variance, eps));
        }
        let reciprocal = self.apply(Elementwise::Power(Exponent::Root(ratio(-1, 2))), 0, variance);
        let reciprocal = spread(self, reciprocal);
        self.like(x, Primitive::Hadamard(centred, reciprocal))
    }

    /// ‖F − Y‖² / (2·cols).
    pub(super) fn mse(&mut self, f: Slot, y: Slot) -> Slot {
        let cols = self.shape_of(f).1;
        let residual = self.like(f, Primitive::Sub(f, y));
        let norm2 = self.push(Primitive::Inner(residual, residual), 1, 1);
        self.scaled(ratio(1, 2 * cols), norm2)
    }

    /// −⟨Y, logsoftmax(F)⟩ / cols.
    pub(super) fn cross_entropy(&mut self, f: Slot, y: Slot) -> Slot {
        let cols = self.shape_of(f).1;
        let log = self.log_softmax(f);
        let inner = self.push(Primitive::Inner(y, log), 1, 1);
        self.scaled(ratio(-1, cols), inner)
    }

    /// max(x, 0), entry by entry.
    fn relu(&mut self, x: Slot) -> Slot {
        let degree = Exponent::Natural(1);
        self.apply(Elementwise::Homogeneous { plus: Rational::one(), minus: Rational::zero(), degree }, 0, x)
    }

    /// A number at every entry of a matrix.
    pub(super) fn spread(&mut self, x: Slot, rows: usize, cols: usize) -> Slot {
        if self.shape_of(x) == (rows, cols) { x } else { self.push(Primitive::Broadcast(x), rows, cols) }
    }

    /// y + relu(x − y).
    pub(super) fn maximum(&mut self, x: Slot, y: Slot) -> Slot {
        let difference = self.like(x, Primitive::Sub(x, y));
        let above = self.relu(difference);
        self.like(x, Primitive::Add(y, above))
    }

    /// x − relu(x − y).
    pub(super) fn minimum(&mut self, x: Slot, y: Slot) -> Slot {
        let difference = self.like(x, Primitive::Sub(x, y));
        let above = self.relu(difference);
        self.like(x, Primitive::Sub(x, above))
    }

    /// Σ relu(1 − Y∘F) / cols.
    pub(super) fn hinge(&mut self, f: Slot, y: Slot) -> Slot {
        let margins = self.like(f, Primitive::Hadamard(y, f));
        let one = self.like(f, Primitive::Constant(Rational::one()));
        let missing = self.like(f, Primitive::Sub(one, margins));
        let losses = self.relu(missing);
        self.mean_of_columns(losses)
    }

    /// Σ h(F − Y) / cols, where h(r) = cr − c²/2 for c = min(max(r, −1), 1).
    pub(super) fn huber(&mut self, f: Slot, y: Slot) -> Slot {
        let residual = self.like(f, Primitive::Sub(f, y));
        let [below, above] = [-1, 1].map(|n| self.like(f, Primitive::Constant(ratio(n, 1))));
        let raised = self.maximum(residual, below);
        let clipped = self.minimum(raised, above);
        let half = self.scaled(ratio(1, 2), clipped);
        let rest = self.like(f, Primitive::Sub(residual, half));
        let losses = self.like(f, Primitive::Hadamard(clipped, rest));
        self.mean_of_columns(losses)
    }

    /// The sum of all entries divided by the number of columns.
    fn mean_of_columns(&mut self, x: Slot) -> Slot {
        let cols = self.shape_of(x).1;
        let total = self.total(x);
        self.scaled(ratio(1, cols), total)
    }

    /// Σ φ(−Y∘F) / cols.
    pub(super) fn margin_loss(&mut self, phi: Equation, f: Slot, y: Slot) -> Slot {
        let margins = self.like(f, Primitive::Hadamard(y, f));
        let negative = self.scaled(ratio(-1, 1), margins);
        let values = self.apply(Elementwise::Solution(phi), 0, negative);
        self.mean_of_columns(values)
    }
}
