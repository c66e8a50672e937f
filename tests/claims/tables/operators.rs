//! The rows of the operators: each operator is built of arguments that fit, inferred, evaluated over two kinds of number,
//! printed, read back and looked up in the reference; and what its row states is measured.

use super::REFERENCE;
use equilaw::internals::eval::{
    Bindings, Dense, EvalError, Matrix, Number, Quantities, Rationals, Reals, Sizes, Tape, mix,
};
use equilaw::internals::language::parse_expr;
use equilaw::internals::model::{Dim, Model};
use equilaw::internals::term::print::{Extent, Line, Notation, numpy, text};
use equilaw::internals::term::{
    Argument, Arithmetic, Columns, Degree, Dialect, Env, Expr, Facts, OPS, Op, OpRow, PythonForm, Rational, Scalar,
    Shape, Size, Spelling, Symbol, Term, apply, infer, inner, int, leaf, ratio, size, sym,
};
use faer::Mat;
use std::sync::LazyLock;

const N: usize = 3;

/// Pairs of operands of one shape and kind; an operator takes the first pair it fits.
const PAIRS: [[&str; 2]; 5] = [["A", "B"], ["D", "E"], ["P", "Q"], ["v", "w"], ["s", "t"]];

/// The sizes and the exact numbers among the arguments: the first pair that the operator fits.
static NUMBERS: LazyLock<[(Size, Expr); 3]> = LazyLock::new(|| {
    let h = Size::Name("h".into());
    [(Size::Lit(6), ratio(1, 2)), (h, ratio(1, 2)), (Size::Lit(2), int(1))]
});

struct World {
    env: Env,
    sizes: Sizes,
}

impl World {
    /// W and F have the given shape.
    fn new(named: Shape) -> World {
        let h = Size::Name("h".into());
        let mut env = Env::default();
        for (names, shape, facts) in [
            (vec!["W", "F"], named, Facts::empty()),
            (vec!["A", "B"], Shape::square(h), Facts::empty()),
            (vec!["D", "E"], Shape::square(h), Facts::POSITIVE_DIAGONAL),
            (vec!["P", "Q"], Shape::square(h), Facts::POSITIVE),
            (vec!["v", "w"], Shape::column(h), Facts::empty()),
            (vec!["s", "t"], Shape::SCALAR, Facts::POSITIVE),
        ] {
            names.into_iter().for_each(|name| env.declare(name.into(), shape, facts));
        }
        env.declare_index("i".into(), Size::Lit(2));
        World { env, sizes: [("h".into(), N)].into() }
    }

    fn dims() -> Vec<Dim> {
        vec![Dim { name: "h".into(), default: N as u64, index: None }]
    }

    fn facts(&self, name: Symbol) -> Facts {
        self.env.symbol(name).expect("declared").facts
    }

    /// Values of every name: odd multiples of 1/53, of which no difference and no product of two is 1, that no formula is special at, in the set the name ranges over.
    fn values<T: Number>(&self) -> Vec<(Symbol, Dense<T>)> {
        let names = self.env.names().into_iter();
        let value = |name: Symbol| {
            let info = self.env.symbol(name).expect("declared");
            let [rows, cols] = [info.shape.rows, info.shape.cols].map(|n| if n == Size::Lit(1) { 1 } else { N });
            let entry = |i: usize, j: usize| {
                let seed = name.as_str().bytes().fold(7, |seed, byte| mix(seed, u64::from(byte)));
                let n = (mix(seed, (i * N + j) as u64) % 23) as i64 + 3;
                let negative = n % 2 == 0 && !info.facts.intersects(Facts::POSITIVE | Facts::POSITIVE_DIAGONAL);
                let q = Rational::new((if negative { -1 } else { 1 } * (2 * n + 1)).into(), 53.into());
                T::from_rational(&q).expect("a number")
            };
            let diagonal = info.facts.contains(Facts::DIAGONAL);
            (name, Dense::from_fn(rows, cols, |i, j| if diagonal && i != j { T::zero() } else { entry(i, j) }))
        };
        names.map(value).collect()
    }
}

/// What answers `hess(W)[A]`, `vjp(F, W)[Z]` and `hess_loss(F)[Z]`: a linear map.
struct Linear;

