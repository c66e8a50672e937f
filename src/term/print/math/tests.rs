use super::super::Line;
use crate::term::print::Notation;
use crate::term::*;
use proptest::prelude::*;

fn s(name: &str) -> Expr {
    sym(name.into())
}

fn n(name: &str) -> Expr {
    size(Size::Name(name.into()))
}

pub(in crate::term::print) fn notation(params: &[&str]) -> Notation {
    let mut env = Env::default();
    for a in ["a", "lambda"] {
        env.declare(a.into(), Shape::SCALAR, Facts::empty());
    }
    env.set_latex("V".into(), "V^{(1)}".into());
    let params: Vec<Symbol> = params.iter().map(|&p| p.into()).collect();
    Notation::new(&env, &params, Some("F".into()), &["A".into()])
}

fn unicode(expr: &Expr, notation: &Notation) -> String {
    Line::formula(expr, notation).unicode()
}

fn latex(expr: &Expr, notation: &Notation) -> String {
    Line::formula(expr, notation).latex()
}

fn both(expr: &Expr) -> String {
    let notation = notation(&["W1", "W2", "V"]);
    format!("{}    {}", unicode(expr, &notation), latex(expr, &notation))
}

fn pow(x: &Expr, num: i64, den: i64) -> Expr {
    apply(Op::Pow, &[x, &ratio(num, den)])
}

fn f(name: &str, x: &Expr) -> Expr {
    call_elementwise(name.into(), x)
}

