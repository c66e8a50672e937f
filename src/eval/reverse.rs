//! Evaluation of a tape, and its derivative in reverse.

use super::matrix::{Matrix, Side};
use super::reads::{Asked, Reads};
use super::tape::{Node, Primitive, Slot, Tape};
use super::{Bindings, EvalError, Key, Series};
use crate::term::Symbol;
use num_traits::One;
use std::borrow::Cow;

/// The values of a tape's nodes, and the derivatives φ′(X) of the elementwise nodes through which a gradient passes.
pub(super) struct Forward<'a, M: Clone> {
    pub values: Vec<Cow<'a, M>>,
    slopes: Vec<Option<M>>,
}

impl Tape {
    /// The value of the formula.
    pub fn eval<M: Matrix>(&self, inputs: &Bindings<M>, oracle: &M::Oracle) -> Result<M, EvalError> {
        let mut forward = self.evaluated(inputs, oracle, &vec![false; self.nodes.len()], Asked::Value(None))?;
        forward.values.pop().map(Cow::into_owned).ok_or_else(|| EvalError::Unbound("an empty formula".into()))
    }

    /// One coefficient of the value.
    pub fn coefficient<M: Matrix>(
        &self,
        inputs: &Bindings<Series<M>>,
        oracle: &M::Oracle,
        set: usize,
    ) -> Result<M, EvalError> {
        let mut forward = self.evaluated(inputs, oracle, &vec![false; self.nodes.len()], Asked::Value(Some(set)))?;
        let value = forward.values.pop().map(Cow::into_owned);
        value.map(|value| value.into_coefficient(set)).ok_or_else(|| EvalError::Unbound("an empty formula".into()))
    }

    /// The value of a scalar formula and its gradient, a matrix for each name of `wrt`.
    pub fn gradient<M: Matrix>(
        &self,
        inputs: &Bindings<M>,
        oracle: &M::Oracle,
        wrt: &[Symbol],
    ) -> Result<(M, Vec<M>), EvalError> {
        let (rows, cols) = self.shape();
        if (rows, cols) != (1, 1) {
            return Err(EvalError::NotScalar { rows, cols });
        }
        self.vjp(inputs, oracle, &M::constant(1, 1, &num_rational::BigRational::one())?, wrt)
    }

    /// The value F of the formula and the pull-back of a cotangent Z of its shape: ∂⟨Z, F⟩/∂W for each name W of `wrt`.
    pub fn vjp<M: Matrix>(
        &self,
        inputs: &Bindings<M>,
        oracle: &M::Oracle,
        cotangent: &M,
        wrt: &[Symbol],
    ) -> Result<(M, Vec<M>), EvalError> {
        let (value, gradients) = self.pulled_back(inputs, oracle, cotangent, wrt, None, true)?;
        Ok((value.ok_or_else(|| EvalError::Unbound("an empty formula".into()))?, gradients))
    }

    /// The pull-back alone.
    pub fn pullback<M: Matrix>(
        &self,
        inputs: &Bindings<M>,
        oracle: &M::Oracle,
        cotangent: &M,
        wrt: &[Symbol],
    ) -> Result<Vec<M>, EvalError> {
        Ok(self.pulled_back(inputs, oracle, cotangent, wrt, None, false)?.1)
    }

