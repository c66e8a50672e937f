//! The evaluator against finite differences, against itself over other numbers, and against closed forms.

use super::*;
use crate::term::*;
use faer::Mat;
use proptest::prelude::*;
use std::collections::HashMap;

/// Names, shapes over the sizes d=3, h=2, k=2, n=4, and the formulas the claims are checked on.
struct Zoo {
    env: Env,
    sizes: Sizes,
}

const PARAMETERS: [&str; 4] = ["W1", "W2", "A", "v"];

fn f(name: &str, x: &Expr) -> Expr {
    call_elementwise(name.into(), x)
}

impl Zoo {
    fn new() -> Zoo {
        let size = |name: &str| Size::Name(name.into());
        let (d, h, k, n) = (size("d"), size("h"), size("k"), size("n"));
        let mut env = Env::default();
        for (name, rows, cols) in
            [("W1", h, d), ("W2", k, h), ("X", d, n), ("Y", k, n), ("A", h, h), ("v", h, Size::Lit(1))]
        {
            env.declare(name.into(), Shape::new(rows, cols), Facts::empty());
        }
        env.declare("s".into(), Shape::SCALAR, Facts::POSITIVE);
        env.declare("P".into(), Shape::new(h, d), Facts::POSITIVE);
        for (name, function) in [
            ("cubic", Function { homogeneous: Some(Rational::from_integer(3.into())), ..Function::default() }),
            ("psi", Function { odd: true, ..Function::default() }),
            ("even", Function { even: true, ..Function::default() }),
            ("chi", Function::default()),
        ] {
            env.declare_activation(name.into(), function);
        }
        let signature = Signature { arguments: vec![Shape::new(k, n), Shape::new(d, n)], result: Shape::new(n, k) };
        env.declare_call("rest".into(), signature);
        let sizes = [("d", 3), ("h", 2), ("k", 2), ("n", 4)].map(|(name, n)| (name.into(), n)).into();
        Zoo { env, sizes }
    }

    fn tape(&self, expr: &Expr) -> Tape {
        Tape::new(expr, &self.env, &self.sizes).expect("a well-typed formula")
    }

    /// W₂ φ(W₁X).
    fn network(phi: &str) -> Expr {
        mul(&sym("W2".into()), &f(phi, &mul(&sym("W1".into()), &sym("X".into()))))
    }

    /// Scalar formulas that are polynomial.
    fn polynomials() -> Vec<Expr> {
        let [w1, w2, x, y, a, v] = ["W1", "W2", "X", "Y", "A", "v"].map(|name| sym(name.into()));
        let n = size(Size::Name("n".into()));
        vec![
            apply(Op::Mse, &[&Zoo::network("square"), &y]),
            apply(Op::Norm2, &[&mul(&w2, &mul(&a, &mul(&w1, &x)))]),
            mul(&apply(Op::Tr, &[&mul(&a, &a)]), &apply(Op::Sum, &[&apply(Op::Had, &[&w1, &w1])])),
            apply(Op::Inner, &[&mul(&apply(Op::Diag, &[&v]), &a), &transpose(&a)]),
            apply(Op::Norm2, &[&add(&apply(Op::Diagvec, &[&a]), &mul(&apply(Op::Pow, &[&n, &int(-1)]), &v))]),
            apply(Op::Sum, &[&f("cubic", &mul(&a, &w1))]),
            apply(Op::Sum, &[&f("relu", &sub(&w1, &mul(&a, &w1)))]),
            apply(
                Op::Sum,
                &[&mul(&apply(Op::Inv, &[&add(&a, &apply(Op::Eye, &[&size(Size::Name("h".into()))]))]), &w1)],
            ),
        ]
    }

