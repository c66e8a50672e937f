//! The language, end to end: models, laws and rules that read as they should, and the errors of those that do not.

use crate::common::each_file;
use equilaw::internals::language::{Diagnostics, parse_expr, parse_rules};
use equilaw::internals::model::{Dynamics, Inside, Loss, Model, Property};
use equilaw::internals::term::{Expr, Facts, Op, Term, infer, root};

const RELU_MLP: &str = include_str!("../language/relu_mlp.eqv");

fn model(text: &str) -> Model {
    crate::parse(text)
}

/// A model whose only `let` is the formula.
fn formula(text: &str) -> Expr {
    let head = "model m\ndim n = 3, m = 2\nparam A : n x n\nparam B : n x n\nparam U : n x m positive\nparam s : scalar\n\
                data S : n x n diagonal\nactivation phi : odd\nfunction f : (n x n) -> n x n\nloss s\n";
    model(&format!("{head}let Z = {text}\n")).inside().lets[0].expr.clone()
}

fn same(left: &str, right: &str) {
    assert_eq!(formula(left), formula(right), "{left}   against   {right}");
}

fn errors(text: &str) -> Diagnostics {
    Model::parse("test.eqv", text).expect_err("the text has an error")
}

#[test]
fn the_model_of_the_language_reference_reads() {
    let model = model(RELU_MLP);
    assert_eq!(model.inside().name.as_str(), "relu_mlp");
    assert_eq!(model.inside().title, Some("Two-layer ReLU network"));
    assert_eq!(model.inside().header, ["Two-layer ReLU network, any loss, any data."]);
    assert_eq!(model.inside().dims.len(), 4);
    assert_eq!(*model.inside().loss, Loss::Any);
    assert_eq!(model.inside().actions.len(), 3);
    assert_eq!(model.inside().actions[0].group.to_string(), "Diag+(h)");
    assert!(model.inside().actions[2].output.is_some());
    let output = model.inside().env.symbol("F".into()).unwrap();
    assert_eq!(output.shape.to_string(), "k x n");
    assert!(model.inside().env.symbol("X".into()).unwrap().facts.contains(Facts::CONSTANT));
    assert!(!model.inside().env.symbol("W1".into()).unwrap().facts.contains(Facts::CONSTANT));
}

#[test]
fn precedence_is_that_of_the_reference() {
    same("A + B * A", "A + (B * A)");
    same("A - B - A", "(A - B) - A");
    same("A * B * A", "(A * B) * A");
    same("A * B'", "A * (B')");
    same("-s ^ 2 * A", "(-(s ^ 2)) * A");
    same("-A * B", "(-A) * B");
    same("A .* B * A", "(A .* B) * A");
    same("A / 2 * B", "(A / 2) * B");
    same("A ''", "(A')'");
}

#[test]
fn shorthands_are_the_formulas_they_stand_for() {
    same("vec(A)", "stack(A, n)");
    same("lookup(A, B)", "A * onehot(B)");
    same("avgpool(A, n) * s", "A * kron(ones(n, 1), eye(1)) / n * s");
    same("A * taps(n, 3)", "A * taps(n, n, 3, 1, 1, 1)");
    same("taps(n, m, 3, 1)", "taps(n, m, n, m, 3, 1, 1, 1, 1, 0)");
    same("infonce(A, B, 1/2)", "cross_entropy(2 * (A' * B), eye(n))");
    same("dpo(sum(A), sum(B), s, 3)", "logistic(3 * (sum(A) - sum(B) - s), ones(1, 1))");
}

#[test]
fn blocks_and_windows_that_do_not_fit_are_refused() {
    let head = "model m\ndim n = 6, m = 2\nparam A : n x n\nparam U : m x n\nparam s : scalar\nloss s\n";
    for (formula, why) in [
        ("stack(A, 2)", "it is not known that n rows or columns are 2 blocks"),
        ("maxpool(A, m)", "it is not known that n rows or columns are m blocks"),
        ("groupnorm(A, m)", "it is not known that n rows or columns are m blocks"),
        ("groupnorm(A, n, s)", "needs a positive number"),
        ("taps(n, 2)", "needs a window of an odd number"),
        ("taps(n, n, 3, 1, 1, -1)", "the padding of a window is a natural number"),
        ("taps(n, n, 3, 1, 1, 1/2)", "the padding of a window is a natural number"),
        ("infonce(A, U, 1)", "needs equal shapes"),
        ("infonce(A, A, s)", "a positive number"),
        ("dpo(A, A, A, 1)", "`dpo` takes rows"),
        ("conv2d(A, U)", "unknown function"),
    ] {
        let errors = errors(&format!("{head}let Z = {formula}\n")).render(false, 200);
        assert!(errors.contains(why), "{formula}: {errors}");
    }
}

