//! The test of a module: the model itself as code, a random point, its gradient, and the laws there.

use super::place::{extent, tuple};
use crate::model::{Loss, Model, Variable};
use crate::term::print::{Extent, Library, PythonNames, python as expression};
use crate::term::{Expr, Facts, Size, Sizes, Symbol};

/// What differs between the libraries.
const NUMPY: &str = "\
_random = np.random.default_rng(0)


def _draw(shape, positive):
    x = _random.normal(size=shape)
    return float(x) if shape == () and not positive else float(np.exp(x)) if shape == () else np.exp(x) if positive else x


def _gradient(f, x):
    \"\"\"The gradient by central differences.\"\"\"
    if np.ndim(x) == 0:
        return (f(x + 1e-6) - f(x - 1e-6)) / 2e-6
    out = np.zeros_like(x)
    for at in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[at] = 1e-6
        out[at] = (f(x + step) - f(x - step)) / 2e-6
    return out


def _largest(x):
    return float(np.max(np.abs(x)))
";

const TORCH: &str = "\
def _draw(shape, positive):
    x = torch.randn(shape)
    return torch.exp(x) if positive else x


def _gradient(f, x):
    x = x.detach().clone().requires_grad_()
    (out,) = torch.autograd.grad(f(x), x, allow_unused=True)
    return torch.zeros_like(x) if out is None else out


def _largest(x):
    return float(torch.as_tensor(x).detach().abs().max())
";

/// The test itself, where `SEED` makes the library ready and `OUTPUT` and `ERROR` are the names of the output and its gradient.
const TEST: &str = "\
def _test():
    \"\"\"Each law that can be tested at one random point.\"\"\"
SEED    given = {name: _draw(shape, positive) for name, (shape, positive) in _GIVEN.items()}
    output = _output(**given)
    values = dict(given, **_SIZES, OUTPUT=output, ERROR=_gradient(lambda F: _loss(F, given), output))
    slopes = {}
    for name, (grad, dot) in _PARAMETERS.items():
        def loss(x):
            moved = dict(given, **{name: x})
            return _loss(_output(**moved), moved)
        slopes[name] = _gradient(loss, given[name])
        values[grad], values[dot] = slopes[name], -slopes[name]

    def along(function, arguments, h):
        at = {name: given[name] + h * slopes[name] if name in slopes else values[name] for name in arguments}
        return function(**at)['quantity']

    held, wrong = 0, []
    for law, (function, arguments, how) in LAWS.items():
        if how == 'equal' and all(name in values for name in arguments):
            out = function(**{name: values[name] for name in arguments})
            pairs = [(out[name], out[name.replace('lhs', 'rhs')]) for name in out if name.startswith('lhs')]
        elif how == 'conserved' and all(name in given or name in _SIZES for name in arguments):
            pairs = [((along(function, arguments, 1e-5) - along(function, arguments, -1e-5)) / 2e-5, 0.0)]
        else:
            continue
        held += 1
        if any(_largest(a - b) > 1e-4 * (1 + _largest(a)) for a, b in pairs):
            wrong.append(law)
    print(f'{held - len(wrong)} of {held} laws that one point can test hold; {len(LAWS)} laws in all')
    for law in wrong:
        print(f'does not hold: {law}')
    return 1 if wrong else 0


if __name__ == '__main__':
    raise SystemExit(_test())
";

/// The test of a module, or why there is none.
pub(super) fn selftest(model: &Model, library: Library) -> String {
    match runnable(model, library) {
        Ok(code) => code,
        Err(why) => format!(
            "\n\nif __name__ == '__main__':\n    print('{} laws; they are not tested here: {why}'.format(len(LAWS)))\n",
            "{}"
        ),
    }
}

