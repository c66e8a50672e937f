//! The gallery of whole architectures: every action that a file declares is proved, for any number of layers, heads, experts and steps, and its wrong
//! twins are not. Every file says where it comes from, what it conserves and what is no symmetry, and has its row in `docs/architectures.md`.

use crate::common::{ROOT, files};
use crate::{BOOK, parse};
use equilaw::internals::law::{Context, action::prove};
use equilaw::internals::model::Inside;
use equilaw::internals::rewrite::Limits;
use rayon::prelude::*;

/// The files of the gallery, by name. The plain transformer is among the examples of every other test.
fn gallery() -> Vec<(String, String)> {
    let model = |path: &std::path::PathBuf| {
        let name = path.file_stem().expect("a name").to_string_lossy().to_string();
        (name, std::fs::read_to_string(path).expect("a model is text"))
    };
    files("examples/architectures").iter().map(model).filter(|(name, _)| name != "transformer").collect()
}

/// Whether each action of a model is proved, by name.
fn proved(text: &str, limits: Limits) -> Vec<(String, bool)> {
    let model = parse(text);
    let cx = Context::new(&model, &BOOK, limits);
    let one = |action: &_| prove(&cx, action).is_ok();
    model.inside().actions.iter().map(|action| (action.name.to_string(), one(action))).collect()
}

#[test]
fn every_action_of_a_whole_architecture_is_proved() {
    let gallery = gallery();
    assert!(gallery.len() >= 20, "{}", gallery.len());
    gallery.par_iter().for_each(|(name, text)| {
        let actions = proved(text, Limits::default());
        let open: Vec<&String> = actions.iter().filter(|(_, proved)| !proved).map(|(action, _)| action).collect();
        assert!(!actions.is_empty() && open.is_empty(), "{name}: {open:?}");
    });
}

