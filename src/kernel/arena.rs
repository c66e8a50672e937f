//! Plain terms side by side in one hash-consed graph with what is known of each, so that equality of terms is equality
//! of ids.

use crate::term::{Builder, Data, Env, Expr, Size, Symbol, Term, infer_node};
use egg::Id;

/// Formulas of one environment.
pub(super) struct Arena<'a> {
    env: &'a Env,
    builder: Builder,
    data: Vec<Data>,
}

/// A term that has no shape in the environment.
#[derive(Debug)]
pub(super) struct IllTyped;

impl<'a> Arena<'a> {
    pub fn new(env: &'a Env) -> Arena<'a> {
        Arena { env, builder: Builder::default(), data: Vec::new() }
    }

    /// Adds a whole formula.
    pub fn copy(&mut self, expr: &Expr) -> Result<Id, IllTyped> {
        let Arena { env, builder, data } = self;
        let id = builder.copy(expr);
        data.reserve(builder.nodes().len() - data.len());
        for node in &builder.nodes()[data.len()..] {
            data.push(infer_node(env, node, |id| &data[usize::from(id)]).map_err(|_| IllTyped)?);
        }
        Ok(id)
    }

    /// Adds a node whose arguments are here; nothing is added that has no shape.
    pub fn add(&mut self, node: Term) -> Result<Id, IllTyped> {
        if let Some(id) = self.builder.known(&node) {
            return Ok(id);
        }
        let data = infer_node(self.env, &node, |id| &self.data[usize::from(id)]).map_err(|_| IllTyped)?;
        self.data.push(data);
        Ok(self.builder.add(node))
    }

    /// How many values an index has, where that is a size.
    pub fn range(&self, index: Symbol) -> Option<Size> {
        self.env.listed(self.env.index(index)?).next().filter(|index| index.less == 0).map(|index| index.range)
    }

    pub fn node(&self, id: Id) -> &Term {
        &self.builder.nodes()[usize::from(id)]
    }

    pub fn data(&self, id: Id) -> &Data {
        &self.data[usize::from(id)]
    }

    /// A node as a formula of its own.
    pub fn formula(&self, id: Id) -> Expr {
        self.builder.finish(id)
    }
}
