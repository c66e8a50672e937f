//! Roots of squares: √(z²) = |z|, a function with a gate. Which root of z² in a prime field is |z| no arithmetic there tells, so these
//! are written as what they are; others are found by their values.

use super::resumed::Resumed;
use super::tape::{Primitive, Slot, Tape};
use super::{Bindings, Dense, Elementwise, EvalError, Exponent, Key, Prime, Probe};
use crate::term::{Rational, Symbol};
use num_traits::{One, Zero};
use std::collections::{BTreeSet, HashMap};

/// How many values of an argument have to be squares before it is taken for one, and how many evaluations are begun for that.
const SQUARES: usize = 24;
const DRAWS: u64 = 96;

impl Tape {
    /// The function of z that a root of z² is, with the slot of z; none where the argument is not written as a square.
    pub(super) fn of_square(&self, function: &Elementwise, argument: Slot) -> Option<(Elementwise, Slot)> {
        let Elementwise::Power(Exponent::Root(q)) = function else { return None };
        let (z, even) = match &self.nodes[argument].primitive {
            Primitive::Hadamard(x, y) if x == y => (*x, 2),
            Primitive::Inner(x, y) if x == y && self.shape_of(*x) == (1, 1) => (*x, 2),
            Primitive::Apply { function: Elementwise::Power(Exponent::Natural(n)), order: 0, argument }
                if n % 2 == 0 =>
            {
                (*argument, *n)
            }
            _ => return None,
        };
        let degree = q * Rational::from_integer(even.into());
        let (half, whole) = (&degree / Rational::from_integer(2.into()), degree.is_integer());
        let function = match (whole, half.is_integer()) {
            (false, _) => return None,
            (true, true) => Elementwise::Power(degree.into()),
            (true, false) => {
                let one = Rational::one();
                Elementwise::Homogeneous { plus: one.clone(), minus: one, degree: degree.into() }
            }
        };
        Some((function, z))
    }

    /// For each node with a root the names that no such node before it depends on; where there are none, those of the last one before it
    /// that it shares some with.
    pub fn fresh(&self) -> HashMap<usize, Vec<Symbol>> {
        let mut below: Vec<BTreeSet<usize>> = Vec::with_capacity(self.nodes.len());
        let (mut names, mut seen): (Vec<Symbol>, BTreeSet<usize>) = Default::default();
        let mut groups: Vec<BTreeSet<usize>> = Vec::new();
        let mut out = HashMap::new();
        for (slot, node) in self.nodes.iter().enumerate() {
            let mut own = BTreeSet::new();
            node.primitive.reads(|x| own.extend(below[x].iter().copied()));
            if let Primitive::Input(Key::Symbol(name)) = node.primitive {
                own.insert(names.len());
                names.push(name);
            }
            if let Primitive::Apply { function: Elementwise::Power(Exponent::Root(_)), .. } = node.primitive {
                let new: BTreeSet<usize> = own.difference(&seen).copied().collect();
                let group = match new.is_empty() {
                    false => Some(&new),
                    true => groups.iter().rev().find(|group| !group.is_disjoint(&own)),
                };
                if let Some(group) = group {
                    out.insert(slot, group.iter().map(|i| names[*i]).collect());
                }
                seen.extend(own.iter().copied());
                groups.push(new);
            }
            below.push(own);
        }
        out
    }

    /// Whether a root is drawn of what is a square at all points: a gate that is not seen as one. All roots are looked at in the same
    /// evaluations, each as far as it comes.
    pub fn has_hidden_gates<'a>(
        &self,
        draw: impl Fn(u64) -> Result<Bindings<'a, Dense<Prime>>, EvalError>,
    ) -> Result<bool, EvalError> {
        let arguments = self.nodes.iter().filter_map(|node| match &node.primitive {
            Primitive::Apply { function: Elementwise::Power(Exponent::Root(_)), argument, .. } => Some(*argument),
            _ => None,
        });
        let is_open = |argument: &Slot| !matches!(self.nodes[*argument].primitive, Primitive::Constant(_));
        let mut roots: Vec<Squares> = arguments.filter(is_open).map(|argument| Squares::of(self, argument)).collect();
        let mut evaluation: Resumed<Dense<Prime>> = Resumed::new(self);
        for number in 0..DRAWS {
            if roots.iter().all(Squares::are_decided) {
                break;
            }
            evaluation.restart();
            match evaluation.advance(&draw(number)?, &Probe::new(number)) {
                Err(error) if !error.is_unlucky() => return Err(error),
                _ => {}
            }
            for root in roots.iter_mut().filter(|root| !root.are_decided()) {
                if let Some(value) = evaluation.value(root.argument) {
                    root.look(value);
                }
            }
        }
        Ok(roots.iter().any(Squares::is_one))
    }
}

/// Which entries of the argument of a root were squares wherever it had a value.
struct Squares {
    argument: Slot,
    squares: Vec<bool>,
    /// Whether they were numbers among which roots are unique, as values of exp are.
    positive: Vec<bool>,
    seen: usize,
}

impl Squares {
    fn of(tape: &Tape, argument: Slot) -> Squares {
        let entries = tape.nodes[argument].rows * tape.nodes[argument].cols;
        Squares { argument, squares: vec![true; entries], positive: vec![true; entries], seen: 0 }
    }

    fn look(&mut self, value: &Dense<Prime>) {
        self.seen += 1;
        for (i, x) in value.entries().iter().enumerate() {
            self.squares[i] &= x.root(2).is_some();
            self.positive[i] &= x.is_zero() || x.is_power_of_small_orders();
        }
    }

    fn are_decided(&self) -> bool {
        self.seen == SQUARES || !self.squares.contains(&true)
    }

    /// Whether an entry is a square, and not one of the numbers among which roots are unique.
    fn is_one(&self) -> bool {
        self.seen == SQUARES && self.squares.iter().zip(&self.positive).any(|(square, positive)| *square && !positive)
    }
}
