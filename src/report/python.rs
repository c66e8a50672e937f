//! The laws as a Python module of NumPy or PyTorch: a function for each, a table of them, and a test when it is run.

mod place;
mod selftest;

pub(super) use place::extent;
use place::tuple;

use super::notations::Notations;
use super::outline::outline;
use super::words;
use crate::Report;
use crate::kernel::Hyperparameters;
use crate::kernel::{Kind, Law, Statement};
use crate::model::{Dynamics, Model};
use crate::term::print::{Library, PythonNames, TORCH_HELPERS, python as expression};
use crate::term::{Env, Expr, Op, Symbol, Term, arguments, root};
use std::collections::HashSet;

/// How the arguments are named, in every module.
const CONVENTIONS: &str = "\
Parameters, data and outputs go by their names; matrices are 2-d, vectors have shape (n, 1), SCALARS.
grad_W, dot_W and next_W are the gradient, the velocity and the next iterate of W; err_F is the gradient by the output F;
batch_grad_W is the gradient of the loss of a batch, N_W its difference to that of the whole loss, of mean 0;
hess_W is the block of H[xi] on W, vjp_W(Z) pulls Z back to W, hess_loss_F(Z) is the second derivative of the loss along Z.
hess_rows_W is the block of H on W, shaped (m, n, m, n), traced over columns, einsum('ikjk->ij', H_W); hess_cols_W over rows.
";

/// What the functions return.
const RETURNS: &str = "
Each function returns what its law speaks of by name: a 'quantity', its 'rate', …; where both sides of an identity are given, 'lhs'
and 'rhs' agree. Those of fixed-space agree on the fixed subspace, and those of flattest where tr H is least on the orbit, not
everywhere. LAWS has each function by the id of its law. Run as a program the module tests itself.
";

/// What the head says of families.
const FAMILIES: &str = "\
A family, and a matrix that a law has for each of its members, is one array whose first axes are its indices: W[l, i].
";

/// What it says of families of matrices of different shapes.
const LISTS: &str = "\
Where its members have different shapes it is a list of arrays.
";

/// A Python module with a function of NumPy arrays for each law.
pub fn numpy(report: &Report) -> String {
    module(report, Library::NumPy)
}

/// A Python module with a function of PyTorch tensors for each law, which gradients pass.
pub fn torch(report: &Report) -> String {
    module(report, Library::Torch)
}

fn module(report: &Report, library: Library) -> String {
    let model = &report.model;
    let (mut functions, mut table) = (String::new(), String::new());
    let mut defined = taken(model);
    let notations = Notations::default();
    for section in outline(report) {
        for (number, law) in &section.laws {
            let name = free(&mut defined, identifier(law.id()));
            let (function, arguments) = definition(model, library, (*number, law), &name, &notations);
            functions += &format!("\n\n{function}");
            table += &format!("    '{}': ({name}, ({}), '{}'),\n", law.id(), tuple(&arguments), tested(law));
        }
    }
    let test = selftest::selftest(model, library);
    let own = changed(model, &format!("{functions}{test}"));
    format!(
        "{}{}{functions}\n\n# By the id of a law: its function, the arguments of it, and how the test below tests it.\nLAWS = {{\n{table}}}\n{test}",
        head(model, library, &own),
        imports(library, &format!("{functions}{test}")),
    )
}

/// The function of a law under a name, and its arguments.
fn definition(
    model: &Model,
    library: Library,
    (number, law): (usize, &Law),
    name: &str,
    notations: &Notations,
) -> (String, Vec<String>) {
    let values = values(library, law.claim().setting().model(), law);
    let arguments = needed(model, &values);
    let docstring = docstring(number, law, notations, &arguments);
    (format!("def {name}({}):\n{docstring}{}", arguments.join(", "), body(&values)), arguments)
}

/// The function of a law of NumPy arrays and that of PyTorch tensors, as they stand in a module.
pub(super) fn functions(model: &Model, law: (usize, &Law), notations: &Notations) -> [String; 2] {
    let name = identifier(law.1.id());
    [Library::NumPy, Library::Torch].map(|library| definition(model, library, law, &name, notations).0)
}

