//! The gradient fields of a model over 𝔽_p: θ ↦ ∇_θ⟨w, F(θ; data)⟩ for random data and w, or ∇_θL for an explicit loss. Points and
//! data are real, so that the gates of a field at a point are those that these data open there.

use super::batch::one_column_each;
use super::block::Block;
use super::functions::{FIELD, Functions, Independence, Values, Variables};
use super::motion::{Drive, Subject};
use super::point::Point;
use super::scalar::{Scalar, floats, valued};
use crate::eval::{
    Bindings, Dense, EvalError, Lever, Matrix, Number, Pattern, Prime, Residue, Roots, Sizes, Tape, concrete, mix,
};
use crate::model::{Loss, Variable};
use crate::sample::{self, Sampled, stream};
use crate::term::{Argument, Arithmetic, Domain, Expr, Facts, FunctionRow, Matrices, Size, Symbol, Term, inner, sym};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// The covector w; not a name a user can write.
pub(super) const COVECTOR: &str = "·w";

/// How often a field is redrawn because a square root in it does not exist, or a gate is not decided.
pub const REDRAWS: u64 = 1 << 14;

/// How many evaluations the relations of a region may take, where there are many regions.
const BRIEFLY: u64 = 1 << 13;

/// A vector of parameter space, parameter by parameter, its entries row by row.
pub type Vector<const P: u64> = Vec<Residue<P>>;

/// A model at concrete sizes as a family of vector fields on its parameter space.
#[derive(Clone, Debug)]
pub struct Fields {
    /// ⟨w, F⟩ or the loss.
    pub(super) tape: Tape,
    /// What makes fields of its gradient.
    drive: Drive,
    /// The matrices of the state, the parameters first.
    pub(super) state: Vec<Block>,
    /// How many of them are parameters.
    parameters: usize,
    pub(super) data: Vec<Drawn>,
    /// Whether an activation with gates occurs, so that a single draw sees only part of the network.
    piecewise: bool,
    /// Whether a root occurs, so that a field is not defined everywhere.
    roots: bool,
    /// The roots that are looked for first.
    first_roots: Roots,
    /// For each root of the tape the names that no root before it depends on, or else those of the last one before it.
    pub(super) fresh: HashMap<usize, Vec<Symbol>>,
    /// How functions get their values in a finite field.
    pub(super) functions: Arc<Functions>,
}

/// A data matrix or the covector.
#[derive(Clone, Debug)]
pub(super) struct Drawn {
    pub block: Block,
    /// Whether every entry is ±1.
    pub signs: bool,
    /// Whether it is the same matrix for all samples.
    pub fixed: bool,
}

/// Random data and a random covector: one field of the family, as it is seen from a point.
pub struct GradientField<T: Scalar> {
    data: Vec<(Symbol, Dense<T::Drawn>)>,
    values: Vec<(Symbol, Dense<T>)>,
    /// The functions of the model near the point.
    functions: T::Oracle,
}

/// A potential, what it depends on, and its gradient in each.
pub(super) struct Sensitivity<M> {
    pub potential: M,
    pub values: Vec<M>,
    pub gradients: Vec<M>,
}

/// A tangent vector of parameter space, parameter by parameter.
pub type Tangent<M> = Vec<M>;

impl<T: Scalar> GradientField<T> {
    /// The field of some data, with the values of functions.
    pub(super) fn of(values: Vec<(Symbol, Dense<T>)>, functions: T::Oracle) -> Self {
        GradientField { data: Vec::new(), values, functions }
    }

    pub(super) fn functions(&self) -> &T::Oracle {
        &self.functions
    }

    /// Its data and covector.
    pub(super) fn values(&self) -> &[(Symbol, Dense<T>)] {
        &self.values
    }
}