    /// Scalar formulas that are smooth and not polynomial.
    fn smooth() -> Vec<Expr> {
        let [w1, w2, x, y, a, s, p] = ["W1", "W2", "X", "Y", "A", "s", "P"].map(|name| sym(name.into()));
        let hidden = mul(&w1, &x);
        let mut all: Vec<Expr> =
            ["tanh", "sigmoid", "silu", "gelu", "softplus", "exp", "sin", "cos", "psi", "even", "chi"]
                .map(|phi| apply(Op::Norm2, &[&Zoo::network(phi)]))
                .into();
        for op in [Op::Softmax, Op::LogSoftmax, Op::LayerNorm, Op::RmsNorm, Op::Normalize, Op::BatchNorm] {
            let normed = apply(op, &[&add(&mul(&w2, &hidden), &apply(Op::Softmax, &[&y]))]);
            all.push(apply(Op::Inner, &[&apply(Op::Had, &[&normed, &normed]), &y]));
        }
        for op in [Op::CrossEntropy, Op::Logistic, Op::Exponential] {
            all.push(apply(op, &[&Zoo::network("tanh"), &y]));
        }
        all.push(apply(Op::Norm2, &[&apply(Op::Call("rest".into()), &[&mul(&w2, &hidden), &x])]));
        all.push(apply(Op::Norm2, &[&mul(&apply(Op::Pow, &[&s, &ratio(-3, 2)]), &mul(&a, &w1))]));
        let chi_prime = apply(Op::Deriv, &[&leaf(Term::Fun("chi".into()))]);
        all.push(apply(Op::Sum, &[&apply(Op::Apply, &[&chi_prime, &mul(&a, &w1)])]));
        all.push(apply(Op::Inner, &[&apply(Op::HadPow, &[&p, &ratio(1, 3)]), &f("log", &f("exp", &w1))]));
        all
    }

    fn floats(&self, seed: u64) -> Bindings<'static, Mat<f64>> {
        let mut bindings = Bindings::new();
        for name in ["W1", "W2", "X", "Y", "A", "v", "s", "P"] {
            let shape = self.env.symbol(name.into()).expect("declared").shape;
            let [rows, cols] = [shape.rows, shape.cols].map(|n| concrete(n, &self.sizes).expect("known"));
            let stream = mix(seed, stream_of(name));
            let entry = |i, j| (mix(stream, (i * cols + j) as u64) % 41) as f64 / 16.0 - 1.25;
            let positive = name == "s" || name == "P";
            let matrix = Mat::from_fn(rows, cols, |i, j| if positive { entry(i, j).abs() + 0.25 } else { entry(i, j) });
            bindings.bind(name.into(), matrix);
        }
        bindings
    }
}

fn wrt() -> Vec<Symbol> {
    PARAMETERS.map(Symbol::from).into()
}

fn direction(bindings: &Bindings<Mat<f64>>, seed: u64) -> HashMap<Symbol, Mat<f64>> {
    let random = |name: &Symbol| {
        let like = bindings.symbol(*name).expect("bound");
        let stream = mix(seed, stream_of(name.as_str()));
        let entry = |i, j| (mix(stream, (i * 31 + j) as u64) % 17) as f64 / 8.0 - 1.0;
        (*name, Mat::from_fn(like.nrows(), like.ncols(), entry))
    };
    wrt().iter().map(random).collect()
}

fn shifted(bindings: &Bindings<Mat<f64>>, along: &HashMap<Symbol, Mat<f64>>, t: f64) -> Bindings<'static, Mat<f64>> {
    let mut out = Zoo::new().floats(0);
    for name in ["W1", "W2", "X", "Y", "A", "v", "s", "P"] {
        let value = bindings.symbol(name.into()).expect("bound");
        let moved = along.get(&name.into()).map_or(value.clone(), |v| value + v * faer::Scale(t));
        out.bind(name.into(), moved);
    }
    out
}

fn dot(gradient: &[Mat<f64>], along: &HashMap<Symbol, Mat<f64>>) -> f64 {
    wrt().iter().zip(gradient).map(|(name, g)| g.inner(&along[name])[(0, 0)]).sum()
}

fn close(x: f64, y: f64, tolerance: f64) -> bool {
    (x - y).abs() <= tolerance * (1.0 + x.abs() + y.abs())
}

/// H[V] by reverse mode over ε.
fn hessian_product(tape: &Tape, at: &Bindings<Mat<f64>>, v: &HashMap<Symbol, Mat<f64>>) -> Vec<Mat<f64>> {
    let (_, gradient) =
        tape.gradient(&at.along(std::slice::from_ref(v)).expect("matching shapes"), &Reals, &wrt()).expect("smooth");
    gradient.into_iter().map(|g| g.into_coefficient(1)).collect()
}