impl Quantities<Mat<f64>> for Linear {
    fn quantity(&self, _: Op, _: &[Symbol], argument: &Mat<f64>) -> Result<Mat<f64>, EvalError> {
        Ok(Mat::from_fn(N, N, |i, j| 1.0 / (1 + i + 2 * j) as f64) * argument)
    }
}

/// An operator with arguments.
struct Case {
    op: Op,
    row: &'static OpRow,
    world: World,
    arguments: Vec<Expr>,
    /// The operands, which are names, with their places.
    operands: Vec<(usize, Symbol)>,
    expr: Expr,
}

impl Case {
    fn all() -> Vec<Case> {
        // What is summed over a family has a value where the family is written out.
        let plain = |row: &&OpRow| row.op.is_none_or(|op| op.places(|a| a == Argument::Index).count() == 0);
        OPS.iter()
            .filter(plain)
            .map(|row| Case::new(row).unwrap_or_else(|| panic!("{:?} fits no arguments", row.op)))
            .collect()
    }

    fn new(row: &'static OpRow) -> Option<Case> {
        let named = Shape::square(Size::Name("h".into()));
        NUMBERS.iter().find_map(|numbers| PAIRS.iter().find_map(|pair| Case::with(row, pair, named, numbers)))
    }

    fn of(row: &'static OpRow, pair: &[&str; 2], named: Shape) -> Option<Case> {
        Case::with(row, pair, named, &NUMBERS[0])
    }

    fn with(row: &'static OpRow, pair: &[&str; 2], named: Shape, numbers: &(Size, Expr)) -> Option<Case> {
        let (op, world) = (row.op?, World::new(named));
        let (mut operands, mut names) = (Vec::new(), ["F", "W"].into_iter());
        if op.places(|argument| argument == Argument::Name).count() == 1 && !matches!(op, Op::Err | Op::HessLoss) {
            names.next();
        }
        let arguments: Vec<Expr> = op
            .places(|_| true)
            .map(|place| match op.argument(place) {
                Argument::Operand | Argument::Distribution | Argument::Signs | Argument::Shaped => {
                    let name = Symbol::from(pair[operands.len()]);
                    operands.push((place, name));
                    sym(name)
                }
                Argument::Positive => {
                    operands.push((place, "s".into()));
                    sym("s".into())
                }
                Argument::Size => size(numbers.0),
                Argument::Exponent => numbers.1.clone(),
                Argument::Function => leaf(Term::Fun("tanh".into())),
                Argument::Index => sym("i".into()),
                Argument::Name => sym(names.next().expect("at most two names").into()),
            })
            .collect();
        let mut expr = apply(op, &arguments.iter().collect::<Vec<_>>());
        if op == Op::Deriv {
            // A function: it has a value at an argument.
            expr = apply(Op::Apply, &[&expr, &sym("A".into())]);
        }
        infer(&world.env, &expr).ok()?;
        Some(Case { op, row, world, arguments, operands, expr })
    }

    /// Whether it has a value that can be computed as it stands; members are written out first.
    fn is_evaluated(&self) -> bool {
        self.row.arithmetic != Arithmetic::Never && !self.is_of_a_family()
    }

    fn is_of_a_family(&self) -> bool {
        self.op.places(|argument| argument == Argument::Index).next().is_some()
    }

    fn eval(&self, expr: &Expr, values: &[(Symbol, Dense<f64>)]) -> Mat<f64> {
        let tape = Tape::new(expr, &self.world.env, &self.world.sizes).unwrap_or_else(|e| panic!("{}: {e}", self.op));
        let mut at = Bindings::new();
        for (name, value) in values {
            let value = Mat::from_fn(value.rows(), value.cols(), |i, j| value.entries()[i * value.cols() + j]);
            at.bind_quantity(self.op, *name, value.clone());
            at.bind(*name, value);
        }
        tape.eval(&at.with_quantities(&Linear), &Reals).unwrap_or_else(|e| panic!("{}: {e}", self.op))
    }

    fn value(&self, change: impl Fn(Symbol, &Dense<f64>) -> Dense<f64>) -> Mat<f64> {
        let values: Vec<_> = self.world.values().into_iter().map(|(name, x)| (name, change(name, &x))).collect();
        self.eval(&self.expr, &values)
    }

