//! Lowering: from a formula to a tape of primitives with concrete shapes.

use super::tape::{ENTRY_LIMIT, Primitive, Slot, Tape, concrete};
use super::windows::{self, Line};
use super::{Elementwise, EvalError, Key, Sizes};
use crate::term::{
    Data, Definition, Emptiness, Empty, Env, Equation, Expr, Facts, FunctionRow, Op, Rational, Shape, Symbol, Term,
    arithmetic, infer_expr,
};
use egg::Id;
use num_traits::{One, ToPrimitive, Zero};
use std::sync::Arc;

impl Tape {
    /// Lowers a formula. Every name in it is in `env`, every symbolic size in `sizes`.
    pub fn new(expr: &Expr, env: &Env, sizes: &Sizes) -> Result<Tape, EvalError> {
        let data = infer_expr(env, expr)?;
        let mut lowering = Lowering { expr, env, sizes, data, tape: Tape::default(), slots: vec![None; expr.len()] };
        let used = lowering.used();
        for (i, used) in used.iter().enumerate() {
            if *used {
                lowering.slots[i] = Some(lowering.node(Id::from(i))?);
            }
        }
        let root = lowering.operand(expr.root())?;
        lowering.tape.finish(root)
    }
}

struct Lowering<'a> {
    expr: &'a Expr,
    env: &'a Env,
    sizes: &'a Sizes,
    data: Vec<Data>,
    tape: Tape,
    slots: Vec<Option<Slot>>,
}