#[test]
fn the_gradient_is_the_slope_of_the_value() {
    let zoo = Zoo::new();
    let at = zoo.floats(3);
    let v = direction(&at, 5);
    for expr in Zoo::polynomials().iter().chain(&Zoo::smooth()) {
        let tape = zoo.tape(expr);
        let (_, gradient) = tape.gradient(&at, &Reals, &wrt()).expect("smooth");
        let value = |t| tape.eval(&shifted(&at, &v, t), &Reals).expect("defined")[(0, 0)];
        let h = 1e-3;
        let slope = (8.0 * (value(h) - value(-h)) - (value(2.0 * h) - value(-2.0 * h))) / (12.0 * h);
        assert!(close(slope, dot(&gradient, &v), 1e-7), "{expr:?}: {slope} vs {}", dot(&gradient, &v));
    }
}

#[test]
fn the_hessian_product_is_the_slope_of_the_gradient() {
    let zoo = Zoo::new();
    let at = zoo.floats(3);
    let (u, v) = (direction(&at, 5), direction(&at, 6));
    for expr in Zoo::polynomials().iter().chain(&Zoo::smooth()) {
        let tape = zoo.tape(expr);
        let gradient = |t| tape.gradient(&shifted(&at, &v, t), &Reals, &wrt()).expect("smooth").1;
        let along = |t| dot(&gradient(t), &u);
        let h = 1e-3;
        let slope = (8.0 * (along(h) - along(-h)) - (along(2.0 * h) - along(-2.0 * h))) / (12.0 * h);
        let product = dot(&hessian_product(&tape, &at, &v), &u);
        assert!(close(slope, product, 1e-6), "{expr:?}: {slope} vs {product}");
    }
}

#[test]
fn a_third_derivative_is_the_slope_of_a_hessian_product() {
    let zoo = Zoo::new();
    let at = zoo.floats(8);
    let (u, v, w) = (direction(&at, 5), direction(&at, 6), direction(&at, 7));
    for expr in Zoo::smooth() {
        let tape = zoo.tape(&expr);
        let (_, gradient) = tape
            .gradient(&at.along(&[v.clone(), w.clone()]).expect("matching shapes"), &Reals, &wrt())
            .expect("smooth");
        let third: Vec<_> = gradient.into_iter().map(|g| g.into_coefficient(3)).collect();
        let along = |t| dot(&hessian_product(&tape, &shifted(&at, &w, t), &v), &u);
        let h = 1e-3;
        let slope = (8.0 * (along(h) - along(-h)) - (along(2.0 * h) - along(-2.0 * h))) / (12.0 * h);
        assert!(close(slope, dot(&third, &u), 1e-5), "{expr:?}: {slope} vs {}", dot(&third, &u));
    }
}

proptest! {
    #[test]
    fn the_hessian_is_symmetric(seed in 0u64..1000, which in 0usize..64) {
        let zoo = Zoo::new();
        let all: Vec<Expr> = Zoo::polynomials().into_iter().chain(Zoo::smooth()).collect();
        let tape = zoo.tape(&all[which % all.len()]);
        let at = zoo.floats(seed);
        let (u, v) = (direction(&at, seed + 1), direction(&at, seed + 2));
        let left = dot(&hessian_product(&tape, &at, &u), &v);
        let right = dot(&hessian_product(&tape, &at, &v), &u);
        prop_assume!(left.is_finite() && left.abs() < 1e9);
        prop_assert!(close(left, right, 1e-9), "{left} vs {right}");
    }
}

#[test]
fn softmax_does_not_overflow() {
    let zoo = Zoo::new();
    let mut at = zoo.floats(1);
    at.bind("W1".into(), Mat::from_fn(2, 3, |i, j| 1000.0 * (i + j) as f64));
    let tape = zoo.tape(&apply(Op::Sum, &[&apply(Op::Softmax, &[&sym("W1".into())])]));
    let (value, gradient) = tape.gradient(&at, &Reals, &wrt()).expect("defined");
    assert!(close(value[(0, 0)], 3.0, 1e-12));
    assert!(gradient[0].is_all_finite());
}