    /// One coefficient of the pull-back of a value that may move as well.
    pub fn coefficient_of_pullback<'a, M: Matrix>(
        &self,
        inputs: &Bindings<Series<'a, M>>,
        oracle: &M::Oracle,
        cotangent: &Series<'a, M>,
        wrt: &[Symbol],
        set: usize,
    ) -> Result<Vec<M>, EvalError> {
        let (_, gradients) = self.pulled_back(inputs, oracle, cotangent, wrt, Some(set), false)?;
        Ok(gradients.into_iter().map(|g| g.into_coefficient(set)).collect())
    }

    /// The derivative of the gradient of a scalar formula along all directions in which the inputs move: the coefficient of all ε together,
    /// of which alone it is made sure.
    pub fn derivative_of_gradient<'a, M: Matrix>(
        &self,
        inputs: &Bindings<Series<'a, M>>,
        oracle: &M::Oracle,
        wrt: &[Symbol],
        directions: usize,
    ) -> Result<Vec<M>, EvalError> {
        let (rows, cols) = self.shape();
        if (rows, cols) != (1, 1) {
            return Err(EvalError::NotScalar { rows, cols });
        }
        let all = (1 << directions) - 1;
        let one = Series::from(M::constant(1, 1, &num_rational::BigRational::one())?);
        self.coefficient_of_pullback(inputs, oracle, &one, wrt, all)
    }

    /// The value, if it is asked for, and the pull-back, of which only one coefficient may be read.
    fn pulled_back<M: Matrix>(
        &self,
        inputs: &Bindings<M>,
        oracle: &M::Oracle,
        cotangent: &M,
        wrt: &[Symbol],
        part: Option<usize>,
        value: bool,
    ) -> Result<(Option<M>, Vec<M>), EvalError> {
        let (rows, cols) = self.shape();
        if (cotangent.rows(), cotangent.cols()) != (rows, cols) {
            return Err(shape_error("the cotangent", rows, cols, cotangent));
        }
        let active = self.active(wrt);
        let Forward { mut values, mut slopes } = self.evaluated(inputs, oracle, &active, Asked::Pullback { value })?;
        let mut adjoints: Vec<Option<M>> = vec![None; self.nodes.len()];
        if let Some(last) = adjoints.last_mut() {
            *last = Some(cotangent.clone());
        }
        let mut gradients: Vec<Option<M>> = vec![None; wrt.len()];
        for (slot, node) in self.nodes.iter().enumerate().rev() {
            match (adjoints[slot].take().filter(|_| active[slot]), &node.primitive) {
                (None, _) => {}
                (Some(adjoint), Primitive::Input(Key::Symbol(name))) => {
                    if let Some(i) = wrt.iter().position(|w| w == name) {
                        gradients[i] = Some(adjoint);
                    }
                }
                (Some(adjoint), _) => {
                    let mut reverse =
                        Reverse { nodes: &self.nodes, values: &values, active: &active, adjoints: &mut adjoints, part };
                    reverse.step(slot, node, adjoint, &slopes)?;
                }
            }
            // Only later nodes have read it.
            if slot + 1 < self.nodes.len() {
                (values[slot], slopes[slot]) = (given_up(), None);
            }
        }
        let gradients = gradients.into_iter().zip(wrt).map(|(gradient, name)| match gradient {
            Some(gradient) => Ok::<M, EvalError>(gradient),
            None => {
                let like = inputs.symbol(*name).ok_or_else(|| EvalError::Unbound(name.to_string()))?;
                Ok(M::zeros(like.rows(), like.cols()))
            }
        });
        let gradients = gradients.collect::<Result<_, _>>()?;
        Ok((values.pop().filter(|_| value).map(Cow::into_owned), gradients))
    }

    /// Whether the formula is defined at a point, with the derivatives that a gradient needs.
    ///
    /// # Errors
    /// Those of [`Tape::gradient`].
    pub fn differentiable<M: Matrix>(
        &self,
        inputs: &Bindings<M>,
        oracle: &M::Oracle,
        wrt: &[Symbol],
    ) -> Result<(), EvalError> {
        self.forward(inputs, oracle, &self.active(wrt)).map(drop)
    }

    /// Which nodes depend on the given names.
    pub(super) fn active(&self, wrt: &[Symbol]) -> Vec<bool> {
        let mut active = vec![false; self.nodes.len()];
        for (slot, node) in self.nodes.iter().enumerate() {
            let mut depends = matches!(node.primitive, Primitive::Input(Key::Symbol(name)) if wrt.contains(&name));
            node.primitive.operands(|x| depends |= active[x]);
            active[slot] = depends;
        }
        active
    }

    pub(super) fn forward<'a, M: Matrix>(
        &self,
        inputs: &'a Bindings<M>,
        oracle: &M::Oracle,
        active: &[bool],
    ) -> Result<Forward<'a, M>, EvalError> {
        self.evaluated(inputs, oracle, active, Asked::All)
    }

    /// The values that are asked for; others are given up as soon as nothing reads them any more.
    fn evaluated<'a, M: Matrix>(
        &self,
        inputs: &'a Bindings<M>,
        oracle: &M::Oracle,
        active: &[bool],
        asked: Asked,
    ) -> Result<Forward<'a, M>, EvalError> {
        let reads = Reads::new(self, active, asked);
        let mut values: Vec<Cow<'a, M>> = Vec::with_capacity(self.nodes.len());
        let mut slopes = vec![None; self.nodes.len()];
        for (slot, node) in self.nodes.iter().enumerate() {
            let value = match &node.primitive {
                Primitive::Input(key) => {
                    let name = || match key {
                        Key::Symbol(name) => name.to_string(),
                        Key::Quantity(op, name) => format!("{}({name})", op.name().unwrap_or("?")),
                    };
                    let value = inputs.get(*key).ok_or_else(|| EvalError::Unbound(name()))?;
                    if (value.rows(), value.cols()) != (node.rows, node.cols) {
                        return Err(shape_error(&name(), node.rows, node.cols, value));
                    }
                    Cow::Borrowed(value)
                }
                _ if !reads.is_computed(slot) => given_up(),
                Primitive::Apply { function, order, argument } => {
                    let count = 1 + usize::from(active[slot]);
                    let derivatives = values[*argument].derivatives(function, *order, count, oracle);
                    let mut derivatives = derivatives.map_err(|error| match &self.nodes[*argument].primitive {
                        Primitive::Constant(value) if error == EvalError::ROOTLESS => {
                            EvalError::Irrational(format!("{value} to a fractional power"))
                        }
                        _ => error.met_at(slot),
                    })?;
                    slopes[slot] = if active[slot] { derivatives.pop() } else { None };
                    let value = derivatives.pop();
                    Cow::Owned(value.ok_or_else(|| EvalError::Unsupported("a function without a value".into()))?)
                }
                Primitive::Product(x, y) if slot + 1 == self.nodes.len() && asked.part().is_some() => {
                    let part = asked.part().unwrap_or_default();
                    Cow::Owned(values[*x].part_of_product(Side::Plain, &values[*y], Side::Plain, part))
                }
                _ => Cow::Owned(evaluate(node, &values, inputs, oracle)?),
            };
            values.push(value);
            node.primitive.reads(|x| {
                if reads.ends(x, slot) {
                    values[x] = given_up();
                }
            });
        }
        Ok(Forward { values, slopes })
    }
}