impl Fields {
    /// The model at concrete sizes. A size that only counts samples is made 1: the span over all data sets of that many
    /// samples is the same.
    pub fn new<'a>(subject: impl Into<Subject<'a>>, sizes: &Sizes) -> Result<Fields, EvalError> {
        Fields::given(subject, sizes, &[])
    }

    /// The same, with some further data the same for all samples, as if they were declared `fixed`.
    pub fn given<'a>(subject: impl Into<Subject<'a>>, sizes: &Sizes, fixed: &[Symbol]) -> Result<Fields, EvalError> {
        let Subject { model, motion } = subject.into();
        let is_fixed = |v: &Variable| v.fixed || fixed.contains(&v.name);
        let mut env = model.env.clone();
        let (scalar, covector) = match (&model.loss, &model.output) {
            (Loss::Explicit(loss), _) => (model.inline(loss), None),
            (Loss::Any, Some(output)) => {
                let shape = env.symbol(output.name).ok_or_else(|| EvalError::Unbound(output.name.to_string()))?.shape;
                env.declare(COVECTOR.into(), shape, Facts::empty());
                let w = Variable {
                    name: COVECTOR.into(),
                    latex: None,
                    shape,
                    facts: Facts::empty(),
                    fixed: false,
                    stopped: false,
                    indices: vec![],
                };
                (inner(&sym(w.name), &model.inline(&sym(output.name))), Some(w))
            }
            (Loss::Any, None) => {
                return Err(EvalError::Unsupported("every loss of a model without an output".into()));
            }
        };
        let mut sizes = sizes.clone();
        // Beside a drift only fields of any loss make up for a sum.
        let columns =
            if motion.drifts() && covector.is_none() { vec![] } else { one_column_each(model, &env, &scalar) };
        for dim in columns {
            // Fixed data keep their columns.
            if model.data.iter().all(|d| !is_fixed(d) || d.shape.cols != Size::Name(dim)) {
                sizes.set(dim, 1);
            }
        }
        let block = |v: &Variable| {
            let (rows, cols) = (concrete(v.shape.rows, &sizes)?, concrete(v.shape.cols, &sizes)?);
            Ok::<_, EvalError>(Block {
                name: v.name,
                rows,
                cols,
                facts: v.facts,
                shape: v.shape,
                large: false,
                weak: false,
            })
        };
        let mut state = model.params.iter().map(block).collect::<Result<Vec<_>, _>>()?;
        let drive = Drive::new(model, motion, &sizes)?;
        let (parameters, foreign) = (state.len(), drive.is_transcendental(&state)?);
        state.extend(motion.further(&state));
        let data = model.data.iter().chain(&covector).map(|v| {
            Ok::<_, EvalError>(Drawn { block: block(v)?, signs: is_sign_target(&scalar, v.name), fixed: is_fixed(v) })
        });
        let mut data = data.collect::<Result<Vec<_>, _>>()?;
        data.extend(motion.coefficient().map(|name| Drawn { block: Block::number(name), signs: false, fixed: true }));
        let roots = has_roots(&scalar) || drive.has_roots();
        let tape = Tape::new(&scalar, &env, &sizes)?;
        let piecewise = tape.has_gates();
        let functions = Arc::new(Functions::new(&tape, |name| is_of_finite_set(&state, &data, name)));
        if foreign {
            functions.suppose([Independence::Undecided]);
        }
        let (first_roots, fresh) = (tape.below_roots(), tape.fresh());
        let fields = Fields { tape, fresh, drive, state, parameters, data, piecewise, roots, first_roots, functions };
        if roots && fields.has_hidden_gates()? {
            fields.functions.suppose([Independence::Signs]);
        }
        Ok(fields)
    }

    /// The same fields, for questions that ask of many regions: where relations between values of functions would take long to find
    /// in each, the values are unrelated.
    pub fn briefly(mut self) -> Fields {
        if let Some(functions) = Arc::get_mut(&mut self.functions) {
            functions.set_most(BRIEFLY);
        }
        self
    }

    /// The number of entries of the state; the number D of parameters where they are the state.
    pub fn dimension(&self) -> usize {
        self.state.iter().map(|b| b.rows * b.cols).sum()
    }

    /// The number D of parameters.
    pub fn parameter_entries(&self) -> usize {
        self.parameters().iter().map(|b| b.rows * b.cols).sum()
    }

    /// The matrices that fields move, the parameters first.
    pub fn state(&self) -> &[Block] {
        &self.state
    }

    pub fn parameters(&self) -> &[Block] {
        &self.state[..self.parameters]
    }

    pub fn is_piecewise(&self) -> bool {
        self.piecewise
    }

    /// Whether a root occurs, so that a field is not defined everywhere.
    pub(super) fn has_roots(&self) -> bool {
        self.roots
    }

    /// How many gates a field passes.
    pub(super) fn gates(&self) -> u64 {
        self.tape.gate_entries() as u64
    }

    /// How many roots that are no constants a field has.
    pub fn roots_of_a_field(&self) -> usize {
        self.tape.roots()
    }

    /// Whether the formula reads a matrix.
    pub(super) fn reads(&self, name: Symbol) -> bool {
        self.tape.symbols().any(|other| other == name)
    }

    /// The data that are other ones for each sample, and the covector.
    pub(super) fn sampled(&self) -> impl Iterator<Item = &Block> {
        self.data.iter().filter(|d| !d.fixed).map(|d| &d.block)
    }

    /// Whether the fields are those of any loss, of data that may be any matrices.
    pub(super) fn are_of_any_loss_and_data(&self) -> bool {
        let is_free = |d: &Drawn| d.fixed || !d.signs && d.block.is_free();
        let any_loss = self.data.iter().any(|d| d.block.name.as_str() == COVECTOR);
        any_loss && matches!(self.drive, Drive::Gradient) && self.data.iter().all(is_free)
    }

    /// The data that are the same for all samples.
    pub fn fixed(&self) -> impl Iterator<Item = &Block> {
        self.data.iter().filter(|d| d.fixed).map(|d| &d.block)
    }

    /// The matrices of the state and the data, but for the covector, whose facts are all among some and whose entries are not signs;
    /// whether they are other ones for each sample.
    pub(super) fn scalable(&self, facts: Facts) -> impl Iterator<Item = (&Block, bool)> {
        let data = self.data.iter().filter(|d| !d.signs && d.block.name.as_str() != COVECTOR);
        let state = self.state.iter().map(|block| (block, false));
        state
            .chain(data.map(|d| (&d.block, !d.fixed)))
            .filter(move |(block, _)| facts.contains(block.facts.closed(false)))
    }

    /// About how many multiplications a field takes.
    pub(super) fn multiplications(&self) -> u64 {
        self.tape.multiplications()
    }

    /// About how many multiplications a closure takes: brackets of two depths, and elimination. Where roots occur a field
    /// is redrawn until all exist; most draws fail early.
    pub fn work(&self) -> u64 {
        let (d, field) = (self.dimension() as u64, self.tape.multiplications());
        let redraws = 1u64.checked_shl(self.tape.roots() as u32).unwrap_or(u64::MAX);
        let bracket = field.saturating_mul(8 + redraws / 2).saturating_add(self.functions.work(field));
        let drawn = d.saturating_add(self.patience(2, false) as u64);
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

    /// The vector of the entries of parameters.
    pub fn flat<T: Number>(&self, blocks: &[Dense<T>]) -> Vec<T> {
        blocks.iter().flat_map(|block| block.entries().iter().cloned()).collect()
    }

    /// The data of the field with the given number that are other ones for each sample, and the covector.
    pub(super) fn samples<T: Sampled>(&self, seed: u64) -> Result<Vec<(Symbol, Dense<T>)>, EvalError> {
        self.samples_of(&|_| seed)
    }

    /// The same, each matrix with a seed of its own.
    fn samples_of<T: Sampled>(&self, seed: &dyn Fn(Symbol) -> u64) -> Result<Vec<(Symbol, Dense<T>)>, EvalError> {
        self.data.iter().filter(|d| !d.fixed).map(|d| d.draw(seed(d.block.name))).collect()
    }

    /// The field with the given number as it is seen from a point; where a gate is not decided or a logarithm not defined
    /// there, an error.
    fn unchecked<T: Scalar>(&self, at: &Point<T>, seed: u64) -> Result<GradientField<T>, EvalError> {
        self.with_samples(at, self.samples(seed)?)
    }

    /// The field of some data.
    pub(super) fn with_samples<T: Scalar>(
        &self,
        at: &Point<T>,
        samples: Vec<(Symbol, Dense<T::Drawn>)>,
    ) -> Result<GradientField<T>, EvalError> {
        let data: Vec<_> = at.fixed.iter().cloned().chain(samples).collect();
        let values = values_of(&data);
        let shared = |seed| self.shared(at, seed);
        let given = |d: &Drawn| data.iter().find(|(name, _)| *name == d.block.name).map(|(_, now)| now);
        let drawn = |d: &Drawn, seed| match given(d) {
            Some(now) => d.in_region::<T>(now, seed),
            None => d.draw(seed),
        };
        let own = |seed| {
            let own = self.data.iter().filter(|d| !d.fixed);
            own.map(|d| drawn(d, seed)).collect::<Result<Values, EvalError>>()
        };
        let variables = Variables { shared: &shared, own: &own };
        let place = self.bindings(&data, &at.drawn);
        let inputs = || self.bindings(&values, &at.values);
        let functions = T::functions(&self.functions, &self.tape, variables, &place, inputs)?;
        drop(place);
        Ok(GradientField { data, values, functions })
    }

    /// An error where a root is missing that is told by the samples of the field with the given number alone.
    fn look_for_roots<T: Scalar>(&self, at: &Point<T>, seed: u64) -> Result<(), EvalError> {
        let named = |name: Symbol| self.first_roots.names.contains(&name);
        if self.first_roots.names.is_empty() {
            return Ok(());
        }
        let mut bindings = Bindings::new();
        for (name, value) in at.fixed.iter().filter(|(name, _)| named(*name)) {
            bindings.bind(*name, valued(value));
        }
        for drawn in self.data.iter().filter(|d| !d.fixed && named(d.block.name)) {
            let (name, value) = drawn.draw::<T::Drawn>(seed)?;
            bindings.bind(name, valued(&value));
        }
        for (block, value) in self.state.iter().zip(&at.values).filter(|(block, _)| named(block.name)) {
            bindings.lend(block.name, value);
        }
        match T::may_have_roots(&self.tape, &self.first_roots, &bindings) {
            true => Ok(()),
            false => Err(EvalError::ROOTLESS),
        }
    }

    /// What all fields share, drawn in the region of a point.
    fn shared<T: Scalar>(&self, at: &Point<T>, seed: u64) -> Result<Values, EvalError> {
        let state = self.state.iter().zip(&at.drawn).map(|(block, now)| {
            let value = if block.is_finite() { in_field::<T>(now)? } else { block.draw(seed)? };
            Ok((block.name, value))
        });
        let fixed = self.data.iter().filter(|d| d.fixed).zip(&at.fixed);
        state.chain(fixed.map(|(d, (_, now))| d.in_region::<T>(now, seed))).collect()
    }

    /// The same field as it is seen from another point: its gates may be others there.
    pub fn seen_from<T: Scalar>(
        &self,
        field: &GradientField<T>,
        at: &[Dense<T::Drawn>],
    ) -> Result<GradientField<T>, EvalError> {
        let functions = T::gated(&self.tape, &self.bindings(&field.data, at), &field.functions)?;
        Ok(GradientField { data: field.data.clone(), values: field.values.clone(), functions })
    }

    pub(super) fn bindings<'a, M: Matrix>(&self, data: &'a [(Symbol, M)], at: &'a [M]) -> Bindings<'a, M> {
        let mut bindings = Bindings::new();
        for (name, value) in data {
            bindings.lend(*name, value);
        }
        for (block, value) in self.state.iter().zip(at) {
            bindings.lend(block.name, value);
        }
        bindings
    }

    /// A field that is defined at a point, and its value there. What has no square root there is redrawn.
    pub fn draw<T: Scalar>(
        &self,
        at: &Point<T>,
        seed: u64,
    ) -> Result<(GradientField<T>, Tangent<Dense<T>>), EvalError> {
        self.try_draw(at, seed, REDRAWS)
    }

    /// The same, unless none of some draws is defined.
    pub(super) fn try_draw<T: Scalar>(
        &self,
        at: &Point<T>,
        seed: u64,
        draws: u64,
    ) -> Result<(GradientField<T>, Tangent<Dense<T>>), EvalError> {
        self.first(seed, draws, |seed| {
            self.look_for_roots(at, seed)?;
            let field = self.unchecked(at, seed)?;
            let value = self.at(&field, &at.values)?.1;
            Ok((field, value))
        })
    }

    /// The potential of a field at a point, ⟨w, F⟩ or L.
    pub fn potential<T: Scalar>(&self, field: &GradientField<T>, at: &[Dense<T>]) -> Result<Dense<T>, EvalError> {
        self.tape.eval(&self.bindings(&field.values, at), &field.functions)
    }

    /// The matrices that the fields depend on, parameters first, then data and the covector: their symbolic shapes, and whether
    /// they are drawn from a set that positive factors of entries do not leave.
    pub(super) fn matrices(&self) -> impl Iterator<Item = (&Block, bool)> {
        let parameters = self.parameters().iter().map(|b| (b, b.is_scalable()));
        parameters.chain(self.data.iter().map(|d| (&d.block, !d.signs && d.block.is_scalable())))
    }

    /// The potential ⟨w, F⟩ or L of a field at a point, and each of [`Fields::matrices`] with the gradient in it: for the covector of the
    /// field, and for so many more that a seed draws.
    pub(super) fn sensitivities<T: Scalar>(
        &self,
        at: &Point<T>,
        field: &GradientField<T>,
        more: impl Iterator<Item = u64>,
    ) -> Result<Vec<Sensitivity<Dense<T>>>, EvalError> {
        let names: Vec<Symbol> = self.matrices().map(|(block, _)| block.name).collect();
        let covector = self.data.iter().find(|d| d.block.name.as_str() == COVECTOR);
        let seeds = std::iter::once(None).chain(more.filter(|_| covector.is_some()).map(Some));
        let of = |seed: Option<u64>| {
            let mut data = field.values.clone();
            if let (Some(seed), Some(covector)) = (seed, covector) {
                let (name, drawn) = covector.draw::<T::Drawn>(seed)?;
                data.iter_mut().filter(|(other, _)| *other == name).for_each(|(_, w)| *w = valued(&drawn));
            }
            let bindings = self.bindings(&data, &at.values);
            let (potential, gradients) = self.tape.gradient(&bindings, &field.functions, &names)?;
            let value =
                |name: &Symbol| bindings.symbol(*name).cloned().ok_or_else(|| EvalError::Unbound(name.to_string()));
            let values = names.iter().map(value).collect::<Result<Vec<_>, _>>()?;
            Ok(Sensitivity { potential, values, gradients })
        };
        seeds.map(of).collect()
    }

    /// How many covectors of one point and data give equations that are independent.
    pub(super) fn outputs(&self) -> usize {
        let covector = self.data.iter().find(|d| d.block.name.as_str() == COVECTOR);
        covector.map_or(1, |d| d.block.rows * d.block.cols)
    }

    /// What is made of the first of some seeds with which it is defined.
    fn first<O>(&self, seed: u64, draws: u64, make: impl Fn(u64) -> Result<O, EvalError>) -> Result<O, EvalError> {
        let mut undefined = EvalError::ROOTLESS;
        for attempt in 0..draws {
            match make(mix(seed, attempt)) {
                Err(error) if error.is_unlucky() => undefined = error,
                made => return made,
            }
        }
        Err(undefined)
    }

    /// Whether a root of what is a square stands for an absolute value, whose gate is not that of a real point.
    fn has_hidden_gates(&self) -> Result<bool, EvalError> {
        self.tape.has_hidden_gates(|seed| {
            let at = self.anywhere::<Prime>(seed)?;
            let data: Vec<_> = at.fixed.iter().cloned().chain(self.samples(seed)?).collect();
            let values = values_of::<Prime>(&data);
            let mut bindings = Bindings::new();
            for (name, value) in values {
                bindings.bind(name, value);
            }
            for (block, value) in self.state.iter().zip(&at.values) {
                bindings.bind(block.name, value.clone());
            }
            Ok(bindings)
        })
    }

    /// The field of [`Fields::draw`] without its value; whether it has one is seen where roots might not exist.
    pub fn defined<T: Scalar>(&self, at: &Point<T>, seed: u64) -> Result<GradientField<T>, EvalError> {
        self.first(seed, REDRAWS, |seed| {
            self.look_for_roots(at, seed)?;
            let field = self.unchecked(at, seed)?;
            if self.roots {
                let bindings = self.bindings(&field.values, &at.values);
                self.tape.differentiable(&bindings, &field.functions, &self.names())?;
            }
            Ok(field)
        })
    }

    fn names(&self) -> Vec<Symbol> {
        self.parameters().iter().map(|b| b.name).collect()
    }

    /// The potential of a field at a point, ⟨w, F⟩ or L, and the field: its gradient, or what the dynamics makes of it.
    pub fn at<T: Scalar, M>(&self, field: &GradientField<T>, at: &[M]) -> Result<(M, Tangent<M>), EvalError>
    where
        M: Matrix<Oracle = T::Oracle> + From<Dense<T>>,
    {
        let data: Vec<(Symbol, M)> = field.values.iter().map(|(name, x)| (*name, M::from(x.clone()))).collect();
        let names: Vec<Symbol> = self.parameters().iter().map(|b| b.name).collect();
        let (potential, gradient) = self.tape.gradient(&self.bindings(&data, at), &field.functions, &names)?;
        let coefficient = |name: Symbol| {
            let value = data.iter().find(|(other, _)| *other == name).map(|(_, value)| value.clone());
            value.ok_or_else(|| EvalError::Unbound(name.to_string()))
        };
        Ok((potential, self.drive.field(gradient, at, coefficient, &field.functions)?))
    }

    /// What is seen beside a lever for the data of the field with the given number, in floats.
    pub(super) fn seen<T: Scalar>(&self, at: &Point<f64>, lever: Lever, seed: u64) -> Result<Dense<f64>, EvalError> {
        let data = self.float_data::<T>(at, seed)?;
        self.tape.seen(lever, &self.bindings(&data, &at.values))
    }

    /// The data of the field with the given number, in floating point.
    fn float_data<T: Scalar>(&self, at: &Point<f64>, seed: u64) -> Result<Vec<(Symbol, Dense<f64>)>, EvalError> {
        let samples = self.samples::<T::Drawn>(seed)?.into_iter().map(|(name, x)| (name, floats::<T>(&x)));
        Ok(at.fixed.iter().cloned().chain(samples).collect())
    }

    /// The field of [`Fields::draw`] as floats see it, of data that are drawn in some numbers.
    pub(super) fn drawn_in_floats<T: Scalar>(
        &self,
        at: &Point<f64>,
        seed: u64,
    ) -> Result<Tangent<Dense<f64>>, EvalError> {
        self.first(seed, REDRAWS, |seed| {
            let samples = self.samples::<T::Drawn>(seed)?.into_iter().map(|(name, x)| (name, floats::<T>(&x)));
            let field = self.with_samples(at, samples.collect())?;
            Ok(self.at(&field, &at.values)?.1)
        })
    }

    /// The pattern of the gates of the field with the given number, of data that are drawn in some numbers, at a point in floating point.
    pub(super) fn pattern<T: Scalar>(&self, at: &Point<f64>, seed: u64) -> Result<Pattern, EvalError> {
        let data = self.float_data::<T>(at, seed)?;
        self.tape.pattern(&self.bindings(&data, &at.values))
    }
}

