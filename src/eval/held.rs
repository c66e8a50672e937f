//! A matrix that is owned, lent, or shared: a value that many bindings and directions have in common is not copied.

use std::sync::Arc;

/// A value. Only one that is owned is copied with what holds it.
#[derive(Clone, Debug)]
pub enum Held<'a, M> {
    Own(M),
    Lent(&'a M),
    Shared(Arc<M>),
}

impl<M> AsRef<M> for Held<'_, M> {
    fn as_ref(&self) -> &M {
        match self {
            Held::Own(value) => value,
            Held::Lent(value) => value,
            Held::Shared(value) => value,
        }
    }
}

impl<M> From<M> for Held<'_, M> {
    fn from(value: M) -> Self {
        Held::Own(value)
    }
}

impl<'a, M> From<&'a M> for Held<'a, M> {
    fn from(value: &'a M) -> Self {
        Held::Lent(value)
    }
}

impl<M> From<Arc<M>> for Held<'_, M> {
    fn from(value: Arc<M>) -> Self {
        Held::Shared(value)
    }
}

impl<'a, M: Clone> Held<'a, M> {
    /// The same, so that its copies are cheap.
    pub fn shared(self) -> Held<'a, M> {
        match self {
            Held::Own(value) => Held::Shared(Arc::new(value)),
            held => held,
        }
    }

    /// The value; a copy of one that belongs to others.
    pub fn into_owned(self) -> M {
        match self {
            Held::Own(value) => value,
            Held::Lent(value) => value.clone(),
            Held::Shared(value) => Arc::unwrap_or_clone(value),
        }
    }

    /// The value to be changed, which others do not see.
    pub fn to_mut(&mut self) -> &mut M {
        if !matches!(self, Held::Own(_)) {
            *self = Held::Own(self.as_ref().clone());
        }
        match self {
            Held::Own(value) => value,
            Held::Lent(_) | Held::Shared(_) => unreachable!("it was made its own"),
        }
    }
}