/// A file, and an action that looks like one of its symmetries and is none.
#[rustfmt::skip]
const TWINS: &[(&str, &str)] = &[
    // ReLU stands between the layers; a bias is forgotten; the other layer is not the next one; one end for the other.
    ("mlp", "twin[l in 1..L-1] : g in GL(d[l]) { W[l] -> g * W[l]; b[l] -> g * b[l]; W[l+1] -> W[l+1] * inv(g) }"),
    ("mlp", "twin[l in 1..L-1] : D in Diag+(d[l]) { W[l] -> D * W[l]; W[l+1] -> W[l+1] * inv(D) }"),
    ("mlp", "twin[l in 1..L-1] : D in Diag+(d[l]) { W[l] -> D * W[l]; b[l] -> D * b[l]; W[l+1] -> W[l+1] * D }"),
    ("mlp", "twin[l in 1..L-1] : D in Diag+(d[l]) { W[l] -> D * W[l]; b[l] -> D * b[l]; W[l+1] -> W[l+1] * inv(D); W_out -> W_out }"),
    ("mlp", "twin : D in Diag+(d[0]) { W_in -> D * W_in; W[1] -> W[1] * inv(D) }"),
    // Positions turn the planes of keys and queries: a basis of a plane does not commute with them.
    ("llama3", "twin[j in 1..G, p in 1..m] : g in GL(2) { W_Q -> g * W_Q; W_K -> inv(g)' * W_K }"),
    // The stream behind a norm with ε sees its scale.
    ("llama3", "twin : y in Scale { E -> y * E; W_O -> y * W_O; W_down -> y * W_down }"),
    // A gain stands between a rotation of the stream and the weights.
    ("llama3", "twin : O in O(d) { E -> O * E; W_Q -> W_Q * O'; W_K -> W_K * O'; W_V -> W_V * O'; W_O -> O * W_O; W_gate -> W_gate * O'; W_up -> W_up * O'; W_down -> O * W_down; W_U -> W_U * O' }"),
    // The signs of the stream, but the last weights of a layer forgotten.
    ("llama3", "twin : s in Sign(d) { E -> s * E; W_Q -> W_Q * s; W_K -> W_K * s; W_V -> W_V * s; W_O -> s * W_O; W_gate -> W_gate * s; W_up -> W_up * s; W_U -> W_U * s }"),
    // SwiGLU is not homogeneous in its gate.
    ("llama3", "twin : D in Diag+(h) { W_gate -> D * W_gate; W_down -> W_down * inv(D) }"),
    // Query heads share a key.
    ("llama3", "twin : o in Perm(1..H) { W_O[j,i] -> W_O[j,o(i)] }"),
    // The bias of queries is no shift of a whole column of scores.
    ("gpt2", "twin[i in 1..H] : x in Translate(d_k) { b_Q -> b_Q + x }"),
    // The embedding is tied to the head.
    ("gpt2", "twin : D in Diag+(d) { c -> D * c; u -> D * u; E -> inv(D) * E }"),
    // The mean of one column of a tied embedding is seen by the head; only that of all columns alike is not.
    ("gpt2", "twin : x in Translate(1 x v) { E -> E + ones(d, 1) * x }"),
    // GELU is not homogeneous.
    ("gpt2", "twin : D in Diag+(h) { W1 -> D * W1; b1 -> D * b1; W2 -> W2 * inv(D) }"),
    // A stream moved by other numbers in each row is seen by the next LayerNorm.
    ("gpt2", "twin[l in 1..L] : x in Translate(d) { b2 -> b2 + x }"),
    // Only means of what is written to the stream are not seen, not those of what stands inside of GELU.
    ("vit", "twin[l in 1..L] : x in Translate(1 x d) { W1 -> W1 + ones(h, 1) * x }"),
    // RMSNorm sees the mean of the stream.
    ("llama3", "twin[l in 1..L] : x in Translate(1 x h) { W_down -> W_down + ones(d, 1) * x }"),
    // A gate stands between these weights and the stream.
    ("rwkv", "twin[l in 1..L] : x in Translate(1 x h) { V_V -> V_V + ones(d, 1) * x }"),
    // So does the layer scale.
    ("convnext", "twin[i in 1..A] : x in Translate { b12 -> b12 + x * ones(d, 1) }"),
    // LayerNorm mixes the channels behind the depthwise convolution.
    ("convnext", "twin : D in Diag+(d) { w10 -> D * w10; r1 -> D * r1; g1 -> inv(D) * g1 }"),
    // The downsampling reads its four places of a channel.
    ("convnext", "twin : D in Diag+(d) { a2 -> D * a2; u2 -> D * u2; V2 -> V2 * inv(kron(D, eye(4))) }"),
    // The bias behind the gain is read by the same weights.
    ("mlp_mixer", "twin[l in 1..L] : y in Scale { a -> y * a; V1 -> y^-1 * V1 }"),
    // Minus the whole stream, but the bias of the output of attention forgotten.
    ("gpt2", "twin : Z2 { E -> -E; P -> -P; r -> -r; b_Q -> -b_Q; b_K -> -b_K; b_V -> -b_V; s -> -s; W1 -> -W1; W2 -> -W2; b2 -> -b2; u -> -u }"),
    // The sum around a block sees the gain as well.
    ("bert", "twin : D in Diag+(d) { b -> D * b; s -> D * s; W1 -> W1 * inv(D) }"),
    // All layers share the numbers of the buckets.
    ("t5", "twin : y in Perm(1..H) { W_Q[i] -> W_Q[y(i)]; W_K[i] -> W_K[y(i)]; W_V[i] -> W_V[y(i)]; W_O[i] -> W_O[y(i)] }"),
    // Queries and keys are normalized with ε.
    ("qwen3", "twin[j in 1..G] : y in Scale { W_Q -> y * W_Q; W_K -> y^-1 * W_K }"),
    // BatchNorm with ε sees a scale.
    ("resnet", "twin : y in Scale { W11 -> y * W11 }"),
    // The shortcut into the next stage reads the stream too.
    ("resnet", "twin : D in Diag+(c) { a0 -> D * a0; b0 -> D * b0; W11 -> W11 * inv(kron(eye(9), D)); a12 -> D * a12; b12 -> D * b12; V21 -> V21 * inv(kron(eye(9), D)) }"),
    // The first convolution of a bottleneck has one tap, the second nine.
    ("resnet50", "twin : D in Diag+(e2) { c21 -> D * c21; d21 -> D * d21; V22 -> V22 * inv(kron(D, eye(9))) }"),
    ("resnet50", "twin : g in GL(c) { a0 -> g * a0; b0 -> g * b0; V11 -> V11 * inv(g); V14 -> V14 * inv(g) }"),
    // The filter has its columns tap by tap, and all taps of a channel go together.
    ("vgg", "twin[i in 1..A] : D in Diag+(c) { W1 -> D * W1; b1 -> D * b1; W2 -> W2 * inv(kron(D, eye(9))) }"),
    // The largest of two is no linear function.
    ("vgg", "twin : y in GL(c) { W0 -> y * W0; b0 -> y * b0; W1 -> W1 * inv(kron(eye(9), y)); W2 -> y * W2; b2 -> y * b2; V0 -> V0 * inv(kron(eye(9), y)) }"),
    // The noise is given, and does not turn.
    ("vae", "twin : O in O(z) { W2 -> O * W2; b2 -> O * b2; W4 -> W4 * O' }"),
    // The bias of the choice of experts stays where it is.
    ("deepseek_v3", "twin : o in Perm(1..K) { W_R[k] -> W_R[o(k)]; W_gate[k] -> W_gate[o(k)]; W_up[k] -> W_up[o(k)]; W_down[k] -> W_down[o(k)] }"),
    // SiLU stands behind the convolution.
    ("mamba2", "twin : u in GL(s) { W_B -> u * W_B; W_C -> inv(u)' * W_C }"),
    // RMSNorm sees the mean of the stream.
    ("gemma3", "twin : x in Translate { E -> E + x * ones(d, v) }"),
    // The frozen gain and bias stand between the adapter and what has no mean.
    ("lora", "twin : x in Translate(r) { A_Q -> A_Q + x * ones(1, d) }"),
    // The frozen weight stands beside the adapter.
    ("lora", "twin : y in Scale { A_Q -> y * A_Q }"),
    // A channel of the skip is read by pooling as well.
    ("unet", "twin : D in Diag+(c1) { W12 -> D * W12; b12 -> D * b12; M1 -> M1 * inv(kron(eye(9), D)) }"),
    // The up-convolution has its columns tap by tap.
    ("unet", "twin : D in Diag+(c5) { W52 -> D * W52; b52 -> D * b52; V4 -> V4 * inv(kron(D, eye(4))) }"),
];