fn runnable(model: &Model, library: Library) -> Result<String, &'static str> {
    if !model.indices.is_empty() || !model.repeats.is_empty() {
        return Err("the model has families or blocks");
    }
    if !model.activations.is_empty() || !model.functions.is_empty() {
        return Err("the model has functions that are not given");
    }
    let drawn = Facts::POSITIVE | Facts::NONNEGATIVE | Facts::CONSTANT;
    let variables = || model.params.iter().chain(&model.data);
    if variables().any(|v| !(v.facts - drawn).is_empty()) {
        return Err("a matrix of the model is of a special kind");
    }
    let output = model.output.as_ref().ok_or("the model has no output")?;
    let names = PythonNames::of(&model.env);
    let sizes = model.sizes(&[]).map_err(|_| "the sizes of the model do not fit")?;
    // A size that no matrix has is the number that it has here.
    let place = |size: Symbol| match (extent(model, size), sizes.value(Size::Name(size))) {
        (Extent::Variable(_), Some(number)) => Extent::Number(number as u64),
        (place, _) => place,
    };
    let unplaced = model.dims.iter().filter_map(|dim| match (extent(model, dim.name), place(dim.name)) {
        (Extent::Variable(name), Extent::Number(number)) => Some(format!("'{}': {number}", names.symbol(name))),
        _ => None,
    });
    let unplaced: Vec<String> = unplaced.collect();
    let line = |expr: &Expr| {
        let code = expression(library, &model.env, expr, &place);
        code.map(|code| code.to_string()).map_err(|_| "the model has no expression")
    };
    let mut lets = String::new();
    for definition in model.computed() {
        lets += &format!("    {} = {}\n", names.symbol(definition.name), line(&definition.expr)?);
    }
    let arguments: Vec<String> = variables().map(|v| names.symbol(v.name)).collect();
    let result = names.symbol(output.name);
    // What a loss of its own reads, it reads by name; every loss is one of these.
    let loss = match &model.loss {
        Loss::Any => format!("def _loss({result}, _given):\n    return {} / 2\n", square(library, &result)),
        Loss::Explicit(expr) => format!(
            "def _loss({result}, _given):\n    return (lambda {result}, {}: {})({result}, *[_given[name] for name in ({})])\n",
            arguments.join(", "),
            line(&unfolded(model, expr))?,
            tuple(&arguments)
        ),
    };
    let given: Result<Vec<String>, &str> = variables().map(|v| drawn_as(v, &sizes, &names)).collect();
    let parameters: Vec<String> = model
        .params
        .iter()
        .map(|p| {
            let [grad, dot] = ["grad", "dot"].map(|op| names.quantity(op, p.name));
            format!("    '{}': ('{grad}', '{dot}'),\n", names.symbol(p.name))
        })
        .collect();
    let seed = match library {
        Library::NumPy => "",
        Library::Torch => "    torch.set_default_dtype(torch.float64)\n    torch.manual_seed(0)\n",
    };
    let test = TEST
        .replace("SEED", seed)
        .replace("OUTPUT=", &format!("{result}="))
        .replace("ERROR=", &format!("{}=", names.quantity("err", output.name)));
    let tools = if library == Library::NumPy { NUMPY } else { TORCH };
    Ok(format!(
        "\n# The model, and what the test draws: shapes, and whether all numbers are positive.\n_GIVEN = {{\n{}}}\n\
         _SIZES = {{{}}}\n_PARAMETERS = {{\n{}}}\n\n\ndef _output({}):\n{lets}    return {}\n\n\n{loss}\n\n{tools}\n\n{test}",
        given?.concat(),
        unplaced.join(", "),
        parameters.concat(),
        arguments.join(", "),
        line(&output.expr)?,
    ))
}

fn square(library: Library, name: &str) -> String {
    match library {
        Library::NumPy => format!("np.sum(({name} - 0.3)**2)"),
        Library::Torch => format!("torch.sum(({name} - 0.3)**2)"),
    }
}

/// A formula without the names of `let`s.
fn unfolded(model: &Model, expr: &Expr) -> Expr {
    let mut out = expr.clone();
    for definition in model.computed().rev() {
        out = crate::term::substitute(&out, &[(definition.name, definition.expr.clone())].into_iter().collect());
    }
    out
}

/// `'W1': ((5, 4), False),`.
fn drawn_as(variable: &Variable, sizes: &Sizes, names: &PythonNames) -> Result<String, &'static str> {
    let at = |size: Size| sizes.value(size).ok_or("a size has no number");
    let shape = match variable.shape {
        shape if shape.is_scalar() => "()".to_string(),
        shape => format!("({}, {})", at(shape.rows)?, at(shape.cols)?),
    };
    let positive = variable.facts.intersects(Facts::POSITIVE | Facts::NONNEGATIVE);
    let positive = if positive { "True" } else { "False" };
    Ok(format!("    '{}': ({shape}, {positive}),\n", names.symbol(variable.name)))
}
