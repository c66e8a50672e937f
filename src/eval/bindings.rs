//! The values of the names in a formula.

use super::{EvalError, Held, Matrix, Series};
use crate::term::{Op, Symbol};
use rustc_hash::FxHashMap;
use std::collections::HashMap;
use std::sync::Arc;

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

/// The values of names and quantities, which copies of the bindings share.
#[derive(Clone)]
pub struct Bindings<'a, M: Clone> {
    values: FxHashMap<Key, Held<'a, M>>,
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
        self.hold(Key::Symbol(name), Held::Own(value))
    }

    /// The same without a copy of the value.
    pub fn lend(&mut self, name: Symbol, value: &'a M) -> &mut Self {
        self.hold(Key::Symbol(name), Held::Lent(value))
    }

    /// The same of a value that others have as well.
    pub fn share(&mut self, name: Symbol, value: Arc<M>) -> &mut Self {
        self.hold(Key::Symbol(name), Held::Shared(value))
    }

    fn hold(&mut self, key: Key, value: Held<'a, M>) -> &mut Self {
        self.values.insert(key, value.shared());
        self
    }

    /// Binds `grad(W)`, `dot(W)`, `next(W)` or `err(F)`.
    pub fn bind_quantity(&mut self, op: Op, name: Symbol, value: M) -> &mut Self {
        self.hold(Key::Quantity(op, name), Held::Own(value))
    }

    /// The same of a value that others have as well.
    pub fn share_quantity(&mut self, op: Op, name: Symbol, value: Arc<M>) -> &mut Self {
        self.hold(Key::Quantity(op, name), Held::Shared(value))
    }

    /// Sets what answers the quantities that take an argument.
    pub fn with_quantities<'b>(self, quantities: &'b dyn Quantities<M>) -> Bindings<'b, M>
    where
        'a: 'b,
    {
        Bindings { values: self.values, quantities: Some(quantities) }
    }

    pub fn get(&self, key: Key) -> Option<&M> {
        self.values.get(&key).map(Held::as_ref)
    }

    /// The value of a name.
    pub fn symbol(&self, name: Symbol) -> Option<&M> {
        self.get(Key::Symbol(name))
    }

    /// The value of a name, as it is held here.
    pub fn held(&self, name: Symbol) -> Option<Held<'a, M>> {
        self.values.get(&Key::Symbol(name)).cloned()
    }

    /// The same values as series, each named one moved along ε₁, ε₂, … by the directions given for it:
    /// θ ↦ θ + ε₁V₁ + ε₂V₂ + …. Quantities that take an argument are not carried over: they have no derivative.
    pub fn along<D: Clone + Into<Held<'a, M>>>(
        &self,
        directions: &[HashMap<Symbol, D>],
    ) -> Result<Bindings<'a, Series<'a, M>>, EvalError> {
        if directions.len() > Series::<M>::MAX_VARIABLES {
            return Err(EvalError::Unsupported(format!("a derivative of order {}", directions.len() + 1)));
        }
        let moved = |(key, value): (&Key, &Held<'a, M>)| {
            let (rows, cols) = (value.as_ref().rows(), value.as_ref().cols());
            let mut series = Series::holding(value.clone());
            if let Key::Symbol(name) = key {
                for (i, direction) in directions.iter().enumerate() {
                    if let Some(v) = direction.get(name) {
                        let v: Held<'a, M> = v.clone().into();
                        let (got_rows, got_cols) = (v.as_ref().rows(), v.as_ref().cols());
                        if (rows, cols) != (got_rows, got_cols) {
                            let name = format!("the direction of {name}");
                            return Err(EvalError::Shape { name, rows, cols, got_rows, got_cols });
                        }
                        series.hold(1 << i, v);
                    }
                }
            }
            Ok((*key, Held::Own(series).shared()))
        };
        Ok(Bindings { values: self.values.iter().map(moved).collect::<Result<_, _>>()?, quantities: None })
    }
}
