//! The rows of the elementwise functions, against differences, the rationals, the exact engine, the rules and the reference.

use super::{REFERENCE, paragraph};
use crate::BOOK;
use equilaw::internals::eval::{Bindings, Dense, Number, Rationals, Reals, Sizes, Tape};
use equilaw::internals::exact::{Bounds, Fields, complete, unwatched};
use equilaw::internals::language::parse_expr;
use equilaw::internals::model::Model;
use equilaw::internals::report::{defined, html};
use equilaw::internals::term::print::{Extent, Line, Notation, numpy, text};
use equilaw::internals::term::{
    Domain, Env, Expr, FUNCTIONS, Facts, FunctionRow, Op, Parity, Positivity, Rational, Shape, Size, Slope, Typeset,
    apply, call_elementwise, infer, leaf, sym,
};
use faer::Mat;

/// Where functions are looked at; the positive ones alone where the domain is positive. None is special to any function.
const POINTS: [f64; 10] = [-7.4, -4.2, -1.7, -0.9, -0.3, 0.3, 0.9, 1.7, 4.2, 7.4];

fn points(row: &FunctionRow) -> impl Iterator<Item = f64> {
    let real = row.domain == Domain::Real;
    POINTS.into_iter().filter(move |x| real || *x > 0.0)
}

/// A 2×2 matrix X and a scalar x, positive where the function needs it.
fn env(row: &FunctionRow) -> Env {
    let facts = if row.domain == Domain::Positive { Facts::POSITIVE } else { Facts::empty() };
    let mut env = Env::default();
    env.declare("X".into(), Shape::square(Size::Lit(2)), facts);
    env.declare("x".into(), Shape::SCALAR, facts);
    env
}

/// The derivative of some order at a name.
fn derivative(row: &FunctionRow, order: usize, at: &str) -> Expr {
    let function = leaf(equilaw::internals::term::Term::Fun(row.name.into()));
    let function = (0..order).fold(function, |f, _| apply(Op::Deriv, &[&f]));
    apply(Op::Apply, &[&function, &sym(at.into())])
}

fn value(row: &FunctionRow, order: usize, x: f64) -> f64 {
    let tape = Tape::new(&derivative(row, order, "x"), &env(row), &Sizes::new()).expect("a formula");
    let mut at = Bindings::new();
    at.bind("x".into(), Mat::full(1, 1, x));
    tape.eval(&at, &Reals).unwrap_or_else(|e| panic!("{} at {x}: {e}", row.name))[(0, 0)]
}

fn close(x: f64, y: f64, tolerance: f64) -> bool {
    (x - y).abs() <= tolerance * (1.0 + x.abs() + y.abs())
}

/// A formula of an article in the language, with the numbers that its letters stand for.
fn in_the_language(value: &str, words: &str) -> String {
    let mut text = value.replace("e^(", "exp(").replace('−', "-").replace('²', "^2");
    // What stands beside each other is multiplied.
    let factor = |c: char| c.is_alphanumeric() || c == '(';
    for at in (1..text.len()).rev().filter(|at| text.is_char_boundary(*at)).collect::<Vec<_>>() {
        let (before, after) = text.split_at(at);
        let Some(rest) = after.strip_prefix(' ') else { continue };
        if rest.starts_with(factor) && before.ends_with(char::is_alphanumeric) {
            text = format!("{before} * {rest}");
        }
    }
    for piece in words.split('`').collect::<Vec<_>>()[1..].chunks(2) {
        let [letter, said] = piece else { continue };
        let number = said.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
        text = text.replace(letter, number.unwrap_or(letter));
    }
    text
}

#[test]
fn what_articles_say_a_function_is_is_its_value() {
    for row in FUNCTIONS {
        let (said, words) = defined(row.name).unwrap_or_else(|| panic!("{} is not defined", row.name));
        // The distribution function is no function of the language; words are read by people.
        if said.is_empty() || said.contains('Φ') {
            continue;
        }
        let said = in_the_language(said, words);
        let formula = parse_expr(&env(row), &[], &said).unwrap_or_else(|e| panic!("{said}: {e}"));
        let tape = Tape::new(&formula, &env(row), &Sizes::new()).expect("a formula");
        for x in points(row) {
            let mut at = Bindings::new();
            at.bind("x".into(), Mat::full(1, 1, x));
            let found = tape.eval(&at, &Reals).unwrap_or_else(|e| panic!("{said} at {x}: {e}"))[(0, 0)];
            assert!(close(found, value(row, 0, x), 1e-13), "{} at {x}: {found}", row.name);
        }
    }
}

