//! Stopped values: what stands in `stopgrad` becomes a matrix that is given, with a definition. The gradient of a loss ℓ(θ, φ) in which
//! φ stands there is ∂₁ℓ at the value that φ has, so what holds for every value of a matrix of data holds for it.

use super::checker::Checker;
use super::family::Block;
use super::scope::Entity;
use crate::model::{Definition, Variable};
use crate::term::{Builder, Expr, Facts, Op, Symbol, Term, infer_expr, root, substitute};
use egg::{Id, Language};
use std::collections::HashMap;

/// What a definition of the file is called, where its value may be a stopped one under that name.
pub(super) struct Named<'a> {
    pub name: Symbol,
    pub latex: Option<&'a String>,
    pub indices: &'a [Symbol],
}

impl Checker<'_> {
    /// A formula in which every `stopgrad(X)` is a name; what stands alone in a definition has its name.
    pub fn stopped(&mut self, expr: Expr, around: &[Symbol], blocks: &mut [Block], named: Option<Named>) -> Expr {
        if !expr.as_ref().iter().any(is_stop) {
            return expr;
        }
        let whole = named.filter(|_| is_stop(root(&expr)));
        let mut out = Builder::default();
        let mut ids: Vec<Id> = Vec::with_capacity(expr.len());
        for (at, node) in expr.as_ref().iter().enumerate() {
            let node = node.clone().map_children(|child| ids[usize::from(child)]);
            ids.push(match &node {
                Term::Op(Op::StopGrad, args) => {
                    let named = whole.as_ref().filter(|_| at + 1 == expr.len());
                    let name = self.hold(out.finish(args[0]), around, blocks, named);
                    out.add(Term::Sym(name))
                }
                _ => out.add(node),
            });
        }
        out.finish(ids[expr.len() - 1])
    }

    /// The name of a value that is held: the one it has already, that of its definition, or a new one.
    fn hold(&mut self, expr: Expr, around: &[Symbol], blocks: &mut [Block], named: Option<&Named>) -> Symbol {
        let env = &self.names.env;
        // In the loss: the definition stands before the output.
        let expr = match &self.model.output {
            Some(output) => substitute(&expr, &HashMap::from([(output.name, output.expr.clone())])),
            None => expr,
        };
        let data = infer_expr(env, &expr).ok().and_then(|data| data.last().cloned());
        let data = data.expect("a formula that was read has a shape");
        let mut indices: Vec<Symbol> = around.to_vec();
        let own = env.listed(data.indices).map(|index| index.name).filter(|index| !around.contains(index));
        indices.extend(own);
        let indices = named.map_or(indices, |named| named.indices.to_vec());
        let known = self.model.stopped().find(|d| d.expr == expr && d.indices == indices).map(|d| d.name);
        if let Some(known) = known {
            return known;
        }
        let name = named.map_or_else(|| self.new_name(), |named| named.name);
        let facts = data.facts - Facts::CONSTANT;
        let members = self.names.env.indices_of(&indices);
        self.names.env.declare_member(name, data.shape, facts | Facts::CONSTANT, members);
        let latex = named.and_then(|named| named.latex);
        self.set_latex(name, latex);
        self.note(blocks, name);
        let variable = Variable {
            name,
            latex: latex.cloned(),
            shape: data.shape,
            facts,
            fixed: false,
            stopped: true,
            indices: indices.clone(),
        };
        self.model.data.push(variable);
        self.model.lets.push(Definition { name, latex: latex.cloned(), expr, indices });
        name
    }

    /// `stop1`, or the next that is nobody's name in the file.
    fn new_name(&mut self) -> Symbol {
        let taken = |name: &String| {
            self.names.declared.contains_key(name)
                || self.names.lines.contains_key(name)
                || self.names.env.symbol(Symbol::from(name.as_str())).is_some()
        };
        let name = (1..).map(|k| format!("stop{k}")).find(|name| !taken(name)).unwrap_or_default();
        let symbol = Symbol::from(name.as_str());
        self.names.declared.insert(name, (Entity::Stopped, super::source::Span::at(0)));
        symbol
    }
}

fn is_stop(node: &Term) -> bool {
    matches!(node, Term::Op(Op::StopGrad, _))
}
