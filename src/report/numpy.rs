//! The laws as NumPy expressions: conserved quantities, rates, and the two sides of identities.

use super::formulas::{Formulas, Script};
use super::outline::{label, outline};
use crate::Report;
use crate::language::Model;
use crate::law::{Law, Statement};
use crate::term::print::numpy as expression;
use crate::term::{Expr, Size, Symbol};

/// A Python text with one expression for each law, in the names `docs/` gives: the parameters, `grad_NAME`, ….
pub fn numpy(report: &Report) -> String {
    let model = &report.model;
    let mut out = format!("# {}: the laws of training as NumPy expressions.\n", model.name);
    out.push_str("# Parameters, data and outputs by name; grad_W is the gradient, dot_W the velocity, next_W the next iterate,\n");
    out.push_str("# hess_W the block of H[xi], vjp_W(Z) the pull-back and hess_loss_F(Z) the Hessian of the loss. Matrices are 2-d arrays, vectors (n, 1).\n");
    out.push_str("# hess_rows_W is the block of H on W, shaped (m, n, m, n), traced over columns, np.einsum('ikjk->ij', H_W); hess_cols_W over rows.\n");
    out.push_str("import numpy as np\n");
    for section in outline(report) {
        for (number, law) in &section.laws {
            out.push_str(&format!("\n# ({number}) {}: {}\n", label(law), section.heading.to_lowercase()));
            let stated = Formulas::of_law(Script::Unicode, model, law).statement(law);
            for line in stated.lines.iter().chain(&stated.quantifier) {
                out.push_str(&format!("#     {line}\n"));
            }
            for line in assignments(model, *number, law) {
                out.push_str(&line);
                out.push('\n');
            }
        }
    }
    out
}

/// `q1 = …`, `rate1 = …`, or pairs `lhs1, rhs1 = …, …`.
fn assignments(model: &Model, number: usize, law: &Law) -> Vec<String> {
    let code = |expr: &Expr| expression(law.env(), expr, &|size| size_code(model, size));
    let assign = |name: String, expr: &Expr| match code(expr) {
        Ok(code) => format!("{name} = {code}"),
        Err(error) => format!("# {name}: no NumPy expression, {error}"),
    };
    match law.statement() {
        Statement::Structure(structure) => (super::structure::expressions(model, structure).into_iter())
            .map(|(name, expr)| assign(format!("{name}{number}"), &expr))
            .collect(),
        Statement::Conserved { quantity } => vec![assign(format!("q{number}"), quantity)],
        Statement::Rate { quantity, rate } => {
            vec![assign(format!("q{number}"), quantity), assign(format!("rate{number}"), rate)]
        }
        Statement::Damped { quantity, force, .. } => {
            vec![assign(format!("q{number}"), quantity), assign(format!("force{number}"), force)]
        }
        Statement::Step { quantity, factor, change } => {
            let params: Vec<Symbol> = model.params.iter().map(|p| p.name).collect();
            let (after, rhs) = Statement::step(quantity, factor.as_ref(), change, &params);
            let (lhs, rhs) = (assign(format!("lhs{number}"), &after), assign(format!("rhs{number}"), &rhs));
            vec![assign(format!("q{number}"), quantity), lhs, rhs]
        }
        Statement::Expected { quantity, change, .. } => {
            vec![assign(format!("q{number}"), quantity), assign(format!("change{number}"), change)]
        }
        Statement::Equations { equations, .. } => {
            let several = equations.len() > 1;
            let name = |side: &str, i: usize| {
                if several { format!("{side}{number}_{}", i + 1) } else { format!("{side}{number}") }
            };
            let pairs = equations.iter().enumerate();
            pairs.flat_map(|(i, (l, r))| [assign(name("lhs", i), l), assign(name("rhs", i), r)]).collect()
        }
        Statement::Kernel { generators, .. } => (generators.iter())
            .flat_map(|g| g.components.iter().map(move |(p, value)| (format!("xi{number}_{}_{p}", g.action), value)))
            .map(|(name, value)| assign(name, value))
            .collect(),
    }
}

/// A size as code: the extent of a parameter or data matrix that has it.
pub(super) fn size_code(model: &Model, size: Symbol) -> String {
    let axis = |wanted: Size| {
        model.params.iter().chain(&model.data).find_map(|v| match v.shape {
            shape if shape.rows == wanted => Some(format!("{}.shape[0]", v.name)),
            shape if shape.cols == wanted => Some(format!("{}.shape[1]", v.name)),
            _ => None,
        })
    };
    axis(Size::Name(size)).unwrap_or_else(|| size.to_string())
}
