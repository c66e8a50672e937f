//! The NumPy and the PyTorch of every law run, and mean what the law says: identities of the gradient hold at the gradient of a random instance, and
//! quantities have the value that our own evaluator gives them. Needs python3 with these, and says that it is skipped where there is none.

use crate::REPORTS;
use equilaw::internals::eval::{Reals, Tape};
use equilaw::internals::kernel::{Kind, Law, Statement};
use equilaw::internals::model::{Dynamics, Inside};
use equilaw::internals::numeric::Instance;
use equilaw::internals::report::{numpy, torch};
use equilaw::internals::term::{Env, Size};
use equilaw::{Options, Report, derive};
use faer::Mat;
use serde_json::{Map, Value, json};
use std::io::Write;
use std::process::{Command, Stdio};

/// Runs the function of each law on its values; what raises, has another value, or does not agree, is written.
const DRIVER: &str = r#"
import json, sys
import numpy as np

library = sys.argv[1]
if library == 'torch':
    import torch
    torch.set_default_dtype(torch.float64)
    array, number = torch.tensor, torch.tensor
else:
    array, number = np.array, float

def value(given):
    kind, content = given
    if kind == 'scalar':
        return number(float(content))
    if kind == 'size':
        return content
    if kind == 'constant':
        return lambda z: array(content)
    if kind == 'linear':
        return lambda z: 0.5 * z
    return array(content)

def differ(a, b):
    return not np.allclose(a, b, rtol=1e-9, atol=1e-9 * (1 + np.max(np.abs(b))))

count = {'laws': 0, 'equations': 0, 'quantities': 0}
for report in json.load(sys.stdin):
    module = {'__name__': 'laws'}
    exec(report['code'], module)
    if len(module['LAWS']) != len(report['laws']):
        print(f"{report['name']}: {len(module['LAWS'])} in LAWS, not {len(report['laws'])}")
    for law in report['laws']:
        name = f"{report['name']} {law['id']}"
        function, arguments, how = module['LAWS'][law['id']]
        known = dict(report['known'], **law['values'])
        try:
            out = function(**{name: value(known[name]) for name in arguments})
        except Exception as error:
            print(f"{name}: {error!r}")
            continue
        out = {key: np.asarray(each, dtype=float) for key, each in out.items()}
        count['laws'] += 1
        for key, each in out.items():
            if not np.all(np.isfinite(each)):
                print(f"{name}: {key} is not finite")
        if law['holds']:
            for key in (key for key in out if key.startswith('lhs')):
                count['equations'] += 1
                lhs, rhs = out[key], out[key.replace('lhs', 'rhs')]
                if differ(lhs, np.broadcast_to(rhs, np.shape(lhs))):
                    print(f"{name}: {key} is {lhs}, not {rhs}")
        if law['quantity'] is not None:
            count['quantities'] += 1
            found, expected = out['quantity'], np.array(law['quantity'])
            if np.shape(found) not in [np.shape(expected), ()] or differ(found, expected):
                print(f"{name}: the quantity is {found}, not {expected}")
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
        for dim in model.inside().dims {
            out.insert(dim.name.to_string(), json!(["size", self.size(Size::Name(dim.name))]));
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

    /// One law: the values that its function needs, whether its two sides must agree, and its quantity.
    fn law(&self, model: &str, law: &Law, arguments: &str, known: &Map<String, Value>) -> Value {
        let mut values = Map::new();
        let mut fixed = true;
        for name in arguments.split(", ").filter(|name| !name.is_empty() && !known.contains_key(*name)) {
            fixed = false;
            let value = self.any(law.env(), name);
            values.insert(name.to_string(), value.unwrap_or_else(|| panic!("{model} {}: what is {name}?", law.id())));
        }
        let of_flow = matches!(law.dynamics(), None | Some(Dynamics::GradientFlow));
        let equation = matches!(law.kind(), Kind::Identity | Kind::Constraint) && law.order() == 1;
        let holds = fixed && of_flow && equation && !matches!(law.statement(), Statement::Structure(_));
        json!({ "id": law.id(), "values": values, "holds": holds, "quantity": self.quantity(law, fixed) })
    }

    /// The value of the quantity of a law by our own evaluator.
    fn quantity(&self, law: &Law, fixed: bool) -> Option<Value> {
        let quantity = law.quantity().filter(|_| fixed)?;
        let bindings = self.instance.bindings_with_gradient().expect("differentiable");
        let value = Tape::new(quantity, law.env(), self.instance.sizes()).ok()?.eval(&bindings, &Reals).ok()?;
        Some(rows(&value))
    }
}

/// Each function: the id of its law, and its arguments.
fn functions(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split("\ndef ").filter_map(|function| {
        let (head, rest) = function.split_once("):\n    \"\"\"(")?;
        let (_, arguments) = head.split_once('(')?;
        let (_, rest) = rest.split_once(") ")?;
        Some((rest.split_once(": ")?.0, arguments))
    })
}

/// A Python that has some modules.
fn python_with(modules: &str) -> Option<&'static str> {
    ["python3", "/usr/bin/python3"].into_iter().find(|python| {
        let mut command = Command::new(python);
        command.args(["-c", &format!("import {modules}")]).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    })
}

