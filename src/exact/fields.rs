//! The gradient fields of a model over 𝔽_p: θ ↦ ∇_θ⟨w, F(θ; data)⟩ for random data and w, or ∇_θL for an explicit loss.

use super::batch::one_column_each;
use super::functions::{FIELD, Functions, Independence, Values, Variables};
use super::scalar::Scalar;
use crate::eval::{Bindings, Dense, EvalError, Matrix, Number, Residue, Series, Sizes, Tape, concrete, mix};
use crate::model::{Loss, Model, Variable};
use crate::sample::{self, stream};
use crate::term::{
    Argument, Arithmetic, Domain, Empty, Env, Expr, Facts, FunctionRow, Matrices, Shape, Symbol, Term, inner, sym,
};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The covector w; not a name a user can write.
const COVECTOR: &str = "·w";

/// How often a probe is redrawn because a square root in it does not exist.
const REDRAWS: u64 = 1 << 14;

/// How many points are tried for one at which a field is defined, and how many fields at each.
const POINTS: u64 = 256;
const FIELDS_PER_POINT: u64 = 64;

/// A vector of parameter space, parameter by parameter, its entries row by row.
pub type Vector<const P: u64> = Vec<Residue<P>>;

/// A model at concrete sizes as a family of vector fields on its parameter space.
#[derive(Clone, Debug)]
pub struct Fields {
    /// ⟨w, F⟩ or the loss.
    tape: Tape,
    parameters: Vec<Block>,
    data: Vec<Drawn>,
    /// Whether an activation with gates occurs, so that a single draw sees only part of the network.
    piecewise: bool,
    /// Whether a root occurs, so that a field is not defined everywhere.
    roots: bool,
    /// How functions get their values in a finite field.
    functions: Arc<Functions>,
}

/// A parameter: its name, extent and facts.
#[derive(Clone, Debug)]
pub struct Block {
    pub name: Symbol,
    pub rows: usize,
    pub cols: usize,
    /// As declared.
    facts: Facts,
    shape: Shape,
}

/// A data matrix or the covector.
#[derive(Clone, Debug)]
struct Drawn {
    block: Block,
    /// Whether every entry is ±1.
    signs: bool,
}

impl Block {
    fn is_finite(&self) -> bool {
        Matrices::of(self.facts, self.rows, self.cols).is_ok_and(|set| set.is_finite())
    }
}

impl Drawn {
    fn is_finite(&self) -> bool {
        self.signs || self.block.is_finite()
    }

    fn draw<T: Scalar>(&self, seed: u64) -> Result<(Symbol, Dense<T>), EvalError> {
        let Block { name, rows, cols, .. } = self.block;
        let value = match self.signs {
            true => sample::signs(rows, cols, &mut stream(seed, name.as_str())),
            false => draw(&self.block, seed)?,
        };
        Ok((name, value))
    }
}

/// Random data and a random covector: one field of the family.
pub struct GradientField<T: Scalar> {
    data: Vec<(Symbol, Dense<T>)>,
    /// The values of functions where the field was drawn.
    functions: T::Oracle,
}

/// A field and its value at a point, if one is defined there.
type Drawing<T> = Option<(GradientField<T>, Point<Dense<T>>)>;

/// The parameters as values of a formula.
pub type Point<M> = Vec<M>;