/// Blocks of an index are members of a family, wherever they are read and moved: of a parameter, of what is made of it, of its image.
#[test]
fn blocks_of_an_index_are_members() {
    let family = "model m\ndim H = 2, k = 2, d = 3, n = 3\nparam W_Q[i in 1..H] : k x d\nparam W_K[i in 1..H] : k x d\n\
                  param b[i in 1..H] : k\nparam W_O[i in 1..H] : d x k\nparam R : d x d\ndata X : d x n\n\
                  let Q[i in 1..H] = W_Q[i] * (R * X) + b[i] * ones(1, n)\n\
                  output F = sum(i in 1..H) W_O[i] * Q[i] * softmax(Q[i]' * W_K[i] * X)\nloss any\n\
                  action heads : p in Perm(1..H) { W_Q[i] -> W_Q[p(i)]; W_K[i] -> W_K[p(i)]; b[i] -> b[p(i)]; W_O[i] -> W_O[p(i)] }\n\
                  action signs[i in 1..H] : s in Sign(1) { W_Q[i] -> s * W_Q[i]; b[i] -> s * b[i]; W_K[i] -> s * W_K[i] }\n\
                  action basis : g in GL(d) { R -> g * R; W_Q -> W_Q * inv(g) }\n";
    let packed = "model m\ndim H = 2, k = 2, d = 3, n = 3\nparam W_Q : k*H x d\nparam W_K : H*k x d\n\
                  param b : H*k\nparam W_O : d x H*k\nparam R : d x d\ndata X : d x n\n\
                  let Q = W_Q * (R * X) + b * ones(1, n)\n\
                  output F = sum(i in 1..H) cols(W_O, i, k) * rows(Q, i, k) * softmax(rows(Q, i, k)' * rows(W_K, i, k) * X)\nloss any\n\
                  action heads : p in Perm(1..H) { rows(W_Q, i, k) -> rows(W_Q, p(i), k); rows(W_K, i, k) -> rows(W_K, p(i), k)\n\
                  rows(b, i, k) -> rows(b, p(i), k); cols(W_O, i, k) -> cols(W_O, p(i), k) }\n\
                  action signs[i in 1..H] : s in Sign(1) { rows(W_Q, i, k) -> s * rows(W_Q, i, k); rows(b, i, k) -> s * rows(b, i, k)\n\
                  rows(W_K, i, k) -> s * rows(W_K, i, k) }\n\
                  action basis : g in GL(d) { R -> g * R; W_Q -> W_Q * inv(g) }\n";
    let read =
        |text: &str| Model::parse("m.eqv", text).unwrap_or_else(|errors| panic!("{}", errors.render(false, 120)));
    assert_eq!(read(packed).to_string(), read(family).to_string());
}

