//! The names of a model and where each may be used.

use super::lower::{Meaning, Scope};
use super::source::Span;
use crate::term::{Dialect, Env, Facts, Symbol, SymbolInfo};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

/// What a declared name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entity {
    Dim,
    Param,
    Data,
    Let,
    /// What stands in `stopgrad`.
    Stopped,
    Output,
    Activation,
    Function,
    Potential,
    /// The index of a family.
    Index,
    /// Its declaration has an error.
    Broken,
}

impl Entity {
    pub fn noun(self) -> &'static str {
        match self {
            Entity::Dim => "a size",
            Entity::Param => "a parameter",
            Entity::Data => "data",
            Entity::Let => "a `let`",
            Entity::Stopped => "a value held by `stopgrad`",
            Entity::Output => "the output",
            Entity::Activation => "an activation",
            Entity::Function => "a function",
            Entity::Potential => "a potential",
            Entity::Index => "an index",
            Entity::Broken => "not usable",
        }
    }
}

/// The names declared so far.
#[derive(Default)]
pub(super) struct Names {
    pub declared: BTreeMap<String, (Entity, Span)>,
    /// Words of statements that could not be read.
    pub broken: HashSet<String>,
    /// The lines of `let`s and outputs of the whole file, for a name used before its line.
    pub lines: BTreeMap<String, usize>,
    pub env: Env,
    /// The `let`s that a `repeat` carries, and the definition each is now.
    pub current: BTreeMap<String, Symbol>,
}

/// Where in a model an expression stands, which decides the names it may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A `let` or the output.
    Definition,
    Loss,
    ParameterImage,
    OutputImage,
    LossImage,
    Potential,
}

/// The names an expression at one place of the model may use.
pub(super) struct ModelScope<'a> {
    names: &'a Names,
    place: Place,
    element: Option<&'a str>,
    env: Cow<'a, Env>,
}

impl<'a> ModelScope<'a> {
    pub fn new(names: &'a Names, place: Place) -> ModelScope<'a> {
        ModelScope { names, place, element: None, env: Cow::Borrowed(&names.env) }
    }

    /// Adds the element of an action's group.
    pub fn with_element(mut self, name: &'a str, info: SymbolInfo) -> ModelScope<'a> {
        self.element = Some(name);
        self.env.to_mut().declare_member(Symbol::from(name), info.shape, info.facts | Facts::CONSTANT, info.indices);
        self
    }

    fn visible(&self, entity: Entity) -> bool {
        use Entity::*;
        match self.place {
            _ if entity == Potential => false,
            Place::Definition => entity != Output,
            Place::Loss => true,
            _ if entity == Index => true,
            Place::ParameterImage => !matches!(entity, Let | Stopped | Output),
            Place::OutputImage => !matches!(entity, Let | Stopped | Param),
            Place::LossImage => !matches!(entity, Let | Stopped | Param | Output),
            Place::Potential => false,
        }
    }

    fn rule(&self) -> &'static str {
        match self.place {
            Place::Definition => "a definition is in terms of parameters, data and earlier `let`s",
            Place::Loss => "a loss is in terms of parameters, data, `let`s and the output",
            Place::ParameterImage => "the image of a parameter is in terms of parameters, data and the group element",
            Place::OutputImage => "the image of the output is in terms of the output, data and the group element",
            Place::Potential => "a potential is in terms of its variable, numbers and elementwise functions",
            Place::LossImage => "the image of the loss is in terms of `loss`, data and the group element",
        }
    }
}

impl Scope for ModelScope<'_> {
    fn is_law(&self) -> bool {
        false
    }

    fn dialect(&self) -> Dialect {
        Dialect::Model
    }

    fn stops(&self) -> bool {
        matches!(self.place, Place::Definition | Place::Loss)
    }

    fn env(&self) -> Option<&Env> {
        Some(&self.env)
    }

    fn meaning(&self, name: &str) -> Meaning {
        if self.element == Some(name) || (name == "loss" && self.place == Place::LossImage) {
            return Meaning::Matrix;
        }
        if name == "loss" {
            return Meaning::Forbidden {
                message: "`loss` stands for the loss only in a line `loss -> …` of an action".to_string(),
                help: None,
            };
        }
        match self.names.declared.get(name) {
            Some((Entity::Broken, _)) => Meaning::Broken,
            Some((entity, _)) if !self.visible(*entity) => Meaning::Forbidden {
                message: format!("`{name}` is {}, which cannot be used here", entity.noun()),
                help: Some(self.rule().to_string()),
            },
            Some((Entity::Dim, _)) => Meaning::Size,
            Some((Entity::Activation, _)) => Meaning::Elementwise,
            Some((Entity::Function, _)) => Meaning::Declared,
            Some(_) => Meaning::Matrix,
            None if self.names.broken.contains(name) => Meaning::Broken,
            None => {
                let line = self.names.lines.get(name);
                let help =
                    line.map(|line| format!("`{name}` is defined in line {line}; only earlier names can be used"));
                Meaning::Unknown { help }
            }
        }
    }

    fn symbol(&self, name: &str) -> Symbol {
        self.names.current.get(name).copied().unwrap_or_else(|| name.into())
    }

    fn known(&self) -> Vec<String> {
        let visible = self.names.declared.iter().filter(|(_, (entity, _))| self.visible(*entity));
        visible.map(|(name, _)| name.clone()).chain(self.element.map(str::to_string)).collect()
    }
}