impl Fields {
    /// The model at concrete sizes. A size that only counts samples is made small: the span
    /// over all data sets of that many samples is the same.
    pub fn new(model: &Model, sizes: &Sizes) -> Result<Fields, EvalError> {
        let mut env = model.env.clone();
        let (scalar, covector) = match (&model.loss, &model.output) {
            (Loss::Explicit(loss), _) => (model.inline(loss), None),
            (Loss::Any, Some(output)) => {
                let shape = env.symbol(output.name).ok_or_else(|| EvalError::Unbound(output.name.to_string()))?.shape;
                env.declare(COVECTOR.into(), shape, Facts::empty());
                let w = Variable { name: COVECTOR.into(), latex: None, shape, facts: Facts::empty() };
                (inner(&sym(w.name), &model.inline(&sym(output.name))), Some(w))
            }
            (Loss::Any, None) => {
                return Err(EvalError::Unsupported("every loss of a model without an output".into()));
            }
        };
        let mut sizes = sizes.clone();
        let piecewise = is_piecewise(&scalar, &env);
        for dim in one_column_each(model, &env, &scalar) {
            // A gate that is shut for one sample is open for another.
            let samples = if piecewise { 4 } else { 1 };
            sizes.set(dim, sizes.get(dim).map_or(samples, |n| n.min(samples)));
        }
        let block = |v: &Variable| {
            let (rows, cols) = (concrete(v.shape.rows, &sizes)?, concrete(v.shape.cols, &sizes)?);
            Ok::<_, EvalError>(Block { name: v.name, rows, cols, facts: v.facts, shape: v.shape })
        };
        let parameters = model.params.iter().map(block).collect::<Result<Vec<_>, _>>()?;
        let data = model
            .data
            .iter()
            .chain(&covector)
            .map(|v| Ok::<_, EvalError>(Drawn { block: block(v)?, signs: is_sign_target(&scalar, v.name) }));
        let data = data.collect::<Result<Vec<_>, _>>()?;
        let roots = has_roots(&scalar);
        let tape = Tape::new(&scalar, &env, &sizes)?;
        let finite = |name: Symbol| {
            let parameter = parameters.iter().any(|b: &Block| b.name == name && b.is_finite());
            parameter || data.iter().any(|d: &Drawn| d.block.name == name && d.is_finite())
        };
        let functions = Arc::new(Functions::new(&tape, finite));
        Ok(Fields { tape, parameters, data, piecewise, roots, functions })
    }

    /// The number D of parameters.
    pub fn dimension(&self) -> usize {
        self.parameters.iter().map(|b| b.rows * b.cols).sum()
    }

    pub fn parameters(&self) -> &[Block] {
        &self.parameters
    }

    pub fn is_piecewise(&self) -> bool {
        self.piecewise
    }

    /// About how many multiplications a closure takes: brackets of two depths, and elimination. Where roots occur a field
    /// is redrawn until all exist; most draws fail early.
    pub fn work(&self) -> u64 {
        let (d, field) = (self.dimension() as u64, self.tape.multiplications());
        let redraws = 1u64.checked_shl(self.tape.roots() as u32).unwrap_or(u64::MAX);
        let bracket = field.saturating_mul(8 + redraws / 2).saturating_add(self.functions.work(field));
        let drawn = d.saturating_add(self.patience() as u64);
        d.saturating_mul(d.saturating_mul(d) / 3).saturating_add(bracket.saturating_mul(drawn))
    }

    /// The reciprocal of the least probability, as far as we bound it, that a draw of data from finite sets is outside a
    /// given proper subspace of what all of them span: a random permutation has an entry at a given place once in n times, a
    /// random involution once in 2n.
    pub(super) fn rarity(&self) -> usize {
        let of = |d: &Drawn| match Matrices::of(d.block.facts, d.block.rows, d.block.cols) {
            Ok(set) if set.is_finite() => 2 * d.block.rows,
            _ => 1,
        };
        self.data.iter().map(of).fold(1, usize::saturating_mul)
    }

    /// Whether a function occurs whose values are drawn in a finite field.
    pub fn is_transcendental(&self) -> bool {
        self.functions.are_transcendental()
    }

    /// What the values of functions drawn so far suppose.
    pub fn independence(&self) -> BTreeSet<Independence> {
        self.functions.independence()
    }

    /// A random point of parameter space, whether or not fields are defined there.
    pub fn anywhere<T: Scalar>(&self, seed: u64) -> Result<Point<Dense<T>>, EvalError> {
        self.parameters.iter().map(|block| draw(block, seed)).collect()
    }

    /// A random point of parameter space at which fields are defined: where a root is of parameters alone, other data do
    /// not help.
    pub fn point<T: Scalar>(&self, seed: u64) -> Result<Point<Dense<T>>, EvalError> {
        let first = self.anywhere(seed)?;
        if !self.roots || self.try_draw(&first, seed, FIELDS_PER_POINT)?.is_some() {
            return Ok(first);
        }
        for attempt in 1..POINTS {
            let point = self.anywhere(mix(seed, attempt))?;
            if self.try_draw(&point, seed, FIELDS_PER_POINT)?.is_some() {
                return Ok(point);
            }
        }
        Ok(first)
    }

