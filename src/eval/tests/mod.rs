//! The evaluator against finite differences, against itself over other numbers, and against known results.

mod derivatives;
mod exact;
mod values;

use super::*;
use crate::term::*;
use faer::Mat;
use std::collections::HashMap;

/// Names, shapes over the sizes d=3, h=2, k=3, n=4, and the formulas the claims are checked on.
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
        let sizes = [("d", 3), ("h", 2), ("k", 3), ("n", 4)].map(|(name, n)| (name.into(), n)).into();
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
        let (one, three) = (size(Size::Lit(1)), size(Size::Lit(3)));
        let windows = apply(Op::Taps, &[&n, &n, &three, &one, &one, &int(1)]);
        let seen = mul(&mul(&w1, &x), &windows);
        let summed = apply(Op::Kron, &[&apply(Op::Ones, &[&three, &one]), &apply(Op::Eye, &[&n])]);
        vec![
            apply(Op::Norm2, &[&mul(&seen, &transpose(&windows))]),
            apply(Op::Norm2, &[&mul(&apply(Op::Had, &[&seen, &seen]), &summed)]),
            apply(Op::Mse, &[&Zoo::network("square"), &y]),
            apply(Op::Norm2, &[&mul(&w2, &mul(&a, &mul(&w1, &x)))]),
            mul(&apply(Op::Tr, &[&mul(&a, &a)]), &apply(Op::Sum, &[&apply(Op::Had, &[&w1, &w1])])),
            apply(Op::Inner, &[&mul(&apply(Op::Diag, &[&v]), &a), &transpose(&a)]),
            apply(Op::Norm2, &[&add(&apply(Op::Diagvec, &[&a]), &mul(&apply(Op::Pow, &[&n, &int(-1)]), &v))]),
            apply(Op::Norm2, &[&apply(Op::Unfold, &[&mul(&w1, &x), &size(Size::Lit(7))])]),
            apply(
                Op::Norm2,
                &[&apply(Op::Stack, &[&mul(&transpose(&x), &transpose(&w1)), &size(Size::Name("h".into()))])],
            ),
            apply(Op::Norm2, &[&apply(Op::Kron, &[&mul(&w1, &x), &mul(&a, &v)])]),
            apply(Op::Norm2, &[&apply(Op::MaxPool, &[&mul(&a, &a), &size(Size::Name("h".into()))])]),
            apply(Op::Norm2, &[&apply(Op::Tril, &[&mul(&a, &a)])]),
            mul(&apply(Op::Det, &[&add(&mul(&a, &a), &a)]), &apply(Op::Norm2, &[&w1])),
            apply(Op::Sum, &[&f("cubic", &mul(&a, &w1))]),
            apply(Op::Sum, &[&f("relu", &sub(&w1, &mul(&a, &w1)))]),
            apply(Op::Norm2, &[&apply(Op::Max, &[&w1, &apply(Op::Min, &[&mul(&a, &w1), &int(1)])])]),
            apply(Op::Huber, &[&Zoo::network("square"), &y]),
            apply(Op::Hinge, &[&Zoo::network("square"), &y]),
            apply(
                Op::Sum,
                &[&mul(
                    &apply(Op::Inv, &[&add(&a, &mul(&int(4), &apply(Op::Eye, &[&size(Size::Name("h".into()))])))]),
                    &w1,
                )],
            ),
        ]
    }

    /// Scalar formulas that are smooth and not polynomial.
    fn smooth() -> Vec<Expr> {
        let [w1, w2, x, y, a, s, p] = ["W1", "W2", "X", "Y", "A", "s", "P"].map(|name| sym(name.into()));
        let hidden = mul(&w1, &x);
        let everywhere = |row: &&FunctionRow| row.is_transcendental() && row.domain == Domain::Real;
        let functions = FUNCTIONS.iter().filter(everywhere).map(|row| row.name).chain(["psi", "even", "chi"]);
        let mut all: Vec<Expr> = functions.map(|phi| apply(Op::Norm2, &[&Zoo::network(phi)])).collect();
        for op in [Op::Softmax, Op::LogSoftmax, Op::LayerNorm, Op::RmsNorm, Op::Normalize, Op::BatchNorm] {
            let normed = apply(op, &[&add(&mul(&w2, &hidden), &apply(Op::Softmax, &[&y]))]);
            all.push(apply(Op::Inner, &[&apply(Op::Had, &[&normed, &normed]), &y]));
        }
        for op in [Op::LayerNormEps, Op::RmsNormEps, Op::NormalizeEps, Op::BatchNormEps] {
            let normed = apply(op, &[&add(&mul(&w2, &hidden), &apply(Op::Softmax, &[&y])), &s]);
            all.push(apply(Op::Inner, &[&apply(Op::Had, &[&normed, &normed]), &y]));
        }
        let one = size(Size::Lit(1));
        let squares = apply(Op::Had, &[&x, &x]);
        all.push(apply(Op::Inner, &[&apply(Op::GroupNorm, &[&mul(&w1, &x), &one]), &mul(&w1, &squares)]));
        all.push(apply(Op::Inner, &[&apply(Op::GroupNormEps, &[&mul(&w1, &x), &one, &s]), &mul(&w1, &squares)]));
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

fn dot(gradient: &[Mat<f64>], along: &HashMap<Symbol, Mat<f64>>) -> f64 {
    wrt().iter().zip(gradient).map(|(name, g)| g.inner(&along[name])[(0, 0)]).sum()
}

fn close(x: f64, y: f64, tolerance: f64) -> bool {
    (x - y).abs() <= tolerance * (1.0 + x.abs() + y.abs())
}
