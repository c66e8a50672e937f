//! Symmetries that nobody declared: of the examples, of planted models, of models that have none.

use crate::{BOOK, parse};
use equilaw::internals::discover::{Discovery, Options, discover};
use equilaw::internals::exact::{Form, symmetries, unwatched};
use equilaw::internals::model::{Action, Inside, Model};
use equilaw::internals::term::print::text;
use equilaw::internals::term::{substitute, sym};
use rayon::prelude::*;
use std::collections::HashMap;

const PLAIN: Form = Form { general: false, equivariant: false };
const EQUIVARIANT: Form = Form { general: false, equivariant: true };

fn model(body: &str) -> Model {
    parse(&format!("model test\n{body}\n"))
}

/// The examples to read first.
fn examples() -> Vec<Model> {
    let first = |path: &std::path::PathBuf| path.parent().is_some_and(|p| p.ends_with("examples"));
    let paths = crate::examples().into_iter().filter(first);
    paths.map(|path| parse(&std::fs::read_to_string(path).expect("a file"))).collect()
}

fn found(model: &Model, form: Form) -> Discovery {
    let options = Options { sizes: model.sizes(&[]).expect("sizes"), form, ..Options::default() };
    discover(model, &BOOK, &options, &unwatched, &|| false).expect("discovered")
}

/// `Diag+(h): W1 -> g * W1, W2 -> W2 * inv(g)`, whatever the element is called.
fn statement(action: &Action) -> String {
    let element: HashMap<_, _> = action.element.iter().map(|&e| (e, sym("g".into()))).collect();
    let images: Vec<String> =
        action.images.iter().map(|(name, image)| format!("{name} -> {}", text(&substitute(image, &element)))).collect();
    format!("{}: {}", action.group, images.join(", "))
}

fn statements(found: &Discovery) -> Vec<String> {
    found.actions().map(statement).collect()
}

#[test]
fn the_declared_invariances_of_every_example_are_found_again() {
    for model in examples() {
        let found = statements(&found(&model, PLAIN));
        let moves_output = |a: &&Action| a.output.is_some() || a.loss.is_some();
        for action in model.inside().actions.iter().filter(|a| !moves_output(a)) {
            let declared = statement(action);
            assert!(found.contains(&declared), "{}: {declared} is not among {found:#?}", model.inside().name);
        }
    }
}

#[test]
fn what_moves_the_output_is_explained_where_it_is_declared() {
    for model in examples().iter().filter(|m| m.inside().actions.iter().any(|a| a.output.is_some())) {
        let found = found(model, EQUIVARIANT);
        assert_eq!(found.explained, found.algebra.dimension, "{}", model.inside().name);
    }
}

#[test]
fn every_proposal_for_an_example_is_proved() {
    for model in examples() {
        let found = found(&model, PLAIN);
        assert!(found.proposals.iter().all(|p| p.is_proved()), "{}: {:#?}", model.inside().name, found.proposals);
    }
}

#[test]
fn a_tanh_network_has_its_permutations_and_signs_only() {
    let network = model(
        "dim d = 3, h = 4, k = 2, n = 3
        param W1 : h x d; param W2 : k x h; data X : d x n
        output F = W2 * tanh(W1 * X); loss any",
    );
    let found = found(&network, PLAIN);
    assert_eq!(found.algebra.dimension, 0);
    let expected = ["Perm(h): W1 -> g * W1, W2 -> W2 * g'", "Sign(h): W1 -> g * W1, W2 -> W2 * g"];
    assert_eq!(statements(&found), expected);
}