#[test]
fn blocks_of_an_index_that_are_no_members_are_refused() {
    let head = "model m\ndim H = 2, k = 2, d = 3, n = 3\nparam W : H*k x d\nparam V : d x H*k\nparam R : d x d\ndata X : d x n\n";
    for (rest, why) in [
        ("output F = sum(i in 1..H) cols(V, i, k) * rows(W, i, k) * X + V * W * X", "is not read as a whole too"),
        ("output F = sum(i in 1..H) cols(V, i, k) * rows(W * X, i, k)", "those of a parameter or of data"),
        (
            "let Y = W * X\noutput F = sum(i in 1..H) cols(V, i, k) * rows(Y, i, k) + V * Y",
            "is not read as a whole too",
        ),
        (
            "let Y = relu(W * X)\noutput F = sum(i in 1..H) cols(V, i, k) * rows(Y, i, k)",
            "those of a parameter or of data",
        ),
        ("output F = sum(i in 1..H) cols(V, i, H) * rows(W, i, H) * X", "write `rows(W, i, k)`"),
        ("output F = sum(i in 1..H) cols(V, i, d) * rows(W, i, d) * X", "it has to have H*d"),
        ("output F = sum(i in 1..n) cols(V, i, k) * rows(W, i, k) * X", "it has to have n*k"),
        (
            "output F = sum(i in 1..H) cols(V, i, k) * rows(W, i, k) * X + sum(i in 1..H) cols(V, i, H) * rows(W, i, k) * X",
            "different sizes",
        ),
        ("output F = sum(i in 1..H) cols(V, j, k) * rows(W, i, k) * X", "not declared"),
    ] {
        let errors = errors(&format!("{head}{rest}\nloss any\n")).render(false, 200);
        assert!(errors.contains(why), "{rest}: {errors}");
    }
    let model = "output F = sum(i in 1..H) cols(V, i, k) * rows(W, i, k) * X\nloss any\n";
    let errors =
        errors(&format!("{head}{model}action a : P in Perm(H) {{ W -> kron(P, eye(k)) * W }}\n")).render(false, 200);
    assert!(errors.contains("is not read as a whole too"), "{errors}");
}

#[test]
fn minus_and_division_have_a_normal_form() {
    same("A - B", "A + (-1) * B");
    same("A - 2 * B", "A + (-2) * B");
    same("A - (-2) * B", "A + 2 * B");
    same("--A", "A");
    same("A / 2", "1/2 * A");
    same("A / s", "A * s^-1");
    same("1/2 * A", "0.5 * A");
    assert!(matches!(root(&formula("-(1/2)")), Term::Num(value) if value.to_string() == "-1/2"));
}

#[test]
fn a_power_is_of_the_kind_its_base_allows() {
    let op = |text: &str| match root(&formula(text)) {
        Term::Op(op, _) => *op,
        other => panic!("{other:?}"),
    };
    assert_eq!(op("s ^ 2"), Op::Pow);
    assert_eq!(op("S ^ -1"), Op::Pow);
    assert_eq!(op("U ^ (1/2)"), Op::HadPow);
    assert_eq!(op("U .^ (1/2)"), Op::HadPow);
    same("s ^ -(1/2)", "s ^ (1/2 - 1)");
    same("s ^ 0.5", "s ^ (1/2)");
}

#[test]
fn sizes_are_polynomials() {
    let head = "model m\ndim n = 3, m = 2\nparam A : 2*n + m x n*m\nparam B : m*n x 1\nloss any\n";
    let shape = |text: &str| {
        let model = model(&format!("{head}output F = {text}\n"));
        let output = model.inside().env.symbol("F".into()).expect("the output").shape;
        output.to_string()
    };
    assert_eq!(shape("A * B"), "m + 2*n x 1");
    assert_eq!(shape("A * B + zeros(n + m + n)"), "m + 2*n x 1");
    assert_eq!(shape("rows(A, n + 1..2*n)"), "n x m*n");
    assert_eq!(shape("rows(A, 2, n) * cols(A', 2*n + 1..2*n + m)"), "n x m");
    assert_eq!(shape("concat(B, A * B, B)"), "2*m*n + m + 2*n x 1");
    let wrong = |text: &str| errors(&format!("{head}output F = {text}\n")).render(false, 100);
    assert!(wrong("rows(A, 3, n)").contains("it is not known that 2*n + 1..3*n are some of m + 2*n"));
    assert!(wrong("rows(A, 2..1)").contains("it is not known that 2..1"));
    assert!(wrong("rows(A, n)").contains("expected a range `a..b`"));
    assert!(wrong("concat(A, B)").contains("`concat` needs two equal"));
    assert!(
        errors("model m\ndim n = 3\nparam A : n - 1\nloss any")
            .render(false, 100)
            .contains("a size is a sum of products")
    );
}

