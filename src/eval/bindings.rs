//! The values of the names in a formula.

use super::{EvalError, Matrix, Series};
use crate::term::{Op, Symbol};
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::collections::HashMap;

/// What a value is bound to: a name, or a quantity of the training trajectory such as `grad(W1)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    Symbol(Symbol),
    Quantity(Op, Symbol),
}

/// The quantities that depend on an argument: `hess(W)[A]`, `vjp(F, W)[Z]`, `hess_loss(F)[Z]`.
pub trait Quantities<M>: Sync {
    /// `names` are the parameter or output the quantity is of, and for `vjp` the parameter of the block.
    fn quantity(&self, op: Op, names: &[Symbol], argument: &M) -> Result<M, EvalError>;
}

/// The values of names and quantities.
#[derive(Clone)]
pub struct Bindings<'a, M: Clone> {
    values: FxHashMap<Key, Cow<'a, M>>,
    pub(super) quantities: Option<&'a dyn Quantities<M>>,
}

impl<M: Clone> Default for Bindings<'_, M> {
    fn default() -> Self {
        Bindings { values: FxHashMap::default(), quantities: None }
    }
}

impl<'a, M: Matrix> Bindings<'a, M> {
    pub fn new() -> Self {
        Bindings::default()
    }

    pub fn bind(&mut self, name: Symbol, value: M) -> &mut Self {
        self.values.insert(Key::Symbol(name), Cow::Owned(value));
        self
    }

    /// The same without a copy of the value.
    pub fn lend(&mut self, name: Symbol, value: &'a M) -> &mut Self {
        self.values.insert(Key::Symbol(name), Cow::Borrowed(value));
        self
    }

    /// Binds `grad(W)`, `dot(W)`, `next(W)` or `err(F)`.
    pub fn bind_quantity(&mut self, op: Op, name: Symbol, value: M) -> &mut Self {
        self.values.insert(Key::Quantity(op, name), Cow::Owned(value));
        self
    }

    /// Sets what answers the quantities that take an argument.
    pub fn with_quantities<'b>(self, quantities: &'b dyn Quantities<M>) -> Bindings<'b, M>
    where
        'a: 'b,
    {
        Bindings { values: self.values, quantities: Some(quantities) }
    }

    pub fn get(&self, key: Key) -> Option<&M> {
        self.values.get(&key).map(Cow::as_ref)
    }

    /// The value of a name.
    pub fn symbol(&self, name: Symbol) -> Option<&M> {
        self.get(Key::Symbol(name))
    }

    /// The same values as series, each named one moved along ε₁, ε₂, … by the directions given for it:
    /// θ ↦ θ + ε₁V₁ + ε₂V₂ + …. Quantities that take an argument are not carried over: they have no derivative.
    pub fn along(&self, directions: &[HashMap<Symbol, M>]) -> Result<Bindings<'static, Series<M>>, EvalError> {
        if directions.len() > Series::<M>::MAX_VARIABLES {
            return Err(EvalError::Unsupported(format!("a derivative of order {}", directions.len() + 1)));
        }
        let moved = |(key, value): (&Key, &Cow<M>)| {
            let mut series = Series::from(M::clone(value));
            if let Key::Symbol(name) = key {
                for (i, direction) in directions.iter().enumerate() {
                    if let Some(v) = direction.get(name) {
                        let (rows, cols, got_rows, got_cols) = (value.rows(), value.cols(), v.rows(), v.cols());
                        if (rows, cols) != (got_rows, got_cols) {
                            let name = format!("the direction of {name}");
                            return Err(EvalError::Shape { name, rows, cols, got_rows, got_cols });
                        }
                        series.set(1 << i, v.clone());
                    }
                }
            }
            Ok((*key, Cow::Owned(series)))
        };
        Ok(Bindings { values: self.values.iter().map(moved).collect::<Result<_, _>>()?, quantities: None })
    }
}
