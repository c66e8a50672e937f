//! What holds for every text: a model prints as a text of the same model, and no text makes the parser panic.

use equilaw::internals::language::{parse_expr, parse_rules};
use equilaw::internals::model::Model;
use equilaw::internals::term::{Env, Facts, Shape};
use proptest::prelude::*;

/// Texts of n×n formulas in A, B, the diagonal S and the positive P. Numbers multiply atoms only: a number times a
/// number times a matrix is a formula with two texts.
fn matrix() -> impl Strategy<Value = String> {
    let atom = prop::sample::select(vec![
        "A",
        "B",
        "S",
        "P",
        "eye(n)",
        "ones(n, n)",
        "u * u'",
        "S ^ -2",
        "P ^ (1/2)",
        "P .^ 3",
    ]);
    let leaf = prop_oneof![
        atom.prop_map(|atom| format!("({atom})")),
        (1..9u32, 2..5u32, prop::sample::select(vec!["A", "B'", "inv(S)", "relu(P)"]))
            .prop_map(|(p, q, atom)| format!("{p}/{q} * {atom}")),
        prop::sample::select(vec!["s", "n", "tr(A)", "dot(u, u)", "s ^ (1/2)", "norm2(P)^-1", "2.5", "sum(u)"])
            .prop_map(|scalar| format!("{scalar} * A")),
    ];
    leaf.prop_recursive(4, 24, 2, |inner| {
        let binary = prop::sample::select(vec!["+", "-", "*", ".*"]);
        let function = prop::sample::select(vec!["relu", "phi", "rest", "inv", "softmax", "batchnorm", "tanh", ""]);
        prop_oneof![
            4 => (inner.clone(), binary, inner.clone()).prop_map(|(x, op, y)| format!("({x}) {op} ({y})")),
            2 => (function, inner.clone()).prop_map(|(f, x)| format!("{f}({x})")),
            1 => inner.clone().prop_map(|x| format!("({x})'")),
            1 => inner.clone().prop_map(|x| format!("-({x})")),
            1 => inner.clone().prop_map(|x| format!("({x}) / s")),
            1 => inner.prop_map(|x| format!("({x}) / 3")),
        ]
    })
}

fn action() -> impl Strategy<Value = String> {
    let groups = vec![
        "GL(n)",
        "SL(n)",
        "O(n)",
        "SO(n)",
        "Diag+(n)",
        "Translate(n x n)",
        "Perm(n)",
        "Cyclic(n)",
        "Sign(n)",
        "SignedPerm(n)",
    ];
    prop_oneof![
        (prop::sample::select(groups), matrix(), any::<bool>()).prop_map(|(group, image, both)| {
            let other = if both { "; P -> g * P * inv(g)" } else { "" };
            format!("g in {group} {{ A -> g * ({image}){other}; F -> g * F }}")
        }),
        matrix().prop_map(|image| format!("a in Scale {{ A -> a^(3/2) * ({image})\n loss -> a^-1 * loss }}")),
        matrix().prop_map(|image| format!("Z2 {{ A -> {image} }}")),
        Just("t in Translate(n) { u -> u + t }".to_string()),
    ]
}

