//! Families and repeated blocks: which indices there are, what is one for each of their values, and what a block carries on.

use super::checker::Checker;
use super::cursor::Name;
use super::index::IndexSyntax;
use super::member::{MemberIndex, REACH};
use super::neighbour::neighbour;
use super::scope::Entity;
use super::source::Span;
use super::statement::{ActionSyntax, Role, Statement};
use crate::model::{Action, Carried, Definition, Repeat};
use crate::term::{At, Index, Indices, Neighbour, Op, Shape, Size, Symbol, Term};

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
                Statement::Repeat { index, .. } => self.index(index, false),
                Statement::Variable { indices, .. } | Statement::Definition { indices, .. } => {
                    indices.iter().for_each(|index| self.index(index, false));
                }
                Statement::Action(action) => action.indices.iter().for_each(|index| self.index(index, true)),
                _ => {}
            }
        }
        let mut found = std::mem::take(&mut self.model.indices);
        for name in in_order(statements) {
            if let Some(at) = found.iter().position(|index| index.name == name) {
                self.model.indices.push(found.remove(at));
            }
        }
        for Index { name, range, .. } in &self.model.indices {
            self.names.env.declare_index(*name, *range);
        }
        for statement in statements {
            let Statement::Dims(dims) = statement else { continue };
            for (name, _, syntax) in dims {
                if let Some(syntax) = syntax {
                    self.sizes_of(name, syntax);
                }
            }
        }
    }

    /// Declares the sizes of a family: those at the current value of the index, before and after it, at 0 and 1, and the last ones.
    fn sizes_of(&mut self, of: &Name, syntax: &IndexSyntax) {
        let index = Symbol::from(syntax.name.text.as_str());
        let Some(range) = syntax.range.as_ref().and_then(|range| self.size(range)) else { return };
        if self.model.index(index).is_none_or(|known| known.range != range) {
            let message = format!("no block or family has the index `{index}` up to {range}");
            let error = self.error(syntax.name.span, message, "the index of layers");
            self.report(error.with_help(format!("the layers are a block `repeat {index} in 1..{range} {{ … }}`")));
            return;
        }
        let ends = (-REACH..=REACH).map(|before| At::Last { range, before }).chain([0, 1].map(At::Number));
        for at in (-1..=REACH).map(At::After).chain(ends) {
            let of = Symbol::from(of.text.as_str());
            self.names.env.declare_size(Neighbour { of, indices: vec![index], index, at });
        }
    }

    /// Reports a shape that depends on an index which what has it does not have.
    pub fn shape_depends(&mut self, what: &str, span: Span, shape: Shape, indices: &[Symbol]) {
        let found = self.names.env.indices_of_shape(shape);
        let own = self.names.env.indices_of(indices);
        let extra = self.names.env.listed(found.without(own)).next();
        if let Some(extra) = extra {
            let message = format!("the shape of {what} depends on the index `{}`", extra.name);
            let error = self.error(span, message, format!("`{shape}`"));
            self.report(
                error.with_help(format!("one for each `{}`: `[{0} in 1..{extra}]` behind the name", extra.name)),
            );
        }
    }

    fn index(&mut self, syntax: &IndexSyntax, partial: bool) {
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
        if let Some((_, span)) = syntax.less.filter(|_| !partial) {
            let error = self.error(span, "an index runs to its last value", "only an action stops before");
            let help = "an action that moves neighbours too is one for each but the last: `action a[l in 1..L-1] : …`";
            self.report(error.with_help(help));
        }
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
                    self.model.indices.push(Index { name, range: size, less: 0 });
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

    /// The member of a family that indices behind its name mean, which a name may then stand for; the name itself for the
    /// generic one.
    pub fn member_of(&mut self, name: &Name, member: &[MemberIndex]) -> Symbol {
        let of = Symbol::from(name.text.as_str());
        let Some(param) = self.model.param(of).cloned() else { return of };
        let own: Vec<Index> = param.indices.iter().filter_map(|index| self.model.index(*index)).collect();
        match neighbour(of, &own, member) {
            Ok(None) => of,
            Ok(Some(beside)) => {
                let shape = self.names.env.shape_at(param.shape, beside.index, beside.at);
                self.names.env.declare_neighbour(beside, shape, param.facts)
            }
            Err(wrong) => {
                let error = self.error(wrong.span, wrong.message, wrong.label);
                self.report(error.with_help(wrong.help));
                of
            }
        }
    }

    /// Reports the indices of an action that run further than the members it moves.
    pub fn reaches(&mut self, action: &Action, syntax: &ActionSyntax, around: &[Symbol]) {
        self.model.env = self.names.env.clone();
        let reach = self.model.reach(action);
        let moved = self.model.indices_of_action(action);
        for index in &syntax.indices {
            let name = Symbol::from(index.name.text.as_str());
            let reached = moved.iter().find(|index| index.name == name).map_or(0, |index| index.less);
            let told = index.less.map_or(0, |(less, _)| less);
            if told == reached {
                continue;
            }
            let range = self.model.index(name).map_or_else(String::new, |index| index.to_string());
            let last = if reached == 0 { range } else { format!("{range}-{reached}") };
            let span = index.less.map_or(index.name.span, |(_, span)| span);
            let message = match reached {
                0 => format!("the action moves no member after the one at `{name}`"),
                _ => format!("the action moves members {reached} after the one at `{name}`"),
            };
            let error = self.error(span, message, "it runs as far as all of them are there");
            self.report(error.with_help(format!("write `{name} in 1..{last}`")));
        }
        let inside = moved.iter().find(|index| index.less > 0 && around.contains(&index.name));
        if let Some(index) = inside {
            let message = "an action that moves neighbours stands outside of the block";
            let error = self.error(syntax.name.span, message, "inside of `repeat`");
            let name = &syntax.name.text;
            let help = format!(
                "declare it behind the block: `action {name}[{} in 1..{}-{reach}] : …`",
                index.name, index.range
            );
            self.report(error.with_help(help));
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
                        // What has the size of layer 0 in front of the first block has that of layer l − 1 in front of block l.
                        let shape = shape.with(&|name| match self.names.env.size(name) {
                            Some(Neighbour { of, index: own, at: At::Number(0), .. }) if *own == index => {
                                Size::Name(format!("{of}[{index}-1]").into())
                            }
                            _ => Size::Name(name),
                        });
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
            let next = |shape: Shape| self.names.env.shape_at(shape, block.index, At::After(1));
            if let (Some(taken), Some(given)) = (shape(before).map(next), shape(after))
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
                let shape = self.names.env.shape_at(info.shape, block.index, At::Last { range, before: 0 });
                self.names.env.declare_member(last, shape, Default::default(), indices);
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