    /// The operands that have columns.
    fn columned(&self) -> Vec<(usize, Symbol)> {
        let columned = |(place, _): &&(usize, Symbol)| self.op.argument(*place) != Argument::Positive;
        self.operands.iter().filter(columned).copied().collect()
    }

    fn plain(&self) -> Mat<f64> {
        self.value(|_, x| x.clone())
    }
}

fn scaled(x: &Dense<f64>, c: f64) -> Dense<f64> {
    Dense::from_fn(x.rows(), x.cols(), |i, j| c * x.entries()[i * x.cols() + j])
}

fn same(x: &Mat<f64>, y: &Mat<f64>) -> bool {
    (x.nrows(), x.ncols()) == (y.nrows(), y.ncols()) && (x - y).norm_max() <= 1e-11 * (1.0 + x.norm_max())
}

#[test]
fn every_operator_is_evaluated_or_belongs_to_laws_and_rules() {
    for case in Case::all() {
        if case.is_evaluated() {
            assert!(case.plain().is_all_finite(), "{}", case.op);
        } else if !case.is_of_a_family() {
            assert_ne!(case.row.dialect, Dialect::Model, "{} of a model has no value", case.op);
        }
    }
}

#[test]
fn gradients_are_those_of_the_value() {
    const H: f64 = 1e-5;
    // Through what is held no gradient passes: that is what it is for.
    let passes = |case: &Case| case.is_evaluated() && !case.op.is_quantity() && case.op != Op::StopGrad;
    for case in Case::all().into_iter().filter(passes) {
        // ⟨f(X), f(X)⟩, so that every entry counts.
        let scalar = inner(&case.expr, &case.expr);
        let tape = Tape::new(&scalar, &case.world.env, &case.world.sizes).expect("a formula");
        let values = case.world.values::<f64>();
        let mut at = Bindings::new();
        for (name, x) in &values {
            at.bind(*name, Mat::from_fn(x.rows(), x.cols(), |i, j| x.entries()[i * x.cols() + j]));
        }
        let names: Vec<Symbol> = case.operands.iter().map(|(_, name)| *name).collect();
        let (_, gradient) = tape.gradient(&at, &Reals, &names).unwrap_or_else(|e| panic!("{}: {e}", case.op));
        for (name, gradient) in names.iter().zip(gradient) {
            let shape = values.iter().find(|(n, _)| n == name).map(|(_, x)| (x.rows(), x.cols()));
            assert_eq!(shape, Some((gradient.nrows(), gradient.ncols())), "{} in {name}", case.op);
            let diagonal = case.world.facts(*name).contains(Facts::DIAGONAL) && gradient.nrows() > 1;
            for (i, j) in (0..gradient.nrows()).flat_map(|i| (0..gradient.ncols()).map(move |j| (i, j))) {
                if diagonal && i != j {
                    continue;
                }
                let moved = |by: f64| {
                    let values: Vec<_> = values
                        .iter()
                        .map(|(n, x)| {
                            let step = |k, l| if n == name && (k, l) == (i, j) { by } else { 0.0 };
                            let entry = |k, l| x.entries()[k * x.cols() + l] + step(k, l);
                            (*n, Dense::from_fn(x.rows(), x.cols(), entry))
                        })
                        .collect();
                    case.eval(&scalar, &values)[(0, 0)]
                };
                let (difference, claimed) = ((moved(H) - moved(-H)) / (2.0 * H), gradient[(i, j)]);
                let close = (difference - claimed).abs() <= 1e-6 * (1.0 + claimed.abs());
                assert!(close, "{} in {name}[{i},{j}]: {difference} {claimed}", case.op);
            }
        }
    }
}

#[test]
fn the_row_says_in_which_arguments_it_is_linear_and_whether_they_commute() {
    for case in Case::all().into_iter().filter(Case::is_evaluated) {
        let plain = case.plain();
        for (place, name) in &case.operands {
            let twice = case.value(|n, x| if n == *name { scaled(x, 2.0) } else { x.clone() });
            let none = case.value(|n, x| if n == *name { scaled(x, 1.0 + 1e-9) } else { x.clone() });
            assert!((&none - &plain).norm_max() < 1e-6, "{} is not continuous here", case.op);
            // An operator of the table that is homogeneous of degree 1 in an argument alone is linear in it, or piecewise.
            let piecewise = case.row.arithmetic == Arithmetic::Piecewise;
            let linear = !piecewise && same(&twice, &(&plain * faer::Scale(2.0)));
            assert_eq!(case.row.linear_in.contains(place), linear, "{} in argument {place}", case.op);
        }
        if let [(i, x), (j, y)] = case.operands[..]
            && case.op.argument(i) == case.op.argument(j)
        {
            let mut arguments = case.arguments.clone();
            (arguments[i], arguments[j]) = (sym(y), sym(x));
            let exchanged = apply(case.op, &arguments.iter().collect::<Vec<_>>());
            let exchanged = case.eval(&exchanged, &case.world.values());
            assert_eq!(case.row.commutes, same(&exchanged, &plain), "{}", case.op);
        }
    }
}

