//! Plain terms side by side in one hash-consed graph with what is known of each, so that equality of terms is equality
//! of ids.

use crate::term::{Builder, Data, Env, Expr, Size, Symbol, Term, infer_node};
use egg::Id;
use std::cell::Cell;

/// The memory of a graph. That of the last one is taken by the next: those of deep networks are many, large, and soon given up.
struct Memory {
    builder: Builder,
    data: Vec<Data>,
}

thread_local! {
    static SPARE: Cell<(Builder, Vec<Data>)> = Cell::default();
}

impl Memory {
    fn spare() -> Memory {
        let (builder, data) = SPARE.take();
        Memory { builder, data }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.builder.clear();
        self.data.clear();
        SPARE.set((std::mem::take(&mut self.builder), std::mem::take(&mut self.data)));
    }
}

/// Formulas of one environment.
pub(super) struct Arena<'a> {
    env: &'a Env,
    memory: Memory,
}

/// A term that has no shape in the environment.
#[derive(Debug)]
pub(super) struct IllTyped;

impl<'a> Arena<'a> {
    pub fn new(env: &'a Env) -> Arena<'a> {
        Arena { env, memory: Memory::spare() }
    }

    /// Adds a whole formula.
    pub fn copy(&mut self, expr: &Expr) -> Result<Id, IllTyped> {
        let Memory { builder, data } = &mut self.memory;
        let id = builder.copy(expr);
        data.reserve(builder.nodes().len() - data.len());
        for node in &builder.nodes()[data.len()..] {
            data.push(infer_node(self.env, node, |id| &data[usize::from(id)]).map_err(|_| IllTyped)?);
        }
        Ok(id)
    }

    /// Adds a node whose arguments are here; nothing is added that has no shape.
    pub fn add(&mut self, node: Term) -> Result<Id, IllTyped> {
        if let Some(id) = self.memory.builder.known(&node) {
            return Ok(id);
        }
        let data = infer_node(self.env, &node, |id| &self.memory.data[usize::from(id)]).map_err(|_| IllTyped)?;
        self.memory.data.push(data);
        Ok(self.memory.builder.add(node))
    }

    /// How many values an index has, where that is a size.
    pub fn range(&self, index: Symbol) -> Option<Size> {
        self.env.listed(self.env.index(index)?).next().filter(|index| index.less == 0).map(|index| index.range)
    }

    pub fn node(&self, id: Id) -> &Term {
        &self.memory.builder.nodes()[usize::from(id)]
    }

    pub fn data(&self, id: Id) -> &Data {
        &self.memory.data[usize::from(id)]
    }

    /// A node as a formula of its own.
    pub fn formula(&self, id: Id) -> Expr {
        self.memory.builder.finish(id)
    }
}