/// The head of a module: what it is, and what names mean.
fn head(model: &Model, library: Library, own: &str) -> String {
    let (words, scalars) = match library {
        Library::NumPy => ("NumPy", "scalars are floats"),
        Library::Torch => (
            "PyTorch",
            "scalars are tensors of no dimension;\nconstants have the default dtype, which torch.set_default_dtype sets",
        ),
    };
    let families = if model.indices.is_empty() { "" } else { FAMILIES };
    let lists = if model.dims.iter().any(|dim| dim.index.is_some()) { LISTS } else { "" };
    let conventions = CONVENTIONS.replace("SCALARS", scalars);
    format!(
        "\"\"\"{}: the laws of training as functions of {words}.\n\n{conventions}{families}{lists}{own}{RETURNS}\"\"\"\n\n",
        model.name
    )
}

fn imports(library: Library, code: &str) -> String {
    match library {
        Library::NumPy => "import numpy as np\n".into(),
        Library::Torch => {
            // What is called, and what that calls.
            let mut used = vec![false; TORCH_HELPERS.len()];
            for _ in 0..2 {
                for (i, (name, _)) in TORCH_HELPERS.iter().enumerate() {
                    let called = |text: &str| text.contains(&format!("{name}("));
                    let inner = TORCH_HELPERS.iter().zip(&used).any(|((_, body), used)| *used && called(body));
                    used[i] |= called(code) || inner || code.contains(&format!("{name})"));
                }
            }
            let helpers = TORCH_HELPERS.iter().zip(used).filter(|(_, used)| *used);
            let lines: String = helpers.map(|((name, body), _)| format!("{name} = {body}\n")).collect();
            format!("import torch\n{}{lines}", if lines.is_empty() { "" } else { "\n" })
        }
    }
}

/// Statement, hypotheses and the shapes of the arguments.
fn docstring(number: usize, law: &Law, notations: &Notations, arguments: &[String]) -> String {
    let hypotheses: Vec<String> = words::hypotheses(law).iter().map(|told| told.words.unicode()).collect();
    let mut lines = vec![format!("({number}) {}: {}", law.id(), hypotheses.join(", ")), String::new()];
    let stated = notations.of(law).statement(law);
    let words = stated.quantifier.map(|words| words.unicode());
    lines.extend(stated.lines.iter().map(ToString::to_string).chain(words));
    lines.extend(law.remarks().iter().map(|remark| words::remark(law, remark).unicode()));
    let shapes: Vec<String> = shapes(law.env(), arguments);
    if !shapes.is_empty() {
        lines.extend([String::new(), format!("Shapes: {}.", shapes.join(", "))]);
    }
    let text = lines.join("\n    ").replace('\\', "\\\\").replace("\"\"\"", "'''");
    let text: Vec<&str> = text.lines().map(str::trim_end).collect();
    format!("    \"\"\"{}\n    \"\"\"\n", text.join("\n"))
}

/// `W1 (h, d)` of each argument that is a matrix of the law.
fn shapes(env: &Env, arguments: &[String]) -> Vec<String> {
    let names = PythonNames::of(env);
    let known = env.names();
    let shape = |argument: &String| {
        let name = known.iter().find(|name| names.symbol(**name) == *argument)?;
        let info = env.symbol(*name)?;
        let mut axes: Vec<String> = env.listed(info.indices).map(|index| index.range.to_string()).collect();
        if !info.shape.is_scalar() {
            axes.extend([info.shape.rows.to_string(), info.shape.cols.to_string()]);
        }
        let shown = match axes.as_slice() {
            [] => "a number".to_string(),
            [one] => format!("({one},)"),
            all => format!("({})", all.join(", ")),
        };
        Some(format!("{argument} {shown}"))
    };
    arguments.iter().filter_map(shape).collect()
}

fn body(values: &[Value]) -> String {
    let mut out = String::new();
    let mut entries = Vec::new();
    for Value { name, code, .. } in values {
        match code {
            Ok(code) => entries.push(format!("        '{name}': {code},\n")),
            Err(why) => out += &format!("    # {name} has no expression: {why}\n"),
        }
    }
    match entries.as_slice() {
        [] => out + "    return {}\n",
        entries => format!("{out}    return {{\n{}    }}\n", entries.concat()),
    }
}

