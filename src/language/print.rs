//! A model as `.eqv` text that parses back to the same model.

use crate::model::*;
use crate::term::print::{model_text, text};
use crate::term::{Expr, Facts, Op, Shape, Symbol, Term, root, substitute, sym, symbols};
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
            let dims: Vec<String> =
                self.dims.iter().map(|dim| format!("{}{} = {}", dim.name, self.of_sizes(dim), dim.default)).collect();
            writeln!(f, "dim {}\n", dims.join(", "))?;
        }
        for (word, variables) in [("param", &self.params), ("data", &self.data)] {
            for variable in variables.iter().filter(|variable| !variable.stopped) {
                let Variable { name, latex, indices, .. } = variable;
                writeln!(f, "{word} {}{variable}", named(*name, &self.declared(indices), latex.as_ref()))?;
            }
        }
        for activation in &self.activations {
            writeln!(f, "activation {} : {}", activation.name, activation.property)?;
        }
        for function in &self.functions {
            let arguments: Vec<String> = function.signature.arguments.iter().map(Shape::to_string).collect();
            writeln!(f, "function {} : ({}) -> {}", function.name, arguments.join(", "), function.signature.result)?;
        }
        self.potentials.iter().try_for_each(|potential| writeln!(f, "potential {potential}"))?;
        writeln!(f)?;
        self.definitions_of(f)?;
        if let Some(output) = &self.output {
            writeln!(f, "output {}", self.defined(output, &[]))?;
        }
        match &self.loss {
            Loss::Any => writeln!(f, "loss any")?,
            Loss::Explicit(expr) => writeln!(f, "loss {}", self.written(expr))?,
        }
        if !self.dynamics.is_empty() {
            writeln!(f)?;
        }
        self.dynamics.iter().try_for_each(|dynamics| writeln!(f, "dynamics {dynamics}"))?;
        for action in &self.actions {
            write!(f, "\n{}", Declaration { action, model: self })?;
        }
        Ok(())
    }
}

impl Model {
    /// A formula as it is written in a model: a carried value by the name it is carried under.
    fn written(&self, expr: &Expr) -> String {
        let plain = |name: Symbol| match self.env.neighbour(name) {
            Some(_) => None,
            None => Some((name, sym(spelled(name)?.into()))),
        };
        model_text(&substitute(expr, &symbols(expr).filter_map(plain).collect()), &self.indices)
    }

    /// `[l in 0..L]` behind a family of sizes.
    fn of_sizes(&self, dim: &Dim) -> String {
        let index = dim.index.and_then(|index| self.index(index));
        index.map_or_else(String::new, |index| format!("[{} in 0..{index}]", index.name))
    }

    /// `[l in 1..L, i in 1..H]`; nothing for no index.
    fn declared(&self, names: &[Symbol]) -> String {
        let index = |name: &Symbol| {
            let range = self.index(*name).map(|index| index.range);
            range.map_or_else(|| name.to_string(), |range| format!("{name} in 1..{range}"))
        };
        let all: Vec<String> = names.iter().map(index).collect();
        if all.is_empty() { String::new() } else { format!("[{}]", all.join(", ")) }
    }

    /// A definition inside of blocks of some indices.
    fn defined(&self, definition: &Definition, around: &[Symbol]) -> String {
        let Definition { name, latex, expr, indices } = definition;
        let own: Vec<Symbol> = indices.iter().filter(|index| !around.contains(index)).copied().collect();
        let name = spelled(*name).map_or(*name, Symbol::from);
        let value = self.written(expr);
        let value = if self.is_stopped(definition.name) { format!("{}({value})", Op::StopGrad) } else { value };
        format!("{} = {value}", named(name, &self.declared(&own), latex.as_ref()))
    }

    /// The `let`s, those of a block inside of it.
    fn definitions_of(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The blocks that are open, the outermost first.
        let mut open: Vec<&Repeat> = Vec::new();
        let indent = |depth: usize| "  ".repeat(depth);
        for definition in &self.lets {
            while open.last().is_some_and(|block| !block.body.contains(&definition.name)) {
                open.pop();
                writeln!(f, "{}}}", indent(open.len()))?;
            }
            // Inner blocks are listed before the block around them.
            for block in self.repeats.iter().rev().filter(|block| block.body.contains(&definition.name)) {
                if !open.iter().any(|known| std::ptr::eq(*known, block)) {
                    let range = self.declared(&[block.index]);
                    writeln!(f, "{}repeat {} {{", indent(open.len()), range.trim_matches(['[', ']']))?;
                    open.push(block);
                }
            }
            // What the last turn gives is nothing that is written.
            let lasts = |block: &Repeat| block.carried.iter().any(|carried| carried.last == definition.name);
            if !self.repeats.iter().any(lasts) {
                let around: Vec<Symbol> = open.iter().map(|block| block.index).collect();
                writeln!(f, "{}let {}", indent(open.len()), self.defined(definition, &around))?;
            }
        }
        while open.pop().is_some() {
            writeln!(f, "{}}}", indent(open.len()))?;
        }
        Ok(())
    }
}

/// The name under which a block carries a value, for the symbols that stand for it on its way: `X` for `X[l]`.
fn spelled(name: Symbol) -> Option<&'static str> {
    name.as_str().split_once('[').map(|(name, _)| name)
}

/// An action as declared; the output's name is the model's.
struct Declaration<'a> {
    action: &'a Action,
    model: &'a Model,
}

impl fmt::Display for Declaration<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Declaration { action, model } = self;
        let indices = model.indices_of_action(action);
        let indices: Vec<String> = indices.iter().map(|index| format!("{} in 1..{index}", index.name)).collect();
        let indices = if indices.is_empty() { String::new() } else { format!("[{}]", indices.join(", ")) };
        let name = named(action.name, &indices, None);
        let exchanges = |(_, image): &(Symbol, Expr)| matches!(root(image), Term::Op(Op::Relabelled, _));
        let group = match action.group.sizes.as_slice() {
            [range] if action.images.iter().any(exchanges) => format!("{}(1..{range})", action.group.group.name()),
            _ => action.group.to_string(),
        };
        match action.element {
            Some(element) => writeln!(f, "action {name} : {element} in {group} {{")?,
            None => writeln!(f, "action {name} : {group} {{")?,
        }
        for (param, image) in &action.images {
            writeln!(f, "  {param} -> {}", model.written(image))?;
        }
        if let (Some(output), Some(image)) = (&model.output, &action.output) {
            writeln!(f, "  {} -> {}", output.name, model.written(image))?;
        }
        if let Some(image) = &action.loss {
            writeln!(f, "  {} -> {}", Model::loss_symbol(), model.written(image))?;
        }
        writeln!(f, "}}")
    }
}

/// A declared name with its indices and its LaTeX.
fn named(name: Symbol, indices: &str, latex: Option<&String>) -> String {
    match latex {
        Some(latex) => format!("{name}{indices} \"{latex}\""),
        None => format!("{name}{indices}"),
    }
}

/// What a variable is, after its name.
impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, " : {}", self.shape)?;
        let facts = Facts::NAMED.iter().filter(|(_, fact)| self.facts.contains(*fact));
        facts.map(|(name, _)| *name).chain(self.fixed.then_some("fixed")).try_for_each(|name| write!(f, " {name}"))
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
