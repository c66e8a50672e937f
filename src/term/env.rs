//! What a name means: shapes, facts and LaTeX of symbols, properties of functions.

use super::{At, Declared, Facts, Function, Index, Indices, Neighbour, Shape, Size, Symbol, SymbolInfo};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The signature of a declared `function`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    pub arguments: Vec<Shape>,
    pub result: Shape,
}

/// The meaning of every name in a formula.
#[derive(Clone, Debug, Default)]
pub struct Env {
    symbols: Declared,
    activations: FxHashMap<Symbol, Function>,
    calls: FxHashMap<Symbol, Signature>,
    latex: FxHashMap<Symbol, String>,
    indices: Vec<Index>,
    neighbours: FxHashMap<Symbol, Neighbour>,
    /// The sizes of families, `d[l-1]`.
    sizes: FxHashMap<Symbol, Neighbour>,
    /// What the names mean that are not declared here.
    under: Option<Arc<Env>>,
}

impl Env {
    /// Declarations on top of others, which are shared.
    pub fn over(under: Arc<Env>) -> Env {
        Env { under: Some(under), ..Env::default() }
    }

    /// The matrices declared here, not in what is underneath.
    pub fn declared(&self) -> &Declared {
        &self.symbols
    }

    /// The same with other matrices declared here.
    pub fn declaring(self, symbols: Declared) -> Env {
        Env { symbols, ..self }
    }

    /// The same without some of the matrices declared here.
    pub fn without(mut self, gone: &[Symbol]) -> Env {
        for name in gone {
            self.symbols.remove(*name);
        }
        self
    }

    /// Declares a matrix; facts are closed under their implications. A later declaration replaces an earlier one.
    pub fn declare(&mut self, name: Symbol, shape: Shape, facts: Facts) {
        self.declare_member(name, shape, facts, Indices::NONE);
    }

    /// Declares a matrix of which there is one for each value of some indices.
    pub fn declare_member(&mut self, name: Symbol, shape: Shape, facts: Facts, indices: Indices) {
        self.symbols.insert(name, SymbolInfo { shape, facts: facts.closed(shape.is_scalar()), indices });
    }

    /// Declares an index, at most [`Indices::MOST`] of them; as a value it is the number it stands for.
    pub fn declare_index(&mut self, name: Symbol, range: Size) {
        if self.index(name).is_none() && self.indices.len() < Indices::MOST {
            self.indices.push(Index { name, range, less: 0 });
            let own = Indices::at(self.indices.len() - 1);
            self.declare_member(name, Shape::SCALAR, Facts::CONSTANT | Facts::POSITIVE, own);
        }
    }

    /// Leaves out so many of the last values of an index.
    pub fn shorten_index(&mut self, name: Symbol, less: u64) {
        self.indices.iter_mut().filter(|index| index.name == name).for_each(|index| index.less = less);
    }

    /// Declares a member that is named beside the generic one.
    pub fn declare_neighbour(&mut self, neighbour: Neighbour, shape: Shape, facts: Facts) -> Symbol {
        let name = neighbour.name();
        let open = self.indices_of(&neighbour.open());
        self.declare_member(name, shape, facts, open);
        self.neighbours.insert(name, neighbour);
        name
    }

    /// Declares one of the sizes of a family.
    pub fn declare_size(&mut self, size: Neighbour) {
        self.sizes.insert(size.name(), size);
    }

    /// Which of the sizes of a family a name is.
    pub fn size(&self, name: Symbol) -> Option<&Neighbour> {
        self.sizes.get(&name).or_else(|| self.under.as_ref()?.size(name))
    }

    /// The indices a size depends on.
    pub fn indices_of_size(&self, size: Size) -> Indices {
        let current = |name: Symbol| match self.size(name) {
            Some(Neighbour { index, at: At::After(_), .. }) => self.index(*index),
            _ => None,
        };
        match size {
            Size::Lit(_) => Indices::NONE,
            size => size.names().into_iter().filter_map(current).fold(Indices::NONE, Indices::union),
        }
    }

    /// The indices a shape depends on.
    pub fn indices_of_shape(&self, shape: Shape) -> Indices {
        self.indices_of_size(shape.rows).union(self.indices_of_size(shape.cols))
    }

    /// A size at another value of an index.
    pub fn size_at(&self, name: Symbol, index: Symbol, at: At) -> Size {
        match self.size(name) {
            Some(Neighbour { of, index: own, at: At::After(k), .. }) if *own == index => match at.shifted(*k) {
                Some(at) => Size::Name(format!("{of}[{}]", at.text(index)).into()),
                None => Size::Name(name),
            },
            _ => Size::Name(name),
        }
    }

    /// A shape at another value of an index.
    pub fn shape_at(&self, shape: Shape, index: Symbol, at: At) -> Shape {
        shape.with(&|name| self.size_at(name, index, at))
    }

    /// Which member a name is, where it is one that is named beside the generic one.
    pub fn neighbour(&self, name: Symbol) -> Option<&Neighbour> {
        self.neighbours.get(&name).or_else(|| self.under.as_ref()?.neighbour(name))
    }

    /// A declared index, as a set.
    pub fn index(&self, name: Symbol) -> Option<Indices> {
        self.all_indices().iter().position(|index| index.name == name).map(Indices::at)
    }

    /// The declared indices; those of what is underneath, where there is something.
    fn all_indices(&self) -> &[Index] {
        self.under.as_ref().map_or(&self.indices, |under| under.all_indices())
    }

    /// Some declared indices, as a set.
    pub fn indices_of(&self, names: &[Symbol]) -> Indices {
        names.iter().filter_map(|name| self.index(*name)).fold(Indices::NONE, Indices::union)
    }

    /// The indices of a set, in the order of their declaration.
    pub fn listed(&self, set: Indices) -> impl Iterator<Item = Index> + '_ {
        set.positions().filter_map(|at| self.all_indices().get(at).copied())
    }

    pub fn declare_activation(&mut self, name: Symbol, function: Function) {
        self.activations.insert(name, function);
    }

    pub fn declare_call(&mut self, name: Symbol, signature: Signature) {
        self.calls.insert(name, signature);
    }

    /// Sets the LaTeX a symbol prints as; without one its name is translated (`W_Q` → `W_{Q}`).
    pub fn set_latex(&mut self, name: Symbol, latex: String) {
        self.latex.insert(name, latex);
    }

    pub fn symbol(&self, name: Symbol) -> Option<&SymbolInfo> {
        self.symbols.get(name).or_else(|| self.under.as_ref()?.symbol(name))
    }

    /// Every declared name, sorted.
    pub fn names(&self) -> Vec<Symbol> {
        let mut names = self.under.as_ref().map_or_else(Vec::new, |under| under.names());
        names.extend(self.symbols.keys());
        names.extend(self.activations.keys().chain(self.calls.keys()));
        names.sort_by_key(|name| name.as_str());
        names.dedup();
        names
    }

    /// The properties of a declared or built-in elementwise function.
    pub fn function(&self, name: Symbol) -> Option<Function> {
        match (self.activations.get(&name), &self.under) {
            (Some(function), _) => Some(function.clone()),
            (None, Some(under)) => under.function(name),
            (None, None) => Function::builtin(name.as_str()),
        }
    }

    pub fn call(&self, name: Symbol) -> Option<&Signature> {
        self.calls.get(&name).or_else(|| self.under.as_ref()?.call(name))
    }

    pub fn latex(&self, name: Symbol) -> Option<&str> {
        self.latex.get(&name).map(String::as_str).or_else(|| self.under.as_ref()?.latex(name))
    }
}