/// How a law is tested at one point: an identity of the gradient has two sides that agree, and along the gradient nothing
/// conserved changes. What holds at special points or along other motions is only evaluated.
fn tested(law: &Law) -> &'static str {
    let of_flow = matches!(law.dynamics(), None | Some(Dynamics::GradientFlow));
    match (law.kind(), law.statement()) {
        (Kind::Identity | Kind::Constraint, Statement::Equations { .. }) if of_flow && law.order() == 1 => "equal",
        (Kind::Conserved, Statement::Conserved { .. }) if law.dynamics() == Some(&Dynamics::GradientFlow) => {
            "conserved"
        }
        _ => "evaluated",
    }
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
    all.map(|(name, what)| format!("{name} is {what}.\n")).collect()
}

/// Something that a law speaks of, by the name it is returned under, and the names that its code needs.
struct Value {
    name: String,
    code: Result<String, String>,
    names: Vec<String>,
}

fn values(library: Library, model: &Model, law: &Law) -> Vec<Value> {
    let value = |name: &str, expr: &Expr| {
        let name = name.to_string();
        match expression(library, law.env(), expr, &|size| extent(model, size)) {
            Ok(code) => Value { name, code: Ok(code.to_string()), names: code.names },
            Err(error) => Value { name, code: Err(error.to_string()), names: vec![] },
        }
    };
    match law.statement() {
        Statement::Structure(structure) => (super::structure::expressions(model, structure).into_iter())
            .map(|(name, expr)| value(&name, &expr))
            .collect(),
        Statement::Conserved { quantity } => vec![value("quantity", quantity)],
        Statement::Rate { quantity, rate } => vec![value("quantity", quantity), value("rate", rate)],
        Statement::Damped { quantity, force, .. } => vec![value("quantity", quantity), value("force", force)],
        Statement::Step { quantity, factor, change } => {
            let params: Vec<Symbol> = model.params.iter().map(|p| p.name).collect();
            let (after, rhs) = Statement::step(quantity, factor.as_ref(), change, &params);
            vec![value("quantity", quantity), value("lhs", &after), value("rhs", &rhs)]
        }
        Statement::Expected { quantity, change, .. } => vec![value("quantity", quantity), value("change", change)],
        Statement::Equations { equations, .. } => {
            let side = |side: &str, lhs: &Expr, i: usize| match (equations.len(), block(lhs)) {
                (1, _) => side.to_string(),
                (_, Some(param)) => format!("{side}_{}", identifier(param.as_str())),
                (_, None) => format!("{side}_{}", i + 1),
            };
            let pairs = equations.iter().enumerate();
            pairs.flat_map(|(i, (l, r))| [value(&side("lhs", l, i), l), value(&side("rhs", l, i), r)]).collect()
        }
        Statement::Kernel { generators, .. } => {
            let several = generators.len() > 1;
            let name = |action: Symbol, param: Symbol| match several {
                true => format!("xi_{}_{}", identifier(action.as_str()), identifier(param.as_str())),
                false => format!("xi_{}", identifier(param.as_str())),
            };
            let each = generators.iter().flat_map(|g| g.components.iter().map(move |(p, value)| (g.action, *p, value)));
            each.map(|(action, p, component)| value(&name(action, p), component)).collect()
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

/// The arguments of a function: parameters in the order of the model, then what else is needed in the order it occurs in.
fn needed(model: &Model, values: &[Value]) -> Vec<String> {
    let known = PythonNames::of(&model.env);
    let mut occurring: Vec<&String> = Vec::new();
    for name in values.iter().flat_map(|value| &value.names) {
        if !occurring.contains(&name) {
            occurring.push(name);
        }
    }
    let params: Vec<String> = model.params.iter().map(|p| known.symbol(p.name)).collect();
    let (first, rest): (Vec<&String>, Vec<&String>) = occurring.into_iter().partition(|name| params.contains(name));
    let ordered = params.iter().filter(|param| first.contains(param));
    ordered.chain(rest).cloned().collect()
}
