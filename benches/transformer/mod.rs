//! A stack of transformer blocks as `.eqv` text, for measuring and for testing at depth.

use std::fmt::Write;

/// `depth` blocks of attention, layer normalisation and a ReLU network, each with its residual connection and its three
/// actions, where these are declared: GL(d_k) on queries and keys, GL(d_v) on values and output, Diag⁺(h) on the hidden units.
pub fn stack(depth: usize, declared: bool) -> String {
    let mut params = String::new();
    let mut lets = String::new();
    let mut actions = String::new();
    for i in 1..=depth {
        // Writing to a String cannot fail.
        let _ = write!(
            params,
            "param W_Q{i} : d_k x d\nparam W_K{i} : d_k x d\nparam W_V{i} : d_v x d\nparam W_O{i} : d x d_v\n\
             param W_U{i} : h x d\nparam W_D{i} : d x h\n"
        );
        let x = if i == 1 { "X".to_string() } else { format!("X{}", i - 1) };
        let _ = write!(
            lets,
            "let S{i} = softmax((W_K{i} * {x})' * (W_Q{i} * {x}) / sqrt(d_k))\n\
             let A{i} = {x} + W_O{i} * (W_V{i} * {x}) * S{i}\n\
             let N{i} = layernorm(A{i})\n\
             let X{i} = A{i} + W_D{i} * relu(W_U{i} * N{i})\n"
        );
        let _ = write!(
            actions,
            "action keys{i} : g in GL(d_k) {{ W_Q{i} -> g * W_Q{i}; W_K{i} -> inv(g)' * W_K{i} }}\n\
             action values{i} : g in GL(d_v) {{ W_V{i} -> g * W_V{i}; W_O{i} -> W_O{i} * inv(g) }}\n\
             action rescale{i} : D in Diag+(h) {{ W_U{i} -> D * W_U{i}; W_D{i} -> W_D{i} * inv(D) }}\n"
        );
    }
    let actions = if declared { actions } else { String::new() };
    format!(
        "model stack \"{depth} transformer blocks\"\n\
         dim d = 4, d_k = 2, d_v = 2, h = 5, k = 3, n = 4\n\
         {params}param W : k x d\ndata X : d x n\n{lets}output F = W * X{depth}\nloss any\n{actions}"
    )
}