#[test]
fn linear_operators_are_additive() {
    for case in Case::all().into_iter().filter(Case::is_evaluated) {
        for (place, name) in case.operands.iter().filter(|(place, _)| case.row.linear_in.contains(place)) {
            let other = |x: &Dense<f64>| Dense::from_fn(x.rows(), x.cols(), |i, j| (1 + 2 * i + 5 * j) as f64 / 7.0);
            let at =
                |f: &dyn Fn(&Dense<f64>) -> Dense<f64>| case.value(|n, x| if n == *name { f(x) } else { x.clone() });
            let sum = at(&|x| x.add(&other(x)));
            assert!(same(&sum, &(at(&|x| x.clone()) + at(&other))), "{} in argument {place}", case.op);
        }
    }
}

#[test]
fn the_degree_is_that_of_the_value() {
    for case in Case::all().into_iter().filter(Case::is_evaluated) {
        let together =
            || case.value(|n, x| if case.operands.iter().any(|(_, o)| *o == n) { scaled(x, 2.0) } else { x.clone() });
        let degree = match case.row.degree {
            Degree::Common => 1.0,
            Degree::Total => case.operands.len() as f64,
            Degree::Times(n) => n as f64,
            Degree::Exponent => 0.5,
            // tanh has none.
            Degree::Function | Degree::Unknown => continue,
        };
        assert!(same(&together(), &(case.plain() * faer::Scale(2f64.powf(degree)))), "{} of degree {degree}", case.op);
    }
}

#[test]
fn columns_go_where_the_row_says() {
    for case in Case::all().into_iter().filter(Case::is_evaluated) {
        let touched = match case.row.columns {
            Columns::Mixed => continue,
            Columns::Each | Columns::Sum => case.columned(),
            Columns::Product => case.operands[1..].to_vec(),
        };
        let moved = |columns: &[usize]| {
            case.value(|n, x| {
                let entry = |i: usize, j: usize| {
                    let x = x.entries()[i * x.cols() + j];
                    let moves = touched.iter().any(|(_, name)| *name == n) && columns.contains(&j);
                    if moves { x + 0.25 } else { x }
                };
                Dense::from_fn(x.rows(), x.cols(), entry)
            })
        };
        let [plain, first, second, both] = [&[][..], &[0], &[1], &[0, 1]].map(moved);
        if case.row.columns == Columns::Sum {
            assert!(same(&(&both + &plain), &(&first + &second)), "{}", case.op);
        } else {
            for j in 1..plain.ncols() {
                let column = |x: &Mat<f64>| Mat::from_fn(x.nrows(), 1, |i, _| x[(i, j)]);
                assert!(same(&column(&plain), &column(&first)), "{}, column {j}", case.op);
            }
        }
    }
}

