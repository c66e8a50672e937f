//! The facts that inference claims of a value, against the value: every operator on operands of every kind.

use equilaw::internals::eval::{Bindings, Reals, Sizes, Tape, mix};
use equilaw::internals::term::{
    Argument, Arithmetic, Env, Expr, FUNCTIONS, Facts, OPS, Op, Shape, Size, Symbol, Term, apply, infer, int, leaf,
    mul, ratio, size, sym, transpose,
};
use faer::Mat;
use std::collections::BTreeMap;

/// Whether a matrix has a fact, by its definition.
fn has(x: &Mat<f64>, fact: Facts) -> bool {
    let (m, n) = (x.nrows(), x.ncols());
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs()));
    let all = |holds: &dyn Fn(usize, usize) -> bool| (0..m).all(|i| (0..n).all(|j| holds(i, j)));
    let square = m == n;
    let diagonal = || square && all(&|i, j| i == j || near(x[(i, j)], 0.0));
    let orthogonal = || {
        let gram = x * x.transpose();
        square && all(&|i, j| near(gram[(i, j)], f64::from(i == j)))
    };
    match fact {
        Facts::SYMMETRIC => square && all(&|i, j| near(x[(i, j)], x[(j, i)])),
        Facts::SKEW => square && all(&|i, j| near(x[(i, j)], -x[(j, i)])),
        Facts::DIAGONAL => diagonal(),
        Facts::ORTHOGONAL => orthogonal(),
        Facts::ROTATION => orthogonal() && x.determinant() > 0.0,
        Facts::INVERTIBLE => square && x.determinant().abs() > 1e-12,
        Facts::POSITIVE => all(&|i, j| x[(i, j)] > 0.0),
        Facts::NONNEGATIVE => all(&|i, j| x[(i, j)] >= 0.0),
        Facts::POSITIVE_DIAGONAL => diagonal() && (0..n).all(|i| x[(i, i)] > 0.0),
        Facts::PERMUTATION => orthogonal() && all(&|i, j| near(x[(i, j)], 0.0) || near(x[(i, j)], 1.0)),
        Facts::SIGNED_PERMUTATION => orthogonal() && all(&|i, j| near(x[(i, j)], 0.0) || near(x[(i, j)].abs(), 1.0)),
        Facts::INTEGER => all(&|i, j| near(x[(i, j)], x[(i, j)].round())),
        Facts::FIXES_ONES => square && sums_to(x, 1.0),
        Facts::CENTRED => square && sums_to(x, 0.0),
        Facts::PLANES => {
            let turn = Mat::from_fn(m, m, |i, j| match (i ^ 1 == j, i < j) {
                (false, _) => 0.0,
                (true, earlier) => 1.0 - 2.0 * f64::from(earlier),
            });
            let blocks = |i: usize, j: usize| i / 2 == j / 2 || near(x[(i, j)], 0.0);
            square && m % 2 == 0 && all(&blocks) && {
                let apart = x * &turn - &turn * x;
                (0..m).all(|i| (0..m).all(|j| near(apart[(i, j)], 0.0)))
            }
        }
        other => unreachable!("{other:?} is no fact of a value"),
    }
}

fn sums_to(x: &Mat<f64>, value: f64) -> bool {
    let n = x.nrows();
    let near = |sum: f64| (sum - value).abs() <= 1e-9 * (1.0 + x.norm_l1());
    (0..n).all(|i| near((0..n).map(|k| x[(i, k)]).sum()) && near((0..n).map(|k| x[(k, i)]).sum()))
}

/// The facts a value can have: all but that it is constant.
fn facts() -> impl Iterator<Item = (&'static str, Facts)> {
    Facts::NAMED.iter().copied().filter(|(_, fact)| *fact != Facts::CONSTANT)
}

/// Square matrices of every kind there is a fact for, and some of two kinds at once.
fn squares(n: usize, seed: u64) -> Vec<Mat<f64>> {
    let entry = |i: usize, j: usize| (mix(mix(seed, i as u64), j as u64) >> 11) as f64 / (1u64 << 52) as f64 - 1.0;
    let x = Mat::from_fn(n, n, entry);
    let diagonal = |value: &dyn Fn(usize) -> f64| Mat::from_fn(n, n, |i, j| if i == j { value(i) } else { 0.0 });
    let sign = |i: usize| if i.is_multiple_of(2) { -1.0 } else { 1.0 };
    let cycle = Mat::from_fn(n, n, |i, j| f64::from((i + 1) % n == j));
    let rotation = x.qr().compute_thin_Q();
    let centring = Mat::from_fn(n, n, |i, j| f64::from(i == j) - 1.0 / n as f64);
    let centred = &centring * &x * &centring;
    let mean = Mat::full(n, n, 1.0 / n as f64);
    let complex = Mat::from_fn(n, n, |i, j| match (i / 2 == j / 2, i == j) {
        (false, _) => 0.0,
        (true, true) => x[(i & !1, i & !1)],
        (true, false) => x[(i & !1, i | 1)] * if i < j { -1.0 } else { 1.0 },
    });
    vec![
        x.clone(),
        &x + x.transpose(),
        &x - x.transpose(),
        diagonal(&|i| x[(i, i)]),
        diagonal(&|i| x[(i, i)].abs() + 0.1),
        diagonal(&sign),
        diagonal(&|_| 1.0),
        diagonal(&sign) * &cycle,
        Mat::from_fn(n, n, |i, j| f64::from(i + j + 1 == n)),
        Mat::from_fn(n, n, |i, j| x[(i, j)].abs() + 0.1),
        Mat::from_fn(n, n, |i, j| x[(i.min(j), i.max(j))].abs() + 0.1),
        Mat::from_fn(n, n, |i, j| x[(i, j)].max(0.0)),
        diagonal(&|i| x[(i, i)].max(0.0)),
        &centred + &mean,
        (diagonal(&|_| 1.0) + &cycle) * 0.5,
        &centred - centred.transpose(),
        centred,
        complex,
        &rotation * diagonal(&sign) * rotation.transpose(),
        rotation,
        cycle,
    ]
}

