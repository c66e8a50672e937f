//! Families and repeated blocks: which indices there are, what is one for each of their values, and what a block carries on.

use super::checker::Checker;
use super::cursor::Name;
use super::index::{IndexSyntax, MemberIndex};
use super::scope::Entity;
use super::source::Span;
use super::statement::{Role, Statement};
use crate::model::{Carried, Definition, Repeat};
use crate::term::{Index, Indices, Op, Shape, Size, Symbol, Term};

/// A block that is being read.
pub(super) struct Block {
    pub index: Symbol,
    /// The names it carries on, with the value before the first block and the one that block l takes.
    carried: Vec<(String, Symbol, Symbol)>,
    /// The definitions in it.
    body: Vec<Symbol>,
}

/// The indices of the blocks around each statement.
pub(super) fn around(statements: &[Statement]) -> Vec<Vec<Symbol>> {
    let mut open: Vec<Symbol> = Vec::new();
    let one = |statement: &Statement| {
        if let Statement::EndRepeat = statement {
            open.pop();
        }
        let around = open.clone();
        if let Statement::Repeat { index, .. } = statement {
            open.push(Symbol::from(index.name.text.as_str()));
        }
        around
    };
    statements.iter().map(one).collect()
}

/// The indices of some statements, those of parameters first.
fn in_order(statements: &[Statement]) -> Vec<Symbol> {
    let rank = |statement: &Statement| match statement {
        Statement::Variable { role: Role::Param, .. } => 0,
        Statement::Variable { .. } => 1,
        Statement::Action(_) => 3,
        _ => 2,
    };
    let mut found = Vec::new();
    for (statement, around) in statements.iter().zip(around(statements)) {
        let own = match statement {
            Statement::Repeat { index, .. } => std::slice::from_ref(index),
            Statement::Variable { indices, .. } | Statement::Definition { indices, .. } => indices,
            Statement::Action(action) => &action.indices,
            _ => continue,
        };
        let own = own.iter().map(|index| Symbol::from(index.name.text.as_str()));
        found.extend(around.into_iter().chain(own).map(|name| (rank(statement), name)));
    }
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, name)| name).collect()
}

