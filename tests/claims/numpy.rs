//! The NumPy of every law runs, and means what the law says: identities of the gradient hold at the gradient of a random instance, and quantities
//! have the value that our own evaluator gives them. Needs python3 with NumPy, and says that it is skipped where there is none.

use crate::REPORTS;
use equilaw::internals::eval::{Reals, Tape};
use equilaw::internals::kernel::{Kind, Law, Statement};
use equilaw::internals::model::{Dynamics, Inside};
use equilaw::internals::numeric::Instance;
use equilaw::internals::report::numpy;
use equilaw::internals::term::print::{self, Extent};
use equilaw::internals::term::{Env, Size};
use equilaw::{Options, Report, derive};
use faer::Mat;
use serde_json::{Map, Value, json};
use std::io::Write;
use std::process::{Command, Stdio};

/// Runs the code of each law on its values; what raises, has another value, or does not agree, is written.
const DRIVER: &str = r#"
import json, sys
import numpy as np

def value(given):
    kind, number = given
    if kind == 'scalar':
        return float(number)
    if kind == 'constant':
        return lambda z: np.array(number)
    if kind == 'linear':
        return lambda z: 0.5 * np.array(z)
    return np.array(number)

def differ(a, b):
    return not np.allclose(a, b, rtol=1e-9, atol=1e-9 * (1 + np.max(np.abs(b))))

count = {'laws': 0, 'equations': 0, 'quantities': 0}
for law in json.load(sys.stdin):
    names = {name: value(given) for name, given in law['values'].items()}
    names['np'] = np
    before = set(names)
    try:
        exec(law['code'], names)
    except Exception as error:
        print(f"{law['name']}: {error!r}\n{law['code']}")
        continue
    count['laws'] += 1
    made = {name for name in names if name not in before and name != '__builtins__'}
    for name in made:
        if not np.all(np.isfinite(np.asarray(names[name], dtype=float))):
            print(f"{law['name']}: {name} is not finite")
    if law['holds']:
        for name in (n for n in made if '_lhs' in n):
            count['equations'] += 1
            lhs, rhs = names[name], names[name.replace('_lhs', '_rhs')]
            if differ(lhs, np.broadcast_to(rhs, np.shape(lhs))):
                print(f"{law['name']}: {name} is {lhs}, not {rhs}")
    if law['quantity'] is not None:
        count['quantities'] += 1
        code, expected = law['quantity']
        found = eval(code, names)
        if np.shape(found) not in [np.shape(expected), ()] or differ(found, np.array(expected)):
            print(f"{law['name']}: {code} is {found}, not {expected}")
print(count, file=sys.stderr)
"#;

fn rows(matrix: &Mat<f64>) -> Value {
    (0..matrix.nrows())
        .map(|i| (0..matrix.ncols()).map(|j| matrix[(i, j)]).collect::<Vec<_>>())
        .collect::<Vec<_>>()
        .into()
}

/// A matrix as the documents promise: scalars are floats.
fn given(matrix: &Mat<f64>) -> Value {
    match matrix.shape() {
        (1, 1) => json!(["scalar", matrix[(0, 0)]]),
        _ => json!(["matrix", rows(matrix)]),
    }
}

/// A matrix of no particular numbers, of which none is 0.
fn some(rows: usize, cols: usize) -> Mat<f64> {
    Mat::from_fn(rows, cols, |i, j| 1.5 + ((3 * i + 7 * j + 1) as f64).sin())
}

/// Everything a law of a report may speak of, at an instance.
struct Numbers<'a> {
    report: &'a Report,
    instance: Instance,
}

