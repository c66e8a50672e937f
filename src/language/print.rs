//! A model as `.eqv` text that parses back to the same model.

use crate::model::*;
use crate::term::{Facts, Shape, Symbol, print::text};
use std::fmt;

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.header {
            writeln!(f, "{}", format!("# {line}").trim_end())?;
        }
        if !self.header.is_empty() {
            writeln!(f)?;
        }
        match &self.title {
            Some(title) => writeln!(f, "model {} \"{title}\"\n", self.name)?,
            None => writeln!(f, "model {}\n", self.name)?,
        }
        if !self.dims.is_empty() {
            let dims: Vec<String> = self.dims.iter().map(|dim| format!("{} = {}", dim.name, dim.default)).collect();
            writeln!(f, "dim {}\n", dims.join(", "))?;
        }
        self.params.iter().try_for_each(|param| writeln!(f, "param {param}"))?;
        self.data.iter().try_for_each(|data| writeln!(f, "data {data}"))?;
        for activation in &self.activations {
            writeln!(f, "activation {} : {}", activation.name, activation.property)?;
        }
        for function in &self.functions {
            let arguments: Vec<String> = function.signature.arguments.iter().map(Shape::to_string).collect();
            writeln!(f, "function {} : ({}) -> {}", function.name, arguments.join(", "), function.signature.result)?;
        }
        self.potentials.iter().try_for_each(|potential| writeln!(f, "potential {potential}"))?;
        writeln!(f)?;
        self.lets.iter().try_for_each(|definition| writeln!(f, "let {definition}"))?;
        if let Some(output) = &self.output {
            writeln!(f, "output {output}")?;
        }
        match &self.loss {
            Loss::Any => writeln!(f, "loss any")?,
            Loss::Explicit(expr) => writeln!(f, "loss {}", text(expr))?,
        }
        if !self.dynamics.is_empty() {
            writeln!(f)?;
        }
        self.dynamics.iter().try_for_each(|dynamics| writeln!(f, "dynamics {dynamics}"))?;
        for action in &self.actions {
            write!(f, "\n{}", Declaration { action, output: self.output.as_ref().map(|output| output.name) })?;
        }
        Ok(())
    }
}

/// An action as declared; the output's name is the model's.
struct Declaration<'a> {
    action: &'a Action,
    output: Option<Symbol>,
}

impl fmt::Display for Declaration<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let action = self.action;
        match action.element {
            Some(element) => writeln!(f, "action {} : {element} in {} {{", action.name, action.group)?,
            None => writeln!(f, "action {} : {} {{", action.name, action.group)?,
        }
        for (param, image) in &action.images {
            writeln!(f, "  {param} -> {}", text(image))?;
        }
        if let (Some(name), Some(image)) = (self.output, &action.output) {
            writeln!(f, "  {name} -> {}", text(image))?;
        }
        if let Some(image) = &action.loss {
            writeln!(f, "  {} -> {}", Model::loss_symbol(), text(image))?;
        }
        writeln!(f, "}}")
    }
}

fn named(f: &mut fmt::Formatter<'_>, name: Symbol, latex: Option<&String>) -> fmt::Result {
    match latex {
        Some(latex) => write!(f, "{name} \"{latex}\""),
        None => write!(f, "{name}"),
    }
}

impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        named(f, self.name, self.latex.as_ref())?;
        write!(f, " : {}", self.shape)?;
        let facts = Facts::NAMED.iter().filter(|(_, fact)| self.facts.contains(*fact));
        facts.map(|(name, _)| *name).chain(self.fixed.then_some("fixed")).try_for_each(|name| write!(f, " {name}"))
    }
}

impl fmt::Display for Definition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        named(f, self.name, self.latex.as_ref())?;
        write!(f, " = {}", text(&self.expr))
    }
}

impl fmt::Display for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Property::Homogeneous(degree) => write!(f, "homogeneous({degree})"),
            Property::Odd => f.write_str("odd"),
            Property::Even => f.write_str("even"),
            Property::Smooth => f.write_str("smooth"),
        }
    }
}

impl fmt::Display for Dynamics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        if let Dynamics::Mirror(potentials) = self {
            let potentials: Vec<String> = potentials.iter().map(|(param, p)| format!("{param} : {p}")).collect();
            write!(f, " {{ {} }}", potentials.join(", "))?;
        }
        Ok(())
    }
}

impl fmt::Display for Potential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({}) = {}", self.name, self.variable, text(&self.expr))
    }
}