    /// The vector of a point's entries.
    pub fn flat<T: Scalar>(&self, point: &[Dense<T>]) -> Vec<T> {
        point.iter().flat_map(|block| block.entries().iter().cloned()).collect()
    }

    /// The field with the given number, with the values that functions have at a point.
    fn unchecked<T: Scalar>(&self, at: &[Dense<T>], seed: u64) -> Result<GradientField<T>, EvalError> {
        let data = self.data.iter().map(|d| d.draw(seed)).collect::<Result<Vec<_>, EvalError>>()?;
        let shared = |seed| {
            let block = |(b, now): (&Block, &Dense<T>)| {
                let value = if b.is_finite() { in_field(now)? } else { draw(b, seed)? };
                Ok((b.name, value))
            };
            self.parameters.iter().zip(at).map(block).collect::<Result<Values, EvalError>>()
        };
        let own = |seed| {
            let block = |(d, (name, now)): (&Drawn, &(Symbol, Dense<T>))| match d.is_finite() {
                true => Ok((*name, in_field(now)?)),
                false => d.draw(seed),
            };
            self.data.iter().zip(&data).map(block).collect::<Result<Values, EvalError>>()
        };
        let inputs = || {
            let mut bindings = Bindings::new();
            for (block, value) in self.parameters.iter().zip(at) {
                bindings.bind(block.name, value.clone());
            }
            for (name, value) in &data {
                bindings.bind(*name, value.clone());
            }
            bindings
        };
        let variables = Variables { shared: &shared, own: &own };
        let functions = T::functions(&self.functions, &self.tape, variables, inputs)?;
        Ok(GradientField { data, functions })
    }

    /// A field that is defined at a point, and its value there. What has no square root there is redrawn.
    pub fn draw<T: Scalar>(
        &self,
        at: &[Dense<T>],
        seed: u64,
    ) -> Result<(GradientField<T>, Point<Dense<T>>), EvalError> {
        self.try_draw(at, seed, REDRAWS)?.ok_or(EvalError::NoSquareRoot)
    }