#[test]
fn heads_that_share_their_keys_share_a_change_of_basis_and_may_be_exchanged() {
    let grouped = model(
        "dim d = 3, d_k = 2, d_v = 2, n = 3
        param Q1 : d_k x d; param Q2 : d_k x d; param K : d_k x d
        param V1 : d_v x d; param V2 : d_v x d; param O1 : d x d_v; param O2 : d x d_v
        data X : d x n
        let S1 = softmax((K * X)' * Q1 * X)
        let S2 = softmax((K * X)' * Q2 * X)
        output F = X + O1 * V1 * X * S1 + O2 * V2 * X * S2; loss any",
    );
    let found = found(&grouped, PLAIN);
    let statements = statements(&found);
    let expected = [
        "GL(d_k): Q1 -> g * Q1, Q2 -> g * Q2, K -> inv(g)' * K",
        "GL(d_v): V1 -> g * V1, O1 -> O1 * inv(g)",
        "GL(d_v): V2 -> g * V2, O2 -> O2 * inv(g)",
        "Z2: Q1 -> Q2, Q2 -> Q1, V1 -> V2, V2 -> V1, O1 -> O2, O2 -> O1",
    ];
    for action in expected {
        assert!(statements.iter().any(|s| s == action), "{action} is not among {statements:#?}");
    }
    assert_eq!(found.algebra.structure.map(|s| s.name).as_deref(), Some("gl(2) ⊕ gl(2) ⊕ gl(2)"));
}

#[test]
fn algebras_are_recognized() {
    let name = |model: &Model| {
        let found = symmetries(model, &model.sizes(&[]).expect("sizes"), PLAIN, 0, &unwatched).expect("computed");
        found.structure.expect("small").name
    };
    let of = |title: &str| examples().into_iter().find(|m| m.name() == title).expect("an example");
    assert_eq!(name(&of("attention")), "gl(3) ⊕ gl(2)");
    assert_eq!(name(&of("relu_mlp")), "diagonal torus of rank 5");
    assert_eq!(name(&of("tied_linear_autoencoder")), "so(3)");
    let disconnected =
        model("dim n = 2; param W : 2 x 2; param b : 1; data X : 2 x n; output F = relu(W * X); loss any");
    assert_eq!(name(&disconnected), "diagonal torus of rank 1 ⋉ translations ℝ¹");
}

#[test]
fn a_shift_of_a_hidden_bias_is_found_among_affine_generators() {
    let network = model(
        "dim n = 2
        param W1 : 2 x 2; param b1 : 2; param W2 : 2 x 2; param b2 : 2; data X : 2 x n
        output F = W2 * (W1 * X + b1 * ones(1, n)) + b2 * ones(1, n); loss any",
    );
    let dimension = |general| {
        let form = Form { general, equivariant: false };
        symmetries(&network, &network.sizes(&[]).expect("sizes"), form, 0, &unwatched).expect("computed").dimension
    };
    assert_eq!(dimension(true), dimension(false) + 2);
}

#[test]
fn a_parameter_without_effect_may_be_translated() {
    let disconnected =
        model("dim h = 3, n = 2; param W : 2 x 2; param V : h; data X : 2 x n; output F = tanh(W * X); loss any");
    let statements = statements(&found(&disconnected, PLAIN));
    assert!(statements.contains(&"Translate(h): V -> V + g".to_string()), "{statements:#?}");
}

#[test]
fn actions_about_a_centre_are_found_and_proved() {
    let cases = [
        (
            "dim d = 3, k = 2, n = 4
            param a : d; param W : k x d; data X : d x n
            output F = W * diag(ones(d) + a) * rmsnorm(X); loss any",
            "Diag+(d): a -> g * (ones(d) + a) - ones(d), W -> W * inv(g)",
        ),
        (
            "dim d = 3, k = 2, n = 4
            param U : d x d; param V : k x d; data X : d x n
            output F = V * (eye(d) + U) * X; loss any",
            "GL(d): U -> g * (eye(d) + U) - eye(d), V -> V * inv(g)",
        ),
        (
            "dim d = 3, h = 2, k = 2, n = 4
            param B : h x d; param C : k x h; data B0 : h x d; data X : d x n
            output F = C * (B - B0) * X; loss any",
            "GL(h): B -> g * (B - B0) + B0, C -> C * inv(g)",
        ),
    ];
    for (body, expected) in cases {
        let found = statements(&found(&model(body), PLAIN));
        assert!(found.iter().any(|s| s == expected), "{expected} is not among {found:#?}");
    }
}

#[test]
fn a_rotation_is_proposed_where_a_reflection_is_no_symmetry() {
    let area = model(
        "dim n = 3
        param Q : 2 x n; data J : 2 x 2 skew orthogonal
        output F = Q' * J * Q; loss any",
    );
    let groups: Vec<String> = found(&area, PLAIN).proposals.iter().map(|p| p.action.group.to_string()).collect();
    assert!(groups.contains(&"SO(2)".to_string()) && !groups.contains(&"O(2)".to_string()), "{groups:?}");
}

#[test]
fn the_stabilizer_of_ones_is_proposed_where_a_layernorm_forbids_other_rotations() {
    let stream = model(
        "dim v = 4, d = 4, h = 3, k = 2, n = 3
        param W_E : d x v; param W_I : h x d; param W_O : d x h; param W_U : k x d; data X : v x n
        let R = W_E * X
        let S = R + W_O * tanh(W_I * layernorm(R))
        output F = W_U * layernorm(S); loss any",
    );
    let found = found(&stream, PLAIN);
    let rotate = "O1(d): W_E -> g * W_E, W_I -> W_I * g', W_O -> g * W_O, W_U -> W_U * g'";
    let statements = statements(&found);
    assert!(statements.iter().any(|s| s == rotate), "{statements:#?}");
    // Neither all rotations nor, beside it, the permutations that it contains.
    assert!(!statements.iter().any(|s| s.starts_with("O(d)") || s.starts_with("Perm(d)")), "{statements:#?}");
    let rotation = found.proposals.iter().find(|p| p.action.group.to_string() == "O1(d)").map(|p| p.dimension);
    assert_eq!(rotation, Some(3));
}

#[test]
fn the_phases_of_planes_are_proposed_where_rotary_positions_forbid_other_rotations() {
    let head = model(
        "dim d = 3, m = 4, n = 2
        param W_Q : m x d; param W_K : m x d; data X : d x n; data Y : d x n; data R : m x m planes rotation
        output F = (W_K * X)' * R * W_Q * Y; loss any",
    );
    let statements = statements(&found(&head, PLAIN));
    let phases = "Torus(m): W_Q -> g * W_Q, W_K -> g * W_K";
    assert!(statements.iter().any(|s| s == phases), "{statements:#?}");
    assert!(!statements.iter().any(|s| s.starts_with("O(m)") || s.starts_with("GL(m)")), "{statements:#?}");
}

#[test]
fn signs_and_exchanges_of_numbers_are_found() {
    let product = model(
        "dim d = 3, n = 2
        param u : scalar; param v : scalar; data X : d x n
        output F = u * v * X; loss any",
    );
    let found = statements(&found(&product, PLAIN));
    for expected in ["Z2: u -> v, v -> u", "Z2: u -> -u, v -> -v"] {
        assert!(found.iter().any(|s| s == expected), "{expected} is not among {found:?}");
    }
}

#[test]
fn signs_are_found_at_any_number_of_places() {
    let recurrent = model(
        "dim d = 2, h = 3, k = 2, n = 2
        param W_F : h x d; param U_F : h x h; param W_H : h x d; param U_H : h x h; param W_O : k x h
        data X : d x n; data S : d x n
        let H = tanh(W_H * X)
        let G = sigmoid(W_F * S + U_F * H)
        output F = W_O * (G .* tanh(W_H * S + U_H * (G .* H))); loss any",
    );
    let expected = "Sign(h): U_F -> U_F * g, W_H -> g * W_H, U_H -> g * U_H * g, W_O -> W_O * g";
    let found = statements(&found(&recurrent, PLAIN));
    assert!(found.iter().any(|s| s == expected), "{found:#?}");
}

/// What is written reads back, also where the letters of group elements are sizes of the model.
#[test]
fn elements_do_not_have_the_names_of_sizes() {
    let model = parse(
        "model sizes\ndim g = 2, c = 3, D = 3, a = 2, k = 2, n = 4\nparam W1 : D x c\nparam W2 : k x D\ndata X : c x n\n\
         output F = softmax(W2 * relu(W1 * X))\nloss any",
    );
    let form = equilaw::Form { general: false, equivariant: false };
    let found =
        equilaw::discover(&model, &BOOK, &equilaw::Options::default(), form, &equilaw::Unwatched).expect("discovered");
    let written = found.annotated();
    assert!(written.inside().actions.len() > 1);
    assert_eq!(parse(&written.to_string()).inside().actions, written.inside().actions);
}

/// The name of an action on a size that is a formula is one that a model file may have.
#[test]
fn an_action_of_a_size_that_is_a_sum_has_a_name() {
    let model = model(
        "dim p = 1, q = 1, d = 2, v = 2, n = 3
         param W : p + q x d
         param U : v x p + q
         data X : d x n
         output F = U * W * X
         loss any",
    );
    let names: Vec<String> = found(&model, PLAIN).actions().map(|action| action.name.to_string()).collect();
    assert!(names.contains(&"basis_p_q".to_string()), "{names:?}");
    assert!(names.iter().all(|name| name.chars().all(|c| c.is_alphanumeric() || c == '_')), "{names:?}");
}

/// How many equations each first integral of gradient flow is that follows from the actions of a model.
fn conserved(model: &Model) -> Vec<String> {
    let report = equilaw::derive(model, &BOOK, &equilaw::Options::bare()).expect("derived");
    let of_flow = |law: &equilaw::Law| law.id.ends_with("gradient-flow/conserved");
    let mut out: Vec<String> = report.laws().filter(of_flow).map(|law| law.components).collect();
    out.sort();
    out
}

#[test]
fn of_whole_architectures_every_law_is_found_without_a_declared_action() {
    let names = ["transformer", "llama3", "gpt2", "mixtral", "mamba2", "rwkv", "mlp", "t5", "gemma3", "lora"];
    names.par_iter().for_each(|name| {
        let path = format!("{}/examples/architectures/{name}.eqv", crate::common::ROOT);
        let declared = parse(&std::fs::read_to_string(path).expect("a model"));
        let found = found(&declared, PLAIN);
        let open: Vec<String> =
            found.proposals.iter().filter(|p| !p.is_proved()).map(|p| statement(&p.action)).collect();
        assert!(open.is_empty(), "{name}: {open:#?}");
        assert_eq!(conserved(&found.annotated), conserved(&declared), "{name}");
        // What is found can be written and read.
        assert_eq!(parse(&found.annotated.to_string()), found.annotated, "{name}");
    });
}

#[test]
fn symmetries_of_families_are_told_of_generic_members_of_ends_and_of_all() {
    let network = model(
        "dim L = 3, H = 2, d = 3, m = 2, k = 2, n = 2
        data T : m x n
        param W_in : d x m
        let X = relu(W_in * T)
        repeat l in 1..L {
          param W : d x d
          param A[i in 1..H] : k x d
          param B[i in 1..H] : d x k
          let X = relu(W * X + sum(i in 1..H) B * A * X)
        }
        param V : k x d
        output F = V * X; loss any",
    );
    let statements: Vec<String> = found(&network, PLAIN)
        .actions()
        .map(|a| format!("{:?} {}", a.indices.iter().map(ToString::to_string).collect::<Vec<_>>(), statement(a)))
        .collect();
    let expected = [
        r#"["l", "i"] GL(k): A -> g * A, B -> B * inv(g)"#,
        r#"["l"] Perm(H): A -> relabelled(i, g, A), B -> relabelled(i, g, B)"#,
        "[] Diag+(d): W_in -> g * W_in, W[1] -> W[1] * inv(g), A[1] -> A[1] * inv(g)",
    ];
    for action in expected {
        assert!(statements.iter().any(|s| s == action), "{action} is not among {statements:#?}");
    }
}

#[test]
fn of_a_family_nothing_is_told_that_its_members_do_not_have() {
    // ReLU lets a scale of a unit pass and no sign, tanh a sign and no scale.
    let network = model(
        "dim L = 3, d = 3, h = 2, m = 2, n = 2
        data T : m x n
        param W_in : d x m
        let X = W_in * T
        repeat l in 1..L {
          param U : h x d
          param V : d x h
          let X = X + V * relu(U * X) + V * tanh(U * X)
        }
        output F = X; loss any",
    );
    let found = found(&network, PLAIN);
    assert_eq!(found.algebra.dimension, 0, "{:#?}", statements(&found));
    assert_eq!(statements(&found), ["Perm(h): U -> g * U, V -> V * g'"]);
}

#[test]
fn under_a_separable_potential_the_diagonal_part_of_a_group_is_found() {
    let factors = "dim m = 3, n = 4, r = 2; param U : m x r; param V : n x r positive; output F = U * V'; loss any"
        .replace("; ", "\n");
    let mirror = model(&format!(
        "potential quartic(x) = x^4 / 4 + x^2 / 2\n{factors}\ndynamics mirror {{ U : quartic, V : entropy }}"
    ));
    assert_eq!(
        statements(&found(&mirror, PLAIN)),
        ["Diag+(r): U -> U * g, V -> V * inv(g)", "Perm(r): U -> U * g, V -> V * g"]
    );
    let flow = statements(&found(&model(&factors), PLAIN));
    assert!(flow.iter().any(|action| action.starts_with("GL(r)")), "{flow:?}");
}

#[test]
fn no_sign_of_a_positive_parameter_changes() {
    let network = |facts: &str| {
        let body =
            "dim h = 3, d = 2, n = 4\nparam W : h x d\nparam t : scalar FACTS\nparam V : 1 x h FACTS\ndata X : d x n
                    output F = V * tanh(t * W * X)\nloss any";
        statements(&found(&model(&body.replace("FACTS", facts)), PLAIN))
    };
    let signs =
        |found: &[String]| found.iter().filter(|action| action.starts_with("Sign") || action.starts_with("Z2")).count();
    let (any, positive) = (network(""), network("positive"));
    assert!(signs(&any) > 0 && signs(&positive) == 0, "{any:?} {positive:?}");
}

#[test]
fn a_size_of_one_hides_no_group() {
    let adapted = parse(
        "model lora\ndim d = 3, r = 1, k = 2, n = 4\ndata X : d x n\ndata W0 : k x d fixed\nparam A : r x d\nparam B : k x r
         output F = (W0 + B * A) * X\nloss any",
    );
    let report = equilaw::derive(&adapted, &BOOK, &equilaw::Options { discovery: true, ..equilaw::Options::bare() });
    let report = report.expect("a report");
    let actions = &report.inside().model.inside().actions;
    let found: Vec<_> = actions.iter().map(statement).collect();
    assert!(found.contains(&"GL(r): A -> g * A, B -> B * inv(g)".to_string()), "{found:?}");
}

#[test]
fn a_packed_matrix_is_looked_at_block_by_block() {
    let attention = model(
        "dim d = 4, d_k = 2, n = 3
        param W : 3*d_k x d
        param V : d x d_k
        data X : d x n
        let Z = W * X
        output F = V * rows(Z, 3, d_k) * softmax(rows(Z, 2, d_k)' * rows(Z, 1, d_k) / sqrt(d_k))
        loss any",
    );
    let found = found(&attention, PLAIN);
    let linear = found.actions().filter(|a| a.group.to_string() == "GL(d_k)");
    let moved: Vec<Vec<String>> = linear.map(|a| a.images.iter().map(|(name, _)| name.to_string()).collect()).collect();
    assert_eq!(moved, [vec!["W", "V"], vec!["W"]], "{:#?}", statements(&found));
    assert_eq!((found.explained, found.algebra.dimension), (8, 8));
}

#[test]
fn what_moves_all_blocks_alike_is_told_of_the_whole_matrix() {
    let gated = model(
        "dim d = 3, k = 2, v = 4, n = 3
        param E : d x v
        param W : 2*k x d
        param U : v x k
        data T : v x n
        let X = E * T
        output F = U * (silu(rows(W, 1, k) * X) .* (rows(W, 2, k) * X))
        loss any",
    );
    let statements = statements(&found(&gated, PLAIN));
    assert!(statements.contains(&"GL(d): E -> g * E, W -> W * inv(g)".to_string()), "{statements:#?}");
    assert!(statements.iter().any(|s| s.starts_with("Diag+(k): W -> concat(")), "{statements:#?}");
}