fn text() -> impl Strategy<Value = String> {
    let declarations = prop::sample::subsequence(
        vec![
            "dim other = 17",
            "param b \"\\beta_{1}\" : other",
            "param g_2 : n × 3",
            "data Ω : n x n symmetric constant",
            "data e : scalar",
            "activation psi : homogeneous(-1/2)",
            "activation χ : smooth",
            "activation even_one : even",
            "function two : (n x n, scalar) -> 4",
            "dynamics gradient_flow",
            "dynamics mirror { P : entropy, A : quadratic }",
            "potential bowl(z) = z^4 / 4 + exp(-z)",
        ],
        0..11,
    );
    let header = prop::collection::vec("[ -~]{0,20}", 0..3);
    let definitions = prop::collection::vec(matrix(), 0..3);
    let actions = prop::collection::vec(action(), 0..3);
    (header, declarations, definitions, matrix(), matrix(), actions).prop_map(
        |(header, declarations, definitions, output, loss, actions)| {
            let mut text: String = header.iter().map(|line| format!("# {line}\n")).collect();
            text += "\nmodel random \"Title: 100%\"\ndim n = 3\nparam A : n x n\nparam P : n x n positive\nparam u : n\n\
                     data s : scalar positive\ndata B : n x n\ndata S : n x n diagonal\nactivation phi : odd\n\
                     function rest : (n x n) -> n x n\n";
            // A mirror dynamics names A and P, the other lines nothing that may be missing.
            let other = declarations.contains(&"dim other = 17");
            for line in declarations.iter().filter(|line| other || !line.contains(": other")) {
                text += &format!("{line}\n");
            }
            for (i, definition) in definitions.iter().enumerate() {
                text += &format!("let Z{i} \"Z_{i}\" = {definition}\n");
            }
            text += &format!("output F = {output}\nloss mse(F, B) + norm2({loss})\n");
            for (i, action) in actions.iter().enumerate() {
                text += &format!("action a{i} : {action}\n");
            }
            text
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_printed_model_is_the_same_model(text in text()) {
        let model = Model::parse("random.eqv", &text).map_err(|e| match e.plain() {
            // A power of an image that need not be positive is refused, and is no fault of the printer.
            told if told.contains("its image is not known to be") => TestCaseError::reject("outside the domain"),
            told => TestCaseError::fail(format!("{text}\n{told}")),
        })?;
        let printed = model.to_string();
        let again = Model::parse("printed.eqv", &printed).map_err(|e| TestCaseError::fail(format!("{printed}\n{e}")))?;
        prop_assert!(model == again, "{text}\n--- printed as ---\n{printed}\n--- and again ---\n{again}");
    }

    #[test]
    fn no_words_in_any_order_make_the_parser_panic(words in prop::collection::vec(word(), 0..60)) {
        let text = words.join(" ");
        read(&text);
        read(&format!("model m\ndim n = 3\nparam A : n x n\nlet Z = {text}\nloss any"));
    }

    #[test]
    fn no_damage_to_a_file_makes_the_parser_panic(start in 0.0..1.0f64, length in 0..40usize, insert in word()) {
        for text in [include_str!("../language/everything.eqv"), include_str!("../language/sample.rules")] {
            let mut letters: Vec<char> = text.chars().collect();
            let start = (start * letters.len() as f64) as usize;
            let end = (start + length).min(letters.len());
            letters.splice(start..end, insert.chars());
            read(&letters.into_iter().collect::<String>());
        }
    }

    #[test]
    fn no_characters_make_the_parser_panic(text in "(\\PC|[\n\"#?'{}()]){0,80}") {
        read(&text);
    }
}

fn word() -> impl Strategy<Value = String> {
    let words = "model dim param data let output loss action activation function potential dynamics any in scalar x mirror rule silent \
                 if not A F n Z0 relu tr ones hess vjp dot deriv d grad Z2 GL Scale homogeneous odd symmetric positive ?X ?f \
                 + - * .* / ^ .^ ' ( ) [ ] { } , : ; = => <=> -> × 0 1 2.5 \"t\" \" # \n \n \n ₂ ?";
    let mut words: Vec<String> = words.split(' ').map(str::to_string).collect();
    words.push("\n".to_string());
    prop::sample::select(words)
}

/// Reads a text every way and shows what is wrong with it.
fn read(text: &str) {
    if let Err(errors) = Model::parse("random.eqv", text) {
        assert!(!errors.render(false, 60).is_empty());
    }
    let mut env = Env::default();
    env.declare("A".into(), Shape::SCALAR, Facts::empty());
    if let Err(errors) = parse_expr(&env, &[], text) {
        assert!(!errors.render(false, 60).is_empty());
    }
    if let Err(errors) = parse_rules("random.rules", text) {
        assert!(!errors.render(true, 60).is_empty());
    }
}
