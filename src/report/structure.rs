//! Transport, symmetric subspaces, spectra and sharpness, written out.

use super::formulas::{Formulas, Stated, comma, derivative_sign};
use super::letters::free_letters;
use crate::kernel::{Case, Condition, Element, Form, Law, Multiplicity, Structure, When};
use crate::model::Model;
use crate::term::print::{Bracket, Group, Line, Space, Token, line};
use crate::term::{
    Expr, Op, Rational, Shape, Symbol, Term, apply, is_zero, root, scaled, size, substitute, sum_of, summands, sym,
};
use num_traits::One;
use std::collections::HashMap;

impl Formulas<'_> {
    /// What a structural law states.
    pub(super) fn structure(&self, law: &Law, structure: &Structure) -> Stated {
        // An action on one member leaves those at other values of its indices where they are.
        let others = |words: &str| match law.indices().is_empty() {
            true => Line::default(),
            false => line![Line::words(words)],
        };
        match structure {
            Structure::Transport { adjoint, shift, response } => {
                let image = if shift.is_empty() { "Kθ" } else { "Kθ + s" };
                let shift = match shift.is_empty() {
                    true => Line::default(),
                    false => {
                        line![",  s = ", self.blocks(&shift.iter().map(|(p, s)| (*p, Some(s))).collect::<Vec<_>>())]
                    }
                };
                let values: Vec<(Symbol, Option<&Expr>)> = adjoint.iter().map(|(p, x)| (*p, Some(x))).collect();
                let first = self.combination(&[(&response.first, "∇L")]);
                let second = self.combination(&[(&response.first, "H"), (&response.second, "∇L∇Lᵀ")]);
                Stated::line(line![
                    Line::from(format!("Kᵀ∇L({image}) = ").as_str()),
                    first.unwrap_or("0".into()),
                    Line::from(format!(",  KᵀH({image})K = ").as_str()),
                    second.unwrap_or("0".into()),
                    ",  KᵀU = ",
                    self.blocks(&values),
                    others(", and U itself on the other members"),
                    shift
                ])
            }
            Structure::Flattest { element, trace, response, condition } => {
                let trace_of_hessian = line![
                    Line::words("along the orbit "),
                    derivative_sign(),
                    "tr H = −2 tr(S H)",
                    self.further(&[(&response.first, "tr H"), (&response.second, "‖∇L‖²")]),
                    ",  tr(S H) = ",
                    self.formula(trace)
                ];
                let least = condition.as_ref().map(|(lhs, rhs)| {
                    let least = line![Line::words("where "), "tr H", Line::words(" is least: ")];
                    line![least, self.equation(lhs, rhs)]
                });
                let lines = [Some(trace_of_hessian), least, partial_traces(trace)].into_iter().flatten().collect();
                Stated { lines, quantifier: self.quantifier(element) }
            }
            Structure::FixedSpace { conditions, .. } => {
                Stated::line(Line::joined(conditions.iter().map(|c| self.condition(c)), comma(Space::Item)))
            }
            Structure::Breaking { conditions, .. } => {
                let still = self.parameters().filter(|p| !conditions.iter().any(|c| c.mentions(*p)));
                let mut still: Vec<Line> = still.map(|p| line![self.tangent(p), " = 0"]).collect();
                if still.len() > super::formulas::TUPLE {
                    still = vec![line!["U = 0", Line::words(" elsewhere")]];
                }
                let all = Line::joined(conditions.iter().map(|c| self.complement(c)).chain(still), comma(Space::Thick));
                let blocks = Line::from("∇L ∈ V,  H = H_V ⊕ H_V⊥");
                let all = line![all, others(", and 0 on the other members")];
                let complement = line!["V⊥ = ", line!["U : ", all].bracketed(Bracket::Brace, 0)];
                Stated { lines: vec![blocks, complement], quantifier: None }
            }
            Structure::Multiplicities { cases, .. } if cases.is_empty() => {
                Stated::line(Line::words("eigenvalues in groups, as the isotypic parts of the representation are"))
            }
            Structure::Multiplicities { cases, .. } => {
                Stated { lines: cases.iter().map(|c| self.case(c)).collect(), quantifier: None }
            }
            Structure::Sharpness { element, form, image, length, radial } => {
                let lines = self.sharpness(element, form, image, length, *radial);
                Stated { lines, quantifier: self.quantifier(element) }
            }
            Structure::Alignment { element, factor } => {
                let multiple = match root(factor) {
                    Term::Num(q) if q.is_one() => Line::from("∇L"),
                    Term::Num(q) if (-&**q).is_one() => Line::from("−∇L"),
                    _ => line![self.formula(factor), "∇L"],
                };
                let range = line![Line::words(", so "), "∇L", Line::words(" lies in the range of "), "H"];
                Stated::line(line![self.hessian(element), " = ", multiple, range])
            }
            Structure::Third { element, derivative, response } => {
                let values: Vec<(Symbol, Option<&Expr>)> = derivative.iter().map(|(p, x)| (*p, Some(x))).collect();
                let line = line![
                    "D³L[",
                    self.generator_name(element),
                    ", ·, ·] = −(S*H + H S)",
                    self.further(&[(&response.first, "H"), (&response.second, "∇L∇Lᵀ")]),
                    ",  S V = ",
                    self.blocks(&values)
                ];
                Stated { lines: vec![line], quantifier: self.quantifier(element) }
            }
        }
    }

    /// `H[ξ_A]`.
    fn hessian(&self, element: &Element) -> Line {
        line!["H", self.generator_name(element).bracketed(Bracket::Square, 0)]
    }

    /// The bounds on the eigenvalues, and what stands in them.
    fn sharpness(&self, element: &Element, form: &Expr, image: &Expr, length: &Expr, radial: bool) -> Vec<Line> {
        let squared = |x: Line| line![x.bracketed(Bracket::Norm, 0), two()];
        let xi = || self.generator_name(element);
        let divided = |x: &Expr| {
            let numerator = self.formula(x);
            let several = summands(x).len() > 1;
            let numerator = if several { numerator.bracketed(Bracket::Linear, 0) } else { numerator };
            numerator.over(Group::Ratio, squared(xi()))
        };
        // A numerator cannot be folded, so that long sums, or sums over members, are not set as one.
        let sums = |x: &Expr| {
            let over = x.as_ref().iter().any(|n| matches!(n, Term::Op(Op::Over, _)));
            over || self.model.has_families() && summands(x).len() > 3
        };
        let long = sums(form) || sums(image);
        let equals = |name: &str, x: &Expr| match long {
            true => line![squared(xi()), name, " = ", self.formula(x)],
            false => line![name, " = ", divided(x)],
        };
        let plane = match radial {
            true => Line::from("span{θ, ∇L}"),
            false => line!["span", line![xi(), ", ", self.hessian(element)].bracketed(Bracket::Brace, 0)],
        };
        let length = || line![",  ", squared(xi()), " = ", self.formula(length)];
        let on = |of: Line, bounds: Line| line![Line::words("on "), of, Line::words(": "), bounds];
        if !is_zero(form) {
            return vec![
                on(plane, "λ_max ≥ α ≥ λ_min,  ‖H‖ ≥ √(α²+β²),  λ_max − λ_min ≥ 2β".into()),
                line![equals("α", form), ",  ", equals(if long { "(α²+β²)" } else { "α²+β²" }, image), length()],
            ];
        }
        let strict = line![Line::words(", strictly where "), self.hessian(element), " ≠ 0"];
        let bounds = line!["λ_max ≥ 0 ≥ λ_min", strict, ",  ", "‖H‖ ≥ β,  λ_max − λ_min ≥ 2β"];
        let beta = match radial {
            true => line!["β = ", Line::from("‖∇L‖").over(Group::Ratio, "‖θ‖".into())],
            false => line![equals("β²", image), length()],
        };
        vec![on(plane, bounds), beta]
    }

    /// A sum of multiples of what is no formula; `None` for nothing.
    fn combination(&self, terms: &[(&Expr, &str)]) -> Option<Line> {
        let multiple = |(factor, of): &(&Expr, &str)| match root(factor) {
            Term::Num(q) if q.is_one() => Line::from(*of),
            Term::Op(Op::Add, _) => line![self.formula(factor).bracketed(Bracket::Round, 0), *of],
            Term::Num(_) | Term::Sym(_) | Term::Size(_) | Term::Fun(_) | Term::Op(..) => {
                line![self.formula(factor), Token::Space(Space::Word), *of]
            }
        };
        let all: Vec<Line> = terms.iter().filter(|(factor, _)| !is_zero(factor)).map(multiple).collect();
        (!all.is_empty()).then(|| Line::joined(all, " + "))
    }

    /// The same after other terms.
    fn further(&self, terms: &[(&Expr, &str)]) -> Line {
        self.combination(terms).map_or(Line::default(), |rest| line![" + ", rest])
    }

    /// U on a parameter.
    fn tangent(&self, param: Symbol) -> Line {
        self.name(Symbol::from(format!("U[{param}]")))
    }

    /// The eigenvalues in the groups that symmetry makes, in one case of the sizes.
    fn case(&self, case: &Case) -> Line {
        let class = |c: &Multiplicity| {
            let (count, times) = (self.count(&c.count), self.count(&c.multiplicity));
            match times == Line::from("1") {
                true => line![count, Line::words(" single")],
                false => line![count, Line::words(" in groups of "), times],
            }
        };
        let classes = Line::joined(case.classes.iter().map(class), comma(Space::Item));
        let counts: Vec<Expr> = case.classes.iter().map(|class| class.count.clone()).collect();
        let all = self.count(&sum_of(&counts, Shape::SCALAR));
        let most = line![Line::words("at most "), all, Line::words(" distinct eigenvalues: "), classes];
        case.when.map_or(Line::default(), |when| self.when(when)).then(most)
    }

    /// `for odd h: `.
    fn when(&self, when: When) -> Line {
        let n = |n| self.count(&size(n));
        let (words, rest) = match when {
            When::Odd(h) => ("for odd ", n(h)),
            When::Even(h) => ("for even ", n(h)),
            When::AtLeast(h, least) => ("for ", line![n(h), " ≥ ", least.to_string().as_str()]),
        };
        line![Line::words(words), rest, Line::words(": ")]
    }

    /// The letter of a row or column.
    fn letter(&self) -> &'static str {
        free_letters(self.model)[0]
    }

    /// What being orthogonal to the fixed space asks of a tangent U.
    fn complement(&self, condition: &Condition) -> Line {
        let name = || self.tangent(condition.param);
        let zero = |line: Line| line![line, " = 0"];
        match &condition.form {
            Form::Zero => line![name(), Line::words(" any")],
            Form::RowZero => line![name(), Line::words(" zero off row "), self.letter()],
            Form::ColumnZero => line![name(), Line::words(" zero off column "), self.letter()],
            Form::RowsEqual(_) => zero(line![ones(), "ᵀ ", name()]),
            Form::ColumnsEqual(_) => zero(line![name(), " ", ones()]),
            Form::MembersEqual(index, _) => {
                let sum = apply(Op::Over, &[&sym(*index), &sym(Symbol::from(format!("U[{}]", condition.param)))]);
                zero(self.formula(&sum))
            }
            Form::Diagonal => zero(line!["diagvec", name().bracketed(Bracket::Round, 0)]),
            Form::Multiple(_) => zero(line!["tr ", name()]),
            Form::Central => {
                line![zero(line!["tr ", name()]), ", ", zero(line![ones(), "ᵀ ", name(), " ", ones()])]
            }
            Form::Circulant => {
                line![Line::words("sums of wrapped diagonals of "), name(), Line::words(" are "), "0"]
            }
            Form::Equals(value) => {
                let tangents =
                    self.parameters().map(|p| (p, sym(Symbol::from(format!("U[{p}]"))))).collect::<HashMap<_, _>>();
                let (opposite, negative) = match summands(value).as_slice() {
                    [(c, term)] => (scaled(-c.clone(), term), false),
                    _ => (value.clone(), true),
                };
                let image = self.formula(&substitute(&opposite, &tangents));
                let image = if negative { line!["−", image.bracketed(Bracket::Round, 0)] } else { image };
                line![name(), " = ", image]
            }
            Form::Invariant => {
                let mean = line!["(PU)", self.name(condition.param).grouped(Group::On)];
                let over = line![Line::words(" over all "), "P", Line::words(" is "), "0"];
                line![Line::words("the mean of "), mean, over]
            }
        }
    }

    fn condition(&self, condition: &Condition) -> Line {
        let name = || self.name(condition.param);
        match &condition.form {
            Form::Zero => line![name(), " = 0"],
            Form::RowZero => line![Line::words("row "), self.letter(), Line::words(" of "), name(), " = 0"],
            Form::ColumnZero => line![Line::words("column "), self.letter(), Line::words(" of "), name(), " = 0"],
            Form::RowsEqual(_) => line![Line::words("rows of "), name(), Line::words(" equal")],
            Form::ColumnsEqual(_) => line![Line::words("columns of "), name(), Line::words(" equal")],
            Form::MembersEqual(index, _) => {
                line![name(), Line::words(" equal for all "), self.formula(&sym(*index))]
            }
            Form::Diagonal => line![name(), Line::words(" diagonal")],
            Form::Multiple(_) => line![name(), Line::words(" a multiple of I")],
            Form::Central => line![name(), " = aI + b", ones(), ones(), "ᵀ"],
            Form::Circulant => line![name(), Line::words(" circulant")],
            Form::Equals(value) => line![name(), " = ", self.formula(value)],
            Form::Invariant => {
                line![name(), " = (Pθ)", name().grouped(Group::On), Line::words(" for every P")]
            }
        }
    }
}