/// In place of a value that nothing reads any more.
fn given_up<'a, M: Matrix>() -> Cow<'a, M> {
    Cow::Owned(M::zeros(0, 0))
}

fn shape_error<M: Matrix>(name: &str, rows: usize, cols: usize, got: &M) -> EvalError {
    EvalError::Shape { name: name.to_string(), rows, cols, got_rows: got.rows(), got_cols: got.cols() }
}

/// The value of a node other than an input or an elementwise function.
pub(super) fn evaluate<M: Matrix>(
    node: &Node,
    values: &[Cow<'_, M>],
    inputs: &Bindings<M>,
    oracle: &M::Oracle,
) -> Result<M, EvalError> {
    let (rows, cols) = (node.rows, node.cols);
    let at = |x: Slot| values[x].as_ref();
    Ok(match &node.primitive {
        Primitive::Constant(value) => M::constant(rows, cols, value)?,
        Primitive::Identity => M::identity(rows),
        Primitive::Turn => M::turn(rows),
        Primitive::Offset(by) => M::offset(rows, cols, *by),
        Primitive::Selection(ones) => M::selection(rows, ones),
        Primitive::Generic(stream) => M::generic(rows, cols, *stream, oracle),
        Primitive::Quantity { op, name, block, argument } => {
            let source =
                inputs.quantities.ok_or_else(|| EvalError::Unbound(format!("{}({name})", op.name().unwrap_or("?"))))?;
            let value = match block {
                Some(block) => source.quantity(*op, &[*name, *block], at(*argument))?,
                None => source.quantity(*op, &[*name], at(*argument))?,
            };
            if (value.rows(), value.cols()) != (rows, cols) {
                return Err(shape_error(name.as_str(), rows, cols, &value));
            }
            value
        }
        Primitive::Add(x, y) => at(*x).add(at(*y)),
        Primitive::Sub(x, y) => at(*x).sub(at(*y)),
        Primitive::Product(x, y) => at(*x).product(Side::Plain, at(*y), Side::Plain),
        Primitive::Scale(s, x) => at(*x).scale(at(*s)),
        Primitive::Hadamard(x, y) => at(*x).hadamard(at(*y)),
        Primitive::Inner(x, y) => at(*x).inner(at(*y)),
        Primitive::Dots(x, y) => at(*x).dots(at(*y), rows, cols),
        Primitive::Transpose(x) => at(*x).transpose(),
        Primitive::Stack(x) => at(*x).stack(cols),
        Primitive::Gather(x, chosen) => at(*x).gather(chosen),
        Primitive::Scatter(x, chosen) => at(*x).scatter(chosen, cols),
        Primitive::Inverse(x) => at(*x).inverse()?,
        Primitive::Determinant(x) => at(*x).determinant()?,
        Primitive::Diagonal(x) => at(*x).diagonal(),
        Primitive::DiagonalOf(x) => at(*x).diagonal_of(),
        Primitive::Broadcast(x) => at(*x).broadcast(rows, cols),
        Primitive::Reduce(x) => at(*x).reduce(rows, cols),
        Primitive::ColumnMax(x) => at(*x).column_max(oracle),
        Primitive::Stopped(x) => at(*x).clone(),
        Primitive::Input(_) | Primitive::Apply { .. } => {
            return Err(EvalError::Unsupported("a node of another kind".into()));
        }
    })
}

/// The backward pass.
struct Reverse<'r, 'a, M: Clone> {
    nodes: &'r [Node],
    values: &'r [Cow<'a, M>],
    active: &'r [bool],
    adjoints: &'r mut [Option<M>],
    /// The coefficient that alone is asked for of what arrives at a name.
    part: Option<usize>,
}