/// A matrix with its symbolic shape and the facts found by looking at it.
struct Operand {
    shape: Shape,
    value: Mat<f64>,
    facts: Facts,
}

/// Operands for h = n and k = 2.
fn zoo(n: usize, seed: u64) -> Vec<Operand> {
    let (h, k) = (Size::Name("h".into()), Size::Name("k".into()));
    let general = |shape: Shape, rows: usize, cols: usize| {
        let x = squares(rows.max(cols), mix(seed, (rows * 8 + cols) as u64));
        [0, 9].map(|i| (shape, Mat::from_fn(rows, cols, |a, b| x[i][(a, b)])))
    };
    let square = squares(n, seed).into_iter().map(|x| (Shape::square(h), x));
    let scalars = [0.7, -1.0, 1.0, -0.4].map(|x| (Shape::SCALAR, Mat::full(1, 1, x)));
    let all = square.chain(scalars).chain(general(Shape::new(h, k), n, 2)).chain(general(Shape::column(h), n, 1));
    let seen = |(shape, value): (Shape, Mat<f64>)| {
        let possible = if shape.is_square() { Facts::all() } else { Facts::ANYWHERE };
        let facts =
            facts().filter(|(_, fact)| possible.contains(*fact) && has(&value, *fact)).map(|(_, fact)| fact).collect();
        Operand { shape, value, facts }
    };
    all.map(seen).collect()
}

/// Every operator with a value applied to A and B, every function and some exponents in its place; and formulas whose
/// facts need two steps.
fn formulas() -> Vec<Expr> {
    let (a, b) = (sym("A".into()), sym("B".into()));
    let h = size(Size::Name("h".into()));
    let mut out = vec![
        mul(&int(-1), &a),
        mul(&int(2), &a),
        mul(&mul(&a, &b), &transpose(&a)),
        apply(Op::Add, &[&a, &transpose(&a)]),
    ];
    for op in OPS
        .iter()
        .filter(|row| !matches!(row.arithmetic, Arithmetic::Never | Arithmetic::Given))
        .filter_map(|row| row.op)
    {
        let choices = |argument: Argument, operand: &Expr| match argument {
            Argument::Size => vec![h.clone()],
            Argument::Exponent => vec![ratio(1, 2), ratio(-1, 2), int(-1), int(0), int(1), int(2), int(3)],
            Argument::Function => FUNCTIONS.iter().map(|row| leaf(Term::Fun(row.name.into()))).collect(),
            Argument::Operand | Argument::Distribution | Argument::Signs => vec![operand.clone()],
            Argument::Positive | Argument::Shaped => vec![operand.clone()],
            Argument::Name | Argument::Index => vec![],
        };
        let mut operands = [&a, &b].into_iter();
        let mut applied: Vec<Vec<Expr>> = vec![vec![]];
        for place in op.places(|_| true) {
            let argument = op.argument(place);
            let operand = if argument.is_operand() { operands.next().expect("two operands") } else { &a };
            let each = |before: &Vec<Expr>| -> Vec<Vec<Expr>> {
                choices(argument, operand).into_iter().map(|e| before.iter().cloned().chain([e]).collect()).collect()
            };
            applied = applied.iter().flat_map(each).collect();
        }
        out.extend(applied.iter().map(|arguments| apply(op, &arguments.iter().collect::<Vec<_>>())));
    }
    out
}

#[test]
fn every_inferred_fact_is_true() {
    let formulas = formulas();
    let (mut claims, mut wrong) = (BTreeMap::<&str, u64>::new(), BTreeMap::<String, String>::new());
    for n in 1..4 {
        let sizes: Sizes = [("h", n), ("k", 2)].map(|(name, n)| (Symbol::from(name), n)).into();
        let zoos = [zoo(n, 1), zoo(n, 2)];
        for (x, formula) in zoos[0].iter().flat_map(|x| formulas.iter().map(move |f| (x, f))) {
            let binary = equilaw::internals::term::mentions(formula, "B".into());
            for y in zoos[1].iter().take(if binary { usize::MAX } else { 1 }) {
                let mut env = Env::default();
                env.declare("A".into(), x.shape, x.facts);
                env.declare("B".into(), y.shape, y.facts);
                let Ok(data) = infer(&env, formula) else { continue };
                if facts().all(|(_, fact)| !data.facts.contains(fact)) {
                    continue;
                }
                let mut at = Bindings::new();
                at.bind("A".into(), x.value.clone()).bind("B".into(), y.value.clone());
                // Not defined at these operands: the inverse of a singular matrix, the logarithm of a negative number.
                let value = Tape::new(formula, &env, &sizes).and_then(|tape| tape.eval(&at, &Reals));
                let Some(value) = value.ok().filter(|v| v.is_all_finite() && v.norm_max() < 1e6) else { continue };
                for (name, fact) in facts().filter(|(_, fact)| data.facts.contains(*fact)) {
                    *claims.entry(name).or_default() += 1;
                    if !has(&value, fact) {
                        let what = format!("{} is not {name}", equilaw::internals::term::print::text(formula));
                        let example = format!("h = {n}, A: {} {:?}, B: {} {:?}", x.shape, x.facts, y.shape, y.facts);
                        wrong.entry(what).or_insert(example);
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // Every fact was claimed of something, so that the test means something for each.
    for (name, _) in facts() {
        assert!(claims.get(name).is_some_and(|n| *n >= 50), "{name}: {claims:?}");
    }
}