#[test]
fn laws_print_as_mathematics() {
    let (w1, w2, x, y) = (s("W1"), s("W2"), s("X"), s("Y"));
    let norm = |x: &Expr| apply(Op::Norm2, &[x]);
    let t = transpose;
    let op = |op: Op, x: &Expr| apply(op, &[x]);
    let softmax = op(Op::Softmax, &mul(&mul(&t(&mul(&s("W_K"), &x)), &mul(&s("W_Q"), &x)), &pow(&n("d_k"), -1, 2)));
    let examples = [
        sub(&mul(&w1, &t(&w1)), &mul(&t(&w2), &w2)),
        mul(&w2, &f("relu", &mul(&w1, &x))),
        mul(&ratio(1, 2), &add(&norm(&w1), &norm(&w2))),
        mul(&int(-2), &inner(&op(Op::Err, &s("F")), &s("F"))),
        mul(&mul(&mul(&s("W_O"), &s("W_V")), &x), &softmax),
        op(Op::Diagvec, &mul(&w1, &t(&op(Op::Grad, &w1)))),
        sub(&x, &sub(&y, &mul(&int(3), &s("Z")))),
        sub(&x, &neg(&neg(&y))),
        t(&mul(&x, &y)),
        t(&op(Op::Inv, &x)),
        t(&s("V")),
        op(Op::Next, &s("V")),
        t(&op(Op::Next, &s("V"))),
        op(Op::Dot, &s("V")),
        mul(&op(Op::Dot, &w1), &t(&op(Op::Dot, &s("gain")))),
        pow(&s("D"), -1, 1),
        pow(&s("D"), -1, 2),
        pow(&s("a"), 1, 2),
        pow(&s("a"), -1, 1),
        mul(&mul(&ratio(1, 2), &pow(&n("n"), -1, 1)), &x),
        mul(&mul(&mul(&x, &y), &s("Z")), &pow(&n("n"), -1, 1)),
        mul(&f("exp", &mul(&mul(&int(-2), &s("lambda")), &s("a"))), &x),
        apply(Op::Had, &[&mul(&x, &y), &add(&x, &y)]),
        apply(Op::HadPow, &[&x, &int(2)]),
        mul(&int(2), &apply(Op::Ones, &[&n("n"), &size(Size::Lit(1))])),
        mul(&s("b1"), &apply(Op::Ones, &[&size(Size::Lit(1)), &n("n")])),
        apply(Op::Ones, &[&n("m"), &n("n")]),
        apply(Op::Ones, &[&n("h"), &n("d")]),
        apply(Op::Zeros, &[&n("h"), &n("d")]),
        sub(&apply(Op::Eye, &[&n("h")]), &x),
        apply(Op::Hess, &[&w1, &s("A")]),
        apply(Op::Hess, &[&w1, &x]),
        apply(Op::Vjp, &[&s("F"), &s("Z"), &w1]),
        apply(Op::HessLoss, &[&s("F"), &s("Z")]),
        apply(Op::Apply, &[&apply(Op::Deriv, &[&leaf(Term::Fun("phi".into()))]), &x]),
        mul(&op(Op::Diff, &w1), &op(Op::Diff, &mul(&x, &y))),
        apply(Op::CrossEntropy, &[&s("F"), &y]),
        apply(Op::Call("rest".into()), &[&add(&x, &mul(&x, &add(&x, &y))), &x]),
        f("leaky_relu", &neg(&x)),
        op(Op::Grad, &s("U")),
        mul(&op(Op::Tr, &x), &y),
        mul(&y, &x),
        ratio(-3, 7),
        mul(&ratio(3, 7), &x),
    ];
    let printed: Vec<String> = examples.iter().map(both).collect();
    insta::assert_snapshot!(printed.join("\n"), @r"
    W₁W₁ᵀ − W₂ᵀW₂    W_{1} W_{1}^{\top} - W_{2}^{\top} W_{2}
    W₂ relu(W₁X)    W_{2} \operatorname{relu}(W_{1} X)
    ½(‖W₁‖² + ‖W₂‖²)    \tfrac{1}{2} \bigl(\lVert W_{1}\rVert^{2} + \lVert W_{2}\rVert^{2}\bigr)
    −2⟨E, F⟩    -2 \langle E, F\rangle
    W_O W_V X softmax((W_K X)ᵀ W_Q X/√dₖ)    W_{O} W_{V} X \operatorname{softmax}\bigl((W_{K} X)^{\top} W_{Q} X/\sqrt{d_{k}}\bigr)
    diagvec(W₁ G_W₁ᵀ)    \operatorname{diagvec}(W_{1} G_{W_{1}}^{\top})
    X − (Y − 3Z)    X - (Y - 3 Z)
    X − Y    X - Y
    (XY)ᵀ    (X Y)^{\top}
    (X⁻¹)ᵀ    (X^{-1})^{\top}
    Vᵀ    {V^{(1)}}^{\top}
    V⁺    {V^{(1)}}^{+}
    (V⁺)ᵀ    ({V^{(1)}}^{+})^{\top}
    V̇    \dot{V^{(1)}}
    Ẇ₁ ∂ₜgainᵀ    \dot{W}_{1} \dot{\mathrm{gain}}^{\top}
    D⁻¹    D^{-1}
    D^(−½)    D^{-1/2}
    √a    \sqrt{a}
    1/a    \frac{1}{a}
    ½X/n    \tfrac{1}{2} \frac{X}{n}
    XYZ/n    X Y Z/n
    e^(−2λa)X    e^{-2 \lambda a} X
    (XY) ∘ (X + Y)    (X Y) \circ (X + Y)
    X^∘2    X^{\circ 2}
    2 · 1ₙ    2 \mathbf{1}_{n}
    b₁1ₙᵀ    b_{1} \mathbf{1}_{n}^{\top}
    1ₘₓₙ    \mathbf{1}_{m\times n}
    1_(h×d)    \mathbf{1}_{h\times d}
    0    0
    I − X    I - X
    H[ξ_A]_W₁    H[\xi_{A}]_{W_{1}}
    H[X]_W₁    H[X]_{W_{1}}
    J*[Z]_W₁    J^{*}[Z]_{W_{1}}
    ℓ″[Z]    \ell''[Z]
    φ′(X)    \phi'(X)
    dW₁ d(XY)    \mathrm{d}W_{1} \, \mathrm{d}(X Y)
    cross_entropy(F, Y)    \operatorname{cross\_entropy}(F, Y)
    rest(X + X(X + Y), X)    \operatorname{rest}\bigl(X + X (X + Y), X\bigr)
    leaky_relu(−X)    \operatorname{leaky\_relu}(-X)
    G_U    G_{U}
    tr(X)Y    \operatorname{tr}(X) Y
    YX    Y X
    −3/7    -\tfrac{3}{7}
    3/7 X    \tfrac{3}{7} X
    ");
}

#[test]
fn a_gradient_is_named_by_its_subscript_where_subscripts_tell_parameters_apart() {
    let gradient = |param: &str, params: &[&str]| {
        let expr = apply(Op::Grad, &[&s(param)]);
        format!("{} {}", unicode(&expr, &notation(params)), latex(&expr, &notation(params)))
    };
    assert_eq!(gradient("W1", &["W1", "W2"]), "G₁ G_{1}");
    assert_eq!(gradient("W_Q", &["W_Q", "W_K"]), "G_Q G_{Q}");
    assert_eq!(gradient("W1", &["W1", "b1"]), "G_W₁ G_{W_{1}}");
    assert_eq!(gradient("U", &["U", "V2"]), "G_U G_{U}");
    assert_eq!(gradient("gamma", &["gamma"]), "G_γ G_{\\gamma}");
}

#[test]
fn gradient_and_error_give_way_to_parameters_of_their_names() {
    let mut env = Env::default();
    for name in ["E", "G1"] {
        env.declare(name.into(), Shape::SCALAR, Facts::empty());
    }
    let notation = Notation::new(&env, &["G1".into()], None, &[]);
    assert_eq!(unicode(&apply(Op::Grad, &[&s("G1")]), &notation), "∇_G₁L");
    assert_eq!(unicode(&apply(Op::Err, &[&s("F")]), &notation), "E_F");
}

#[test]
fn long_chains_print_without_recursion() {
    let chain = |node: fn(Id, Id) -> Term| {
        let nodes = (0..10_000).map(|i| node(Id::from(i), Id::from(0)));
        Expr::from([Term::Sym("X".into())].into_iter().chain(nodes).collect::<Vec<_>>())
    };
    for expr in [
        chain(|last, x| Term::op(Op::Add, &[last, x])),
        chain(|last, x| Term::op(Op::Add, &[x, last])),
        chain(|last, x| Term::op(Op::Had, &[x, last])),
        chain(|last, _| Term::op(Op::T, &[last])),
        chain(|last, _| Term::op(Op::Diff, &[last])),
    ] {
        assert!(both(&expr).len() > 20_000);
    }
    assert!(both(&chain(|last, x| Term::op(Op::Mul, &[x, last]))).contains("X^{10001}"));
}

pub(in crate::term::print) fn is_latex(text: &str) -> Result<(), String> {
    let storage = pulldown_latex::Storage::new();
    for event in pulldown_latex::Parser::new(text, &storage) {
        event.map_err(|error| format!("{text}\n{error}"))?;
    }
    Ok(())
}

pub(in crate::term::print) fn expression() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        proptest::sample::select(vec!["W1", "V", "W_Q", "a", "lambda", "odd__name_", "_", "γ2", "gain", "A"])
            .prop_map(s),
        proptest::sample::select(vec!["n", "d_k", "dim"]).prop_map(n),
        (-9i64..9, 1i64..5).prop_map(|(p, q)| ratio(p, q)),
    ];
    leaf.prop_recursive(6, 40, 2, |inner| {
        let unary = vec![
            Op::T,
            Op::Inv,
            Op::Tr,
            Op::Diag,
            Op::Diagvec,
            Op::Norm2,
            Op::Sum,
            Op::Eye,
            Op::Softmax,
            Op::LogSoftmax,
            Op::Diff,
            Op::Grad,
            Op::Dot,
            Op::Next,
            Op::Err,
            Op::Rows,
        ];
        let binary = vec![
            Op::Add,
            Op::Add,
            Op::Mul,
            Op::Mul,
            Op::Had,
            Op::Pow,
            Op::HadPow,
            Op::Inner,
            Op::Ones,
            Op::Zeros,
            Op::Hess,
            Op::HessLoss,
            Op::Mse,
            Op::CrossEntropy,
        ];
        let functions = vec!["relu", "leaky_relu", "sqrt", "exp", "phi", "f1", "_"];
        prop_oneof![
            (proptest::sample::select(unary), inner.clone()).prop_map(|(op, x)| apply(op, &[&x])),
            (proptest::sample::select(binary), inner.clone(), inner.clone())
                .prop_map(|(op, x, y)| apply(op, &[&x, &y])),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(x, y, z)| apply(Op::Vjp, &[&x, &y, &z])),
            (proptest::sample::select(functions), any::<bool>(), inner).prop_map(|(name, derived, x)| {
                let function = leaf_function(name);
                let function = if derived { apply(Op::Deriv, &[&function]) } else { function };
                apply(Op::Apply, &[&function, &x])
            }),
        ]
    })
}

fn leaf_function(name: &str) -> Expr {
    leaf(Term::Fun(name.into()))
}

#[test]
fn the_latex_parser_rejects_a_double_superscript() {
    assert!(is_latex("W^{+}^{\\top}").is_err());
}

proptest! {
    #[test]
    fn every_formula_is_valid_latex(expr in expression()) {
        let text = latex(&expr, &notation(&["W1", "W2"]));
        prop_assert_eq!(is_latex(&text), Ok(()));
        prop_assert!(!unicode(&expr, &notation(&["W1", "W2"])).is_empty());
    }

    #[test]
    fn every_count_is_valid_latex(expr in expression()) {
        prop_assert_eq!(is_latex(&Line::count(&expr).latex()), Ok(()));
    }
}
