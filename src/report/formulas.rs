//! The mathematics of a report: names, sizes, actions, generators, claims. `statement` and `structure` write the laws.

use super::members;
use super::narrative::ClaimStatement;
use super::prose::{Prose, prose};
use super::range::{range, side};
use crate::kernel::{Element, Generator, Hyperparameters, Law};
use crate::model::{Action, Dynamics, Model};
use crate::term::print::{Bracket, Group, LETTERS, Line, Notation, Space, Token, line};
use crate::term::{Env, Expr, Op, Shape, Size, Symbol, Term, apply, is_zero, root, size, sym};
use std::rc::Rc;

/// How a statement reads.
pub(super) struct Stated {
    pub lines: Vec<Line>,
    /// `for every diagonal h×h matrix A`.
    pub quantifier: Option<Prose>,
}

impl Stated {
    pub(super) fn line(line: Line) -> Stated {
        Stated { lines: vec![line], quantifier: None }
    }
}

/// More parameters than this are not written as a tuple: the ones that do not move would only be in the way.
pub(super) const TUPLE: usize = 3;

/// The further letters of mirror flows: the potential, and M = ∇²ψ.
const MIRROR: &[&str] = &["ψ", "M"];

/// Writes the formulas of one environment of one model.
pub struct Formulas<'a> {
    pub(super) model: &'a Model,
    pub(super) notation: Rc<Notation>,
}

