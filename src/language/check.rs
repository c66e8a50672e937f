//! Statements → a [`Model`]: every name declared once and known where it is used, every shape fitting.

use super::action;
use super::checker::{Checker, positive_integer};
use super::diagnostic::Diagnostic;
use super::family::{self, Block};
use super::lower::Lowered;
use super::scope::{Entity, ModelScope, Names, Place};
use super::source::{Source, Span};
use super::statement::{Role, Statement};
use super::stopped::Named;
use crate::model::{Definition, Dim, Loss, Model};
use crate::term::{Facts, Shape, Symbol};
use std::collections::HashSet;
use std::sync::Arc;

/// The model of the statements; to be used only if no error was added.
pub(super) fn check(
    source: &Arc<Source>,
    header: Vec<String>,
    statements: Vec<Statement>,
    broken: HashSet<String>,
    errors: &mut Vec<Diagnostic>,
) -> Model {
    let model = Model {
        name: Symbol::from(""),
        title: None,
        header,
        dims: Vec::new(),
        params: Vec::new(),
        data: Vec::new(),
        activations: Vec::new(),
        functions: Vec::new(),
        potentials: Vec::new(),
        lets: Vec::new(),
        output: None,
        loss: Loss::Any,
        actions: Vec::new(),
        dynamics: Vec::new(),
        env: Default::default(),
        indices: Vec::new(),
        repeats: Vec::new(),
    };
    let names = Names { broken, ..Names::default() };
    let mut checker = Checker { source, names, model, errors };
    checker.required(&statements);
    checker.sizes(&statements);
    checker.families(&statements);
    checker.declarations(&statements);
    checker.definitions(&statements);
    checker.loss(&statements);
    for statement in &statements {
        if let Statement::Potential { name, variable, value } = statement {
            checker.potential(name, variable, value);
        }
    }
    for (statement, around) in statements.iter().zip(family::around(&statements)) {
        match statement {
            Statement::Action(syntax) => action::check(&mut checker, syntax, &around),
            Statement::Dynamics { name, potentials } => checker.dynamics(name, potentials.as_deref()),
            _ => {}
        }
    }
    checker.model.env = checker.names.env;
    checker.model
}