#[test]
fn an_action_on_rows_is_one_on_the_matrix() {
    let image = |lines: &str| {
        let text = format!(
            "model m\ndim n = 3, k = 2\nparam W : 3*k x n\nparam V : n x 3*k\noutput F = V * W\nloss any\naction a : g in GL(k) {{ {lines} }}\n"
        );
        model(&text).inside().actions[0].images.clone()
    };
    let rows = image("rows(W, 2, k) -> g * rows(W, 2, k); cols(V, 2, k) -> cols(V, 2, k) * inv(g)");
    let whole = image(
        "W -> concat(rows(W, 1, k), g * rows(W, 2, k), rows(W, 3, k)); \
         V -> concat(rows(V', 1, k), (cols(V, 2, k) * inv(g))', rows(V', 3, k))'",
    );
    assert_eq!(rows, whole);
    let order = image("rows(W, 3, k) -> g * rows(W, 3, k); rows(W, 1, k) -> inv(g)' * rows(W, 1, k)");
    let other = image("rows(W, 1, k) -> inv(g)' * rows(W, 1, k); rows(W, 3, k) -> g * rows(W, 3, k)");
    assert_eq!(order, other);
    let wrong = |lines: &str| {
        let text = format!(
            "model m\ndim n = 3, k = 2\nparam W : 3*k x n\ndata X : 3*k x n\noutput F = W\nloss any\naction a : g in GL(k) {{ {lines} }}\n"
        );
        errors(&text).render(false, 100)
    };
    assert!(
        wrong("rows(W, 1, k) -> g * rows(W, 1, k); rows(W, 1..2*k) -> rows(W, 1..2*k)").contains("nothing in common")
    );
    assert!(wrong("rows(W, 1, k) -> g * rows(W, 1, k); W -> W").contains("moved twice"));
    assert!(wrong("rows(X, 1, k) -> g * rows(X, 1, k)").contains("not rows or columns of one"));
    assert!(wrong("rows(W, 1, k) -> W").contains("the image of `rows(W, 1, k)`"));
}

#[test]
fn functions_resolve_to_their_operators() {
    same("ones(n)", "ones(n, 1)");
    assert!(matches!(root(&formula("relu(A)")), Term::Op(Op::Apply, _)));
    assert!(matches!(root(&formula("phi(A)")), Term::Op(Op::Apply, _)));
    assert!(matches!(root(&formula("dot(A, B)")), Term::Op(Op::Inner, _)));
    assert!(matches!(root(&formula("f(A)")), Term::Op(Op::Call(_), _)));
    assert!(matches!(root(&formula("n")), Term::Size(_)));
    assert!(matches!(root(&formula("mse(A, B)")), Term::Op(Op::Mse, _)));
}

#[test]
fn every_statement_reads() {
    let model = model(include_str!("../language/everything.eqv"));
    assert_eq!(
        model.inside().activations[0].property,
        Property::Homogeneous(equilaw::internals::term::Rational::new(5.into(), 2.into()))
    );
    assert_eq!(model.inside().params[1].latex.as_deref(), Some(r"\theta^{(2)}"));
    assert_eq!(model.inside().functions[0].signature.arguments.len(), 2);
    assert!(model.inside().actions.iter().any(|action| action.element.is_none()));
    assert!(
        matches!(model.inside().dynamics, [Dynamics::GradientFlow, Dynamics::HeavyBall, Dynamics::Mirror(p)] if p.len() == 2)
    );
    assert!(model.inside().actions.iter().any(|action| action.loss.is_some()));
}

#[test]
fn line_ends_byte_order_marks_and_tabs_do_not_matter() {
    let plain = model(RELU_MLP);
    let odd = format!("\u{feff}{}", RELU_MLP.replace('\n', "\r\n").replace("  ", "\t"));
    assert_eq!(model(&odd), plain);
    assert_eq!(model(&RELU_MLP.replace('\n', "\r")), plain);
}

#[test]
fn sizes_may_be_written_tightly() {
    let model =
        model("model m\ndim x = 2, n = 3\nparam x1 : 4x3\nparam b : x x x\nparam c : n×4\nparam e : 4xn\nloss sum(c)");
    let shapes: Vec<String> = model.inside().params.iter().map(|param| param.shape.to_string()).collect();
    assert_eq!(shapes, ["4 x 3", "x x x", "n x 4", "4 x n"]);
}

#[test]
fn a_statement_continues_in_brackets_and_after_an_operator() {
    let long = model("model m\nparam a : scalar; param b : scalar\nloss a * # and\n  b + dot(\n    a,\n    b\n  )\n");
    assert_eq!(long, model("model m\nparam a : scalar\nparam b : scalar\nloss a * b + dot(a, b)"));
}

