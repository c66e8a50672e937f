//! The mathematics of a report in Unicode or LaTeX: the statement of a law, an action, a claim of a derivation.

use super::phrase;
use crate::kernel::{Element, Generator, Law, Statement, Theorem};
use crate::model::{Action, Dynamics, Model};
use crate::report::narrative::ClaimStatement;
use crate::term::print::{Notation, count, latex, unicode};
use crate::term::{Env, Expr, Facts, Op, Shape, Size, Symbol, Term, apply, is_zero, root, substitute, sym};
use std::collections::HashMap;

/// The two scripts of mathematics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Script {
    Unicode,
    Latex,
}

impl Script {
    /// The Unicode or the LaTeX of something.
    pub fn pick<T>(self, unicode: T, latex: T) -> T {
        match self {
            Script::Unicode => unicode,
            Script::Latex => latex,
        }
    }
}

/// How a statement reads: lines of mathematics and what they are quantified by.
pub(super) struct Stated {
    pub lines: Vec<String>,
    /// `for every diagonal h×h matrix A`, in words.
    pub quantifier: Option<String>,
}

/// More parameters than this are not written as a tuple: the ones that do not move would only be in the way.
const TUPLE: usize = 3;

/// Writes the formulas of one environment of one model.
pub(super) struct Formulas<'a> {
    pub script: Script,
    model: &'a Model,
    notation: Notation,
    /// Symbols that are printed under another name: the loss is L, a cotangent on W is U_W.
    renamed: HashMap<Symbol, Expr>,
}

