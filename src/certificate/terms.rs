//! Formulas as positions in one table of nodes, and back.

use super::failure::Failure;
use super::wire::Node;
use crate::term::{Builder, Expr, OPS, Op, Size, Symbol, Term, subterm};
use egg::Id;
use std::collections::HashMap;

/// The table of nodes that is being written.
#[derive(Default)]
pub struct Writer {
    pub nodes: Vec<Node>,
    known: HashMap<Node, usize>,
}

impl Writer {
    /// The position of a formula.
    pub fn put(&mut self, expr: &Expr) -> usize {
        let mut ids: Vec<usize> = Vec::with_capacity(expr.len());
        for node in expr.as_ref() {
            let node = match node {
                Term::Num(value) => Node::Num(value.to_string()),
                Term::Sym(name) => Node::Sym(name.to_string()),
                Term::Size(size) => Node::Size(size.to_string()),
                Term::Fun(name) => Node::Fun(name.to_string()),
                Term::Op(op, args) => Node::Op(op_name(*op), args.iter().map(|a| ids[usize::from(*a)]).collect()),
            };
            let at = *self.known.entry(node.clone()).or_insert_with(|| {
                self.nodes.push(node);
                self.nodes.len() - 1
            });
            ids.push(at);
        }
        ids.last().copied().unwrap_or_default()
    }
}

/// The formulas of a table.
pub struct Reader {
    builder: Builder,
    ids: Vec<Id>,
}

impl Reader {
    pub fn new(nodes: &[Node]) -> Result<Reader, Failure> {
        let named: HashMap<String, Op> = OPS.iter().filter_map(|row| row.op).map(|op| (op_name(op), op)).collect();
        let mut builder = Builder::default();
        let mut ids: Vec<Id> = Vec::with_capacity(nodes.len());
        for (i, node) in nodes.iter().enumerate() {
            let broken = || Failure::data(format!("the term {i} cannot be read"));
            let term = match node {
                Node::Num(value) => Term::num(value.parse().map_err(|_| broken())?),
                Node::Sym(name) => Term::Sym(Symbol::from(name.as_str())),
                Node::Size(size) => Term::Size(parse_size(size)?),
                Node::Fun(name) => Term::Fun(Symbol::from(name.as_str())),
                Node::Op(name, args) => {
                    let op = op_named(&named, name).ok_or_else(broken)?;
                    let args: Option<Vec<Id>> = args.iter().map(|a| ids.get(*a).copied()).collect();
                    let args = args.ok_or_else(broken)?;
                    let wanted = op.arity().unwrap_or(args.len());
                    if args.len() != wanted || args.is_empty() {
                        return Err(broken());
                    }
                    Term::op(op, &args)
                }
            };
            ids.push(builder.add(term));
        }
        Ok(Reader { builder, ids })
    }

    /// The formula at a position.
    pub fn get(&self, at: usize) -> Result<Expr, Failure> {
        let id = self.ids.get(at).ok_or_else(|| Failure::data(format!("there is no term {at}")))?;
        let nodes: Expr = self.builder.nodes()[..=usize::from(*id)].to_vec().into();
        Ok(subterm(&nodes, *id))
    }
}

/// A size as it is printed.
pub fn parse_size(text: &str) -> Result<Size, Failure> {
    text.parse().map_err(|_| Failure::data(format!("`{text}` is no size")))
}

/// The prefix of a declared function.
const CALL: &str = "call ";

fn op_name(op: Op) -> String {
    match op {
        Op::Call(name) => format!("{CALL}{name}"),
        op => format!("{op:?}"),
    }
}

fn op_named(named: &HashMap<String, Op>, name: &str) -> Option<Op> {
    match name.strip_prefix(CALL) {
        Some(function) => Some(Op::Call(Symbol::from(function))),
        None => named.get(name).copied(),
    }
}
