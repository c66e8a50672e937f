//! Transport, symmetric subspaces, spectra and sharpness, written out.

use super::formulas::{Formulas, Script, Stated};
use crate::kernel::{Case, Condition, Element, Form, Multiplicity, Structure, When};
use crate::model::Model;
use crate::term::{Expr, Op, Symbol, Term, is_zero, root, scaled, size, substitute, summands, sym};
use num_traits::One;
use std::collections::HashMap;

impl Formulas<'_> {
    /// What a structural law states.
    pub(super) fn structure(&self, structure: &Structure) -> Stated {
        let script = self.script;
        let quantifier = |element: &Element| self.quantifier(element);
        match structure {
            Structure::Transport { adjoint, response } => {
                let values: Vec<(Symbol, Option<&Expr>)> = adjoint.iter().map(|(p, x)| (*p, Some(x))).collect();
                let (gradient, hessian) = self.script.pick(("∇L", "H"), ("\\nabla L", "H"));
                let transported = script.pick("Kᵀ∇L(Kθ)", "K^{\\top}\\nabla L(K\\theta)");
                let conjugated = script.pick("KᵀH(Kθ)K", "K^{\\top}H(K\\theta)K");
                let first = self.combination(&[(&response.first, gradient)]);
                let second = self.combination(&[(&response.first, hessian), (&response.second, self.square())]);
                let separator = script.pick(",  ", ",\\quad ");
                let pulled = script.pick("KᵀU = ", "K^{\\top}U = ");
                let line = format!(
                    "{transported} = {first}{separator}{conjugated} = {second}{separator}{pulled}{}",
                    self.blocks(&values)
                );
                Stated { lines: vec![line], quantifier: None }
            }
            Structure::Flattest { element, trace, response, condition } => {
                let change = script.pick("d/dt tr H", "\\tfrac{d}{dt}\\operatorname{tr}H");
                let contracted = script.pick("tr(S H)", "\\operatorname{tr}(S H)");
                let terms = [
                    (&response.first, script.pick("tr H", "\\operatorname{tr}H")),
                    (&response.second, script.pick("‖∇L‖²", "\\lVert\\nabla L\\rVert^2")),
                ];
                let rest = match self.combination(&terms).as_str() {
                    "0" => String::new(),
                    rest => format!(" + {rest}"),
                };
                let separator = script.pick(",  ", ",\\quad ");
                let minus = script.pick("−", "-");
                let along = script.pick("along the orbit ", "\\text{along the orbit }");
                let mut lines = vec![format!(
                    "{along}{change} = {minus}2 {contracted}{rest}{separator}{contracted} = {}",
                    self.formula(trace)
                )];
                if let Some((lhs, rhs)) = condition {
                    let flattest =
                        script.pick("where tr H is least: ", "\\text{where }\\operatorname{tr}H\\text{ is least: }");
                    lines.push(format!("{flattest}{} = {}", self.formula(lhs), self.formula(rhs)));
                }
                lines.extend(self.partial_traces(trace));
                Stated { lines, quantifier: quantifier(element) }
            }
            Structure::FixedSpace { conditions, .. } => {
                let all: Vec<String> = conditions.iter().map(|c| self.condition(c)).collect();
                Stated { lines: vec![all.join(script.pick(", ", ",\\quad "))], quantifier: None }
            }
            Structure::Breaking { conditions, .. } => {
                let blocks = script.pick(
                    "∇L ∈ V,  H = H_V ⊕ H_V⊥,  stable where H_V⊥ ≥ 0",
                    "\\nabla L\\in V,\\quad H = H_V\\oplus H_{V^{\\perp}},\\quad \\text{stable where }H_{V^{\\perp}}\\succeq 0",
                );
                let all: Vec<String> = conditions.iter().map(|c| self.complement(c)).collect();
                let all = all.join(script.pick(", ", ",\\; "));
                let still: Vec<String> = (self.parameters())
                    .filter(|p| !conditions.iter().any(|c| c.mentions(*p)))
                    .map(|p| format!("{} = 0", self.tangent(p)))
                    .collect();
                let all = [vec![all], still].concat().join(script.pick(", ", ",\\; "));
                let lines = vec![
                    blocks.to_string(),
                    script.pick(format!("V⊥ = {{U : {all}}}"), format!("V^{{\\perp}} = \\{{U : {all}\\}}")),
                ];
                Stated { lines, quantifier: None }
            }
            Structure::Multiplicities { cases } => {
                let class = |c: &Multiplicity| {
                    let (count, times) = (self.count(&c.count), self.count(&c.multiplicity));
                    match (times.as_str(), script) {
                        ("1", Script::Unicode) => format!("{count} simple eigenvalues"),
                        ("1", Script::Latex) => format!("{count}\\text{{ simple eigenvalues}}"),
                        (_, Script::Unicode) => format!("{count} of multiplicity {times}"),
                        (_, Script::Latex) => format!("{count}\\text{{ of multiplicity }}{times}"),
                    }
                };
                let case = |c: &Case| {
                    let classes = c.classes.iter().map(class).collect::<Vec<_>>().join(script.pick(", ", ",\\quad "));
                    match c.when {
                        Some(when) => format!("{}{classes}", self.when(when)),
                        None => classes,
                    }
                };
                let lines = if cases.is_empty() {
                    let words = "eigenvalues repeated as the isotypic parts of the representation are";
                    vec![script.pick(words.to_string(), format!("\\text{{{words}}}"))]
                } else {
                    cases.iter().map(case).collect()
                };
                Stated { lines, quantifier: None }
            }
            Structure::Sharpness { element, form, image, length, radial } => {
                let indefinite = is_zero(form);
                let divided = |x: &Expr| match (summands(x).len(), script) {
                    (2.., Script::Unicode) => format!("({})", self.formula(x)),
                    _ => self.formula(x),
                };
                let (form, image, length) = (divided(form), divided(image), self.formula(length));
                let xi = self.generator_name(element);
                let plane = match (radial, script) {
                    (true, Script::Unicode) => "span{θ, ∇L}".to_string(),
                    (true, Script::Latex) => "\\operatorname{span}\\{\\theta,\\nabla L\\}".to_string(),
                    (false, Script::Unicode) => format!("span{{{xi}, H[{xi}]}}"),
                    (false, Script::Latex) => format!("\\operatorname{{span}}\\{{{xi},H[{xi}]\\}}"),
                };
                let lines = match (indefinite, script) {
                    (true, Script::Unicode) => vec![
                        format!(
                            "on {plane}: λ_max ≥ 0 ≥ λ_min, strictly where H[{xi}] ≠ 0,  ‖H‖ ≥ β,  λ_max − λ_min ≥ 2β"
                        ),
                        match radial {
                            true => "β = ‖∇L‖ / ‖θ‖".to_string(),
                            false => format!("β² = {image} / ‖{xi}‖²,  ‖{xi}‖² = {length}"),
                        },
                    ],
                    (true, Script::Latex) => vec![
                        format!(
                            "\\text{{on }}{plane}\\text{{: }}\\lambda_{{\\max}}\\ge 0\\ge\\lambda_{{\\min}}\\text{{, strictly where }}H[{xi}]\\ne 0,\\quad \\lVert H\\rVert\\ge\\beta,\\quad \\lambda_{{\\max}}-\\lambda_{{\\min}}\\ge 2\\beta"
                        ),
                        match radial {
                            true => "\\beta = \\frac{\\lVert\\nabla L\\rVert}{\\lVert\\theta\\rVert}".to_string(),
                            false => format!(
                                "\\beta^2 = \\frac{{{image}}}{{\\lVert {xi}\\rVert^2}},\\quad \\lVert {xi}\\rVert^2 = {length}"
                            ),
                        },
                    ],
                    (false, Script::Unicode) => vec![
                        format!("on {plane}: λ_max ≥ α ≥ λ_min,  ‖H‖ ≥ √(α²+β²),  λ_max − λ_min ≥ 2β"),
                        format!("α = {form} / ‖{xi}‖²,  α²+β² = {image} / ‖{xi}‖²,  ‖{xi}‖² = {length}"),
                    ],
                    (false, Script::Latex) => vec![
                        format!(
                            "\\text{{on }}{plane}\\text{{: }}\\lambda_{{\\max}}\\ge\\alpha\\ge\\lambda_{{\\min}},\\quad \\lVert H\\rVert\\ge \\sqrt{{\\alpha^2+\\beta^2}},\\quad \\lambda_{{\\max}}-\\lambda_{{\\min}}\\ge 2\\beta"
                        ),
                        format!(
                            "\\alpha = \\frac{{{form}}}{{\\lVert {xi}\\rVert^2}},\\quad \\alpha^2+\\beta^2 = \\frac{{{image}}}{{\\lVert {xi}\\rVert^2}},\\quad \\lVert {xi}\\rVert^2 = {length}"
                        ),
                    ],
                };
                Stated { lines, quantifier: quantifier(element) }
            }
            Structure::Alignment { element, factor } => {
                let xi = self.generator_name(element);
                let gradient = self.script.pick("∇L", "\\nabla L");
                let multiple = match crate::term::root(factor) {
                    crate::term::Term::Num(q) if num_traits::One::is_one(q) => gradient.to_string(),
                    crate::term::Term::Num(q) if num_traits::One::is_one(&-q.clone()) => format!("−{gradient}"),
                    _ => format!("{}{gradient}", self.formula(factor)),
                };
                let multiple = script.pick(multiple.clone(), multiple.replace('−', "-"));
                let range =
                    script.pick(", so ∇L lies in the range of H", "\\text{, so }\\nabla L\\in\\operatorname{range}H");
                Stated { lines: vec![format!("H[{xi}] = {multiple}{range}")], quantifier: None }
            }
            Structure::Third { element, derivative, response } => {
                let xi = self.generator_name(element);
                let values: Vec<(Symbol, Option<&Expr>)> = derivative.iter().map(|(p, x)| (*p, Some(x))).collect();
                let rest = match self.combination(&[(&response.first, "H"), (&response.second, self.square())]).as_str()
                {
                    "0" => String::new(),
                    rest => format!(" + {rest}"),
                };
                let line = match script {
                    Script::Unicode => format!("D³L[{xi}, ·, ·] = −(S*H + H S){rest},  S V = {}", self.blocks(&values)),
                    Script::Latex => format!(
                        "D^3L[{xi},\\cdot,\\cdot] = -(S^{{*}}H + HS){rest},\\quad S V = {}",
                        self.blocks(&values)
                    ),
                };
                Stated { lines: vec![line], quantifier: quantifier(element) }
            }
        }
    }

    /// What the partial traces in a formula are.
    fn partial_traces(&self, formula: &Expr) -> Option<String> {
        let occurs = |wanted: Op| formula.as_ref().iter().any(|n| matches!(n, Term::Op(op, _) if *op == wanted));
        let rows = self.script.pick(
            "H_row(W)ᵢⱼ = Σₖ ∂²L/∂Wᵢₖ∂Wⱼₖ",
            "H_{\\mathrm{row}}(W)_{ij} = \\sum_k \\partial^2 L/\\partial W_{ik}\\partial W_{jk}",
        );
        let columns = self.script.pick(
            "H_col(W)ᵢⱼ = Σₖ ∂²L/∂Wₖᵢ∂Wₖⱼ",
            "H_{\\mathrm{col}}(W)_{ij} = \\sum_k \\partial^2 L/\\partial W_{ki}\\partial W_{kj}",
        );
        let used = [(Op::HessRows, rows), (Op::HessCols, columns)].into_iter().filter(|(op, _)| occurs(*op));
        let used: Vec<&str> = used.map(|(_, words)| words).collect();
        (!used.is_empty()).then(|| used.join(self.script.pick(",  ", ",\\quad ")))
    }

    /// ∇L∇Lᵀ.
    fn square(&self) -> &'static str {
        self.script.pick("∇L∇Lᵀ", "\\nabla L\\nabla L^{\\top}")
    }

    /// A sum of multiples of things that are not formulas; `0` for nothing.
    fn combination(&self, terms: &[(&Expr, &str)]) -> String {
        let multiple = |(factor, of): &(&Expr, &str)| match root(factor) {
            Term::Num(q) if q.is_one() => of.to_string(),
            Term::Op(Op::Add, _) => format!("({}){of}", self.formula(factor)),
            Term::Num(_) | Term::Sym(_) | Term::Size(_) | Term::Fun(_) | Term::Op(..) => {
                format!("{} {of}", self.formula(factor))
            }
        };
        let all: Vec<String> = terms.iter().filter(|(factor, _)| !is_zero(factor)).map(multiple).collect();
        if all.is_empty() { "0".into() } else { all.join(" + ") }
    }

    /// U on a parameter.
    fn tangent(&self, param: Symbol) -> String {
        self.name(Symbol::from(format!("U[{param}]")))
    }

    /// `for odd h: `.
    fn when(&self, when: When) -> String {
        let n = |n| self.count(&size(n));
        let (words, rest) = match when {
            When::Odd(h) => ("for odd ", n(h)),
            When::Even(h) => ("for even ", n(h)),
            When::AtLeast(h, least) => ("for ", format!("{} {} {least}", n(h), self.script.pick("≥", "\\ge"))),
        };
        self.script.pick(format!("{words}{rest}: "), format!("\\text{{{words}}}{rest}\\text{{: }}"))
    }

    /// What being orthogonal to the fixed space asks of a tangent U.
    fn complement(&self, condition: &Condition) -> String {
        let name = self.tangent(condition.param);
        let transposed = |x: &str| self.script.pick(format!("{x}ᵀ"), format!("{x}^{{\\top}}"));
        let one = self.script.pick("1", "\\mathbf{1}");
        match &condition.form {
            Form::Zero => self.script.pick(format!("{name} any"), format!("{name}\\text{{ any}}")),
            Form::RowZero => {
                self.script.pick(format!("{name} zero off row i"), format!("{name}\\text{{ zero off row }}i"))
            }
            Form::ColumnZero => {
                self.script.pick(format!("{name} zero off column i"), format!("{name}\\text{{ zero off column }}i"))
            }
            Form::RowsEqual(_) => format!("{} {name} = 0", transposed(one)),
            Form::ColumnsEqual(_) => format!("{name} {one} = 0"),
            Form::Diagonal => format!("{}({name}) = 0", self.script.pick("diagvec", "\\operatorname{diagvec}")),
            Form::Multiple(_) => format!("{} {name} = 0", self.script.pick("tr", "\\operatorname{tr}")),
            Form::Central => format!(
                "{} {name} = 0, {} {name} {one} = 0",
                self.script.pick("tr", "\\operatorname{tr}"),
                transposed(one)
            ),
            Form::Circulant => {
                let words = "sums of wrapped diagonals of ";
                self.script.pick(format!("{words}{name} are 0"), format!("\\text{{{words}}}{name}\\text{{ are 0}}"))
            }
            Form::Equals(value) => {
                let tangents =
                    self.parameters().map(|p| (p, sym(Symbol::from(format!("U[{p}]"))))).collect::<HashMap<_, _>>();
                let (opposite, negative) = match summands(value).as_slice() {
                    [(c, term)] => (scaled(-c.clone(), term), false),
                    _ => (value.clone(), true),
                };
                let image = self.formula(&substitute(&opposite, &tangents));
                if negative { format!("{name} = −({image})") } else { format!("{name} = {image}") }
            }
            Form::Invariant => self.script.pick(
                format!("the mean of (PU) on {} over all P is 0", self.name(condition.param)),
                format!(
                    "\\text{{the mean of }}(PU)|_{{{}}}\\text{{ over all }}P\\text{{ is }}0",
                    self.name(condition.param)
                ),
            ),
        }
    }

    fn condition(&self, condition: &Condition) -> String {
        let name = self.name(condition.param);
        let words = |before: &str, after: &str| {
            self.script.pick(
                format!("{before}{name}{after}"),
                match (before, after) {
                    ("", _) => format!("{name}\\text{{{after}}}"),
                    _ => format!("\\text{{{before}}}{name}\\text{{{after}}}"),
                },
            )
        };
        match &condition.form {
            Form::Zero => format!("{name} = 0"),
            Form::RowZero => format!("{} = 0", words("row i of ", "")),
            Form::ColumnZero => format!("{} = 0", words("column i of ", "")),
            Form::RowsEqual(_) => words("rows of ", " equal"),
            Form::ColumnsEqual(_) => words("columns of ", " equal"),
            Form::Diagonal => words("", " diagonal"),
            Form::Multiple(_) => words("", " a multiple of I"),
            Form::Central => self
                .script
                .pick(format!("{name} = aI + b11ᵀ"), format!("{name} = aI + b\\mathbf{{1}}\\mathbf{{1}}^{{\\top}}")),
            Form::Circulant => words("", " circulant"),
            Form::Equals(value) => format!("{name} = {}", self.formula(value)),
            Form::Invariant => self.script.pick(
                format!("{name} = (Pθ) on {name} for every P"),
                format!("{name} = (P\\theta)|_{{{name}}}\\text{{ for every }}P"),
            ),
        }
    }
}

/// The equations of a symmetric subspace, when formulas of the language say all of them.
pub(super) fn equations(model: &Model, structure: &Structure) -> Option<Vec<(Expr, Expr)>> {
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
