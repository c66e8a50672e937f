//! The laws as NumPy expressions to paste into a training script: conserved quantities, rates, and the two sides of
//! identities, each named by the id of its law.

use super::notations::Notations;
use super::outline::outline;
use super::words;
use crate::Report;
use crate::kernel::Hyperparameters;
use crate::kernel::{Law, Statement};
use crate::model::Model;
use crate::term::print::{Extent, PythonNames, numpy as expression};
use crate::term::{Expr, Op, Size, Symbol, Term, arguments, root};
use std::collections::HashSet;

const HEADER: &str = "\
# Parameters, data and outputs go by their names; matrices are 2-d arrays, vectors have shape (n, 1), scalars are floats.
# grad_W, dot_W and next_W are the gradient, the velocity and the next iterate of W; err_F is the gradient by the output F;
# batch_grad_W is the gradient of the loss of a batch, N_W its difference to that of the whole loss, of mean 0;
# hess_W is the block of H[xi] on W, vjp_W(Z) pulls Z back to W, hess_loss_F(Z) is the second derivative of the loss along Z.
# hess_rows_W is the block of H on W, shaped (m, n, m, n), traced over columns, np.einsum('ikjk->ij', H_W); hess_cols_W over rows.
# Where both sides of an identity are given, they agree: np.allclose(…_lhs, …_rhs). Those of *_fixed_space_* agree on the fixed
# subspace, and those of *_flattest_* where tr H is least on the orbit, not everywhere.
";

/// What the header says of families.
const FAMILIES: &str = "\
# A family, and a matrix that a law has for each of its members, is one array whose first axes are its indices: W[l, i].
";

/// What it says of families of matrices of different shapes.
const LISTS: &str = "\
# Where its members have different shapes it is a list of arrays.
";

/// A Python text with the expressions of each law, in the names `docs/` gives: the parameters, `grad_NAME`, ….
pub fn numpy(report: &Report) -> String {
    let model = &report.model;
    let mut out = String::new();
    let mut defined = taken(model);
    let notations = Notations::default();
    for section in outline(report) {
        for (number, law) in &section.laws {
            let hypotheses: Vec<String> = words::hypotheses(law).iter().map(|told| told.words.unicode()).collect();
            out.push_str(&format!("\n# ({number}) {}: {}\n", law.id(), hypotheses.join(", ")));
            let stated = notations.of(law).statement(law);
            let words = stated.quantifier.map(|words| words.unicode());
            for line in stated.lines.iter().map(ToString::to_string).chain(words) {
                out.push_str(&format!("#     {line}\n"));
            }
            for remark in law.remarks() {
                out.push_str(&format!("#     {}\n", words::remark(remark).unicode()));
            }
            let own = law.claim().setting().model();
            let assignments = assignments(own, law);
            let needed = needed(model, &assignments);
            if !needed.is_empty() {
                out.push_str(&format!("# needs {}\n", needed.join(", ")));
            }
            for Assignment { name, code, .. } in assignments {
                match code {
                    Ok(code) => out.push_str(&format!("{} = {code}\n", free(&mut defined, name))),
                    Err(why) => out.push_str(&format!("# {name} has no NumPy expression: {why}\n")),
                }
            }
        }
    }
    let own = changed(model, &out);
    let families = if model.indices.is_empty() { "" } else { FAMILIES };
    let lists = if model.dims.iter().any(|dim| dim.index.is_some()) { LISTS } else { "" };
    format!(
        "# {}: the laws of training as NumPy expressions.\n{HEADER}{families}{lists}{own}import numpy as np\n{out}",
        model.name
    )
}

/// The names of the model, which no law may have.
fn taken(model: &Model) -> HashSet<String> {
    let names = PythonNames::of(&model.env);
    model.env.names().into_iter().map(|name| names.symbol(name)).collect()
}

/// The name, or one like it that has no meaning yet.
fn free(defined: &mut HashSet<String>, mut name: String) -> String {
    while !defined.insert(name.clone()) {
        name.push('_');
    }
    name
}

/// What is called otherwise than the header says, because the model has a matrix of that name.
fn changed(model: &Model, code: &str) -> String {
    let words: HashSet<&str> = code.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let quantities = PythonNames::of(&model.env).changed();
    let numbers = Hyperparameters::of(model);
    let numbers = [
        (numbers.decay, "lambda", "the weight decay λ"),
        (numbers.friction, "gamma", "the friction γ"),
        (numbers.step, "eta", "the step size η"),
        (numbers.time, "t", "the time t"),
    ];
    let moved = quantities
        .into_iter()
        .map(|(own, name)| (name, format!("what {own} would be, which is a matrix of the model")));
    let renamed = numbers.into_iter().filter(|(name, own, _)| name.as_str() != *own);
    let renamed = renamed.map(|(name, _, what)| (name.to_string(), what.to_string()));
    let all = moved.chain(renamed).filter(|(name, _)| words.contains(name.as_str()));
    all.map(|(name, what)| format!("# {name} is {what}.\n")).collect()
}