#[test]
fn a_printed_model_parses_back() {
    for text in [RELU_MLP, include_str!("../language/everything.eqv"), include_str!("../language/families.eqv")] {
        let first = model(text);
        let again = model(&first.to_string());
        assert_eq!(again, first);
        let meaning = |model: &Model| {
            model.inside().env.names().iter().map(|n| model.inside().env.symbol(*n).cloned()).collect::<Vec<_>>()
        };
        assert_eq!(meaning(&again), meaning(&first));
    }
}

#[test]
fn laws_speak_of_gradients_and_trajectories() {
    let model = model(RELU_MLP);
    let mut env = model.inside().env.clone();
    env.declare("A".into(), model.inside().params[0].shape, Facts::empty());
    env.declare("Z".into(), env.symbol("F".into()).unwrap().shape, Facts::empty());
    let law =
        |text: &str| parse_expr(&env, model.inside().dims, text).unwrap_or_else(|e| panic!("{}", e.render(false, 100)));
    let law_root = |text: &str| match root(&law(text)) {
        Term::Op(op, args) => (*op, args.len()),
        other => panic!("{other:?}"),
    };
    assert_eq!(law_root("grad(W1)"), (Op::Grad, 1));
    assert_eq!(law_root("dot(W1)"), (Op::Dot, 1));
    assert_eq!(law_root("next(W1)"), (Op::Next, 1));
    assert_eq!(law_root("err(F)"), (Op::Err, 1));
    assert_eq!(law_root("hess(W1)[A]"), (Op::Hess, 2));
    assert_eq!(law_root("vjp(F, W1)[Z]"), (Op::Vjp, 3));
    assert_eq!(law_root("hess_loss(F)[Z]"), (Op::HessLoss, 2));
    assert_eq!(law_root("d(W1)"), (Op::Diff, 1));
    assert_eq!(law_root("deriv(relu)(W1 * X)"), (Op::Apply, 2));
    assert_eq!(law_root("deriv(deriv(tanh))(W1)"), (Op::Apply, 2));
    assert_eq!(infer(&env, &law("vjp(F, W1)[Z]")).unwrap().shape.to_string(), "h x d");
    let error = parse_expr(&env, model.inside().dims, "grad(W3)").unwrap_err();
    assert_eq!(error.errors()[0].message(), "unknown name `W3`");
    assert!(parse_expr(&env, model.inside().dims, "W1 W2").is_err());
    assert!(parse_expr(&env, model.inside().dims, "").is_err());
    assert!(parse_expr(&env, model.inside().dims, "grad(W1 + W1)").is_err());
}

/// A node of a pattern as `?X` or `Op[argument positions]`.
fn node(node: &egg::ENodeOrVar<Term>) -> String {
    match node {
        egg::ENodeOrVar::Var(variable) => variable.to_string(),
        egg::ENodeOrVar::ENode(Term::Op(op, args)) => {
            format!("{op:?}{:?}", args.iter().map(|&id| usize::from(id)).collect::<Vec<_>>())
        }
        egg::ENodeOrVar::ENode(leaf) => format!("{leaf:?}"),
    }
}

#[test]
fn a_rule_file_reads() {
    let rules = parse_rules("test.rules", include_str!("../language/sample.rules"))
        .unwrap_or_else(|errors| panic!("{}", errors.render(false, 100)));
    let names: Vec<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(
        names,
        ["relu-diagonal", "transpose-product", "homogeneous-diagonal", "power-2-sum", "euler", "sum-ones"]
    );
    assert!(rules[0].bidirectional && !rules[0].silent);
    assert_eq!(rules[0].comment, "Positive homogeneity:\na positive diagonal passes through ReLU.");
    assert_eq!(rules[0].line, 5);
    let applied: Vec<String> = rules[2].lhs.as_ref().iter().map(node).collect();
    assert_eq!(applied, ["?f", "?D", "?X", "Mul[1, 2]", "Apply[0, 3]"]);
    let sized: Vec<String> = rules[5].rhs.as_ref().iter().map(node).collect();
    assert_eq!(sized, ["?X", "Rows[0]", "Cols[0]", "Ones[1, 2]", "Inner[0, 3]"]);
    assert!(rules[1].silent && rules[1].conditions[0].negated);
    assert_eq!(rules[2].conditions.len(), 2);
    assert!(rules[1].comment.is_empty());
}