#[test]
fn exact_arithmetic_needs_what_the_row_says() {
    for case in Case::all().into_iter().filter(|case| case.is_evaluated() && !case.op.is_quantity()) {
        let tape = Tape::new(&case.expr, &case.world.env, &case.world.sizes).expect("a formula");
        let at = |t: i64| -> Result<Dense<Rational>, EvalError> {
            let mut at = Bindings::new();
            for (name, x) in case.world.values::<Rational>() {
                let moved = x.add(&Dense::from_fn(x.rows(), x.cols(), |i, j| {
                    let moves = !case.world.facts(name).contains(Facts::DIAGONAL) || i == j;
                    Rational::new(if moves { t * (1 + i as i64 + 3 * j as i64) } else { 0 }.into(), 8.into())
                }));
                at.bind(name, moved);
            }
            tape.eval(&at, &Rationals)
        };
        let values: Result<Vec<_>, _> = (0..7).map(at).collect();
        let found = match &values {
            Err(EvalError::NoSquareRoot { .. }) => Arithmetic::Root,
            Err(_) => Arithmetic::Transcendental,
            Ok(values) => {
                // A polynomial of degree at most 5 along a line has no sixth difference.
                let mut rows = values.clone();
                while rows.len() > 1 {
                    rows = rows.windows(2).map(|pair| pair[1].sub(&pair[0])).collect();
                }
                let zero = rows[0].entries().iter().all(num_traits::Zero::is_zero);
                if zero { Arithmetic::Polynomial } else { Arithmetic::Division }
            }
        };
        let stated = match case.row.arithmetic {
            // No difference of a line across kinks need vanish.
            Arithmetic::Piecewise if values.is_ok() => continue,
            // tanh is transcendental.
            Arithmetic::Function => Arithmetic::Transcendental,
            stated => stated,
        };
        assert_eq!(stated, found, "{}", case.op);
    }
}

#[test]
fn scalars_are_inferred_where_the_row_says() {
    for row in OPS {
        let (Scalar::If(places), Some(op)) = (row.scalar, row.op) else { continue };
        // An exchange of members has its place in an image alone.
        if op == Op::Relabelled {
            continue;
        }
        // Of scalars; of matrices where nothing is asked of the arguments.
        let case = if places.is_empty() { Case::new(row) } else { Case::of(row, &PAIRS[4], Shape::SCALAR) };
        let case = case.unwrap_or_else(|| panic!("{op} fits no scalars"));
        assert!(infer(&case.world.env, &case.expr).expect("a formula").shape.is_scalar(), "{op}");
    }
}

#[test]
fn every_format_prints_it_and_the_language_reads_it_back() {
    for case in Case::all() {
        let (env, op) = (&case.world.env, case.op);
        let written = text(&case.expr);
        assert!(written.contains(&op.to_string()) || case.row.spelling == Spelling::Applied, "{op}: {written}");
        let read = parse_expr(env, &World::dims(), &written);
        match case.row.dialect {
            Dialect::Model | Dialect::Law => assert_eq!(read.expect("a formula"), case.expr, "{written}"),
            Dialect::Rule => assert!(read.is_err(), "{written}"),
        }
        let notation = Notation::new(env, &["W".into()], Some("F".into()), &[]);
        let code = numpy(env, &case.expr, &Extent::Variable).expect("code").code;
        for printed in
            [Line::formula(&case.expr, &notation).unicode(), Line::formula(&case.expr, &notation).latex(), code.clone()]
        {
            assert!(
                !printed.is_empty() && printed.matches('(').count() == printed.matches(')').count(),
                "{op}: {printed}"
            );
        }
        if let PythonForm::Function(function) = case.row.python {
            assert!(code.contains(function), "{op}: {code}");
        }
        let model = format!(
            "model m\ndim h = {N}\nparam W : h x h\ndata A : h x h\ndata B : h x h\ndata D : h x h positive_diagonal\n\
             data E : h x h positive_diagonal\ndata P : h x h positive\ndata Q : h x h positive\ndata v : h\ndata w : h\n\
             data s : scalar positive\ndata t : scalar positive\nparam V[i in 1..2] : h x h\nlet F = W * W\nlet R = {written}\noutput O = F\nloss any\n"
        );
        let read = Model::parse("m.eqv", &model);
        assert_eq!(read.is_ok(), case.row.dialect == Dialect::Model, "{written}: {:?}", read.err());
    }
}

#[test]
fn the_reference_lists_it() {
    for row in OPS {
        let forms = match row.spelling {
            Spelling::Sum(sign) | Spelling::Product(sign) => [format!("`X {sign} Y`"), String::new()],
            Spelling::Power(sign) => [format!("`X {sign} q`"), String::new()],
            Spelling::Postfix(sign) => [format!("`X{sign}`"), String::new()],
            Spelling::Name(name) | Spelling::Bracket(name) => [format!("`{name}("), format!("`{name}`")],
            Spelling::Constant(name) => [format!("`{name}`"), String::new()],
            Spelling::Applied => continue,
        };
        assert!(
            forms.iter().any(|form| !form.is_empty() && REFERENCE.contains(form)),
            "{forms:?} is not in the reference"
        );
    }
}