/// A line of code and the names that it needs.
struct Assignment {
    name: String,
    code: Result<String, String>,
    names: Vec<String>,
}

/// `rescale_gradient_lhs = …`.
fn assignments(model: &Model, law: &Law) -> Vec<Assignment> {
    let base = identifier(law.id());
    let code = |expr: &Expr| expression(law.env(), expr, &|size| extent(model, size));
    let assign = |end: &str, expr: &Expr| match code(expr) {
        Ok(code) => Assignment { name: format!("{base}{end}"), code: Ok(code.to_string()), names: code.names },
        Err(error) => Assignment { name: format!("{base}{end}"), code: Err(error.to_string()), names: vec![] },
    };
    match law.statement() {
        Statement::Structure(structure) => (super::structure::expressions(model, structure).into_iter())
            .map(|(name, expr)| assign(&format!("_{name}"), &expr))
            .collect(),
        Statement::Conserved { quantity } => vec![assign("", quantity)],
        Statement::Rate { quantity, rate } => vec![assign("_quantity", quantity), assign("", rate)],
        Statement::Damped { quantity, force, .. } => vec![assign("_quantity", quantity), assign("_force", force)],
        Statement::Step { quantity, factor, change } => {
            let params: Vec<Symbol> = model.params.iter().map(|p| p.name).collect();
            let (after, rhs) = Statement::step(quantity, factor.as_ref(), change, &params);
            vec![assign("_quantity", quantity), assign("_lhs", &after), assign("_rhs", &rhs)]
        }
        Statement::Expected { quantity, change, .. } => vec![assign("_quantity", quantity), assign("_change", change)],
        Statement::Equations { equations, .. } => {
            let side = |side: &str, lhs: &Expr, i: usize| match (equations.len(), block(lhs)) {
                (1, _) => format!("_{side}"),
                (_, Some(param)) => format!("_{side}_{}", identifier(param.as_str())),
                (_, None) => format!("_{side}_{}", i + 1),
            };
            let pairs = equations.iter().enumerate();
            pairs.flat_map(|(i, (l, r))| [assign(&side("lhs", l, i), l), assign(&side("rhs", l, i), r)]).collect()
        }
        Statement::Kernel { generators, .. } => {
            let several = generators.len() > 1;
            let name = |action: Symbol, param: Symbol| match several {
                true => format!("_xi_{}_{}", identifier(action.as_str()), identifier(param.as_str())),
                false => format!("_xi_{}", identifier(param.as_str())),
            };
            let each = generators.iter().flat_map(|g| g.components.iter().map(move |(p, value)| (g.action, *p, value)));
            each.map(|(action, p, value)| assign(&name(action, p), value)).collect()
        }
    }
}

/// The parameter a block of the Hessian's image is on.
fn block(lhs: &Expr) -> Option<Symbol> {
    let first = arguments(lhs).into_iter().next()?;
    match (root(lhs), root(&first)) {
        (Term::Op(Op::Hess, _), Term::Sym(name)) => Some(*name),
        _ => None,
    }
}

/// A Python name for an id.
fn identifier(id: &str) -> String {
    id.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '_' }).collect()
}

/// The names in some assignments that are no parameters, in the order they occur in.
fn needed(model: &Model, assignments: &[Assignment]) -> Vec<String> {
    let known = PythonNames::of(&model.env);
    let params: Vec<String> = model.params.iter().map(|p| known.symbol(p.name)).collect();
    let mut out: Vec<String> = Vec::new();
    for name in assignments.iter().flat_map(|a| &a.names) {
        if !params.contains(name) && !out.contains(name) {
            out.push(name.clone());
        }
    }
    out
}

/// Where code takes a size from: the parameter or data matrix that has it.
pub(super) fn extent(model: &Model, size: Symbol) -> Extent {
    // The first axes of a family are its indices; a family of scalars has no others.
    let sides = model.params.iter().chain(&model.data).find_map(|v| match v.shape {
        shape if shape.rows == Size::Name(size) => Some(Extent::Axis(v.name, v.indices.len())),
        shape if shape.cols == Size::Name(size) => Some(Extent::Axis(v.name, v.indices.len() + 1)),
        _ => None,
    });
    let ranges = model.params.iter().chain(&model.data).find_map(|v| {
        let indices = super::families::declared(model, &v.indices);
        let at = indices.iter().position(|index| index.range == Size::Name(size))?;
        Some(Extent::Axis(v.name, at))
    });
    sides.or(ranges).unwrap_or(Extent::Variable(size))
}