#[test]
fn what_has_no_value_is_an_error() {
    let zoo = Zoo::new();
    let at = zoo.floats(1);
    let w1 = sym("W1".into());
    let error = |expr: &Expr, at: &Bindings<Mat<f64>>| {
        Tape::new(expr, &zoo.env, &zoo.sizes).and_then(|tape| tape.eval(at, &Reals)).expect_err("no value")
    };
    assert_eq!(error(&w1, &Bindings::new()), EvalError::Unbound("W1".into()));
    assert_eq!(error(&apply(Op::Grad, &[&w1]), &at), EvalError::Unbound("grad(W1)".into()));
    assert!(matches!(error(&mul(&w1, &w1), &at), EvalError::Type(_)));
    let singular = apply(Op::Inv, &[&zeros(Shape::square(Size::Name("h".into())))]);
    assert_eq!(error(&singular, &at), EvalError::Singular);
    let huge = apply(Op::Ones, &[&int(100_000), &int(100_000)]);
    assert!(matches!(error(&huge, &at), EvalError::TooLarge { .. }));
    let mut wrong = zoo.floats(1);
    wrong.bind("W1".into(), Mat::zeros(1, 1));
    assert!(matches!(error(&w1, &wrong), EvalError::Shape { .. }));
    let not_scalar = zoo.tape(&w1).gradient(&at, &Reals, &wrt()).expect_err("no gradient");
    assert_eq!(not_scalar, EvalError::NotScalar { rows: 2, cols: 3 });
}

#[test]
fn quantities_are_looked_up() {
    struct Twice;
    impl Quantities<Mat<f64>> for Twice {
        fn quantity(&self, op: Op, names: &[Symbol], argument: &Mat<f64>) -> Result<Mat<f64>, EvalError> {
            assert_eq!((op, names), (Op::Vjp, ["F".into(), "W1".into()].as_slice()));
            Ok(argument * faer::Scale(2.0))
        }
    }
    let mut zoo = Zoo::new();
    let shape = zoo.env.symbol("W1".into()).expect("declared").shape;
    zoo.env.declare("F".into(), shape, Facts::empty());
    let w1 = sym("W1".into());
    let mut at = zoo.floats(1);
    at.bind_quantity(Op::Grad, "W1".into(), Mat::full(2, 3, 1.0));
    let at = at.with_quantities(&Twice);
    let expr = add(&apply(Op::Grad, &[&w1]), &apply(Op::Vjp, &[&sym("F".into()), &w1, &w1]));
    let value = zoo.tape(&expr).eval(&at, &Reals).expect("bound");
    let expected = Mat::full(2, 3, 1.0) + at.symbol("W1".into()).expect("bound") * faer::Scale(2.0);
    assert_eq!(value, expected);
}

fn nearest(q: &Rational) -> f64 {
    num_traits::ToPrimitive::to_f64(q).expect("finite")
}

fn convert<T: Number>(at: &Bindings<Mat<f64>>) -> Bindings<'static, Dense<T>> {
    let mut out = Bindings::new();
    for name in ["W1", "W2", "X", "Y", "A", "v", "s", "P"] {
        let value = at.symbol(name.into()).expect("bound");
        let entry = |i, j| Rational::from_float(value[(i, j)]).expect("finite");
        let exact =
            Dense::from_fn(value.nrows(), value.ncols(), |i, j| T::from_rational(&entry(i, j)).expect("dyadic"));
        out.bind(name.into(), exact);
    }
    out
}

#[test]
fn floats_agree_with_rationals_on_polynomials() {
    let zoo = Zoo::new();
    for seed in 0..4 {
        let at = zoo.floats(seed);
        let v = direction(&at, seed);
        let exact = convert::<Rational>(&at);
        for expr in Zoo::polynomials() {
            let tape = zoo.tape(&expr);
            let (value, gradient) = tape.gradient(&at, &Reals, &wrt()).expect("polynomial");
            let (exact_value, exact_gradient) = tape.gradient(&exact, &Rationals, &wrt()).expect("polynomial");
            assert!(close(value[(0, 0)], nearest(exact_value.get(0, 0)), 1e-10));
            let exact_gradient: Vec<Mat<f64>> =
                exact_gradient.iter().map(|g| Mat::from_fn(g.rows(), g.cols(), |i, j| nearest(g.get(i, j)))).collect();
            assert!(close(dot(&gradient, &v), dot(&exact_gradient, &v), 1e-9), "{expr:?}");
        }
    }
}

