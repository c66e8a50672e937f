//! What every part of the check of a model needs: the model under construction, the names, and the errors so far.

use super::cursor::Name;
use super::diagnostic::Diagnostic;
use super::lower::{Lowered, lower};
use super::member::MemberIndex;
use super::names::{function_names, nearest, reserved};
use super::neighbour;
use super::scope::{Entity, ModelScope, Names};
use super::size::{Part, SizeSyntax};
use super::source::{Source, Span};
use super::syntax::Syntax;
use crate::model::Model;
use crate::term::{Shape, Size, Symbol};
use std::sync::Arc;

/// The model under construction and what has been found wrong with it.
pub(super) struct Checker<'a> {
    pub source: &'a Arc<Source>,
    pub names: Names,
    pub model: Model,
    pub errors: &'a mut Vec<Diagnostic>,
}

impl Checker<'_> {
    pub fn error(&self, span: Span, message: impl Into<String>, label: impl Into<String>) -> Diagnostic {
        Diagnostic::new(self.source, span, message, label)
    }

    pub fn report(&mut self, error: Diagnostic) {
        self.errors.push(error);
    }

    pub fn line(&self, span: Span) -> usize {
        self.source.position(span.start).0
    }

    pub fn lower(&mut self, scope: &ModelScope<'_>, syntax: &Syntax) -> Option<Lowered> {
        lower(self.source, scope, syntax, self.errors)
    }

    /// Declares a name, unless it is taken. Whether it could be.
    pub fn declare(&mut self, name: &Name, entity: Entity) -> bool {
        // A function's name is always reserved; a matrix may be called `d`.
        let function = matches!(entity, Entity::Activation | Entity::Function);
        let taken = reserved(&name.text)
            .or_else(|| (function && function_names().any(|f| f == name.text)).then_some("a built-in function"));
        if let Some(what) = taken {
            let error = self.error(name.span, format!("`{}` is {what}", name.text), "choose another name");
            self.report(error);
            return false;
        }
        if let Some((earlier, span)) = self.names.declared.get(&name.text).copied() {
            let message = format!("`{}` is declared twice", name.text);
            let error = self.error(name.span, message, "declared again here");
            let noun =
                if earlier == Entity::Broken { "declared".to_string() } else { format!("first {}", earlier.noun()) };
            self.report(error.also(span, noun));
            return false;
        }
        self.names.declared.insert(name.text.clone(), (entity, name.span));
        true
    }

    /// Marks a declared name as one whose declaration has an error.
    pub fn spoil(&mut self, name: &Name) {
        self.names.declared.insert(name.text.clone(), (Entity::Broken, name.span));
    }

    pub fn not_a_size(&mut self, size: &Name) {
        let message = format!("`{}` is not a size", size.text);
        let error = self.error(size.span, message, "expected a positive integer");
        self.report(error);
    }

    /// A declared size or a positive integer.
    fn named_size(&mut self, part: &Part) -> Option<Size> {
        let Part { name: size, indices } = part;
        if size.text.starts_with(|c: char| c.is_ascii_digit()) {
            let value = positive_integer(&size.text);
            if value.is_none() {
                self.not_a_size(size);
            }
            return value.map(Size::Lit);
        }
        match self.names.declared.get(&size.text) {
            Some((Entity::Dim, _)) => return self.of_family(size, indices),
            Some((entity, _)) if *entity != Entity::Broken => {
                let message = format!("`{}` is {}, not a size", size.text, entity.noun());
                let error = self.error(size.span, message, "expected a `dim` or an integer");
                self.report(error);
            }
            None if !self.names.broken.contains(&size.text) => {
                let dims: Vec<&str> = self.model.dims.iter().map(|dim| dim.name.as_str()).collect();
                let error = self.error(size.span, format!("unknown size `{}`", size.text), "not declared");
                let error = match nearest(&size.text, dims) {
                    Some(name) => error.meant(Some(name)),
                    None => error.with_help(format!("declare it: `dim {} = 4`", size.text)),
                };
                self.report(error);
                // Said once.
                self.names.broken.insert(size.text.clone());
            }
            _ => {}
        }
        None
    }

    /// A size, or the one of a family of sizes that the indices behind it name.
    fn of_family(&mut self, name: &Name, indices: &[MemberIndex]) -> Option<Size> {
        let of = Symbol::from(&name.text);
        let Some(index) = self.model.dims.iter().find(|dim| dim.name == of).and_then(|dim| dim.index) else {
            if indices.is_empty() {
                return Some(Size::Name(of));
            }
            let error = self.error(name.span, format!("`{of}` is one size"), "no family of sizes");
            self.report(error.with_help(format!("declare it as one: `dim {of}[l in 0..L] = 4`")));
            return None;
        };
        let known = self.model.index(index).and_then(|own| neighbour::size(of, own, indices, false));
        if let Some(known) = known.filter(|known| self.names.env.size(known.name()).is_some()) {
            return Some(Size::Name(known.name()));
        }
        let error = self.error(name.span, format!("`{of}` is one size for each `{index}`"), "which one?");
        self.report(error.with_help(format!("write `{of}[{index}]`, `{of}[{index}-1]`, `{of}[0]` or the last one")));
        None
    }

    /// A declared size, a positive integer, or a sum of products of these.
    pub fn size(&mut self, syntax: &SizeSyntax) -> Option<Size> {
        // Every name is looked up before giving up, so that all errors are reported.
        let parts: Vec<Option<Size>> = syntax.parts().map(|part| self.named_size(part)).collect();
        let value = syntax.value(&parts.into_iter().collect::<Option<Vec<Size>>>()?);
        if value.is_none() {
            let error = self.error(syntax.span, "this size is out of range", "its numbers are too large");
            self.report(error);
        }
        value
    }

    pub fn shape(&mut self, sizes: &[SizeSyntax]) -> Option<Shape> {
        // Every size is looked up before giving up, so that all errors are reported.
        let sizes: Vec<Option<Size>> = sizes.iter().map(|size| self.size(size)).collect();
        match sizes.into_iter().collect::<Option<Vec<Size>>>()?.as_slice() {
            [] => Some(Shape::SCALAR),
            [rows] => Some(Shape::column(*rows)),
            [rows, cols, ..] => Some(Shape::new(*rows, *cols)),
        }
    }

    pub fn set_latex(&mut self, name: Symbol, latex: Option<&String>) {
        if let Some(latex) = latex {
            self.names.env.set_latex(name, latex.clone());
        }
    }

    /// Reports a name that should be a parameter's.
    pub fn not_a_param(&mut self, name: &Name, why: &str) {
        match self.names.declared.get(&name.text) {
            Some((Entity::Broken, _)) => {}
            Some((entity, _)) => {
                let message = format!("`{}` is {}", name.text, entity.noun());
                let error = self.error(name.span, message, "expected a parameter");
                self.report(error.with_help(why));
            }
            None if self.names.broken.contains(&name.text) => {}
            None => {
                let params: Vec<&str> = self.model.params.iter().map(|param| param.name.as_str()).collect();
                let error = self.error(name.span, format!("unknown parameter `{}`", name.text), "not declared");
                let error = error.meant(nearest(&name.text, params));
                self.report(error);
            }
        }
    }
}

pub(super) fn positive_integer(text: &str) -> Option<u64> {
    text.parse().ok().filter(|&n| n > 0)
}