#[test]
fn deep_or_long_input_is_an_error_and_no_overflow() {
    let deep = format!("model m\nparam a : scalar\nloss {}a{}\n", "(".repeat(10_000), ")".repeat(10_000));
    assert!(errors(&deep).errors()[0].message().contains("nest"));
    let long = format!("model m\nparam a : scalar\nloss a{}\n", " + a".repeat(100_000));
    assert!(errors(&long).errors()[0].message().contains("operations deep"));
    let minus = format!("model m\nparam a : scalar\nloss {}a\n", "-".repeat(100_000));
    assert!(errors(&minus).errors()[0].message().contains("operations deep"));
    let digits = format!("model m\nparam a : scalar\nloss {} * a\n", "9".repeat(100_000));
    assert!(errors(&digits).errors()[0].message().contains("digits"));
}

#[test]
fn strange_files_are_errors() {
    for text in [
        "",
        "\n\n",
        "# only a comment\n",
        ";;;",
        "\0\u{1}\u{2}",
        "\u{feff}",
        "((((",
        "}}}}",
        "model",
        "@@@\n\"",
        "=",
        "loss",
    ] {
        let errors = errors(text);
        assert!(!errors.errors().is_empty());
        assert!(errors.render(true, 80).contains("test.eqv:"), "{text:?}");
    }
}

#[test]
fn errors_show_the_place_what_was_expected_and_what_was_meant() {
    each_file("tests/language/errors", |path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        let errors = if name.ends_with(".rules") {
            parse_rules(name, &text).map(|_| ()).unwrap_err()
        } else {
            Model::parse(name, &text).map(|_| ()).unwrap_err()
        };
        insta::assert_snapshot!(errors.render(false, 100));
    });
}

#[test]
fn an_error_says_where_it_is_in_characters() {
    let errors = errors("model m\r\nparam θ : scalar\r\nloss θ * θ + ψ\r\n");
    let [error] = errors.errors() else { panic!("{errors}") };
    assert_eq!((error.file(), error.line(), error.column()), ("test.eqv", 3, 14));
    assert_eq!(error.message(), "unknown name `ψ`");
    assert_eq!(error.span().end - error.span().start, "ψ".len());
    assert_eq!(errors.to_string(), "test.eqv:3:14: unknown name `ψ`");
    assert!(errors.render(false, 80).contains("test.eqv:3:14"));
}

#[test]
fn a_name_whose_declaration_failed_causes_no_second_error() {
    let errors =
        errors("model m\nparam a : nn\nparam b scalar\nlet c = a + b\nlet e = inv(c) + b ^ a\nloss norm2(c) + e");
    assert_eq!(errors.errors().len(), 2, "{errors}");
}

#[test]
fn an_action_that_moves_output_and_loss_knows_their_symbols() {
    let text = "model m\ndim n = 2\nparam W : n x n\noutput F = W\nloss norm2(F)\n\
                action a : g in O(n) { W -> g * W; F -> g * F; loss -> loss }";
    let model = model(text);
    let action = &model.inside().actions[0];
    let env = model.inside().action_env(action);
    assert_eq!(infer(&env, action.output.as_ref().unwrap()).unwrap().shape.to_string(), "n x n");
    assert!(infer(&env, action.loss.as_ref().unwrap()).unwrap().shape.is_scalar());
    assert!(env.symbol("g".into()).unwrap().facts.contains(Facts::ORTHOGONAL));
}

#[test]
fn models_of_the_theorem_library_read() {
    model(include_str!("../language/attention.eqv"));
    model(include_str!("../language/softmax_classifier.eqv"));
}

#[test]
fn a_long_model_reads_in_time_and_inlines() {
    let lets: String = (0..500).map(|i| format!("let Z{} = relu(Z{i}) + Z{i}\n", i + 1)).collect();
    let text = format!("model m\ndim n = 2\nparam Z0 : n x n\n{lets}output F = Z500\nloss any\n");
    let model = model(&text);
    assert_eq!(model.inside().lets.len(), 500);
    let output = model.inside().inline(&model.inside().output.as_ref().unwrap().expr);
    assert_eq!(output.len(), 2 + 2 * 500);
}
