//! What a law states: lines of mathematics and what they are quantified by.

use super::formulas::{Formulas, Stated, comma, derivative_sign};
use super::prose::prose;
use super::{families, phrase};
use crate::kernel::{Element, Generator, Law, Statement, Theorem};
use crate::model::Dynamics;
use crate::term::print::{Bracket, Group, Line, Space, Token, line};
use crate::term::{Expr, Op, Symbol, Term, arguments, is_zero, root};

impl Formulas<'_> {
    /// What a law states, a conserved quantity by itself.
    pub(super) fn statement(&self, law: &Law) -> Stated {
        let mut stated = self.stated(law);
        let Some(each) = families::for_each(&families::indices(self.model, law)) else { return stated };
        // The dimension of a kernel is that of all together.
        if let (Statement::Kernel { .. }, Some(line)) = (law.statement(), stated.lines.first_mut()) {
            line.push(line![", ", each.line()]);
            return stated;
        }
        let quantifier = match stated.quantifier {
            None => each,
            Some(words) => prose![words, ", ", each],
        };
        Stated { quantifier: Some(quantifier), ..stated }
    }

    fn stated(&self, law: &Law) -> Stated {
        match law.statement() {
            // A heading "conserved by gradient flow" says what a line under another heading has to say itself.
            Statement::Conserved { quantity } => match law.dynamics() {
                Some(Dynamics::GradientFlow) => Stated::line(self.formula(quantity)),
                _ => Stated::line(self.formula(quantity).then(Line::words(" constant"))),
            },
            Statement::Rate { quantity, rate } => Stated::line(line![self.rate(quantity), " = ", self.formula(rate)]),
            Statement::Damped { quantity, friction, force } => Stated::line(self.damped(quantity, friction, force)),
            Statement::Step { quantity, factor: None, change } => {
                Stated::line(line![self.change(quantity), " = ", self.formula(change)])
            }
            Statement::Step { quantity, factor, change } => {
                let params: Vec<Symbol> = self.parameters().collect();
                let (after, rhs) = Statement::step(quantity, factor.as_ref(), change, &params);
                Stated::line(self.equation(&after, &rhs))
            }
            Statement::Expected { quantity, continuous, change } => {
                let expected = |inside: Line| line!["𝔼", inside.bracketed(Bracket::Square, 1)];
                let left = match continuous {
                    true => line![derivative_sign(), expected(self.formula(quantity))],
                    false => expected(self.change(quantity)),
                };
                let right = self.formula(change);
                let right = if is_zero(change) { right } else { expected(right) };
                Stated::line(line![left, " = ", right])
            }
            Statement::Equations { element: Some(element), equations } => {
                self.equations_for(law.theorem(), element, equations)
            }
            Statement::Equations { element: None, equations } => {
                Stated { lines: self.each(equations), quantifier: None }
            }
            Statement::Kernel { generators, .. } => self.kernel(law, generators),
            Statement::Structure(structure) => self.structure(law, structure),
        }
    }

    /// What a law states, as one piece of mathematics.
    pub fn sentence(&self, law: &Law) -> Line {
        let stated = match law.statement() {
            Statement::Conserved { quantity } => Stated::line(line![self.rate(quantity), " = 0"]),
            _ => self.statement(law),
        };
        let lines = Line::joined(stated.lines, comma(Space::Wide));
        match stated.quantifier {
            None => lines,
            Some(words) => line![lines, Token::Space(Space::Quad), words.line()],
        }
    }

    /// The same in words and Unicode.
    pub fn sentence_text(&self, law: &Law) -> String {
        let stated = self.statement(law);
        let lines: Vec<String> = stated.lines.iter().map(Line::unicode).collect();
        let words = stated.quantifier.map(|words| words.unicode());
        [Some(lines.join("; ")), words].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    fn each(&self, equations: &[(Expr, Expr)]) -> Vec<Line> {
        equations.iter().map(|(lhs, rhs)| self.equation(lhs, rhs)).collect()
    }

    /// `Q̈ + γQ̇ = …,  Q = …`.
    fn damped(&self, quantity: &Expr, friction: &Expr, force: &Expr) -> Line {
        let q = |dots| Line::from("Q").grouped(Group::Dot(dots));
        line![
            q(2),
            " + ",
            self.formula(friction),
            Token::Juxtaposition,
            q(1),
            " = ",
            self.formula(force),
            ",",
            Token::Space(Space::Wide),
            "Q = ",
            self.formula(quantity)
        ]
    }

    /// Equations for every element of an algebra, or every two.
    fn equations_for(&self, theorem: Theorem, element: &Element, equations: &[(Expr, Expr)]) -> Stated {
        let symbol = self.name(element.symbol);
        let first = self.indexed_generator(symbol.clone(), element.unit);
        let other = self.other(element, equations);
        let mut names = vec![symbol];
        if theorem == Theorem::HessianForm {
            names.extend(other.clone());
        }
        let quantifier = self.quantified(element, names);
        if let (Theorem::HessianForm, [(_, rhs)]) = (theorem, equations) {
            let second = other.map_or(first.clone(), |b| self.indexed_generator(b, false));
            let pair = line![second, ", ", "H", first.bracketed(Bracket::Square, 0)].bracketed(Bracket::Angle, 0);
            return Stated { lines: vec![line![pair, " = ", self.formula(rhs)]], quantifier };
        }
        let lines = match hessian_blocks(equations) {
            Some(blocks) => vec![line!["H", first.bracketed(Bracket::Square, 0), " = ", self.blocks(&blocks)]],
            None => self.each(equations),
        };
        Stated { lines, quantifier }
    }

    /// The second element of the algebra in some equations.
    fn other(&self, element: &Element, equations: &[(Expr, Expr)]) -> Option<Line> {
        let symbols = equations.iter().flat_map(|(lhs, _)| lhs.as_ref());
        let mut others = symbols.filter_map(|node| match node {
            Term::Sym(name) if *name != element.symbol && self.model.env.symbol(*name).is_none() => Some(*name),
            _ => None,
        });
        others.next().map(|name| self.name(name))
    }

    fn kernel(&self, law: &Law, generators: &[Generator]) -> Stated {
        let bound = self.kernel_bound(law, generators);
        if let [generator] = generators {
            let name = self.generator_name(&generator.element);
            let line = line![
                "H",
                name.bracketed(Bracket::Square, 0),
                " = 0,",
                Token::Space(Space::Quad),
                self.generator(generator)
            ];
            let mut line = line;
            if let Some(words) = self.quantifier(&generator.element) {
                line.push(line![Token::Space(Space::Quad), words.line()]);
            }
            return Stated { lines: vec![line, bound], quantifier: None };
        }
        let names: Vec<String> = generators.iter().map(|g| g.action.to_string()).collect();
        let span = format!("span of the generators of {}", phrase::enumerated(&names));
        Stated { lines: vec![line!["ker H ⊇ ", Line::words(&span)], bound], quantifier: None }
    }

    /// Whether one member moves what all members share.
    fn is_shared(&self, generator: &Generator) -> bool {
        let action = self.model.action(generator.action);
        let shared = |name: Symbol| Some(!action?.shared(self.model.param(name)?).is_empty());
        generator.components.iter().any(|(name, _)| shared(*name) == Some(true))
    }

    /// `dim ker H ≥ rank(A ↦ ξ_A(θ)), generically h²`: the dimension of the orbit through θ itself, which is smaller at special
    /// points, and what it is at a generic one.
    pub fn kernel_bound(&self, law: &Law, generators: &[Generator]) -> Line {
        let constant = generators.iter().all(|g| g.is_constant(&self.model.params));
        let at = |n: usize| line![n.to_string().as_str(), Line::words(" at these sizes")];
        let stated = matches!(law.statement(), Statement::Kernel { dimension: Some(_), .. });
        let number = match (stated, law.independent()) {
            (true, _) => Some(self.count(law.components())),
            (false, n) => n.map(at),
        };
        let at_least = |bound: Line| line!["dim ker H ≥ ", bound];
        let rank = match generators {
            [one] if one.element.unit => {
                let nonzero = if constant { Line::default() } else { line![Line::words(" where "), "ξ(θ) ≠ 0"] };
                return at_least("1".into()).then(nonzero);
            }
            // The tangents of different members are on a parameter that these share.
            [one] if !stated && self.is_shared(one) => {
                line![Line::words("the rank of all "), "ξ(θ)", Line::words(" together")]
            }
            [one] => {
                let a = self.name(one.element.symbol);
                let xi = self.indexed_generator(a.clone(), false);
                let rank = line!["rank", line![a, " ↦ ", xi, "(θ)"].bracketed(Bracket::Round, 0)];
                match law.claim().setting().window() {
                    // The tangents of different members are on different parameters.
                    None => families::summed(&families::indices(self.model, law), rank),
                    Some(_) => rank,
                }
            }
            _ => line![Line::words("the rank of all "), "ξ(θ)", Line::words(" together")],
        };
        match number {
            Some(number) if constant => at_least(number),
            Some(number) => at_least(line![rank, Line::words(", generically "), number]),
            None => at_least(rank),
        }
    }
}

/// The blocks of H[ξ_A] when the equations are these, one for each parameter.
fn hessian_blocks(equations: &[(Expr, Expr)]) -> Option<Vec<(Symbol, Option<&Expr>)>> {
    let block = |lhs: &Expr| {
        let [param, _] = <[Expr; 2]>::try_from(arguments(lhs)).ok()?;
        match (root(lhs), root(&param)) {
            (Term::Op(Op::Hess, _), Term::Sym(name)) => Some(*name),
            _ => None,
        }
    };
    equations.iter().map(|(lhs, rhs)| Some((block(lhs)?, Some(rhs)))).collect()
}
