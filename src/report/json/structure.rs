//! What a law says that is no equation, as data: its formulas are in the language, counts are formulas in the sizes.

use crate::kernel::{self, Form, Slopes, When};
use crate::model::Model;
use crate::term::print::text;
use crate::term::{Env, Expr, Symbol, mentions, size, substitute, sym};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Structure {
    Transport {
        tangent: BTreeMap<String, String>,
        adjoint: BTreeMap<String, String>,
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        shift: BTreeMap<String, String>,
        response: Response,
    },
    Flattest {
        element: Element,
        trace: String,
        response: Response,
        #[serde(skip_serializing_if = "Option::is_none")]
        condition: Option<String>,
    },
    FixedSpace {
        conditions: Vec<Condition>,
    },
    Breaking {
        conditions: Vec<Condition>,
    },
    Multiplicities {
        cases: Vec<Case>,
    },
    Sharpness {
        element: Element,
        form: String,
        image_squared: String,
        xi_squared: String,
    },
    Alignment {
        element: Element,
        factor: String,
    },
    Third {
        element: Element,
        tangent: BTreeMap<String, String>,
        derivative: BTreeMap<String, String>,
        response: Response,
    },
}

/// The element of the Lie algebra that a law is about.
#[derive(Serialize)]
pub struct Element {
    pub symbol: String,
    pub range: String,
}

/// The first two derivatives of what the loss goes to, by the loss.
#[derive(Serialize)]
pub struct Response {
    pub first: String,
    pub second: String,
}

/// What a symmetric point asks of a parameter.
#[derive(Serialize)]
pub struct Condition {
    pub param: String,
    pub is: &'static str,
    /// The same as an equation, where one says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equation: Option<String>,
}

/// Groups of equal eigenvalues, for some sizes.
#[derive(Serialize)]
pub struct Case {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Sizes>,
    pub classes: Vec<Class>,
}

/// A condition on a size.
#[derive(Serialize)]
pub struct Sizes {
    pub size: String,
    pub is: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub least: Option<u64>,
}

#[derive(Serialize)]
pub struct Class {
    pub count: String,
    pub multiplicity: String,
}

/// The data of a structural law, in symbols of an environment.
pub fn structure(model: &Model, env: &Env, structure: &kernel::Structure) -> Structure {
    match structure {
        kernel::Structure::Transport { adjoint, shift, response } => {
            let (tangent, adjoint) = of_tangent(model, env, kernel::cotangent, adjoint);
            let shift = shift.iter().map(|(param, s)| (param.to_string(), text(s))).collect();
            Structure::Transport { tangent, adjoint, shift, response: slopes(response) }
        }
        kernel::Structure::Flattest { element: of, trace, response, condition } => Structure::Flattest {
            element: element(of),
            trace: text(trace),
            response: slopes(response),
            condition: condition.as_ref().map(|(lhs, rhs)| equation(lhs, rhs)),
        },
        kernel::Structure::FixedSpace { conditions, .. } => {
            Structure::FixedSpace { conditions: all(model, conditions) }
        }
        kernel::Structure::Breaking { conditions, .. } => Structure::Breaking { conditions: all(model, conditions) },
        kernel::Structure::Multiplicities { cases, .. } => {
            Structure::Multiplicities { cases: cases.iter().map(case).collect() }
        }
        kernel::Structure::Sharpness { element: of, form, image, length, .. } => Structure::Sharpness {
            element: element(of),
            form: text(form),
            image_squared: text(image),
            xi_squared: text(length),
        },
        kernel::Structure::Alignment { element: of, factor } => {
            Structure::Alignment { element: element(of), factor: text(factor) }
        }
        kernel::Structure::Third { element: of, derivative, response } => {
            let (tangent, derivative) = of_tangent(model, env, kernel::direction, derivative);
            Structure::Third { element: element(of), tangent, derivative, response: slopes(response) }
        }
    }
}

fn element(element: &kernel::Element) -> Element {
    Element { symbol: element.symbol.to_string(), range: element.range.to_string() }
}

fn slopes(response: &Slopes) -> Response {
    Response { first: text(&response.first), second: text(&response.second) }
}

/// A linear map of a tangent, parameter by parameter, with the names of the tangent on each parameter: `U_W` on W, and more underscores where that is
/// something else.
fn of_tangent(
    model: &Model,
    env: &Env,
    symbol: fn(Symbol) -> Symbol,
    values: &[(Symbol, Expr)],
) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    // A member of a family that is named beside the generic one has brackets.
    let plain = |c: char| if c.is_alphanumeric() { c } else { '_' };
    let mut names: Vec<(Symbol, String)> = Vec::new();
    for param in model.params.iter().map(|p| p.name) {
        let symbol = symbol(param);
        let letter: String = symbol.as_str().chars().take(1).collect();
        let of: String = param.as_str().trim_end_matches(']').chars().map(plain).collect();
        let mut name = format!("{letter}_{of}");
        while env.symbol(name.as_str().into()).is_some()
            || model.is_taken(name.as_str().into())
            || names.iter().any(|(_, known)| *known == name)
        {
            name.push('_');
        }
        names.push((param, name));
    }
    let written = names.iter().map(|(param, name)| (symbol(*param), sym(name.as_str().into()))).collect();
    let used = |param: &Symbol| values.iter().any(|(_, value)| mentions(value, symbol(*param)));
    let tangent = names.iter().filter(|(param, _)| used(param)).map(|(param, name)| (param.to_string(), name.clone()));
    let values = values.iter().map(|(param, value)| (param.to_string(), text(&substitute(value, &written))));
    (tangent.collect(), values.collect())
}

fn equation(lhs: &Expr, rhs: &Expr) -> String {
    format!("{} = {}", text(lhs), text(rhs))
}

fn all(model: &Model, conditions: &[kernel::Condition]) -> Vec<Condition> {
    let one = |condition: &kernel::Condition| Condition {
        param: condition.param.to_string(),
        is: form(&condition.form),
        equation: model
            .param(condition.param)
            .and_then(|param| condition.equation(param.shape))
            .map(|(lhs, rhs)| equation(&lhs, &rhs)),
    };
    conditions.iter().map(one).collect()
}

fn form(form: &Form) -> &'static str {
    match form {
        Form::Zero => "zero",
        Form::RowsEqual(_) => "rows-equal",
        Form::ColumnsEqual(_) => "columns-equal",
        Form::RowZero => "row-zero",
        Form::ColumnZero => "column-zero",
        Form::Diagonal => "diagonal",
        Form::Multiple(_) => "multiple-of-identity",
        Form::Central => "identity-plus-ones",
        Form::Circulant => "circulant",
        Form::MembersEqual(..) => "members-equal",
        Form::Equals(_) => "equals",
        Form::Invariant => "invariant",
    }
}

fn case(case: &kernel::Case) -> Case {
    let class =
        |class: &kernel::Multiplicity| Class { count: text(&class.count), multiplicity: text(&class.multiplicity) };
    Case { when: case.when.map(sizes), classes: case.classes.iter().map(class).collect() }
}

fn sizes(when: When) -> Sizes {
    let (of, is, least) = match when {
        When::Odd(n) => (n, "odd", None),
        When::Even(n) => (n, "even", None),
        When::AtLeast(n, least) => (n, "at-least", Some(least)),
    };
    Sizes { size: text(&size(of)), is, least }
}