/// The vector of ones, without its size.
fn ones() -> Line {
    Line::token(Token::Bold("1"))
}

/// A superscript 2.
fn two() -> Line {
    Line::token(Token::Number(Rational::from_integer(2.into()))).grouped(Group::Sup)
}

/// What the partial traces in a formula are.
fn partial_traces(formula: &Expr) -> Option<Line> {
    let occurs = |wanted: Op| formula.as_ref().iter().any(|n| matches!(n, Term::Op(op, _) if *op == wanted));
    let definitions = [(Op::HessRows, "H_row(W)ᵢⱼ = ∑ₖ ∂²L/∂Wᵢₖ∂Wⱼₖ"), (Op::HessCols, "H_col(W)ᵢⱼ = ∑ₖ ∂²L/∂Wₖᵢ∂Wₖⱼ")];
    let used: Vec<Line> =
        definitions.into_iter().filter(|(op, _)| occurs(*op)).map(|(_, line)| Line::from(line)).collect();
    (!used.is_empty()).then(|| Line::joined(used, ",  "))
}
/// The equations of a symmetric subspace, when formulas of the language say all of them.
pub fn equations(model: &Model, structure: &Structure) -> Option<Vec<(Expr, Expr)>> {
    let Structure::FixedSpace { conditions, .. } = structure else { return None };
    conditions.iter().map(|c| c.equation(model.param(c.param)?.shape)).collect()
}

/// Named formulas of a structural law.
pub(super) fn expressions(model: &Model, structure: &Structure) -> Vec<(String, Expr)> {
    match structure {
        Structure::FixedSpace { .. } => (equations(model, structure).into_iter().flatten())
            .enumerate()
            .flat_map(|(i, (lhs, rhs))| [(format!("lhs_{}", i + 1), lhs), (format!("rhs_{}", i + 1), rhs)])
            .collect(),
        Structure::Sharpness { form, image, length, .. } => {
            [("form", form), ("image_squared", image), ("xi_squared", length)]
                .map(|(name, x)| (name.to_string(), x.clone()))
                .to_vec()
        }
        Structure::Flattest { trace, condition, .. } => (condition.iter())
            .flat_map(|(lhs, rhs)| [("lhs".to_string(), lhs.clone()), ("rhs".to_string(), rhs.clone())])
            .chain([("trace".to_string(), trace.clone())])
            .collect(),
        Structure::Transport { .. }
        | Structure::Breaking { .. }
        | Structure::Multiplicities { .. }
        | Structure::Third { .. }
        | Structure::Alignment { .. } => vec![],
    }
}