#[test]
fn residues_are_those_of_the_rationals_on_polynomials_without_signs() {
    let zoo = Zoo::new();
    let at = zoo.floats(2);
    let (rational, residues) = (convert::<Rational>(&at), convert::<Prime>(&at));
    let signed = |expr: &&Expr| {
        let by_sign = |node: &Term| matches!(node, Term::Fun(name) if ["relu", "cubic"].contains(&name.as_str()));
        expr.as_ref().iter().any(by_sign)
    };
    for expr in Zoo::polynomials().iter().filter(|expr| !signed(expr)) {
        let tape = zoo.tape(expr);
        let (value, gradient) = tape.gradient(&rational, &Rationals, &wrt()).expect("polynomial");
        let (residue, residues) = tape.gradient(&residues, &Probe::new(1), &wrt()).expect("polynomial");
        assert_eq!(Prime::from_rational(value.get(0, 0)), Ok(*residue.get(0, 0)));
        for (exact, residue) in gradient.iter().zip(&residues) {
            for (q, r) in exact.entries().iter().zip(residue.entries()) {
                assert_eq!(Prime::from_rational(q), Ok(*r), "{expr:?}");
            }
        }
    }
}

proptest! {
    #[test]
    fn the_hessian_over_a_prime_field_is_symmetric(seed in 0u64..1000, which in 0usize..64) {
        let zoo = Zoo::new();
        let all: Vec<Expr> = Zoo::polynomials().into_iter().chain(Zoo::smooth()).collect();
        let tape = zoo.tape(&all[which % all.len()]);
        let (at, probe) = (convert::<Prime>(&zoo.floats(seed)), Probe::new(seed));
        let direction = |salt: u64| -> HashMap<Symbol, Dense<Prime>> {
            wrt().into_iter().map(|name| {
                let like = at.symbol(name).expect("bound");
                let stream = mix(stream_of(name.as_str()), salt);
                let v = Dense::from_fn(like.rows(), like.cols(), |i, j| Prime::new(mix(stream, (i * 31 + j) as u64)));
                (name, v)
            }).collect()
        };
        let (u, v) = (direction(1), direction(2));
        let product = |v: &HashMap<_, _>| tape.gradient(&at.along(std::slice::from_ref(v)).expect("matching shapes"), &probe, &wrt());
        let pair = |gradient: Vec<Series<Dense<Prime>>>, u: &HashMap<Symbol, Dense<Prime>>| {
            wrt().iter().zip(gradient).fold(Prime::new(0), |sum, (name, g)| {
                sum + *g.into_coefficient(1).inner(&u[name]).get(0, 0)
            })
        };
        match (product(&u), product(&v)) {
            (Ok((_, hu)), Ok((_, hv))) => prop_assert_eq!(pair(hu, &v), pair(hv, &u)),
            (left, _) => prop_assert_eq!(left.err(), Some(EvalError::NoSquareRoot)),
        }
    }
}

#[test]
fn a_probe_keeps_the_relations_of_the_real_functions() {
    let probe = Probe::new(9);
    let value = |f, x| probe.value(f, &x).expect("defined");
    let one = Prime::new(1);
    for n in 1..50 {
        let x = Prime::new(n * 0x1_2345_6789);
        assert_eq!(value(Transcendental::Exp, x) * value(Transcendental::Exp, -x), one);
        assert_eq!(value(Transcendental::Tanh, -x), -value(Transcendental::Tanh, x));
        assert_eq!(value(Transcendental::Sigmoid, -x), one - value(Transcendental::Sigmoid, x));
        assert_eq!(value(Transcendental::Softplus, x) - value(Transcendental::Softplus, -x), x);
        let (sin, cos) = (value(Transcendental::Sin, x), value(Transcendental::Cos, x));
        assert_eq!(sin * sin + cos * cos, one);
        assert_ne!(probe.is_positive(&x), probe.is_positive(&-x));
    }
}

#[test]
fn an_irrational_constant_is_told_from_an_unlucky_draw() {
    let zoo = Zoo::new();
    // 3 is not a square modulo 2⁶¹ − 1, whatever is drawn.
    let tape = zoo.tape(&mul(&apply(Op::Pow, &[&size(Size::Name("d".into())), &ratio(-1, 2)]), &sym("W1".into())));
    let error = tape.eval(&convert::<Prime>(&zoo.floats(0)), &Probe::new(0)).expect_err("irrational");
    assert!(matches!(error, EvalError::Irrational(_)));
}