impl Lowering<'_> {
    /// Which nodes are evaluated: not the names of functions, exponents, sizes, nor what a quantity is of.
    fn used(&self) -> Vec<bool> {
        let mut used = vec![false; self.expr.len()];
        used[usize::from(self.expr.root())] = true;
        for i in (0..used.len()).rev() {
            if !used[i] {
                continue;
            }
            let Term::Op(op, args) = &self.expr[Id::from(i)] else { continue };
            if self.constant(Id::from(i)).is_none() {
                for (place, &argument) in args.iter().enumerate() {
                    used[usize::from(argument)] |= op.argument(place).is_operand();
                }
            }
        }
        used
    }

    /// The value of a formula in numbers and sizes.
    fn constant(&self, id: Id) -> Option<Rational> {
        match &self.expr[id] {
            Term::Num(value) => Some(Rational::clone(value)),
            Term::Size(size) => concrete(*size, self.sizes).ok().map(|n| Rational::from_integer(n.into())),
            Term::Op(Op::Rows | Op::Cols, _) => {
                let size = self.data[usize::from(id)].size?;
                concrete(size, self.sizes).ok().map(|n| Rational::from_integer(n.into()))
            }
            // Only 1×1 operands, so that a matrix is never taken for a number; one level is looked at per node, and
            // constants nest no deeper than the formulas people write for sizes.
            Term::Op(Op::Pow, args) if self.data[usize::from(id)].shape.is_scalar() => {
                let (base, exponent) = (self.number_at(args[0])?, self.number_at(args[1])?);
                let exponent = exponent.is_integer().then(|| exponent.to_integer())?;
                let exponent = i32::try_from(exponent).ok().filter(|e| e.abs() <= 64)?;
                (exponent >= 0 || !base.is_zero()).then(|| base.pow(exponent))
            }
            _ => None,
        }
    }

    /// The value of a number, a size, or a product of two.
    fn number_at(&self, id: Id) -> Option<Rational> {
        match &self.expr[id] {
            Term::Num(_) | Term::Size(_) => self.constant(id),
            Term::Op(Op::Mul, args) => match (&self.expr[args[0]], &self.expr[args[1]]) {
                (Term::Num(_) | Term::Size(_), Term::Num(_) | Term::Size(_)) => {
                    Some(self.constant(args[0])? * self.constant(args[1])?)
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The value of an exponent: a polynomial in numbers and sizes.
    fn exponent(&self, id: Id) -> Option<Rational> {
        match &self.expr[id] {
            Term::Op(op @ (Op::Add | Op::Mul | Op::Pow), args) => {
                arithmetic(*op, &self.exponent(args[0])?, &self.exponent(args[1])?)
            }
            _ => self.constant(id),
        }
    }

    fn shape(&self, shape: Shape) -> Result<(usize, usize), EvalError> {
        Ok((concrete(shape.rows, self.sizes)?, concrete(shape.cols, self.sizes)?))
    }

    /// The number that a size is.
    fn count(&self, id: Id) -> Result<usize, EvalError> {
        let size = self.data[usize::from(id)].size;
        concrete(size.ok_or_else(|| EvalError::Unsupported("a number that is no size".into()))?, self.sizes)
    }

    /// The slot of an operand.
    fn operand(&self, id: Id) -> Result<Slot, EvalError> {
        self.slots[usize::from(id)]
            .ok_or_else(|| EvalError::Unsupported("a function or a size used as a matrix".into()))
    }

    fn name(&self, id: Id) -> Result<Symbol, EvalError> {
        match self.expr[id] {
            Term::Sym(name) => Ok(name),
            _ => Err(EvalError::Unsupported("a quantity of something that is not a name".into())),
        }
    }

    /// The name of the elementwise function of a node, and how often it is differentiated.
    fn function(&self, mut id: Id) -> Result<(Symbol, usize), EvalError> {
        let mut order = 0;
        loop {
            match &self.expr[id] {
                Term::Fun(name) => return Ok((*name, order)),
                Term::Op(Op::Deriv, args) => {
                    order += 1;
                    id = args[0];
                }
                _ => return Err(EvalError::Unsupported("a function that is not a name".into())),
            }
        }
    }

    fn node(&mut self, id: Id) -> Result<Slot, EvalError> {
        if let Some(value) = self.constant(id) {
            return Ok(self.tape.number(value));
        }
        let (rows, cols) = self.shape(self.data[usize::from(id)].shape)?;
        match &self.expr[id] {
            Term::Num(value) => Ok(self.tape.number(Rational::clone(value))),
            Term::Sym(name) => Ok(self.tape.push(Primitive::Input(Key::Symbol(*name)), rows, cols)),
            Term::Size(size) => Err(EvalError::UnknownSize(size.to_string())),
            Term::Fun(name) => Err(EvalError::Unsupported(format!("the function `{name}` without an argument"))),
            Term::Op(op, args) => {
                let (op, args) = (*op, args.clone());
                self.operation(op, &args, rows, cols)
            }
        }
    }

    fn operation(&mut self, op: Op, args: &[Id], rows: usize, cols: usize) -> Result<Slot, EvalError> {
        if op.is_quantity() {
            return self.quantity(op, args, rows, cols);
        }
        self.is_small(op, args, rows, cols)?;
        let unary = |lowering: &Self| lowering.operand(args[0]);
        let binary = |lowering: &Self| Ok::<_, EvalError>((lowering.operand(args[0])?, lowering.operand(args[1])?));
        let primitive = match op {
            Op::Add => {
                let (x, y) = binary(self)?;
                match self.negated(y) {
                    Some(y) => Primitive::Sub(x, y),
                    // Errors of the same matrix are not independent.
                    None if x == y => Primitive::Scale(self.tape.number(Rational::from_integer(2.into())), x),
                    None => Primitive::Add(x, y),
                }
            }
            Op::Mul => {
                let (x, y) = binary(self)?;
                let [left, right] = [0, 1].map(|i| self.data[usize::from(args[i])].shape);
                if left.is_scalar() {
                    Primitive::Scale(x, y)
                } else if right.is_scalar() {
                    Primitive::Scale(y, x)
                } else {
                    return Ok(self.tape.product(x, y));
                }
            }
            Op::Had => {
                let (x, y) = binary(self)?;
                Primitive::Hadamard(x, y)
            }
            Op::Pow | Op::HadPow => {
                let x = unary(self)?;
                let exponent = self
                    .exponent(args[1])
                    .ok_or_else(|| EvalError::Unsupported("a power whose exponent is not a number".into()))?;
                let function = Elementwise::Power(exponent.into());
                if op == Op::HadPow || rows == 1 {
                    return Ok(self.tape.apply(function, 0, x));
                }
                let diagonal = self.tape.push(Primitive::DiagonalOf(x), rows, 1);
                let power = self.tape.apply(function, 0, diagonal);
                Primitive::Diagonal(power)
            }
            Op::T => Primitive::Transpose(unary(self)?),
            Op::Inv => Primitive::Inverse(unary(self)?),
            Op::Det => Primitive::Determinant(unary(self)?),
            Op::Pi => {
                let argument = self.tape.number(Rational::zero());
                Primitive::Apply { function: Elementwise::Pi, order: 0, argument }
            }
            Op::Tr => return unary(self).map(|x| self.tape.trace(x)),
            Op::Diag => Primitive::Diagonal(unary(self)?),
            Op::Diagvec => return unary(self).map(|x| self.tape.diagonal_of(x)),
            Op::Inner => {
                let (x, y) = binary(self)?;
                Primitive::Inner(x, y)
            }
            Op::Norm2 => {
                let x = unary(self)?;
                Primitive::Inner(x, x)
            }
            Op::Sum => Primitive::Reduce(unary(self)?),
            Op::Ones => Primitive::Constant(Rational::one()),
            Op::Zeros => Primitive::Constant(Rational::zero()),
            Op::Eye => Primitive::Identity,
            Op::Select => {
                let from = self.data[usize::from(args[0])].size;
                let from = from.ok_or_else(|| EvalError::Unsupported("rows that are no size".into()))?;
                // Row i is row i + from − 1 of the identity.
                let from = isize::try_from(concrete(from, self.sizes)?).unwrap_or(isize::MAX);
                Primitive::Offset(1 - from)
            }
            Op::Concat => return binary(self).map(|(x, y)| self.tape.concat(x, y)),
            Op::Turn if rows.is_multiple_of(2) => Primitive::Turn,
            Op::Signature => {
                let p = self.data[usize::from(args[0])].size;
                let p = p.ok_or_else(|| EvalError::Unsupported("a signature that is no size".into()))?;
                return Ok(self.tape.signature(rows, concrete(p, self.sizes)?));
            }
            Op::Turn => {
                let shape = self.data[usize::from(args[0])].size.map_or(Shape::SCALAR, Shape::square);
                let (facts, extent, why) = (Facts::PLANES, (rows, cols), Emptiness::Odd);
                return Err(Box::new(Empty { name: "turn".into(), facts, shape, extent, why }).into());
            }
            Op::Apply => {
                let (name, order) = self.function(args[0])?;
                let argument = self.operand(args[1])?;
                if let Some(Definition::Composed { formula, .. }) =
                    FunctionRow::named(name.as_str()).map(|row| row.definition)
                {
                    return self.tape.composed(&formula, order, argument);
                }
                return Ok(self.tape.apply(Elementwise::named(name, self.env)?, order, argument));
            }
            Op::Softmax => return Ok(self.tape.softmax(unary(self)?)),
            Op::LogSoftmax => return Ok(self.tape.log_softmax(unary(self)?)),
            Op::LayerNorm => return Ok(self.tape.layer_norm(unary(self)?, None)),
            Op::RmsNorm => return Ok(self.tape.rms_norm(unary(self)?, None)),
            Op::Normalize => return Ok(self.tape.normalize(unary(self)?, None)),
            Op::BatchNorm => return Ok(self.tape.batch_norm(unary(self)?, None)),
            Op::LayerNormEps => return binary(self).map(|(x, eps)| self.tape.layer_norm(x, Some(eps))),
            Op::RmsNormEps => return binary(self).map(|(x, eps)| self.tape.rms_norm(x, Some(eps))),
            Op::NormalizeEps => return binary(self).map(|(x, eps)| self.tape.normalize(x, Some(eps))),
            Op::BatchNormEps => return binary(self).map(|(x, eps)| self.tape.batch_norm(x, Some(eps))),
            Op::GroupNorm | Op::GroupNormEps => {
                let (x, groups) = (unary(self)?, self.count(args[1])?);
                let eps = args.get(2).map(|e| self.operand(*e)).transpose()?;
                return Ok(self.tape.group_norm(x, groups, eps));
            }
            Op::Unfold => return unary(self).map(|x| self.tape.unfold(x, rows)),
            Op::Kron => return binary(self).map(|(x, y)| self.tape.kron(x, y)),
            Op::Stack => return unary(self).map(|x| self.tape.stack(x, cols)),
            Op::MaxPool => return unary(self).map(|x| self.tape.max_pool(x, cols)),
            Op::StopGrad => Primitive::Stopped(unary(self)?),
            Op::OneHot => return unary(self).map(|x| self.tape.largest(x, 1)),
            Op::TopK => {
                let (x, count) = (unary(self)?, self.count(args[1])?);
                return Ok(self.tape.largest(x, count));
            }
            Op::Taps | Op::PlaneTaps => Primitive::Selection(self.taps(op, args)?),
            Op::Tril => return unary(self).map(|x| self.tape.lower_triangle(x)),
            Op::Mse => return binary(self).map(|(f, y)| self.tape.mse(f, y)),
            Op::CrossEntropy => return binary(self).map(|(f, y)| self.tape.cross_entropy(f, y)),
            Op::Logistic => return binary(self).map(|(f, y)| self.tape.margin_loss(Equation::Softplus, f, y)),
            Op::Exponential => return binary(self).map(|(f, y)| self.tape.margin_loss(Equation::Exp, f, y)),
            Op::Hinge => return binary(self).map(|(f, y)| self.tape.hinge(f, y)),
            Op::Huber => return binary(self).map(|(f, y)| self.tape.huber(f, y)),
            Op::Min | Op::Max => {
                let (x, y) = binary(self)?;
                let [x, y] = [x, y].map(|x| self.tape.spread(x, rows, cols));
                return Ok(if op == Op::Max { self.tape.maximum(x, y) } else { self.tape.minimum(x, y) });
            }
            Op::Call(name) => {
                let args = args.iter().map(|&a| self.operand(a)).collect::<Result<Vec<_>, _>>()?;
                return Ok(self.tape.generic_call(name, &args, rows, cols));
            }
            Op::Over | Op::Last | Op::Relabelled => {
                return Err(EvalError::Unsupported("a family that is not written out".into()));
            }
            Op::Deriv => return Err(EvalError::Unsupported("`deriv(f)` without an argument".into())),
            Op::Diff => return Err(EvalError::Unsupported("a differential `d(X)`".into())),
            Op::Rows | Op::Cols => return Err(EvalError::Unsupported("a size that is not known".into())),
            Op::Grad
            | Op::Dot
            | Op::Next
            | Op::Err
            | Op::Hess
            | Op::Vjp
            | Op::HessLoss
            | Op::HessRows
            | Op::HessCols => {
                return self.quantity(op, args, rows, cols);
            }
        };
        Ok(self.tape.push(primitive, rows, cols))
    }

    /// What an operator is composed of is listed only where it is not beyond the limit of all entries.
    fn is_small(&self, op: Op, args: &[Id], rows: usize, cols: usize) -> Result<(), EvalError> {
        let entries = match op {
            Op::OneHot | Op::TopK => rows.saturating_mul(rows).saturating_mul(rows),
            Op::MaxPool => {
                let (_, cols) = self.shape(self.data[usize::from(args[0])].shape)?;
                cols.saturating_mul(cols)
            }
            Op::Kron | Op::Stack | Op::Taps | Op::PlaneTaps | Op::GroupNorm | Op::GroupNormEps => {
                rows.saturating_mul(cols)
            }
            _ => 0,
        };
        if entries > ENTRY_LIMIT { Err(EvalError::TooLarge { entries, limit: ENTRY_LIMIT }) } else { Ok(()) }
    }

    /// The positions that windows see.
    fn taps(&self, op: Op, args: &[Id]) -> Result<Arc<[Option<usize>]>, EvalError> {
        let dimensions = if op == Op::Taps { 1 } else { 2 };
        let size = |i: usize| {
            let size = self.data[usize::from(args[i])].size;
            concrete(size.ok_or_else(|| EvalError::Unsupported("windows that are no sizes".into()))?, self.sizes)
        };
        let (stride, dilation) = (size(3 * dimensions)?, size(3 * dimensions + 1)?);
        let line = |i: usize| {
            let padding = self.data[usize::from(args[3 * dimensions + 2 + i])].constant.as_ref();
            let padding = padding.and_then(|p| p.to_integer().to_usize()).unwrap_or(0);
            let (positions, places, window) = (size(i)?, size(dimensions + i)?, size(2 * dimensions + i)?);
            Ok::<_, EvalError>(Line { positions, places, window, stride, dilation, padding })
        };
        Ok(match op {
            Op::Taps => line(0)?.seen(),
            _ => windows::plane(&line(0)?, &line(1)?),
        })
    }

    fn quantity(&mut self, op: Op, args: &[Id], rows: usize, cols: usize) -> Result<Slot, EvalError> {
        let name = self.name(args[0])?;
        let primitive = match args {
            [_] => Primitive::Input(Key::Quantity(op, name)),
            [_, z] => Primitive::Quantity { op, name, block: None, argument: self.operand(*z)? },
            [_, z, w, ..] => Primitive::Quantity { op, name, block: Some(self.name(*w)?), argument: self.operand(*z)? },
            [] => return Err(EvalError::Unsupported("a quantity of nothing".into())),
        };
        Ok(self.tape.push(primitive, rows, cols))
    }

    /// The X of a node `(-1) * X`.
    fn negated(&self, y: Slot) -> Option<Slot> {
        match self.tape.nodes[y].primitive {
            Primitive::Scale(s, x) => match &self.tape.nodes[s].primitive {
                Primitive::Constant(value) if *value == -Rational::one() => Some(x),
                _ => None,
            },
            _ => None,
        }
    }
}