#[test]
fn an_article_defines_the_functions_of_its_model() {
    for row in FUNCTIONS {
        let model = format!(
            "model m\ndim d = 2, n = 2\nparam W : d x d positive\ndata X : d x n positive\noutput F = {}(W * X)\nloss any",
            row.name
        );
        let page = html(&crate::derived(&model), false);
        let (said, words) = defined(row.name).expect("a definition");
        assert_eq!(page.contains("Entry by entry"), !(said.is_empty() && words.is_empty()), "{}", row.name);
    }
}

#[test]
fn derivatives_are_those_of_the_value() {
    const H: f64 = 1e-5;
    for row in FUNCTIONS {
        for x in points(row) {
            for order in 0..2 {
                let difference = (value(row, order, x + H) - value(row, order, x - H)) / (2.0 * H);
                let claimed = value(row, order + 1, x);
                assert!(close(difference, claimed, 1e-8), "{}, order {}: {difference} {claimed}", row.name, order + 1);
            }
        }
    }
}

#[test]
fn every_property_is_stated_and_true() {
    for row in FUNCTIONS {
        let (name, f) = (row.name, |x| value(row, 0, x));
        let all = |holds: &dyn Fn(f64) -> bool| points(row).all(holds);
        let symmetric = |sign: f64| row.domain == Domain::Real && all(&|x| close(f(-x), sign * f(x), 1e-13));
        let parity = match (symmetric(-1.0), symmetric(1.0)) {
            (true, _) => Parity::Odd,
            (_, true) => Parity::Even,
            _ => Parity::Neither,
        };
        assert_eq!(row.parity, parity, "{name}");
        let everywhere = all(&|x| f(x) > 0.0) && row.domain == Domain::Real && f(0.0) > 0.0;
        let positive = match (everywhere, all(&|x| f(x) >= 0.0), all(&|x| x < 0.0 || f(x) > 0.0)) {
            (true, ..) => Positivity::Everywhere,
            (_, true, true) => Positivity::Nonnegative,
            (_, _, true) => Positivity::OnPositive,
            _ => Positivity::Unknown,
        };
        assert_eq!(row.positivity, positive, "{name}");
        let odd = |x: f64| (f(x) - f(-x)) / x;
        let slant = (row.domain == Domain::Real && all(&|x| close(odd(x), odd(1.0), 1e-12))).then(|| odd(1.0));
        let stated = row.properties().slant.map(|c| f64::from_rational(&c).expect("a slope"));
        match (stated, slant) {
            (Some(c), Some(slant)) => assert!(close(c, slant, 1e-12), "{name}: {c}, not {slant}"),
            // An even function is not called slanted.
            (stated, slant) => assert!(stated.is_none() && slant.is_none_or(|c| c.abs() < 1e-12), "{name}: {slant:?}"),
        }
        let degrees: Vec<f64> = points(row).filter(|x| *x > 0.0).map(|x| (f(2.0 * x) / f(x)).log2()).collect();
        let one = degrees.iter().all(|k| close(*k, degrees[0], 1e-12));
        let degree = (one && all(&|x| close(f(2.0 * x), 2f64.powf(degrees[0]) * f(x), 1e-12))).then_some(degrees[0]);
        let stated = row.properties().homogeneous.map(|k| f64::from_rational(&k).expect("a degree"));
        assert_eq!(stated.is_some(), degree.is_some(), "{name}: {degrees:?}");
        if let Some(k) = stated {
            assert!(all(&|x| close(f(3.0 * x), 3f64.powf(k) * f(x), 1e-12)), "{name} of degree {k}");
        }
        // A jump of the first or the second derivative at some integer.
        let jumps = |order, x: f64| !close(value(row, order, x + 1e-9), value(row, order, x - 1e-9), 1e-3);
        let real = row.domain == Domain::Real;
        let kink = real && (-6..7).any(|x| jumps(1, f64::from(x)) || jumps(2, f64::from(x)));
        assert_eq!(row.is_piecewise(), kink, "{name}");
        let inferred = infer(&env(row), &derivative(row, 0, "X")).expect("a formula").facts;
        let needs = row.domain == Domain::Positive && row.positivity != Positivity::Unknown;
        assert_eq!(inferred.contains(Facts::POSITIVE), needs || row.positivity == Positivity::Everywhere, "{name}");
    }
}

#[test]
fn what_is_algebraic_has_rational_values() {
    for row in FUNCTIONS {
        let tape = Tape::new(&derivative(row, 0, "x"), &env(row), &Sizes::new()).expect("a formula");
        let at = |x: Rational| {
            let mut at = Bindings::new();
            at.bind("x".into(), Dense::from_fn(1, 1, |_, _| x.clone()));
            tape.eval(&at, &Rationals)
        };
        // 2/3 has no rational root, 4/9 has one.
        let [generic, square] = [(2, 3), (4, 9)].map(|(n, d)| at(Rational::new(n.into(), d.into())).is_ok());
        assert_eq!(square, !row.is_transcendental(), "{}", row.name);
        assert_eq!(generic, !row.is_transcendental() && row.domain == Domain::Real, "{}", row.name);
    }
}