impl Numbers<'_> {
    fn new(report: &Report) -> Numbers<'_> {
        Numbers {
            report,
            instance: Instance::new(report.inside().model, &report.inside().model.sizes(&[]).expect("sizes"), 0)
                .expect("an instance"),
        }
    }

    fn size(&self, size: Size) -> usize {
        self.instance.sizes().value(size).unwrap_or(1)
    }

    /// Parameters and data, the output, gradients, and velocities of gradient flow.
    fn known(&self) -> Map<String, Value> {
        let model = self.report.inside().model;
        let mut out = Map::new();
        for (name, value) in self.instance.parameter_names().iter().zip(self.instance.parameters()) {
            out.insert(name.to_string(), given(&value));
        }
        for data in model.inside().data {
            out.insert(
                data.name.to_string(),
                given(self.instance.value(data.name).expect("every variable has a value")),
            );
        }
        for (name, value) in
            self.instance.parameter_names().iter().zip(self.instance.gradient().expect("differentiable"))
        {
            out.insert(format!("grad_{name}"), given(&value));
            out.insert(format!("dot_{name}"), given(&(-&value)));
        }
        if let Some(output) = model.inside().output {
            out.insert(output.name.to_string(), given(&self.instance.output().expect("declared")));
            out.insert(format!("err_{}", output.name), given(&self.instance.error_signal().expect("declared")));
        }
        out.insert("loss".into(), json!(["scalar", self.instance.loss().expect("a loss")[(0, 0)]]));
        out
    }

    /// A value of the right shape for a name that an instance does not fix.
    fn any(&self, env: &Env, name: &str) -> Option<Value> {
        let parameter = |name: &str| {
            let at = self.instance.parameter_names().iter().position(|p| p.as_str() == name)?;
            Some(self.instance.parameters()[at].shape())
        };
        // The block of the Hessian on (m, n) traced over columns is (m, m), over rows (n, n).
        if let Some((m, _)) = name.strip_prefix("hess_rows_").and_then(parameter) {
            return Some(given(&some(m, m)));
        }
        if let Some((_, n)) = name.strip_prefix("hess_cols_").and_then(parameter) {
            return Some(given(&some(n, n)));
        }
        if name.starts_with("hess_loss_") {
            return Some(json!(["linear", null]));
        }
        if let Some((m, n)) = name.strip_prefix("vjp_").and_then(parameter) {
            return Some(json!(["constant", rows(&some(m, n))]));
        }
        for prefix in ["hess_", "next_"] {
            if let Some((m, n)) = name.strip_prefix(prefix).and_then(parameter) {
                return Some(given(&some(m, n)));
            }
        }
        // Python has no primes, and `lambda` is a word of its own.
        let names = [name, &name.replace('_', "′"), name.trim_end_matches('_')];
        let shape = names.iter().find_map(|n| env.symbol((*n).into()))?.shape;
        Some(given(&some(self.size(shape.rows), self.size(shape.cols))))
    }

    /// One law: its code, the values it needs, whether its two sides must agree, and its quantity.
    fn law(&self, model: &str, law: &Law, code: &str, known: &Map<String, Value>) -> Value {
        let needed = code.lines().find_map(|line| line.strip_prefix("# needs ")).unwrap_or_default();
        let mut values = known.clone();
        let mut fixed = true;
        for name in needed.split(", ").filter(|name| !name.is_empty() && !known.contains_key(*name)) {
            fixed = false;
            let value = self.any(law.env(), name);
            values.insert(name.to_string(), value.unwrap_or_else(|| panic!("{model} {}: what is {name}?", law.id())));
        }
        let of_flow = matches!(law.dynamics(), None | Some(Dynamics::GradientFlow));
        let equation = matches!(law.kind(), Kind::Identity | Kind::Constraint) && law.order() == 1;
        let holds = fixed && of_flow && equation && !matches!(law.statement(), Statement::Structure(_));
        json!({
            "name": format!("{model} {}", law.id()),
            "code": code,
            "values": values,
            "holds": holds,
            "quantity": self.quantity(law, fixed),
        })
    }

    /// The quantity of a law in NumPy, and its value by our own evaluator.
    fn quantity(&self, law: &Law, fixed: bool) -> Option<Value> {
        let quantity = law.quantity().filter(|_| fixed)?;
        let size = |name: equilaw::internals::term::Symbol| Extent::Number(self.size(Size::Name(name)) as u64);
        let code = print::numpy(law.env(), quantity, &size).ok()?.code;
        let bindings = self.instance.bindings_with_gradient().expect("differentiable");
        let value = Tape::new(quantity, law.env(), self.instance.sizes()).ok()?.eval(&bindings, &Reals).ok()?;
        Some(json!([code, rows(&value)]))
    }
}

/// The code of each law: what stands between its heading and the next.
fn sections(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split("\n# (").skip(1).filter_map(|section| {
        let (heading, code) = section.split_once('\n')?;
        let (_, rest) = heading.split_once(") ")?;
        Some((rest.split_once(": ")?.0, code))
    })
}

fn has_numpy() -> bool {
    let mut command = Command::new("python3");
    command.args(["-c", "import numpy"]).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

#[test]
fn the_numpy_of_every_law_runs_and_agrees() {
    if !has_numpy() {
        eprintln!("skipped: there is no python3 with NumPy");
        return;
    }
    let mut laws = Vec::new();
    // Those of families have a test of their own.
    let plain = |report: &Report| report.inside().model.inside().params.iter().all(|p| p.indices.is_empty());
    for (name, report) in REPORTS.iter().filter(|(_, report)| plain(report)) {
        let numbers = Numbers::new(report);
        let known = numbers.known();
        for (id, code) in sections(&numpy(report)) {
            let law =
                report.inside().laws.iter().find(|law| law.id() == id).unwrap_or_else(|| panic!("{name}: no law {id}"));
            laws.push(numbers.law(name, law, code, &known));
        }
    }
    assert!(laws.len() > 500, "{}", laws.len());
    let mut python = Command::new("python3");
    python.args(["-c", DRIVER]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = python.spawn().expect("python3 starts");
    let input = Value::from(laws).to_string();
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("python3 reads its input");
    let output = child.wait_with_output().expect("python3 ends");
    let [wrong, said] = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).to_string());
    assert!(output.status.success() && wrong.is_empty(), "{wrong}{said}");
    println!("{said}");
}