impl Checker<'_> {
    /// Declares every index of the file; their order is that of the parameters, the data, the definitions and the actions that
    /// have them, in which a model is written as text.
    pub fn families(&mut self, statements: &[Statement]) {
        for statement in statements {
            match statement {
                Statement::Repeat { index, .. } => self.index(index),
                Statement::Variable { indices, .. } | Statement::Definition { indices, .. } => {
                    indices.iter().for_each(|index| self.index(index));
                }
                Statement::Action(action) => action.indices.iter().for_each(|index| self.index(index)),
                _ => {}
            }
        }
        let mut found = std::mem::take(&mut self.model.indices);
        for name in in_order(statements) {
            if let Some(at) = found.iter().position(|index| index.name == name) {
                self.model.indices.push(found.remove(at));
            }
        }
        for Index { name, range } in &self.model.indices {
            self.names.env.declare_index(*name, *range);
        }
    }

    fn index(&mut self, syntax: &IndexSyntax) {
        let name = Symbol::from(syntax.name.text.as_str());
        let Some(range) = &syntax.range else {
            if !self.model.indices.iter().any(|index| index.name == name) {
                let message = format!("the index `{name}` is not declared");
                let error = self.error(syntax.name.span, message, "how far does it run?");
                self.report(error.with_help(format!("write `{name} in 1..H`")));
            }
            return;
        };
        let Some(size) = self.size(range) else { return };
        match self.model.index(name) {
            Some(known) if known.range == size => {}
            Some(known) => {
                let message = format!("the index `{name}` runs to {} elsewhere", known.range);
                let error = self.error(range.span, message, format!("and to {size} here"));
                self.report(error.with_help("one index has one range; choose another letter"));
            }
            None if self.model.indices.len() == Indices::MOST => {
                let error = self.error(syntax.name.span, format!("a model has at most {} indices", Indices::MOST), "");
                self.report(error);
            }
            None => {
                if self.declare(&syntax.name, Entity::Index) {
                    self.model.indices.push(Index { name, range: size });
                }
            }
        }
    }

    /// The indices of something in a block that is declared with some of its own.
    pub fn indices(&mut self, around: &[Symbol], own: &[IndexSyntax]) -> Vec<Symbol> {
        let mut out = around.to_vec();
        for index in own {
            let name = Symbol::from(index.name.text.as_str());
            if out.contains(&name) && !around.contains(&name) {
                let error = self.error(index.name.span, format!("the index `{name}` is there twice"), "again here");
                self.report(error);
            }
            if !out.contains(&name) {
                out.push(name);
            }
        }
        out
    }

    /// Reports indices that a value depends on and what it defines does not have.
    pub fn depends_on_no_more(&mut self, what: &str, span: Span, found: Indices, indices: &[Symbol]) {
        let own = self.names.env.indices_of(indices);
        let Some(extra) = self.names.env.listed(found.without(own)).next() else { return };
        let message = format!("{what} depends on the index `{}`", extra.name);
        let error = self.error(span, message, format!("one value for each `{}`", extra.name));
        let help = format!(
            "sum over it, `sum({} in 1..{}) …`, or give what is defined the index too",
            extra.name, extra.range
        );
        self.report(error.with_help(help));
    }

    /// Reports a member of a family that is named by other indices than it has.
    pub fn member_of(&mut self, name: &Name, member: &[MemberIndex], indices: &[Symbol]) {
        for index in member {
            if !indices.iter().any(|known| known.as_str() == index.name.text) {
                let message = format!("`{}` has no index `{}`", name.text, index.name.text);
                let error = self.error(index.name.span, message, "no such index");
                let known: Vec<&str> = indices.iter().map(|index| index.as_str()).collect();
                self.report(match known.as_slice() {
                    [] => error.with_help(format!("`{}` is no family", name.text)),
                    known => error.with_help(format!("it is `{}[{}]`", name.text, known.join(", "))),
                });
            }
        }
    }

    /// Begins a block: the outer `let`s that it defines again are what it carries on.
    pub fn begin(&mut self, index: &IndexSyntax, block: &[Statement]) -> Block {
        let index = Symbol::from(index.name.text.as_str());
        let mut carried = Vec::<(String, Symbol, Symbol)>::new();
        let mut depth = 0;
        for statement in block {
            match statement {
                Statement::Repeat { .. } => depth += 1,
                Statement::EndRepeat if depth == 0 => break,
                Statement::EndRepeat => depth -= 1,
                Statement::Definition { name, .. } => {
                    let known = carried.iter().any(|(other, ..)| *other == name.text);
                    let outer = matches!(self.names.declared.get(&name.text), Some((Entity::Let, _)));
                    if outer && !known {
                        let first = self.current(&name.text);
                        let before = self.fresh(format!("{}[{index}-1]", name.text));
                        let info = self.names.env.symbol(first).cloned();
                        let (shape, outer) = info.map_or((Shape::SCALAR, Indices::NONE), |i| (i.shape, i.indices));
                        let indices = outer.union(self.names.env.indices_of(&[index]));
                        self.names.env.declare_member(before, shape, Default::default(), indices);
                        self.names.current.insert(name.text.clone(), before);
                        carried.push((name.text.clone(), first, before));
                    }
                }
                _ => {}
            }
        }
        Block { index, carried, body: Vec::new() }
    }

    /// The definition a `let` is now.
    pub fn current(&self, name: &str) -> Symbol {
        self.names.current.get(name).copied().unwrap_or_else(|| name.into())
    }

    /// A symbol that stands for nothing yet.
    fn fresh(&self, base: String) -> Symbol {
        let mut name = base;
        while self.names.env.symbol(Symbol::from(name.as_str())).is_some() {
            name.push('′');
        }
        Symbol::from(name)
    }

    /// The symbol of a `let` that a block defines again; none for one that it does not carry on.
    pub fn carried_on(&self, blocks: &[Block], name: &str) -> Option<Symbol> {
        let block = blocks.iter().rev().find(|block| block.carried.iter().any(|(other, ..)| other == name))?;
        Some(self.fresh(format!("{name}[{}]", block.index)))
    }

    /// Notes a definition in the blocks around it.
    pub fn note(&mut self, blocks: &mut [Block], name: Symbol) {
        blocks.iter_mut().for_each(|block| block.body.push(name));
    }

    /// Ends a block: what it carries on is from here on what its last turn gives.
    pub fn end(&mut self, mut block: Block, outer: &mut [Block], span: Span) {
        let range = self.model.index(block.index).map(|index| index.range);
        let range = range.unwrap_or(Size::Lit(1));
        let mut carried = Vec::new();
        let mut lasts = Vec::new();
        for (name, first, before) in std::mem::take(&mut block.carried) {
            let after = self.current(&name);
            let shape = |symbol: Symbol| self.names.env.symbol(symbol).map(|info| info.shape);
            if let (Some(taken), Some(given)) = (shape(first), shape(after))
                && taken != given
            {
                let message = format!("the block takes `{name}` as `{taken}` and gives it as `{given}`");
                let error = self.error(span, message, "the next block cannot take it");
                self.report(error);
            }
            let last = self.fresh(format!("{name}[{range}]"));
            let index = Term::Sym(block.index);
            let mut expr = crate::term::Builder::default();
            let index = expr.add(index);
            let body = expr.add(Term::Sym(after));
            let root = expr.add(Term::op(Op::Last, &[index, body]));
            let expr = expr.finish(root);
            if let Some(info) = self.names.env.symbol(after).cloned() {
                let indices = info.indices.without(self.names.env.indices_of(&[block.index]));
                self.names.env.declare_member(last, info.shape, Default::default(), indices);
            }
            self.names.current.insert(name, last);
            carried.push(Carried { first, before, after, last });
            lasts.push(Definition::new(last, expr));
        }
        let Block { index, body, .. } = block;
        // A block without definitions only declares members.
        if !body.is_empty() {
            self.model.repeats.push(Repeat { index, carried, body });
        }
        for last in lasts {
            self.note(outer, last.name);
            self.model.lets.push(last);
        }
    }
}
