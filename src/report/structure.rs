//! Transport, symmetric subspaces, spectra and sharpness, written out.

use super::formulas::{Formulas, Script, Stated};
use crate::language::Model;
use crate::law::{Condition, Element, Form, Structure};
use crate::term::{Expr, Symbol};

impl Formulas<'_> {
    /// What a structural law states.
    pub(super) fn structure(&self, structure: &Structure) -> Stated {
        let script = self.script;
        let quantifier = |element: &Element| self.quantifier(element);
        match structure {
            Structure::Transport { adjoint } => {
                let values: Vec<(Symbol, Option<&Expr>)> = adjoint.iter().map(|(p, x)| (*p, Some(x))).collect();
                let line = script.pick(
                    "∇L(θ) = Kᵀ∇L(Kθ),  H(θ) = KᵀH(Kθ)K,  KᵀU = ",
                    "\\nabla L(\\theta) = K^{\\top}\\nabla L(K\\theta),\\quad H(\\theta) = K^{\\top}H(K\\theta)K,\\quad K^{\\top}U = ",
                );
                Stated { lines: vec![format!("{line}{}", self.blocks(&values))], quantifier: None }
            }
            Structure::FixedSpace { conditions } => {
                let all: Vec<String> = conditions.iter().map(|c| self.condition(c)).collect();
                Stated { lines: vec![all.join(script.pick(", ", ",\\quad "))], quantifier: None }
            }
            Structure::Multiplicities { classes } => {
                let class = |c: &crate::law::Multiplicity| {
                    let (count, times) = (self.count(&c.count), self.count(&c.multiplicity));
                    match (times.as_str(), script) {
                        ("1", Script::Unicode) => format!("{count} simple eigenvalues"),
                        ("1", Script::Latex) => format!("{count}\\text{{ simple eigenvalues}}"),
                        (_, Script::Unicode) => format!("{count} of multiplicity {times}"),
                        (_, Script::Latex) => format!("{count}\\text{{ of multiplicity }}{times}"),
                    }
                };
                let line = if classes.is_empty() {
                    let words = "eigenvalues repeated as the isotypic parts of the representation are";
                    script.pick(words.to_string(), format!("\\text{{{words}}}"))
                } else {
                    classes.iter().map(class).collect::<Vec<_>>().join(script.pick(", ", ",\\quad "))
                };
                Stated { lines: vec![line], quantifier: None }
            }
            Structure::Sharpness { element, form, image, length } => {
                let [form, image, length] = [form, image, length].map(|x| self.formula(x));
                let lines = match script {
                    Script::Unicode => vec![
                        "λ_max ≥ α ≥ λ_min,  ‖H‖ ≥ √(α²+β²),  λ_max − λ_min ≥ 2β".to_string(),
                        format!("α = ({form}) / ‖ξ‖²,  α²+β² = ({image}) / ‖ξ‖²,  ‖ξ‖² = {length}"),
                    ],
                    Script::Latex => vec![
                        "\\lambda_{\\max}\\ge\\alpha\\ge\\lambda_{\\min},\\quad \\lVert H\\rVert\\ge\\sqrt{\\alpha^2+\\beta^2},\\quad \\lambda_{\\max}-\\lambda_{\\min}\\ge 2\\beta".to_string(),
                        format!("\\alpha = \\frac{{{form}}}{{\\lVert\\xi\\rVert^2}},\\quad \\alpha^2+\\beta^2 = \\frac{{{image}}}{{\\lVert\\xi\\rVert^2}},\\quad \\lVert\\xi\\rVert^2 = {length}"),
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
            Structure::Third { element } => {
                let xi = self.generator_name(element);
                let line = match script {
                    Script::Unicode => format!("D³L[{xi}, ·, ·] = −(S*H + H S) with S = D{xi}"),
                    Script::Latex => format!("D^3L[{xi},\\cdot,\\cdot] = -(S^{{*}}H + HS)\\text{{ with }}S = D{xi}"),
                };
                Stated { lines: vec![line], quantifier: quantifier(element) }
            }
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
    let Structure::FixedSpace { conditions } = structure else { return None };
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
        Structure::Transport { .. }
        | Structure::Multiplicities { .. }
        | Structure::Third { .. }
        | Structure::Alignment { .. } => vec![],
    }
}