impl<'a> Formulas<'a> {
    pub fn new(script: Script, model: &'a Model, env: &Env) -> Formulas<'a> {
        let mut env = env.clone();
        let params: Vec<Symbol> = model.params.iter().map(|p| p.name).collect();
        let algebra: Vec<Symbol> = env.names().into_iter().filter(|n| model.env.symbol(*n).is_none()).collect();
        let plain = Notation::new(&env, &params, None, &[]);
        let mut renamed = HashMap::new();
        let mut rename = |env: &mut Env, from: Symbol, to: String, latex: Option<String>, shape: Shape| {
            let to = Symbol::from(to);
            if env.symbol(to).is_none() {
                env.declare(to, shape, Facts::default());
                if let Some(latex) = latex {
                    env.set_latex(to, latex);
                }
                renamed.insert(from, sym(to));
            }
        };
        rename(&mut env, Model::loss_symbol(), "L".into(), None, Shape::SCALAR);
        for param in params.iter().chain(model.output.as_ref().map(|o| &o.name)) {
            let shape = env.symbol(*param).map_or(Shape::SCALAR, |info| info.shape);
            for letter in ["U", "V"] {
                let index = latex(&sym(*param), &plain);
                let written = Some(format!("{letter}_{{{index}}}"));
                rename(&mut env, format!("{letter}[{param}]").into(), format!("{letter}_{param}"), written, shape);
            }
        }
        for name in env.names() {
            let stem = name.as_str().trim_end_matches('′');
            if stem != name.as_str() {
                let primes = "'".repeat((name.as_str().len() - stem.len()) / '′'.len_utf8());
                let latex = format!("{}{primes}", latex(&sym(stem.into()), &plain));
                env.set_latex(name, latex);
            }
        }
        let notation = Notation::new(&env, &params, model.output.as_ref().map(|o| o.name), &algebra);
        Formulas { script, model, notation, renamed }
    }

    /// The formulas of a model without a law.
    pub fn of_model(script: Script, model: &'a Model) -> Formulas<'a> {
        Formulas::new(script, model, &model.env)
    }

    pub fn of_law(script: Script, model: &'a Model, law: &Law) -> Formulas<'a> {
        Formulas::new(script, model, law.env())
    }

    /// A formula.
    pub fn formula(&self, expr: &Expr) -> String {
        let expr = substitute(expr, &self.renamed);
        match self.script {
            Script::Unicode => unicode(&expr, &self.notation),
            Script::Latex => latex(&expr, &self.notation),
        }
    }

    pub fn name(&self, name: Symbol) -> String {
        self.formula(&sym(name))
    }

    /// A function the model declares.
    pub fn function(&self, name: Symbol) -> String {
        self.script.pick(name.to_string(), format!("\\mathrm{{{}}}", super::latex::escape(name.as_str())))
    }

    /// `for every diagonal h×h matrix A`; nothing for a one-dimensional algebra, whose element is not written.
    pub fn quantifier(&self, element: &Element) -> Option<String> {
        (!element.unit).then(|| format!("for {}", self.range(&element.range, &[self.name(element.symbol)])))
    }

    /// What elements range over, with their names: `every diagonal h×h matrix A`, `all vectors u and v in ℝᵈ`.
    fn range(&self, range: &str, names: &[String]) -> String {
        let names: Vec<String> = names.iter().map(|n| self.inline(n)).collect();
        let words = range.split(' ').map(|word| match (word, names.len()) {
            ("every", 2..) => "all".to_string(),
            ("matrix", 2..) => "matrices".into(),
            ("vector" | "number", 2..) => format!("{word}s"),
            _ => self.sized(word),
        });
        let mut words: Vec<String> = words.collect();
        let at = words.iter().position(|w| w == "in").unwrap_or(words.len());
        words.insert(at, phrase::enumerated(&names));
        words.join(" ")
    }

    /// A sentence in words; the sizes of matrices in it are written as they are everywhere else.
    pub fn words(&self, sentence: &str) -> String {
        sentence.split(' ').map(|word| self.sized(word)).collect::<Vec<_>>().join(" ")
    }

    /// A word of a range; its sizes are written as they are everywhere else.
    fn sized(&self, word: &str) -> String {
        let size = |name: &str| match name.parse::<u64>() {
            Ok(n) => self.size(Size::Lit(n)),
            Err(_) => self.size(Size::Name(name.into())),
        };
        if let Some(exponent) = word.strip_prefix("ℝ^") {
            let exponent = size(exponent);
            let raised = crate::report::symbols::superscript(&exponent);
            return match (self.script, raised) {
                (Script::Latex, _) => format!("$\\mathbb{{R}}^{{{exponent}}}$"),
                (Script::Unicode, Some(raised)) => format!("ℝ{raised}"),
                (Script::Unicode, None) => format!("ℝ^{exponent}"),
            };
        }
        match word.split_once('×') {
            Some((rows, cols)) => {
                self.inline(&format!("{}{}{}", size(rows), self.script.pick("×", "\\times "), size(cols)))
            }
            None => word.to_string(),
        }
    }

    /// The parameters in order.
    pub fn parameters(&self) -> impl Iterator<Item = Symbol> {
        self.model.params.iter().map(|p| p.name)
    }

    /// A number of laws.
    pub fn count(&self, expr: &Expr) -> String {
        let (unicode, latex) = count(expr);
        self.script.pick(unicode, latex)
    }

    pub fn size(&self, size: Size) -> String {
        self.count(&crate::term::size(size))
    }

    /// `h×d`, `h`, or nothing for a scalar.
    pub fn shape(&self, shape: Shape) -> Option<String> {
        let times = self.script.pick("×", "\\times ");
        match (shape.rows, shape.cols) {
            (Size::Lit(1), Size::Lit(1)) => None,
            (rows, Size::Lit(1)) => Some(self.size(rows)),
            (rows, cols) => Some(format!("{}{times}{}", self.size(rows), self.size(cols))),
        }
    }

    /// `Diag⁺(h)`.
    pub fn group(&self, action: &Action) -> String {
        let (unicode, latex) = action.group.group.symbol();
        let sizes: Vec<String> = action.group.sizes.iter().map(|s| self.size(*s)).collect();
        let name = self.script.pick(unicode, latex);
        let times = self.script.pick("×", "\\times ");
        if sizes.is_empty() { name.into() } else { format!("{name}({})", sizes.join(times)) }
    }

    /// `D ∈ Diag⁺(h)`; the group alone when it has no element.
    pub fn membership(&self, action: &Action) -> String {
        let group = self.group(action);
        let isin = self.script.pick(" ∈ ", " \\in ");
        action.element.map_or(group.clone(), |g| format!("{}{isin}{group}", self.name(g)))
    }

    /// `W₁ ↦ D W₁`, one for each parameter that is moved.
    pub fn images(&self, action: &Action) -> Vec<String> {
        action.images.iter().map(|(name, image)| self.maps(*name, image)).collect()
    }

    /// `F ↦ a²F`.
    pub fn maps(&self, name: Symbol, image: &Expr) -> String {
        format!("{}{}{}", self.name(name), self.script.pick(" ↦ ", " \\mapsto "), self.formula(image))
    }

    /// The name of what is claimed to be equivariant and its image; no image for an invariance.
    pub fn effect(&self, action: &Action, concerns_loss: bool) -> (String, Option<String>) {
        let loss = Model::loss_symbol();
        match (&self.model.output, concerns_loss) {
            (Some(output), false) => {
                (self.name(output.name), action.output.as_ref().map(|image| self.maps(output.name, image)))
            }
            _ => (self.name(loss), action.loss.as_ref().map(|image| self.maps(loss, image))),
        }
    }

    pub fn equation(&self, lhs: &Expr, rhs: &Expr) -> String {
        format!("{} = {}", self.formula(lhs), self.formula(rhs))
    }

    /// d/dt of a quantity.
    pub fn rate(&self, quantity: &Expr) -> String {
        let written = self.formula(quantity);
        let sum = matches!(root(quantity), Term::Op(Op::Add, _)) && written.contains([' ']);
        match (self.script, sum) {
            (Script::Unicode, true) => format!("d/dt ({written})"),
            (Script::Unicode, false) => format!("d/dt {written}"),
            (Script::Latex, true) => format!("\\frac{{\\mathrm{{d}}}}{{\\mathrm{{d}}t}}\\bigl({written}\\bigr)"),
            (Script::Latex, false) => format!("\\frac{{\\mathrm{{d}}}}{{\\mathrm{{d}}t}}\\,{written}"),
        }
    }

    /// `Q̈ + γQ̇ = …,  Q = …`.
    fn damped(&self, quantity: &Expr, friction: &Expr, force: &Expr) -> String {
        let (friction, force, quantity) = (self.formula(friction), self.formula(force), self.formula(quantity));
        match self.script {
            Script::Unicode => format!("Q̈ + {friction}Q̇ = {force},  Q = {quantity}"),
            Script::Latex => {
                format!("\\ddot{{Q}} + {friction} \\dot{{Q}} = {force},\\qquad Q = {quantity}")
            }
        }
    }

    /// The change of a quantity in one step.
    pub fn change(&self, quantity: &Expr) -> String {
        let written = self.formula(quantity);
        match (self.script, matches!(root(quantity), Term::Op(Op::Add | Op::Mul, _))) {
            (Script::Unicode, true) => format!("Δ({written})"),
            (Script::Unicode, false) => format!("Δ{written}"),
            (Script::Latex, true) => format!("\\Delta\\bigl({written}\\bigr)"),
            (Script::Latex, false) => format!("\\Delta {written}"),
        }
    }

    /// ξ_A, or ξ for a one-dimensional algebra.
    pub fn generator_name(&self, element: &Element) -> String {
        self.indexed_generator(&self.name(element.symbol), element.unit)
    }

    fn indexed_generator(&self, symbol: &str, unit: bool) -> String {
        match (self.script, unit) {
            (Script::Unicode, true) => "ξ".into(),
            (Script::Latex, true) => "\\xi".into(),
            (Script::Unicode, false) => format!("ξ_{symbol}"),
            (Script::Latex, false) => format!("\\xi_{{{symbol}}}"),
        }
    }

    /// `ξ_A = (A W₁, −W₂A)`.
    pub fn generator(&self, generator: &Generator) -> String {
        let values: Vec<(Symbol, Option<&Expr>)> = (self.model.params.iter())
            .map(|p| (p.name, generator.components.iter().find(|(name, _)| *name == p.name).map(|(_, v)| v)))
            .collect();
        format!("{} = {}", self.generator_name(&generator.element), self.blocks(&values))
    }

    /// A tangent, parameter by parameter: `(A W₁, −W₂A)`, or of many parameters only those that move.
    pub(super) fn blocks(&self, values: &[(Symbol, Option<&Expr>)]) -> String {
        let zero = |v: &Option<&Expr>| v.is_none_or(is_zero);
        if values.iter().all(|(_, v)| zero(v)) {
            return "0".into();
        }
        let written = |v: &Option<&Expr>| v.filter(|v| !is_zero(v)).map_or("0".to_string(), |v| self.formula(v));
        let still = values.iter().filter(|(_, v)| zero(v)).count();
        if values.len() == 1 {
            return written(&values[0].1);
        }
        if values.len() <= TUPLE || still == 0 {
            let all: Vec<String> = values.iter().map(|(_, v)| written(v)).collect();
            return format!("({})", all.join(self.script.pick(", ", ",\\; ")));
        }
        let on = self.script.pick(" on ", " \\text{ on } ");
        if still == values.len() {
            return "0".into();
        }
        let moved = values.iter().filter(|(_, v)| !zero(v));
        let mut parts: Vec<String> = moved.map(|(p, v)| format!("{}{on}{}", written(v), self.name(*p))).collect();
        parts.push(self.script.pick("0 elsewhere", "0 \\text{ elsewhere}").into());
        parts.join(self.script.pick(", ", ",\\quad "))
    }

    /// What a law states.
    pub fn statement(&self, law: &Law) -> Stated {
        match law.statement() {
            Statement::Conserved { quantity } => {
                // A heading "conserved by gradient flow" says what a line under another heading has to say itself.
                let said = if law.dynamics() == Some(&Dynamics::GradientFlow) { "" } else { " constant" };
                let unicode = format!("{}{said}", self.formula(quantity));
                let lines = vec![self.script.pick(unicode, format!("{} = 0", self.rate(quantity)))];
                Stated { lines, quantifier: None }
            }
            Statement::Rate { quantity, rate } => {
                Stated { lines: vec![format!("{} = {}", self.rate(quantity), self.formula(rate))], quantifier: None }
            }
            Statement::Damped { quantity, friction, force } => {
                Stated { lines: vec![self.damped(quantity, friction, force)], quantifier: None }
            }
            Statement::Step { quantity, factor: None, change } => Stated {
                lines: vec![format!("{} = {}", self.change(quantity), self.formula(change))],
                quantifier: None,
            },
            Statement::Step { quantity, factor, change } => {
                let params: Vec<Symbol> = self.model.params.iter().map(|p| p.name).collect();
                let (after, rhs) = Statement::step(quantity, factor.as_ref(), change, &params);
                Stated { lines: vec![self.equation(&after, &rhs)], quantifier: None }
            }
            Statement::Expected { quantity, continuous, change } => {
                let expected = |inside: String| match self.script {
                    Script::Unicode => format!("𝔼[{inside}]"),
                    Script::Latex => format!("\\mathbb{{E}}\\bigl[{inside}\\bigr]"),
                };
                let left = if *continuous { self.rate(quantity) } else { self.change(quantity) };
                let right = self.formula(change);
                let right = if is_zero(change) { right } else { expected(right) };
                Stated { lines: vec![format!("{} = {right}", expected(left))], quantifier: None }
            }
            Statement::Equations { element: Some(element), equations } => {
                self.quantified(law.theorem(), element, equations)
            }
            Statement::Equations { element: None, equations } => {
                let lines = equations.iter().map(|(lhs, rhs)| self.equation(lhs, rhs)).collect();
                Stated { lines, quantifier: None }
            }
            Statement::Kernel { generators, .. } => self.kernel(generators),
            Statement::Structure(structure) => self.structure(structure),
        }
    }

    /// What a law states, as one piece of mathematics.
    pub fn sentence(&self, law: &Law) -> String {
        let stated = self.statement(law);
        let lines = stated.lines.join(self.script.pick("; ", ",\\qquad "));
        match (stated.quantifier, self.script) {
            (None, _) => lines,
            (Some(words), Script::Unicode) => format!("{lines} {words}"),
            (Some(words), Script::Latex) => {
                format!("{lines}\\quad\\text{{{}}}", super::latex::inline(&super::article::Prose::marked(&words)))
            }
        }
    }

    fn quantified(&self, theorem: Theorem, element: &Element, equations: &[(Expr, Expr)]) -> Stated {
        let symbol = self.name(element.symbol);
        let (first, other) = (self.indexed_generator(&symbol, element.unit), self.other(element, equations));
        let mut names = vec![symbol.clone()];
        if theorem == Theorem::HessianForm {
            names.extend(other.clone());
        }
        let quantifier = (!element.unit).then(|| format!("for {}", self.range(&element.range, &names)));
        if let (Theorem::HessianForm, [(_, rhs)]) = (theorem, equations) {
            let second = other.as_ref().map_or(first.clone(), |b| self.indexed_generator(b, false));
            let pair = self.script.pick(["⟨", "⟩"], ["\\langle ", "\\rangle"]);
            let line = format!("{}{second}, H[{first}]{} = {}", pair[0], pair[1], self.formula(rhs));
            return Stated { lines: vec![line], quantifier };
        }
        match self.hessian_blocks(equations) {
            Some(blocks) => {
                let line = format!("H[{first}] = {}", self.blocks(&blocks));
                Stated { lines: vec![line], quantifier }
            }
            None => {
                let lines = equations.iter().map(|(lhs, rhs)| self.equation(lhs, rhs)).collect();
                Stated { lines, quantifier }
            }
        }
    }

    /// Mathematics inside a sentence.
    pub(super) fn inline(&self, formula: &str) -> String {
        self.script.pick(formula.to_string(), format!("${formula}$"))
    }

    /// The blocks of H[ξ_A] when the equations are these, one for each parameter.
    fn hessian_blocks<'b>(&self, equations: &'b [(Expr, Expr)]) -> Option<Vec<(Symbol, Option<&'b Expr>)>> {
        let block = |lhs: &Expr| {
            let [param, _] = <[Expr; 2]>::try_from(crate::term::arguments(lhs)).ok()?;
            match (root(lhs), root(&param)) {
                (Term::Op(Op::Hess, _), Term::Sym(name)) => Some(*name),
                _ => None,
            }
        };
        equations.iter().map(|(lhs, rhs)| Some((block(lhs)?, Some(rhs)))).collect()
    }

    /// The second element of the algebra in some equations.
    fn other(&self, element: &Element, equations: &[(Expr, Expr)]) -> Option<String> {
        let symbols = equations.iter().flat_map(|(lhs, _)| lhs.as_ref());
        let mut others = symbols.filter_map(|node| match node {
            Term::Sym(name) if *name != element.symbol && self.model.env.symbol(*name).is_none() => Some(*name),
            _ => None,
        });
        others.next().map(|name| self.name(name))
    }

    fn kernel(&self, generators: &[Generator]) -> Stated {
        if let [generator] = generators {
            let comma = self.script.pick(",  ", ",\\qquad ");
            let line =
                format!("H[{}] = 0{comma}{}", self.generator_name(&generator.element), self.generator(generator));
            return Stated { lines: vec![line], quantifier: self.quantifier(&generator.element) };
        }
        let span = self.script.pick("ker H ⊇ span of the generators of ", "\\ker H \\supseteq \\operatorname{span}");
        let names: Vec<String> = generators.iter().map(|g| g.action.to_string()).collect();
        let line = match self.script {
            Script::Unicode => format!("{span}{}", phrase::enumerated(&names)),
            Script::Latex => {
                let each: Vec<String> =
                    names.iter().map(|n| format!("\\xi^{{\\mathrm{{{}}}}}", n.replace('_', "\\_"))).collect();
                format!("{span}\\{{{}\\}}", each.join(", "))
            }
        };
        Stated { lines: vec![line], quantifier: None }
    }

    /// What a claim of a derivation states, as mathematics; `None` for words and for the law itself.
    pub fn claim(&self, claim: &ClaimStatement) -> Option<String> {
        match claim {
            ClaimStatement::Transport { name, image } => Some(self.maps(*name, image)),
            ClaimStatement::Generator { param, value } => Some(format!(
                "{} = {}",
                self.script.pick("ξ", "\\xi").to_string() + &self.on(*param),
                self.formula(value)
            )),
            ClaimStatement::Equation { lhs, rhs } => Some(self.equation(lhs, rhs)),
            ClaimStatement::Potential { form, value, .. } => {
                let (form, value) = (self.formula(form), self.formula(value));
                Some(if form == value { format!("Q = {form}") } else { format!("Q = {form} = {value}") })
            }
            ClaimStatement::ForAll { lhs, rhs, .. } => Some(self.equation(lhs, rhs)),
            ClaimStatement::Assumption(_) | ClaimStatement::Conclusion(_) => None,
        }
    }

    fn on(&self, param: Symbol) -> String {
        self.script.pick(format!(" on {}", self.name(param)), format!("|_{{{}}}", self.name(param)))
    }

    /// G₁ = ∂L/∂W₁ in one line.
    pub fn gradient(&self, param: Symbol) -> String {
        self.formula(&apply(Op::Grad, &[&sym(param)]))
    }

    /// The error signal.
    pub fn error(&self, output: Symbol) -> String {
        self.formula(&apply(Op::Err, &[&sym(output)]))
    }
}