impl<M: Matrix> Reverse<'_, '_, M> {
    /// Adds to the adjoint of an operand, when a gradient passes through it.
    fn pass(&mut self, operand: Slot, term: impl FnOnce(&[Cow<'_, M>]) -> M) {
        if self.active[operand] {
            let term = term(self.values);
            match &mut self.adjoints[operand] {
                Some(sum) => sum.add_assign(&term),
                none => *none = Some(term),
            }
        }
    }

    /// The part of the adjoint of an operand that is read.
    fn part_at(&self, operand: Slot) -> Option<usize> {
        self.part.filter(|_| matches!(self.nodes[operand].primitive, Primitive::Input(_)))
    }

    /// Passes the adjoint of a node on to its operands.
    fn step(&mut self, slot: Slot, node: &Node, mut adjoint: M, slopes: &[Option<M>]) -> Result<(), EvalError> {
        use Side::{Plain, Transposed};
        let shape = |x: Slot, nodes: &[Node]| (nodes[x].rows, nodes[x].cols);
        match node.primitive {
            Primitive::Constant(_)
            | Primitive::Identity
            | Primitive::Turn
            | Primitive::Offset(_)
            | Primitive::Selection(_)
            | Primitive::Generic(_)
            | Primitive::Input(_)
            | Primitive::ColumnMax(_)
            | Primitive::Stopped(_) => {}
            Primitive::Quantity { op, name, .. } => {
                let quantity = format!("the derivative of {}({name})", op.name().unwrap_or("?"));
                return Err(EvalError::Unsupported(quantity));
            }
            Primitive::Add(x, y) => {
                self.pass(x, |_| adjoint.clone());
                self.pass(y, |_| adjoint);
            }
            Primitive::Sub(x, y) => {
                self.pass(x, |_| adjoint.clone());
                self.pass(y, |_| adjoint.neg());
            }
            Primitive::Product(x, y) => {
                let (of_x, of_y) = (self.part_at(x), self.part_at(y));
                self.pass(x, |values| match of_x {
                    Some(part) => adjoint.part_of_product(Plain, &values[y], Transposed, part),
                    None => adjoint.product(Plain, &values[y], Transposed),
                });
                self.pass(y, |values| match of_y {
                    Some(part) => values[x].part_of_product(Transposed, &adjoint, Plain, part),
                    None => values[x].product(Transposed, &adjoint, Plain),
                });
            }
            Primitive::Scale(s, x) => {
                self.pass(s, |values| adjoint.inner(&values[x]));
                self.pass(x, |values| adjoint.scale(&values[s]));
            }
            Primitive::Hadamard(x, y) => {
                self.pass(x, |values| adjoint.hadamard(&values[y]));
                self.pass(y, |values| {
                    adjoint.hadamard_assign(&values[x]);
                    adjoint
                });
            }
            Primitive::Inner(x, y) => {
                self.pass(x, |values| values[y].scale(&adjoint));
                self.pass(y, |values| values[x].scale(&adjoint));
            }
            Primitive::Dots(x, y) => {
                let (rows, cols) = shape(x, self.nodes);
                let spread = adjoint.broadcast(rows, cols);
                self.pass(x, |values| spread.hadamard(&values[y]));
                self.pass(y, |values| spread.hadamard(&values[x]));
            }
            Primitive::Transpose(x) => self.pass(x, |_| adjoint.transpose()),
            Primitive::Stack(x) => {
                let (height, _) = shape(x, self.nodes);
                self.pass(x, |_| adjoint.unstack(height));
            }
            Primitive::Gather(x, ref chosen) => {
                let (_, width) = shape(x, self.nodes);
                self.pass(x, |_| adjoint.scatter(chosen, width));
            }
            Primitive::Scatter(x, ref chosen) => self.pass(x, |_| adjoint.gather(chosen)),
            Primitive::Inverse(x) => self.pass(x, |values| {
                let inverse = &values[slot];
                inverse.product(Transposed, &adjoint, Plain).product(Plain, inverse, Transposed).neg()
            }),
            // d det X = det X ⟨X⁻ᵀ, dX⟩.
            Primitive::Determinant(x) if self.active[x] => {
                let inverse = self.values[x].inverse()?;
                let factor = adjoint.hadamard(&self.values[slot]);
                self.pass(x, |_| inverse.transpose().scale(&factor));
            }
            Primitive::Determinant(_) => {}
            Primitive::Diagonal(x) => self.pass(x, |_| adjoint.diagonal_of()),
            Primitive::DiagonalOf(x) => self.pass(x, |_| adjoint.diagonal()),
            Primitive::Broadcast(x) => {
                let (rows, cols) = shape(x, self.nodes);
                self.pass(x, |_| adjoint.reduce(rows, cols));
            }
            Primitive::Reduce(x) => {
                let (rows, cols) = shape(x, self.nodes);
                self.pass(x, |_| adjoint.broadcast(rows, cols));
            }
            Primitive::Apply { argument, .. } => {
                if let Some(slope) = &slopes[slot] {
                    self.pass(argument, |_| {
                        adjoint.hadamard_assign(slope);
                        adjoint
                    });
                }
            }
        }
        Ok(())
    }
}