#[test]
fn wrong_twins_of_their_symmetries_are_not_proved() {
    let gallery = gallery();
    TWINS.par_iter().for_each(|(name, twin)| {
        let (_, text) = gallery.iter().find(|(other, _)| other == name).expect("a file of the gallery");
        // Only the twin: what is true is proved by the test above.
        let bare: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("action ")).collect();
        let text = format!("{}\naction {twin}\n", bare.join("\n"));
        let actions = proved(&text, Limits { nodes: 1_500, ..Limits::default() });
        assert_eq!(actions, [("twin".to_string(), false)], "{name}: {twin}");
    });
}

#[test]
fn every_file_says_where_it_is_from_and_what_holds_of_it() {
    let page = std::fs::read_to_string(format!("{ROOT}/docs/architectures.md")).expect("the page on architectures");
    for (name, text) in gallery() {
        assert!(text.lines().count() <= 60, "{name}: {} lines", text.lines().count());
        for part in ["# Source: ", "# Expected: ", "# No symmetry: "] {
            assert!(text.contains(part), "{name}: {part}");
        }
        let row = page.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        let row = row.unwrap_or_else(|| panic!("{name} has no row in docs/architectures.md"));
        let expected = text.lines().find_map(|line| line.strip_prefix("# Expected: `")?.split_once('`'));
        if let Some((formula, _)) = expected {
            assert!(row.contains(&format!("`{formula}`")), "{name}: {formula}");
        }
        // Rows of many stages tell their actions by the first and the last.
        let actions = row.split(" | ").nth(3).unwrap_or_default();
        for action in parse(&text).inside().actions.iter().filter(|_| !actions.contains('…')) {
            assert!(actions.contains(&format!("{} ", action.name)), "{name}: {}", action.name);
        }
    }
}