/// Whether a matrix of the state or of data is drawn from a finite set.
fn is_of_finite_set(state: &[Block], data: &[Drawn], name: Symbol) -> bool {
    state.iter().any(|block| block.name == name && block.is_finite())
        || data.iter().any(|d| d.block.name == name && d.is_finite())
}

/// Drawn matrices in the field of numbers.
fn values_of<T: Scalar>(data: &[(Symbol, Dense<T::Drawn>)]) -> Vec<(Symbol, Dense<T>)> {
    data.iter().map(|(name, x)| (*name, valued(x))).collect()
}

impl Drawn {
    fn is_finite(&self) -> bool {
        self.signs || self.block.is_finite()
    }

    pub fn draw<T: Sampled>(&self, seed: u64) -> Result<(Symbol, Dense<T>), EvalError> {
        let Block { name, rows, cols, .. } = self.block;
        let value = match self.signs {
            true => sample::signs(rows, cols, &mut stream(seed, name.as_str())),
            false => self.block.draw(seed)?,
        };
        Ok((name, value))
    }

    /// Drawn anew; from a finite set the given matrix, whose relations are its own.
    fn in_region<T: Scalar>(
        &self,
        now: &Dense<T::Drawn>,
        seed: u64,
    ) -> Result<(Symbol, Dense<Residue<FIELD>>), EvalError> {
        match self.is_finite() {
            true => Ok((self.block.name, in_field::<T>(now)?)),
            false => Ok((self.block.name, self.block.draw(seed)?)),
        }
    }
}

/// A matrix of small integers in the field in which relations of functions are sought.
fn in_field<T: Scalar>(x: &Dense<T::Drawn>) -> Result<Dense<Residue<FIELD>>, EvalError> {
    let small = |x: &T::Drawn| {
        let integer = (-1..=1).find(|n| T::from_integer(*n) == T::of(x));
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

/// Whether a function occurs that is not defined for every argument over 𝔽_p.
fn has_roots(expr: &Expr) -> bool {
    expr.as_ref().iter().any(|node| match node {
        Term::Op(op, _) => op.row().arithmetic == Arithmetic::Root,
        Term::Fun(name) => FunctionRow::named(name.as_str()).is_some_and(|row| row.domain != Domain::Real),
        _ => false,
    })
}