/// Runs a program with arguments on an input; it writes nothing but what is wrong.
fn run(python: &str, arguments: &[&str], input: &str) -> (String, String) {
    let mut command = Command::new(python);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("python3 starts");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("python3 reads its input");
    let output = child.wait_with_output().expect("python3 ends");
    let [told, said] = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).to_string());
    assert!(output.status.success(), "{told}{said}");
    (told, said)
}

/// Those of families have a test of their own.
fn is_plain(report: &Report) -> bool {
    report.inside().model.inside().params.iter().all(|p| p.indices.is_empty())
}

fn every_law_runs_and_agrees(python: &str, library: &str, module: fn(&Report) -> String) {
    let mut reports = Vec::new();
    let mut count = 0;
    for (name, report) in REPORTS.iter().filter(|(_, report)| is_plain(report)) {
        let numbers = Numbers::new(report);
        let known = numbers.known();
        let code = module(report);
        let law = |(id, arguments): (&str, &str)| {
            let law = report.inside().laws.iter().find(|law| law.id() == id);
            numbers.law(name, law.unwrap_or_else(|| panic!("{name}: no law {id}")), arguments, &known)
        };
        let laws: Vec<Value> = functions(&code).map(law).collect();
        count += laws.len();
        reports.push(json!({ "name": name, "code": code, "known": known, "laws": laws }));
    }
    assert!(count > 500, "{count}");
    let (wrong, said) = run(python, &["-c", DRIVER, library], &Value::from(reports).to_string());
    assert!(wrong.is_empty(), "{wrong}{said}");
    println!("{said}");
}

#[test]
fn the_numpy_of_every_law_runs_and_agrees() {
    match python_with("numpy") {
        Some(python) => every_law_runs_and_agrees(python, "numpy", numpy),
        None => eprintln!("skipped: there is no python3 with NumPy"),
    }
}

#[test]
fn the_pytorch_of_every_law_runs_and_agrees() {
    match python_with("numpy, torch") {
        Some(python) => every_law_runs_and_agrees(python, "torch", torch),
        None => eprintln!("skipped: there is no python3 with PyTorch"),
    }
}

/// A module is a program that tests itself; some, of both libraries, in one run.
#[test]
fn modules_test_themselves() {
    const RUN: &str = "import json, sys, runpy, tempfile\nfor name, code in json.load(sys.stdin):\n    \
        with tempfile.NamedTemporaryFile('w', suffix='.py', encoding='utf-8') as file:\n        \
        file.write(code); file.flush()\n        \
        try:\n            runpy.run_path(file.name, run_name='__main__')\n        \
        except SystemExit as end:\n            print(f'{name}: status {end.code}', file=sys.stderr)\n";
    type Print = fn(&Report) -> String;
    let printers: [(&str, Print); 2] = [("numpy", numpy), ("numpy, torch", torch)];
    for (modules, module) in printers {
        let Some(python) = python_with(modules) else {
            eprintln!("skipped: there is no python3 with {modules}");
            continue;
        };
        let all: Vec<(&String, String)> = REPORTS.iter().map(|(name, report)| (name, module(report))).collect();
        let (told, said) = run(python, &["-c", RUN], &serde_json::to_string(&all).expect("text"));
        assert!(!told.contains("does not hold") && !said.contains("status 1"), "{told}{said}");
        let tested = said.matches("status 0").count();
        assert!(2 * tested > all.len(), "{tested} of {}: {said}", all.len());
    }
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
module = {'__name__': 'laws'}
exec(sys.stdin.read(), module)
out, sides = {}, 0
for law, (function, arguments, how) in module['LAWS'].items():
    if law.split('/', 1)[1] not in ('gradient', 'gradient-flow/conserved', 'gradient-flow/constraint'):
        continue
    out[law] = function(**{name: names[name] for name in arguments})
    for name in (name for name in out[law] if name.startswith('lhs')):
        sides += 1
        lhs, rhs = out[law][name], out[law][name.replace('lhs', 'rhs')]
        if not np.allclose(lhs, rhs, rtol=1e-6, atol=1e-6) or np.max(np.abs(lhs)) < 1e-3:
            print(law, name, lhs, rhs)
shape = lambda law, name: np.shape(out[law][name])
if shape('inner/gradient', 'lhs') != (L, H, k, k):
    print(shape('inner/gradient', 'lhs'))
conserved = [shape(f'{action}/gradient-flow/conserved', 'quantity') for action in ('inner', 'gains')]
if conserved != [(L, H, k, k), (L,)]:
    print(conserved)
print(sides, file=sys.stderr)
"#;

#[test]
fn the_numpy_of_families_runs_and_agrees() {
    let Some(python) = python_with("numpy") else {
        eprintln!("skipped: there is no python3 with NumPy");
        return;
    };
    let options = Options { checks: false, ..Options::bare() };
    let report = derive(&crate::parse(FAMILIES), &crate::BOOK, &options).expect("the sizes are the model's");
    let code = numpy(&report);
    let (wrong, said) = run(python, &["-c", FAMILIES_DRIVER], &code);
    assert!(wrong.is_empty(), "{wrong}{said}{code}");
    assert!(said.trim().parse::<usize>().is_ok_and(|sides| sides >= 4), "{said}");
}