/// Two families: of layers that carry a value on, and of two maps in each; with an action of one member and one of all.
const FAMILIES: &str = "model m
dim L = 3, H = 2, d = 2, k = 3, n = 4
data T : d x n
data Y : d x n
param E : d x d
let X = E * T
repeat l in 1..L {
  param U[i in 1..H] : d x k
  param V[i in 1..H] : k x d
  param s : scalar
  param t : scalar
  let X = X + s * t * sum(i in 1..H) U[l, i] * V[l, i] * X
  action inner[i in 1..H] : g in GL(k) { U[i] -> U[i] * inv(g); V[i] -> g * V[i] }
  action gains : a in Scale { s -> a * s; t -> a^-1 * t }
}
param R : d x d
output F = R * X
loss mse(F, Y)
action outer : g in GL(d) { E -> g * E; U[l, i] -> g * U[l, i]; V[l, i] -> V[l, i] * inv(g); R -> R * inv(g) }
";

/// Evaluates the model of [`FAMILIES`] with its gradient by central differences, and compares the two sides of each law of the
/// gradient.
const FAMILIES_DRIVER: &str = r#"
import sys
import numpy as np
L, H, d, k, n = 3, 2, 2, 3, 4
rng = np.random.default_rng(0)
p = {'E': rng.normal(size=(d, d)), 'U': rng.normal(size=(L, H, d, k)), 'V': rng.normal(size=(L, H, k, d)),
     's': rng.normal(size=L), 't': rng.normal(size=L), 'R': rng.normal(size=(d, d))}
T, Y = rng.normal(size=(d, n)), rng.normal(size=(d, n))
def loss():
    X = p['E'] @ T
    for l in range(L):
        X = X + p['s'][l] * p['t'][l] * sum(p['U'][l, i] @ p['V'][l, i] @ X for i in range(H))
    return np.sum((p['R'] @ X - Y)**2) / (2 * n)
names = dict(p, T=T, Y=Y)
for name, value in p.items():
    gradient = np.zeros_like(value)
    for at in np.ndindex(value.shape):
        kept, h = value[at], 1e-6
        value[at] = kept + h
        above = loss()
        value[at] = kept - h
        gradient[at] = (above - loss()) / (2 * h)
        value[at] = kept
    names['grad_' + name], names['dot_' + name] = gradient, -gradient
exec(sys.stdin.read(), names)
sides = [name for name in names if name.endswith('_lhs')]
for name in sides:
    lhs, rhs = names[name], names[name[:-3] + 'rhs']
    if not np.allclose(lhs, rhs, rtol=1e-6, atol=1e-6) or np.max(np.abs(lhs)) < 1e-3:
        print(name, lhs, rhs)
if names['inner_gradient_lhs'].shape != (L, H, k, k):
    print(names['inner_gradient_lhs'].shape)
if names['inner_gradient_flow_conserved'].shape != (L, H, k, k) or names['gains_gradient_flow_conserved'].shape != (L,):
    print(names['inner_gradient_flow_conserved'].shape)
print(len(sides), file=sys.stderr)
"#;

#[test]
fn the_numpy_of_families_runs_and_agrees() {
    if !has_numpy() {
        eprintln!("skipped: there is no python3 with NumPy");
        return;
    }
    let options = Options { checks: false, ..Options::bare() };
    let report = derive(&crate::parse(FAMILIES), &crate::BOOK, &options).expect("the sizes are the model's");
    // The laws of the gradient, and what gradient flow conserves.
    let told = numpy(&report);
    let wanted = ["gradient", "gradient-flow/conserved", "gradient-flow/constraint"];
    let code: String = sections(&told)
        .filter(|(id, _)| id.split_once('/').is_some_and(|(_, path)| wanted.contains(&path)))
        .map(|(_, code)| code)
        .collect();
    let mut python = Command::new("python3");
    python.args(["-c", FAMILIES_DRIVER]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = python.spawn().expect("python3 starts");
    child.stdin.take().expect("a pipe").write_all(code.as_bytes()).expect("python3 reads its input");
    let output = child.wait_with_output().expect("python3 ends");
    let [wrong, said] = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).to_string());
    assert!(output.status.success() && wrong.is_empty(), "{wrong}{said}{code}");
    assert!(said.trim().parse::<usize>().is_ok_and(|sides| sides >= 4), "{said}");
}
