//! Certificates: the derivations of a report as plain data, with everything a checker needs – the model, the groups, the
//! shapes, every inference with what it says, every rewriting step with its place and instantiation – and their replay.

mod decode;
mod encode;
mod failure;
mod grounds;
mod rules;
mod terms;
mod wire;

pub use decode::{Replayed, replay};
pub use encode::certificate;
pub use failure::Failure;
pub use wire::Certificate;

use crate::kernel::{Claim, Equation, Hypothesis, Judgement, Reason, Statement, Structure};
use crate::term::print::text;
use crate::term::{Expr, Symbol};

/// The format of a certificate, which changes where one written before can no longer be read.
const FORMAT: u32 = 2;

/// What a claim states, in the language of models: a function of the claim alone, so that a certificate can be compared with
/// what its inferences conclude.
fn stated(claim: &Claim) -> String {
    let equation = |lhs: &Expr, rhs: &Expr| format!("{} = {}", text(lhs), text(rhs));
    let field = |components: &[(Symbol, Expr)]| {
        components.iter().map(|(p, x)| format!("{p}: {}", text(x))).collect::<Vec<_>>().join(", ")
    };
    match claim.judgement() {
        Judgement::GroupAction { action, side } => format!("{} is a {side:?} action of {}", action.name, action.group),
        Judgement::Transport { action, name, image } => format!("{}: {name} -> {}", action.name, text(image)),
        Judgement::Equivariance { action, kind, side } => {
            format!("{} is a {side:?} action of {} and a {kind:?}", action.name, action.group)
        }
        Judgement::Equation { along, lhs, rhs } if along.is_empty() => equation(lhs, rhs),
        Judgement::Equation { along, lhs, rhs } => {
            let along: Vec<String> = along.iter().map(|(s, x)| format!("d({s}) = {}", text(x))).collect();
            format!("{} where {}", equation(lhs, rhs), along.join(", "))
        }
        Judgement::Generator { action, element, name, value } => {
            format!("{}: d({name}) = {} for {}", action.name, text(value), element.symbol)
        }
        Judgement::Tangent(tangent) => {
            format!("{}: xi = {{ {} }}, {:?}", tangent.action.name, field(&tangent.components), response(tangent))
        }
        Judgement::Field(dual) => format!("omega = {{ {} }}", field(&dual.components)),
        Judgement::Derivative { field: of, derivative } => {
            format!("D {{ {} }} = {{ {} }}", field(of), field(derivative))
        }
        Judgement::Symmetry { field: of, symmetry } => format!("D {{ {} }} is {symmetry:?}", field(of)),
        Judgement::Potential { field: of, form } => format!("grad({}) = {{ {} }}", text(form), field(of)),
        Judgement::Law { statement, dynamics } => {
            let along = dynamics.as_ref().map_or(String::new(), |d| format!(" along {}", d.name()));
            format!("{}{along}", law(statement))
        }
    }
}

fn response(tangent: &crate::kernel::Tangent) -> String {
    match &tangent.response {
        crate::kernel::Response::Invariant => "invariant".into(),
        crate::kernel::Response::Output(r) => format!("output {}", text(r)),
        crate::kernel::Response::Loss(c) => format!("loss {}", text(c)),
    }
}

fn law(statement: &Statement) -> String {
    let equation = |lhs: &Expr, rhs: &Expr| format!("{} = {}", text(lhs), text(rhs));
    match statement {
        Statement::Equations { element, equations } => {
            let all: Vec<String> = equations.iter().map(|(l, r)| equation(l, r)).collect();
            let every = element.as_ref().map_or(String::new(), |e| format!(" for every {} of {}", e.symbol, e.range));
            format!("{}{every}", all.join("; "))
        }
        Statement::Conserved { quantity } => format!("{} is constant", text(quantity)),
        Statement::Rate { quantity, rate } => format!("d({}) = {}", text(quantity), text(rate)),
        Statement::Damped { quantity, friction, force } => {
            format!("d(d({0})) + {1} * d({0}) = {2}", text(quantity), text(friction), text(force))
        }
        Statement::Step { quantity, factor, change } => {
            let factor = factor.as_ref().map_or("1".to_string(), text);
            format!("next({0}) = ({factor}) * ({0}) + {1}", text(quantity), text(change))
        }
        Statement::Expected { quantity, continuous, change } => {
            let what = if *continuous { "drift" } else { "mean step" };
            format!("{what} of {} = {}", text(quantity), text(change))
        }
        Statement::Kernel { generators, dimension } => {
            let each: Vec<String> = generators
                .iter()
                .map(|g| {
                    let parts: Vec<String> = g.components.iter().map(|(p, x)| format!("{p}: {}", text(x))).collect();
                    format!("{} {{ {} }} output invariant: {}", g.action, parts.join(", "), g.output_invariant)
                })
                .collect();
            let dimension = dimension.as_ref().map_or("unknown".to_string(), text);
            format!("kernel: {}; dimension {dimension}", each.join("; "))
        }
        Statement::Structure(structure) => self::structure(structure),
    }
}

