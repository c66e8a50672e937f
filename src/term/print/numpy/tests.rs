use super::*;
use crate::term::{
    Facts, Shape, Signature, apply, call_elementwise, int, leaf, mul, neg, ratio, size, sub, sym, transpose,
};

fn s(name: &str) -> Expr {
    sym(name.into())
}

fn env() -> Env {
    let [h, d, k, n] = ["h", "d", "k", "n"].map(|name| Size::Name(name.into()));
    let mut env = Env::default();
    for (name, shape) in [
        ("W1", Shape::new(h, d)),
        ("W2", Shape::new(k, h)),
        ("X", Shape::new(d, n)),
        ("F", Shape::new(k, n)),
        ("Y", Shape::new(k, n)),
        ("b", Shape::column(h)),
        ("a", Shape::SCALAR),
        ("lambda", Shape::SCALAR),
        ("S", Shape::square(h)),
    ] {
        env.declare(name.into(), shape, Facts::empty());
    }
    env.declare("D".into(), Shape::square(h), Facts::POSITIVE_DIAGONAL);
    env.declare("P".into(), Shape::new(h, d), Facts::POSITIVE);
    env.declare_activation("phi".into(), crate::term::Function::default());
    env.declare_call("rest".into(), Signature { arguments: vec![Shape::new(k, n)], result: Shape::SCALAR });
    env
}

fn print(expr: &Expr) -> String {
    let sizes = |name: Symbol| match name.as_str() {
        "h" => Extent::Axis("W1".into(), 0),
        _ => Extent::Variable(name),
    };
    numpy(&env(), expr, &sizes).unwrap().code
}

#[test]
fn formulas_print_as_expressions_of_arrays() {
    let (w1, w2, x, f, y, b, a, d, big) = (s("W1"), s("W2"), s("X"), s("F"), s("Y"), s("b"), s("a"), s("D"), s("S"));
    let op = |op: Op, x: &Expr| apply(op, &[x]);
    let h = size(Size::Name("h".into()));
    let t = transpose;
    let examples = [
        sub(&mul(&w1, &t(&w1)), &mul(&t(&w2), &w2)),
        mul(&w2, &call_elementwise("relu".into(), &mul(&w1, &x))),
        mul(&ratio(1, 2), &op(Op::Norm2, &w1)),
        mul(&ratio(1, 3), &w1),
        mul(&ratio(-3, 2), &mul(&w1, &x)),
        neg(&w1),
        sub(&w1, &mul(&int(3), &w1)),
        mul(&neg(&w1), &x),
        mul(&t(&b), &b),
        mul(&mul(&t(&b), &b), &w1),
        mul(&b, &t(&b)),
        t(&mul(&a, &s("lambda"))),
        op(Op::Inv, &a),
        op(Op::Inv, &big),
        op(Op::Diagvec, &mul(&w1, &t(&w1))),
        op(Op::Diag, &b),
        apply(Op::Pow, &[&d, &ratio(-1, 2)]),
        apply(Op::Pow, &[&a, &int(-1)]),
        apply(Op::HadPow, &[&s("P"), &ratio(1, 2)]),
        apply(Op::Inner, &[&w1, &op(Op::Grad, &w1)]),
        apply(Op::Had, &[&mul(&w2, &b), &mul(&w2, &b)]),
        op(Op::Sum, &w1),
        apply(Op::Ones, &[&h, &size(Size::Lit(1))]),
        apply(Op::Ones, &[&size(Size::Lit(1)), &size(Size::Lit(1))]),
        apply(Op::Zeros, &[&h, &h]),
        op(Op::Eye, &h),
        op(Op::Softmax, &f),
        op(Op::LogSoftmax, &a),
        op(Op::LayerNorm, &f),
        op(Op::BatchNorm, &f),
        apply(Op::Unfold, &[&x, &h]),
        apply(Op::Mse, &[&f, &y]),
        apply(Op::CrossEntropy, &[&f, &y]),
        apply(Op::Logistic, &[&f, &y]),
        apply(Op::Exponential, &[&f, &y]),
        call_elementwise("phi".into(), &x),
        call_elementwise("gelu".into(), &x),
        apply(Op::Apply, &[&apply(Op::Deriv, &[&leaf(Term::Fun("phi".into()))]), &x]),
        apply(Op::Apply, &[&apply(Op::Deriv, &[&leaf(Term::Fun("silu".into()))]), &x]),
        apply(Op::Call("rest".into()), &[&f]),
        op(Op::Dot, &w1),
        op(Op::Next, &w1),
        op(Op::Err, &f),
        op(Op::Tr, &mul(&big, &big)),
    ];
    let printed: Vec<String> = examples.iter().map(print).collect();
    insta::assert_snapshot!(printed.join("\n"), @r"
    W1 @ W1.T - W2.T @ W2
    W2 @ np.maximum(W1 @ X, 0)
    0.5 * np.sum(W1**2)
    1/3 * W1
    -1.5 * (W1 @ X)
    -W1
    W1 - 3 * W1
    (-W1) @ X
    (b.T @ b).item()
    (b.T @ b).item() * W1
    b @ b.T
    (a * lambda_)
    1 / a
    np.linalg.inv(S)
    np.diag(W1 @ W1.T).reshape(-1, 1)
    np.diag(b.ravel())
    np.diag(np.diag(D)**(-0.5))
    a**-1
    P**0.5
    np.sum(W1 * grad_W1)
    W2 @ b * (W2 @ b)
    np.sum(W1)
    np.ones((W1.shape[0], 1))
    1.0
    np.zeros((W1.shape[0], W1.shape[0]))
    np.eye(W1.shape[0])
    (lambda z: (lambda e: e / e.sum(axis=0, keepdims=True))(np.exp(z - z.max(axis=0, keepdims=True))))(F)
    (lambda z: z - np.logaddexp.reduce(z, axis=0, keepdims=True))(np.full((1, 1), a)).item()
    (lambda z: (z - z.mean(axis=0, keepdims=True)) / z.std(axis=0, keepdims=True))(F)
    (lambda z: (z - z.mean(axis=1, keepdims=True)) / z.std(axis=1, keepdims=True))(F)
    (lambda z, p: (lambda c, n, k: np.vstack([np.pad(z, ((0, 0), (k, k)))[:, k + t - (k - 1) // 2:][:, :n] for t in range(k)])[:p])(z.shape[0], z.shape[1], -(-p // z.shape[0])))(X, W1.shape[0])
    np.sum((F - Y)**2) / (2 * n)
    -np.sum(Y * (lambda z: z - np.logaddexp.reduce(z, axis=0, keepdims=True))(F)) / n
    np.sum(np.logaddexp(0, -Y * F)) / n
    np.sum(np.exp(-Y * F)) / n
    phi(X)
    (lambda z: 0.5 * z * (1 + np.vectorize(__import__('math').erf)(z / 2**0.5)))(X)
    deriv_phi(X)
    (lambda z: np.exp(-np.logaddexp(0, -z)) * (1 + z * np.exp(-np.logaddexp(0, z))))(X)
    rest(F)
    dot_W1
    next_W1
    err_F
    np.trace(S @ S)
    ");
}

#[test]
fn a_formula_without_a_shape_is_an_error() {
    let error = numpy(&env(), &mul(&s("W1"), &s("W1")), &Extent::Variable);
    assert!(matches!(error, Err(TypeError::Mismatch { op: Op::Mul, .. })));
}