/// A network with the function between two layers.
fn network(row: &FunctionRow) -> Model {
    let positive = if row.domain == Domain::Positive { " positive" } else { "" };
    let text = format!(
        "model m\ndim d = 2, h = 2, k = 2, n = 2\nparam U : h x d{positive}\nparam V : k x h\ndata X : d x n{positive}\n\
         output F = V * {}(U * X)\nloss any\n",
        row.name
    );
    Model::parse("m.eqv", &text).unwrap_or_else(|e| panic!("{}", e.render(false, 100)))
}

#[test]
fn the_exact_engine_knows_what_it_draws_and_counts_the_laws() {
    for row in FUNCTIONS {
        let model = network(row);
        let sizes = model.sizes(&[]).expect("the defaults");
        let fields = Fields::new(&model, &sizes).expect("fields");
        assert_eq!(fields.is_transcendental(), row.is_transcendental(), "{}", row.name);
        assert_eq!(fields.is_piecewise(), row.is_piecewise(), "{}", row.name);
        let found = complete(&model, &sizes, &[], Bounds::default(), &unwatched).expect("counted");
        // One law for each hidden unit that can be rescaled.
        let laws = if row.definition.degree().is_some() { 2 } else { 0 };
        assert_eq!((found.laws_at_most, found.certificate.exhausted), (laws, true), "{}: {found:?}", row.name);
    }
}

#[test]
fn the_derivative_has_a_rule_where_the_row_says_so_and_then_makes_potentials() {
    for row in FUNCTIONS {
        let rule = format!("deriv-{}", row.name.replace('_', "-"));
        let known = BOOK.rules().iter().any(|r| r.name == rule);
        assert_eq!(known, row.slope == Slope::Rule, "{rule}");
        let potential = format!(
            "model m\ndim n = 3\npotential p(x) = x^2 + {}(x)\nparam w : n positive\ndata X : n x n\noutput F = X * w\n\
             loss any\ndynamics mirror {{ w : p }}\n",
            row.name
        );
        assert_eq!(Model::parse("p.eqv", &potential).is_ok(), row.slope == Slope::Rule, "{}", row.name);
    }
}

#[test]
fn every_format_prints_it() {
    for row in FUNCTIONS {
        let (name, env) = (row.name, env(row));
        let of = |argument: &str| call_elementwise(name.into(), &sym(argument.into()));
        let (matrix, scalar) = (of("X"), of("x"));
        assert_eq!(text(&matrix), format!("{name}(X)"));
        assert_eq!(equilaw::internals::language::parse_expr(&env, &[], &text(&matrix)).expect("a formula"), matrix);
        let notation = Notation::new(&env, &[], None, &[]);
        assert_eq!(Line::formula(&matrix, &notation).unicode(), format!("{name}(X)"));
        assert!(Line::formula(&matrix, &notation).latex().contains(&name.replace('_', "\\_")), "{name}");
        let start = match row.typeset {
            Typeset::Name => format!("{name}("),
            Typeset::Root => "√".to_string(),
            Typeset::Exponential => "e^".to_string(),
        };
        assert!(
            Line::formula(&scalar, &notation).unicode().starts_with(&start),
            "{}",
            Line::formula(&scalar, &notation).unicode()
        );
        let code = |e: &Expr| numpy(&env, e, &Extent::Variable).expect("code").code;
        let (before, after) = row.python.value;
        assert_eq!(code(&matrix), format!("{before}X{after}"));
        assert_eq!(code(&derivative(row, 1, "X")), format!("{}(X)", row.python.derivative));
    }
}

#[test]
fn the_reference_lists_it() {
    let line = |start: &str| {
        let found = REFERENCE.lines().find(|line| line.starts_with(start) || line.contains(start));
        found.unwrap_or_else(|| panic!("no line with {start}"))
    };
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_string).collect()
    };
    let listed = words(line("| elementwise |"));
    let potentials = words(line("`+ - * / ^` and the functions"));
    let properties = words(paragraph("The normalizations have no gain"));
    for row in FUNCTIONS {
        let has = |words: &[String]| words.iter().any(|word| word == row.name);
        assert!(has(&listed), "{}", row.name);
        assert_eq!(has(&potentials), row.slope == Slope::Rule, "{} among the functions of potentials", row.name);
        let known = row.definition.degree().is_some() || row.parity != Parity::Neither;
        assert_eq!(has(&properties), known, "{} among the homogeneous, odd and even functions", row.name);
    }
}