impl<'a> Formulas<'a> {
    pub fn new(model: &'a Model, env: &Env) -> Formulas<'a> {
        Formulas { model, notation: Rc::new(Formulas::notation(model, env)) }
    }

    /// How the symbols of an environment are written.
    pub(super) fn notation(model: &Model, env: &Env) -> Notation {
        let params: Vec<Symbol> = model.params.iter().map(|p| p.name).collect();
        let algebra: Vec<Symbol> = env.names().into_iter().filter(|n| model.env.symbol(*n).is_none()).collect();
        let output = model.output.as_ref().map(|o| o.name);
        let notation = Notation::new(env, &params, output, &algebra);
        let mut notation = members::with_indices(notation, model, env);
        // The names of the model are spoken for before those of a law. An index, which stands in brackets and below sums, keeps its letter.
        let dims = model.dims.iter().map(|dim| dim.name);
        let is_own =
            |n: &Symbol| model.env.symbol(*n).is_some() && *n != Model::loss_symbol() && env.index(*n).is_none();
        let own = env.names().into_iter().filter(is_own);
        let further = algebra.iter().copied().filter(|name| !name.as_str().contains('['));
        let names: Vec<Symbol> = dims.chain(own).chain(further).collect();
        let mut letters = LETTERS.to_vec();
        if model.dynamics.iter().any(|dynamics| matches!(dynamics, Dynamics::Mirror(_))) {
            letters.extend(MIRROR);
        }
        letters.extend(model.indices.iter().map(|index| index.name.as_str()));
        notation = notation.apart(&letters, &names);
        let numbers = Hyperparameters::of(model);
        let time = if model.indices.iter().any(|index| index.name.as_str() == "t") { "τ" } else { "t" };
        for (name, letter) in [
            (Model::loss_symbol(), "L"),
            (numbers.decay, "λ"),
            (numbers.friction, "γ"),
            (numbers.step, "η"),
            (numbers.time, time),
        ] {
            notation = notation.with(name, vec![Token::Symbol(letter.into())]);
        }
        // A cotangent on W is U_W, where no other quantity is called so.
        for param in params.iter().copied().chain(output) {
            for letter in ["U", "V"] {
                if env.symbol(format!("{letter}_{param}").into()).is_none() {
                    let written = notation.index(letter, param);
                    notation = notation.with(format!("{letter}[{param}]").into(), written);
                }
            }
        }
        for (of, letter) in [(Hyperparameters::batches(model), "Ĝ"), (Hyperparameters::noises(model), "N")] {
            for param in &params {
                if let Some(name) = of.get(param) {
                    let written = notation.like_gradient(letter, *param);
                    notation = notation.with(*name, written);
                }
            }
        }
        notation
    }

    /// The formulas of a model without a law.
    pub fn of_model(model: &'a Model) -> Formulas<'a> {
        Formulas::new(model, &model.env)
    }

    /// The formulas of a law, in the symbols of the model that it is about.
    pub fn of_law(law: &'a Law) -> Formulas<'a> {
        Formulas::new(law.claim().setting().model(), law.env())
    }

    /// A formula.
    pub fn formula(&self, expr: &Expr) -> Line {
        Line::formula(expr, &self.notation)
    }

    pub fn name(&self, name: Symbol) -> Line {
        self.formula(&sym(name))
    }

    /// `for every diagonal h×h matrix A`; nothing for a one-dimensional algebra, whose element is not written.
    pub(super) fn quantifier(&self, element: &Element) -> Option<Prose> {
        self.quantified(element, vec![self.name(element.symbol)])
    }

    /// The same for several elements.
    pub(super) fn quantified(&self, element: &Element, names: Vec<Line>) -> Option<Prose> {
        (!element.unit).then(|| prose!["for ", range(&element.range, names)])
    }

    /// The parameters in order.
    pub fn parameters(&self) -> impl Iterator<Item = Symbol> {
        self.model.params.iter().map(|p| p.name)
    }

    /// A number of laws.
    pub fn count(&self, expr: &Expr) -> Line {
        Line::count(expr)
    }

    pub fn size(&self, n: Size) -> Line {
        self.count(&size(n))
    }

    /// `h×d`, `h`, or nothing for a scalar.
    pub fn shape(&self, shape: Shape) -> Option<Line> {
        match (shape.rows, shape.cols) {
            (Size::Lit(1), Size::Lit(1)) => None,
            (rows, Size::Lit(1)) => Some(self.size(rows)),
            (rows, cols) => Some(line![side(rows), "×", side(cols)]),
        }
    }

    /// `Diag⁺`.
    pub fn symbol(&self, group: &crate::group::Group) -> Line {
        let (unicode, latex) = group.symbol();
        Line::token(Token::Symbol(unicode.into())).grouped(Group::Declared(latex.into()))
    }

    /// `Diag⁺(h)`.
    pub fn group(&self, action: &Action) -> Line {
        let name = self.symbol(action.group.group);
        if action.group.sizes.is_empty() {
            return name;
        }
        let sizes = match action.group.sizes.as_slice() {
            [rows, cols] if action.group.constraint().is_none() => line![side(*rows), "×", side(*cols)],
            sizes => Line::joined(sizes.iter().map(|s| self.size(*s)), ", "),
        };
        name.then(sizes.bracketed(Bracket::Round, 0))
    }

    /// `D ∈ Diag⁺(h)`; the group alone when it has no element.
    pub fn membership(&self, action: &Action) -> Line {
        let group = self.group(action);
        match action.element {
            Some(g) => line![self.name(g), " ∈ ", group],
            None => group,
        }
    }

    /// `W₁ ↦ D W₁`, one for each parameter that is moved.
    pub fn images(&self, action: &Action) -> Vec<Line> {
        action.images.iter().map(|(name, image)| self.maps(*name, image)).collect()
    }

    /// `F ↦ a²F`.
    pub fn maps(&self, name: Symbol, image: &Expr) -> Line {
        line![self.name(name), " ↦ ", self.formula(image)]
    }

    /// The name of what is claimed to be equivariant and its image; no image for an invariance.
    pub fn effect(&self, action: &Action, concerns_loss: bool) -> (Line, Option<Line>) {
        let loss = Model::loss_symbol();
        match (&self.model.output, concerns_loss) {
            (Some(output), false) => {
                (self.name(output.name), action.output.as_ref().map(|image| self.maps(output.name, image)))
            }
            _ => (self.name(loss), action.loss.as_ref().map(|image| self.maps(loss, image))),
        }
    }

    pub fn equation(&self, lhs: &Expr, rhs: &Expr) -> Line {
        line![self.formula(lhs), " = ", self.formula(rhs)]
    }

    /// d/dt of a quantity.
    pub fn rate(&self, quantity: &Expr) -> Line {
        let written = self.formula(quantity);
        let sum = matches!(root(quantity), Term::Op(Op::Add, _));
        let written = if sum { written.bracketed(Bracket::Round, 1) } else { written };
        line![derivative_sign(), written]
    }

    /// The change of a quantity in one step.
    pub fn change(&self, quantity: &Expr) -> Line {
        let written = self.formula(quantity);
        match root(quantity) {
            Term::Op(Op::Add | Op::Mul, _) => line!["Δ", written.bracketed(Bracket::Round, 1)],
            _ => line!["Δ", written],
        }
    }

    /// ξ_A, or ξ for a one-dimensional algebra.
    pub fn generator_name(&self, element: &Element) -> Line {
        self.indexed_generator(self.name(element.symbol), element.unit)
    }

    pub(super) fn indexed_generator(&self, symbol: Line, unit: bool) -> Line {
        if unit { Line::from("ξ") } else { line!["ξ", symbol.grouped(Group::At)] }
    }

    /// `ξ_A = (A W₁, −W₂A)`.
    pub fn generator(&self, generator: &Generator) -> Line {
        let values: Vec<(Symbol, Option<&Expr>)> = (self.model.params.iter())
            .map(|p| (p.name, generator.components.iter().find(|(name, _)| *name == p.name).map(|(_, v)| v)))
            .collect();
        line![self.generator_name(&generator.element), " = ", self.blocks(&values)]
    }

    /// A tangent, parameter by parameter: `(A W₁, −W₂A)`, or of many parameters only those that move.
    pub(super) fn blocks(&self, values: &[(Symbol, Option<&Expr>)]) -> Line {
        let zero = |v: &Option<&Expr>| v.is_none_or(is_zero);
        let written = |v: &Option<&Expr>| v.filter(|v| !is_zero(v)).map_or("0".into(), |v| self.formula(v));
        let still = values.iter().filter(|(_, v)| zero(v)).count();
        if still == values.len() {
            return "0".into();
        }
        if let [(_, value)] = values {
            return written(value);
        }
        if values.len() <= TUPLE || still == 0 {
            let all = values.iter().map(|(_, v)| written(v));
            return Line::joined(all, comma(Space::Thick)).bracketed(Bracket::Round, 0);
        }
        let moved = values.iter().filter(|(_, v)| !zero(v));
        let mut parts: Vec<Line> = moved.map(|(p, v)| line![written(v), Line::words(" on "), self.name(*p)]).collect();
        parts.push(line!["0", Line::words(" elsewhere")]);
        Line::joined(parts, comma(Space::Item))
    }

    /// What a claim of a derivation states, as mathematics; `None` for words and for the law itself.
    pub(super) fn claim(&self, claim: &ClaimStatement) -> Option<Line> {
        match claim {
            ClaimStatement::Transport { name, image } => Some(self.maps(*name, image)),
            ClaimStatement::Generator { param, value } => {
                Some(line!["ξ", self.name(*param).grouped(Group::On), " = ", self.formula(value)])
            }
            ClaimStatement::Equation { lhs, rhs } => Some(self.equation(lhs, rhs)),
            ClaimStatement::Potential { form, value, .. } => {
                let (form, value) = (self.formula(form), self.formula(value));
                Some(if form == value { line!["Q = ", form] } else { line!["Q = ", form, " = ", value] })
            }
            ClaimStatement::ForAll { lhs, rhs, .. } => Some(self.equation(lhs, rhs)),
            ClaimStatement::Assumption(_) | ClaimStatement::Conclusion(_) => None,
        }
    }

    /// G₁, the gradient on a parameter.
    pub fn gradient(&self, param: Symbol) -> Line {
        self.formula(&apply(Op::Grad, &[&sym(param)]))
    }

    /// The error signal.
    pub fn error(&self, output: Symbol) -> Line {
        self.formula(&apply(Op::Err, &[&sym(output)]))
    }

    /// `G₁ = ∂L/∂W₁`.
    pub fn partial(&self, derivative: Line, by: Symbol) -> Line {
        line![derivative, " = ", "∂L/∂", self.name(by)]
    }
}

/// A comma and the space after it.
pub(super) fn comma(space: Space) -> Line {
    Line::from(",").then(Token::Space(space))
}

/// `d/dt`.
pub(super) fn derivative_sign() -> Line {
    let d = || Line::token(Token::Upright("d"));
    line![d().over(Group::Fraction, line![d(), "t"]), Token::Space(Space::Word)]
}