fn structure(structure: &Structure) -> String {
    let components =
        |all: &[(Symbol, Expr)]| all.iter().map(|(p, x)| format!("{p}: {}", text(x))).collect::<Vec<_>>().join(", ");
    let conditions = |all: &[crate::kernel::Condition]| {
        all.iter()
            .map(|c| match &c.form {
                crate::kernel::Form::Equals(x) => format!("{} = {}", c.param, text(x)),
                form => format!("{} {form:?}", c.param),
            })
            .collect::<Vec<_>>()
            .join(", ")
    };
    match structure {
        Structure::Transport { adjoint, shift, response } => {
            let shift =
                if shift.is_empty() { String::new() } else { format!(" shifted by {{ {} }}", components(shift)) };
            let (first, second) = (text(&response.first), text(&response.second));
            format!("transport {{ {} }}{shift} {first} {second}", components(adjoint))
        }
        Structure::Flattest { trace, response, condition, .. } => {
            let condition = condition.as_ref().map_or(String::new(), |(l, r)| format!("; {} = {}", text(l), text(r)));
            format!("tr(S H) = {}, {} {}{condition}", text(trace), text(&response.first), text(&response.second))
        }
        Structure::FixedSpace { conditions: all, .. } => format!("fixed: {}", conditions(all)),
        Structure::Breaking { conditions: all, .. } => format!("split at: {}", conditions(all)),
        Structure::Multiplicities { cases, .. } => {
            let case = |c: &crate::kernel::Case| {
                let each: Vec<String> =
                    c.classes.iter().map(|m| format!("{} of {}", text(&m.count), text(&m.multiplicity))).collect();
                format!("{}: {}", c.when.map_or("always".to_string(), |w| format!("{w:?}")), each.join(" + "))
            };
            cases.iter().map(case).collect::<Vec<_>>().join("; ")
        }
        Structure::Sharpness { form, image, length, radial, .. } => {
            format!("form {}, image {}, length {}, radial {radial}", text(form), text(image), text(length))
        }
        Structure::Alignment { factor, .. } => format!("hess = ({}) * grad", text(factor)),
        Structure::Third { derivative, response, .. } => {
            format!("third {{ {} }} {} {}", components(derivative), text(&response.first), text(&response.second))
        }
    }
}

/// The hypotheses of a claim by name.
fn hypotheses(claim: &Claim) -> Vec<String> {
    let name = |h: &Hypothesis| match h {
        Hypothesis::Motion { dynamics, equation: Equation::Plain } => dynamics.name().to_string(),
        Hypothesis::Motion { dynamics, equation } => format!("{} {equation:?}", dynamics.name()),
        Hypothesis::Rule(name) => format!("the rule {name}"),
        Hypothesis::Carried { action, before, image } => format!("{action}: {before} -> {}", text(image)),
        Hypothesis::Moved { action, moved } => {
            format!("{action}: {} -> {} for some {}", moved.name, text(&moved.image), moved.by)
        }
        other => format!("{other:?}"),
    };
    claim.hypotheses().as_slice().iter().map(name).collect()
}

/// How many statements a claim is, and why.
fn count(claim: &Claim) -> Option<(String, String)> {
    let reason = |reason: Reason| format!("{reason:?}");
    claim.count().map(|count| (text(&count.formula), reason(count.reason)))
}