    /// The same, unless none of some draws is defined.
    fn try_draw<T: Scalar>(&self, at: &[Dense<T>], seed: u64, draws: u64) -> Result<Drawing<T>, EvalError> {
        for attempt in 0..draws {
            let drawn = self.unchecked(at, mix(seed, attempt)).and_then(|field| {
                let value = self.at(&field, at)?.1;
                Ok((field, value))
            });
            match drawn {
                Ok(drawn) => return Ok(Some(drawn)),
                Err(error) if error.is_unlucky() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// The field of [`Fields::draw`] without its value, which is not computed unless roots might not exist.
    pub fn defined<T: Scalar>(&self, at: &[Dense<T>], seed: u64) -> Result<GradientField<T>, EvalError> {
        if self.roots { Ok(self.draw(at, seed)?.0) } else { self.unchecked(at, mix(seed, 0)) }
    }

    /// The potential of a field at a point, ⟨w, F⟩ or L, and its gradient.
    pub fn at<T: Scalar, M>(&self, field: &GradientField<T>, at: &[M]) -> Result<(M, Point<M>), EvalError>
    where
        M: Matrix<Oracle = T::Oracle> + From<Dense<T>>,
    {
        let mut bindings = Bindings::new();
        for (name, value) in &field.data {
            bindings.bind(*name, M::from(value.clone()));
        }
        for (block, value) in self.parameters.iter().zip(at) {
            bindings.bind(block.name, value.clone());
        }
        let names: Vec<Symbol> = self.parameters.iter().map(|b| b.name).collect();
        self.tape.gradient(&bindings, &field.functions, &names)
    }

    /// The value at a point of the left-normed bracket [X₁, [X₂, … [Xₘ₋₁, Xₘ]]] of fields that are all defined there.
    pub fn bracket<T: Scalar>(
        &self,
        fields: &[GradientField<T>],
        at: &[Dense<T>],
    ) -> Result<Point<Dense<T>>, EvalError> {
        let at: Vec<Series<_>> = at.iter().cloned().map(Series::from).collect();
        let value = self.nested(fields, &at, 0)?;
        Ok(value.into_iter().map(|x| x.into_coefficient(0)).collect())
    }

    /// [X, Y](θ) = DY(θ)[X(θ)] − DX(θ)[Y(θ)], at a point that is a series in ε₁, …, ε_`used` already: a derivative along
    /// V is the coefficient of a further ε at θ + εV.
    fn nested<T: Scalar>(
        &self,
        fields: &[GradientField<T>],
        at: &[Series<Dense<T>>],
        used: usize,
    ) -> Result<Vec<Series<Dense<T>>>, EvalError> {
        let [first, rest @ ..] = fields else {
            return Err(EvalError::Unsupported("the bracket of no fields".into()));
        };
        let x = self.at(first, at)?.1;
        if rest.is_empty() {
            return Ok(x);
        }
        if used == Series::<Dense<T>>::MAX_VARIABLES {
            return Err(EvalError::Unsupported(format!("brackets of more than {} fields", used + 1)));
        }
        let (y, along_x) = split(self.nested(rest, &moved(at, &x, used), used + 1)?, used);
        let (_, along_y) = split(self.at(first, &moved(at, &y, used))?.1, used);
        Ok(along_x.iter().zip(&along_y).map(|(a, b)| a.sub(b)).collect())
    }
}

/// θ + ε V with a further variable ε.
fn moved<M: Matrix>(at: &[Series<M>], direction: &[Series<M>], variable: usize) -> Vec<Series<M>> {
    let mut out = at.to_vec();
    for (point, direction) in out.iter_mut().zip(direction) {
        for set in 0..1 << variable {
            if let Some(v) = direction.coefficient(set) {
                point.set(set | 1 << variable, v.clone());
            }
        }
    }
    out
}

/// The parts of a + ε b.
fn split<M: Matrix>(values: Vec<Series<M>>, variable: usize) -> (Vec<Series<M>>, Vec<Series<M>>) {
    let part = |value: &Series<M>, bit: usize| {
        let mut out = Series::zeros(value.rows(), value.cols());
        for set in 0..1 << variable {
            if let Some(c) = value.coefficient(set | bit) {
                out.set(set, c.clone());
            }
        }
        out
    };
    values.iter().map(|v| (part(v, 0), part(v, 1 << variable))).unzip()
}

/// A random matrix with the facts asked of it.
fn draw<T: Scalar>(block: &Block, seed: u64) -> Result<Dense<T>, EvalError> {
    let Block { name, rows, cols, facts, shape } = *block;
    let empty = |why| Box::new(Empty { name, facts, shape, extent: (rows, cols), why });
    Ok(sample::matrix(rows, cols, facts, &mut stream(seed, name.as_str())).map_err(empty)?)
}

/// A matrix of small integers in the field in which relations of functions are sought.
fn in_field<T: Scalar>(x: &Dense<T>) -> Result<Dense<Residue<FIELD>>, EvalError> {
    let small = |x: &T| {
        let integer = (-1..=1).find(|n| T::from_integer(*n) == *x);
        integer.ok_or_else(|| EvalError::Unsupported("an entry other than 0 and ±1 of a matrix of a finite set".into()))
    };
    let entries = x.entries().iter().map(small).collect::<Result<Vec<i64>, EvalError>>()?;
    Ok(Dense::from_fn(x.rows(), x.cols(), |i, j| Residue::from_integer(entries[i * x.cols() + j])))
}

/// Whether a loss wants ±1 in a data matrix.
fn is_sign_target(loss: &Expr, name: Symbol) -> bool {
    loss.as_ref().iter().any(|node| match node {
        Term::Op(op, args) => {
            op.places(|argument| argument == Argument::Signs).any(|i| loss[args[i]] == Term::Sym(name))
        }
        _ => false,
    })
}

/// Whether a positively homogeneous function with a kink occurs.
fn is_piecewise(expr: &Expr, env: &Env) -> bool {
    expr.as_ref().iter().any(|node| match node {
        Term::Fun(name) => match FunctionRow::named(name.as_str()) {
            Some(row) => row.is_piecewise(),
            None => env.function(*name).is_some_and(|f| f.homogeneous.is_some()),
        },
        _ => false,
    })
}

/// Whether a function occurs that is not defined for every argument over 𝔽_p.
fn has_roots(expr: &Expr) -> bool {
    expr.as_ref().iter().any(|node| match node {
        Term::Op(op, _) => op.row().arithmetic == Arithmetic::Root,
        Term::Fun(name) => FunctionRow::named(name.as_str()).is_some_and(|row| row.domain != Domain::Real),
        _ => false,
    })
}