impl Checker<'_> {
    /// Exactly one `model` and `loss`, at most one `output`, and an output for `loss any`.
    fn required(&mut self, statements: &[Statement]) {
        let text = self.source.text().trim_end();
        let end = Span { start: text.rfind('\n').map_or(0, |i| i + 1), end: text.len() };
        let missing = |checker: &mut Self, what: &str, help: &str| {
            if !checker.names.broken.contains(what) {
                let message = format!("the file has no `{what}` statement");
                let error = checker.error(end, message, format!("no `{what}` up to here"));
                checker.report(error.with_help(help));
            }
        };
        let count = |kind: fn(&Statement) -> bool| statements.iter().filter(|s| kind(s)).count();
        if count(|s| matches!(s, Statement::Model { .. })) == 0 {
            missing(self, "model", "start the file with `model NAME \"Title\"`");
        }
        if count(|s| matches!(s, Statement::Variable { role: Role::Param, .. })) == 0 {
            missing(self, "param", "declare what is trained: `param W : m x n`");
        }
        if count(|s| matches!(s, Statement::Loss { .. })) == 0 {
            missing(self, "loss", "write `loss any` for every loss of the output, or `loss mse(F, Y)`");
        }
        let has_output = count(|s| matches!(s, Statement::Definition { role: Role::Output, .. })) > 0;
        for statement in statements {
            if let Statement::Loss { span, value: None } = statement
                && !has_output
                && !self.names.broken.contains("output")
            {
                let error = self.error(*span, "`loss any` needs an `output`", "a loss of what?");
                self.report(error.with_help("declare it: `output F = …`"));
            }
        }
        let mut first: [Option<Span>; 3] = [None; 3];
        for statement in statements {
            let (slot, span, what) = match statement {
                Statement::Model { name, .. } => (0, name.span, "model"),
                Statement::Loss { span, .. } => (1, *span, "loss"),
                Statement::Definition { role: Role::Output, name, .. } => (2, name.span, "output"),
                _ => continue,
            };
            match first[slot] {
                None => first[slot] = Some(span),
                Some(earlier) => {
                    let error = self.error(span, format!("a file has one `{what}`"), "a second one");
                    self.report(error.also(earlier, "the first one"));
                }
            }
        }
    }

    fn sizes(&mut self, statements: &[Statement]) {
        for statement in statements {
            match statement {
                Statement::Model { name, title } => {
                    self.model.name = Symbol::from(&name.text);
                    self.model.title = title.clone();
                }
                Statement::Dims(dims) => {
                    for (name, default, index) in dims {
                        self.declare(name, Entity::Dim);
                        let index = index.as_ref().map(|index| Symbol::from(&index.name.text));
                        match positive_integer(&default.text) {
                            Some(default) => {
                                self.model.dims.push(Dim { name: Symbol::from(&name.text), default, index });
                            }
                            None => self.not_a_size(default),
                        }
                    }
                }
                Statement::Definition { name, .. } => {
                    let line = self.line(name.span);
                    self.names.lines.entry(name.text.clone()).or_insert(line);
                }
                _ => {}
            }
        }
    }

    /// The `let`s and the output in the order of the file; each may use the earlier ones.
    fn definitions(&mut self, statements: &[Statement]) {
        let around = family::around(statements);
        let mut blocks: Vec<Block> = Vec::new();
        for (at, statement) in statements.iter().enumerate() {
            let (role, name, latex, value, own) = match statement {
                Statement::Definition { role, name, latex, value, indices } => (role, name, latex, value, indices),
                Statement::Repeat { index, .. } => {
                    let block = self.begin(index, &statements[at + 1..]);
                    blocks.push(block);
                    continue;
                }
                Statement::EndRepeat => {
                    let span = statements[..at].iter().rev().find_map(|s| match s {
                        Statement::Definition { name, .. } => Some(name.span),
                        Statement::Repeat { span, .. } => Some(*span),
                        _ => None,
                    });
                    if let Some(block) = blocks.pop() {
                        self.end(block, &mut blocks, span.unwrap_or(Span::at(0)));
                    }
                    continue;
                }
                _ => continue,
            };
            let indices = self.indices(&around[at], own);
            let names = std::mem::take(&mut self.names);
            let lowered = self.lower(&ModelScope::new(&names, Place::Definition), value);
            self.names = names;
            let entity = if *role == Role::Output { Entity::Output } else { Entity::Let };
            if entity == Entity::Output && !blocks.is_empty() {
                let error = self.error(name.span, "the output stands outside of every block", "inside of `repeat`");
                self.report(error);
            }
            let carried = if entity == Entity::Let { self.carried_on(&blocks, &name.text) } else { None };
            let again = statements[at + 1..]
                .iter()
                .any(|s| matches!(s, Statement::Definition { name: other, .. } if other.text == name.text));
            let own = entity == Entity::Let && carried.is_none() && !again;
            if carried.is_none() && !self.declare(name, entity) {
                continue;
            }
            let Some(Lowered { expr, data: Some(data) }) = lowered else {
                self.spoil(name);
                if entity == Entity::Output {
                    self.names.broken.insert("output".to_string());
                }
                continue;
            };
            self.depends_on_no_more(&format!("`{}`", name.text), value.span(), data.indices, &indices);
            let symbol = carried.unwrap_or_else(|| Symbol::from(&name.text));
            let named = Named { name: symbol, latex: latex.as_ref(), indices: &indices };
            let expr = self.stopped(expr, &around[at], &mut blocks, Some(named).filter(|_| own));
            if self.model.is_stopped(symbol) {
                self.names.declared.insert(name.text.clone(), (Entity::Stopped, name.span));
                continue;
            }
            let members = self.names.env.indices_of(&indices);
            self.names.env.declare_member(symbol, data.shape, data.facts, members);
            self.set_latex(symbol, latex.as_ref());
            let definition = Definition { name: symbol, latex: latex.clone(), expr, indices };
            self.note(&mut blocks, symbol);
            if carried.is_some() {
                self.names.current.insert(name.text.clone(), symbol);
            }
            match entity {
                Entity::Output => self.model.output = Some(definition),
                _ => self.model.lets.push(definition),
            }
        }
    }

    fn loss(&mut self, statements: &[Statement]) {
        let mut facts = Facts::empty();
        for statement in statements {
            let Statement::Loss { value: Some(syntax), .. } = statement else { continue };
            let names = std::mem::take(&mut self.names);
            let lowered = self.lower(&ModelScope::new(&names, Place::Loss), syntax);
            self.names = names;
            let Some(Lowered { expr, data: Some(data) }) = lowered else { continue };
            self.depends_on_no_more("the loss", syntax.span(), data.indices, &[]);
            let expr = self.stopped(expr, &[], &mut [], None);
            if data.shape.is_scalar() {
                facts = data.facts;
                self.model.loss = Loss::Explicit(expr);
            } else {
                let error = self.error(syntax.span(), "a loss is a scalar", format!("this is `{}`", data.shape));
                self.report(error.with_help("`mse(F, Y)`, `norm2(X)` and `sum(X)` are scalars"));
            }
        }
        self.names.env.declare(Model::loss_symbol(), Shape::SCALAR, facts);
    }
}
