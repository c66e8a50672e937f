//! Checking a `dynamics` statement.

use super::checker::Checker;
use super::cursor::Name;
use super::names::nearest;
use super::scope::Entity;
use crate::model::{Dynamics, DynamicsRow, Potential};
use crate::term::{Facts, Symbol};

impl Checker<'_> {
    /// Adds the dynamics to the model, or reports what is wrong with it.
    pub fn dynamics(&mut self, name: &Name, potentials: Option<&[(Name, Name)]>) {
        let word = name.text.as_str();
        let Some(row) = DynamicsRow::named(word) else {
            let error = self.error(name.span, format!("unknown dynamics `{word}`"), "expected a dynamics");
            let error = match nearest(word, Dynamics::names()) {
                Some(name) => error.meant(Some(name)),
                None => {
                    error.with_help(format!("the dynamics are {}", Dynamics::names().collect::<Vec<_>>().join(", ")))
                }
            };
            return self.report(error);
        };
        let dynamics = match (&row.plain, potentials) {
            (Some(dynamics), None) => dynamics.clone(),
            (None, Some(potentials)) => Dynamics::Mirror(self.potentials(potentials)),
            (None, None) => {
                let error = self.error(name.span, format!("`{word}` needs the potentials of its parameters"), "");
                return self.report(error.with_help(format!("write `{word} {{ U : entropy, V : quadratic }}`")));
            }
            (Some(_), Some(_)) => {
                let error = self.error(name.span, format!("`{word}` takes no potentials"), "only `mirror` does");
                return self.report(error);
            }
        };
        if self.model.dynamics.iter().any(|earlier| earlier.name() == dynamics.name()) {
            let error =
                self.error(name.span, format!("the dynamics `{}` is named twice", name.text), "named again here");
            return self.report(error);
        }
        self.model.dynamics.push(dynamics);
    }

    fn unknown_potential(&mut self, potential: &Name) {
        let message = format!("unknown potential `{}`", potential.text);
        let names: Vec<&str> = Potential::BUILTIN
            .into_iter()
            .chain(self.model.potentials.iter().map(|declared| declared.name.as_str()))
            .collect();
        let error = self.error(potential.span, message, "not declared");
        let error = match nearest(&potential.text, names) {
            Some(name) => error.meant(Some(name)),
            None => error.with_help(format!(
                "`entropy` and `quadratic` are known; declare others: `potential {}(x) = x^4 / 4`",
                potential.text
            )),
        };
        self.report(error);
    }

    fn potentials(&mut self, potentials: &[(Name, Name)]) -> Vec<(Symbol, Symbol)> {
        let mut out: Vec<(Symbol, Symbol)> = Vec::new();
        for (param, potential) in potentials {
            let found = self.model.potential(Symbol::from(&potential.text));
            let broken = self.names.declared.get(&potential.text).is_some_and(|(entity, _)| *entity == Entity::Broken);
            if found.is_none() && !broken && !self.names.broken.contains(&potential.text) {
                self.unknown_potential(potential);
            }
            let positive = found.is_some_and(|potential| potential.domain.contains(Facts::POSITIVE));
            let name = Symbol::from(&param.text);
            match self.model.param(name) {
                None => self.not_a_param(param, "a potential belongs to a parameter"),
                Some(variable) if positive && !variable.facts.contains(Facts::POSITIVE) => {
                    let message = format!("`{}` needs a positive parameter, `{}` is not", potential.text, param.text);
                    let help = format!("declare it `param {} : {} positive`", param.text, variable.shape);
                    let error = self.error(param.span, message, "may be negative");
                    self.report(error.with_help(help));
                }
                Some(_) if out.iter().any(|(earlier, _)| *earlier == name) => {
                    let message = format!("`{}` has two potentials", param.text);
                    let error = self.error(param.span, message, "named again here");
                    self.report(error);
                }
                Some(_) => out.push((name, Symbol::from(&potential.text))),
            }
        }
        out
    }
}
