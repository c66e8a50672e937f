//! Actions that a proof must find, of kinds that hide what a function commutes with – differences, scaled arguments, transposes,
//! ones, shifts, powers, reflections, data with facts – and beside them twins that are no symmetry and must be refuted.

use crate::{BOOK, parse};
use equilaw::internals::check::refute;
use equilaw::internals::law::{Context, action::prove};
use equilaw::internals::model::Inside;
use equilaw::internals::model::{Action, Model};
use equilaw::internals::rewrite::Limits;
use rayon::prelude::*;

/// A model without its actions, the actions it has and some it has not.
type Row = (&'static str, &'static [&'static str], &'static [&'static str]);

#[rustfmt::skip]
const TABLE: &[Row] = &[
    // threshold tanh layers
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d
     param V : k x h
     data X : d x n
     param t : h
     output F = V * tanh(2 * W * X - 3 * t * ones(1, n))",
     &["P in Perm(h) { W -> P * W; t -> P * t; V -> V * P' }", "S in Sign(h) { W -> S * W; t -> S * t; V -> V * S }"],
     &["P in Perm(h) { W -> P * W; V -> V * P' }"]),
    // soft threshold
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d
     param V : k x h
     data X : d x n
     param t : h
     let Z = W * X
     output F = V * (relu(Z - t * ones(1, n)) - relu(-Z - t * ones(1, n)))",
     &["P in Perm(h) { W -> P * W; t -> P * t; V -> V * P' }", "Z2 { W -> -W; V -> -V }", "D in Diag+(h) { W -> D * W; t -> D * t; V -> V * inv(D) }"],
     &["Z2 { W -> -W; V -> V }"]),
    // three branches
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d
     param V : k x h
     data X : d x n
     param A : h x d
     param B : h x d
     output F = V * relu(W * X - A * X - B * X)",
     &["P in Perm(h) { W -> P * W; A -> P * A; B -> P * B; V -> V * P' }", "D in Diag+(h) { W -> D * W; A -> D * A; B -> D * B; V -> V * inv(D) }"],
     &["S in Sign(h) { W -> S * W; A -> S * A; B -> S * B; V -> V * S }"]),
    // queries, keys and values packed in one projection
    ("dim d = 4, d_k = 2, n = 3
     param W : 3*d_k x d
     param V : d x d_k
     data X : d x n
     let Z = W * X
     output F = V * rows(Z, 3, d_k) * softmax(rows(Z, 2, d_k)' * rows(Z, 1, d_k) / sqrt(d_k))",
     &["g in GL(d_k) { W -> concat(g * rows(W, 1, d_k), inv(g)' * rows(W, 2, d_k), rows(W, 3, d_k)) }",
       "g in GL(d_k) { rows(W, 3, d_k) -> g * rows(W, 3, d_k); V -> V * inv(g) }"],
     &["g in GL(d_k) { W -> concat(g * rows(W, 1, d_k), g * rows(W, 2, d_k), rows(W, 3, d_k)) }",
       "g in GL(d_k) { W -> concat(rows(W, 1, d_k), g * rows(W, 2, d_k), inv(g)' * rows(W, 3, d_k)) }"]),
    // a gated unit with gate and value in one matrix, and rows that are not blocks of one size
    ("dim d = 3, h = 3, r = 2, n = 4
     param W : 2*h + r x d
     param V : d x h
     param U : d x r
     data X : d x n
     let Z = W * X
     output F = V * (silu(rows(Z, 1..h)) .* rows(Z, h + 1..2*h)) + U * relu(rows(Z, 2*h + 1..2*h + r))",
     &["D in Diag+(h) { W -> concat(rows(W, 1..h), D * rows(W, h + 1..2*h), rows(W, 2*h + 1..2*h + r)); V -> V * inv(D) }",
       "P in Perm(h) { W -> concat(P * rows(W, 1..h), P * rows(W, h + 1..2*h), rows(W, 2*h + 1..2*h + r)); V -> V * P' }",
       "D in Diag+(r) { W -> concat(rows(W, 1..2*h), D * rows(W, 2*h + 1..2*h + r)); U -> U * inv(D) }"],
     &["D in Diag+(h) { W -> concat(D * rows(W, 1..h), rows(W, h + 1..2*h), rows(W, 2*h + 1..2*h + r)); V -> V * inv(D) }",
       "P in Perm(h) { W -> concat(P * rows(W, 1..h), rows(W, h + 1..2*h), rows(W, 2*h + 1..2*h + r)); V -> V * P' }"]),
    // a skip that is put beside what it skips
    ("dim d = 3, h = 2, k = 2, n = 4
     param W : h x d
     param V : k x h + d
     data X : d x n
     output F = V * concat(relu(W * X), X)",
     &["D in Diag+(h) { W -> D * W; V -> concat(inv(D) * rows(V', 1..h), rows(V', h + 1..h + d))' }",
       "P in Perm(h) { W -> P * W; V -> concat(P * rows(V', 1..h), rows(V', h + 1..h + d))' }"],
     &["D in Diag+(h) { W -> D * W; V -> concat(D * rows(V', 1..h), rows(V', h + 1..h + d))' }"]),
    // two convolutions of an image, max-pooling, and a layer that reads all of it
    ("dim c = 2, e = 2, f = 2, m = 1, l = 2, v = 2
     data X : c x 4*m*l
     let S = taps(2*m, 2*l, 3, 3)
     let T = taps(2*m, 2*l, m, l, 2, 2, 2, 1, 0, 0)
     param W : e x 9*c
     param b : e
     param V : f x 4*e
     param U : v x f*m*l
     let Z = relu(W * stack(X * S, 9) + b * ones(1, 4*m*l))
     let Y = V * stack(Z * T, 4)
     output F = U * vec(Y)",
     &["D in Diag+(e) { W -> D * W; b -> D * b; V -> V * inv(kron(eye(4), D)) }",
       "P in Perm(e) { W -> P * W; b -> P * b; V -> V * kron(eye(4), P') }",
       "g in GL(f) { V -> g * V; U -> U * inv(kron(eye(m*l), g)) }",
       "g in GL(m*l) { U -> U }"],
     &["D in Diag+(e) { W -> D * W; b -> D * b; V -> V * inv(kron(D, eye(4))) }",
       "g in GL(e) { W -> g * W; b -> g * b; V -> V * inv(kron(eye(4), g)) }",
       "g in GL(f) { V -> g * V; U -> U * kron(eye(m*l), g') }"]),
    // pooling of both kinds behind a depthwise convolution with stride and dilation
    ("dim c = 2, e = 2, m = 2, v = 2
     data X : c x 4*m
     param W : e x c
     param w : e x 3
     param b : e
     param V : v x e
     let S = taps(4*m, 2*m, 3, 2, 2, 2)
     let T = taps(2*m, m, 2, 2, 1, 0)
     let Z = (kron(w, ones(1, 2*m)) .* (W * X * S)) * kron(ones(3), eye(2*m)) + b * ones(1, 2*m)
     output F = V * (maxpool(Z * T, 2) + avgpool(relu(Z) * T, 2)) * ones(m) / m",
     &["D in Diag+(e) { W -> D * W; w -> inv(D) * w }",
       "D in Diag+(e) { w -> D * w; b -> D * b; V -> V * inv(D) }",
       "P in Perm(e) { W -> P * W; w -> P * w; b -> P * b; V -> V * P' }",
       "y in Sign(e) { W -> y * W; w -> y * w }"],
     &["D in Diag+(e) { w -> D * w; V -> V * inv(D) }",
       "y in Sign(e) { w -> y * w; b -> y * b; V -> V * y }",
       "Z2 { w -> -w; b -> -b; V -> -V }"]),
    // groups of channels
    ("dim c = 2, g = 2, m = 2, n = 3, v = 2
     data X : c x n
     param W : g*m x c
     param b : g*m
     param a : g*m
     param V : v x g*m
     output F = V * relu(diag(a) * groupnorm(W * X + b * ones(1, n), g, 1e-3))",
     &["D in Diag+(g*m) { a -> D * a; V -> V * inv(D) }",
       "t in Translate(g) { b -> b + kron(t, ones(m)) }",
       "t in Translate { b -> b + t * ones(g*m, 1) }",
       "P in Perm(g) { W -> kron(P, eye(m)) * W; b -> kron(P, eye(m)) * b; a -> kron(P, eye(m)) * a; V -> V * kron(P', eye(m)) }",
       "P in Perm(m) { W -> kron(eye(g), P) * W; b -> kron(eye(g), P) * b; a -> kron(eye(g), P) * a; V -> V * kron(eye(g), P') }",
       "S in Sign(g) { W -> kron(S, eye(m)) * W; b -> kron(S, eye(m)) * b; a -> kron(S, eye(m)) * a }"],
     &["t in Translate(m) { b -> b + kron(ones(g), t) }",
       "S in Sign(m) { W -> kron(eye(g), S) * W; b -> kron(eye(g), S) * b; a -> kron(eye(g), S) * a }",
       "y in Scale { W -> y * W; b -> y * b }"]),
    // two heads packed in one projection, with one basis for both
    ("dim k = 2, d = 3, n = 2
     param Q : 2*k x d
     param K : 2*k x d
     param V : d x 2*k
     data X : d x n
     let A = softmax((rows(K, 1, k) * X)' * (rows(Q, 1, k) * X))
     let B = softmax((rows(K, 2, k) * X)' * (rows(Q, 2, k) * X))
     output F = V * concat(rows(V', 1, k) * X * A, rows(V', 2, k) * X * B)",
     &["g in GL(k) { Q -> kron(eye(2), g) * Q; K -> kron(eye(2), inv(g)') * K }",
       "g in GL(k) { rows(Q, 2, k) -> g * rows(Q, 2, k); rows(K, 2, k) -> inv(g)' * rows(K, 2, k) }"],
     &["g in GL(k) { Q -> kron(eye(2), g) * Q; K -> kron(eye(2), g) * K }",
       "g in GL(2) { Q -> kron(g, eye(k)) * Q; K -> kron(inv(g)', eye(k)) * K }"]),
    // an up-convolution: V is ordered tap by tap, and T places the parts
    ("dim c = 2, e = 2, f = 2, m = 2
     param W : c x e
     param V : f x 2*c
     param U : f x f
     data X : e x m
     let T = taps(2*m, m, 2, 2, 1, 0)
     output F = U * V * kron(eye(2), relu(W * X)) * T'",
     &["D in Diag+(c) { W -> D * W; V -> V * inv(kron(eye(2), D)) }",
       "P in Perm(c) { W -> P * W; V -> V * kron(eye(2), P') }",
       "g in GL(f) { V -> g * V; U -> U * inv(g) }"],
     &["D in Diag+(c) { W -> D * W; V -> V * inv(kron(D, eye(2))) }",
       "g in GL(c) { W -> g * W; V -> V * inv(kron(eye(2), g)) }"]),
    // a form of p squares less q squares
    ("dim m = 3, p = 2, q = 1
     param Z : m x p + q
     output F = Z * signature(p, q) * Z'",
     &["g in O(p, q) { Z -> Z * g }",
       "g in O(p, q) { Z -> Z * inv(g)' }",
       "S in Sign(p + q) { Z -> Z * S }"],
     &["g in O(q, p) { Z -> Z * g }",
       "g in O(p + q) { Z -> Z * g }",
       "P in Perm(p + q) { Z -> Z * P }"]),
    // the same form of two parameters, by their columns and by their rows
    ("dim m = 3, p = 2, q = 1
     param U : m x p
     param V : m x q
     output F = U * U' - V * V'",
     &["g in O(p, q) { U -> cols(concat(U', V')' * g, 1..p); V -> cols(concat(U', V')' * g, p+1..p+q) }"],
     &["g in O(p + q) { U -> cols(concat(U', V')' * g, 1..p); V -> cols(concat(U', V')' * g, p+1..p+q) }"]),
    ("dim m = 3, p = 2, q = 1
     param U : p x m
     param V : q x m
     output F = U' * U - V' * V",
     &["g in O(p, q) { U -> rows(g * concat(U, V), 1..p); V -> rows(g * concat(U, V), p+1..p+q) }"],
     &["g in O(p + q) { U -> rows(g * concat(U, V), 1..p); V -> rows(g * concat(U, V), p+1..p+q) }"]),
    // squared norms of columns and of rows, written as sums of squares
    ("dim n = 4, d = 3
     param R : 3 x d
     param W : 2 x 1
     data T : d x n
     output F = W * (ones(1, 3) * square(R * T))",
     &["g in O(3) { R -> g * R }", "a in Scale { R -> a * R; W -> a^-2 * W }"],
     &["g in GL(3) { R -> g * R }", "a in Scale { R -> a * R; W -> a^-1 * W }"]),
    ("dim n = 4, d = 3
     param R : d x 3
     param W : 2 x n
     data T : n x d
     let X = T * R
     output F = W * ((X .* X) * ones(3, 1))",
     &["g in O(3) { R -> R * g }"],
     &["g in SL(3) { R -> R * g }"]),
    // products of columns
    ("dim n = 4, d = 3, h = 3
     param U : h x d
     param V : h x d
     data X : d x n
     data Y : d x n
     output F = ones(1, h) * ((U * X) .* (V * Y))",
     &["g in GL(h) { U -> g * U; V -> inv(g)' * V }"],
     &["g in GL(h) { U -> g * U; V -> inv(g) * V }"]),
    // column functions of rows above rows, of which one part is moved
    ("dim d = 3, m = 3, h = 2, n = 4, k = 2
     param A : m x d
     param B : h x d
     param C : k x m
     data X : d x n
     let Z = softmax(concat(A * X, B * X))
     output F = C * rows(Z, 1..m)",
     &["P in Perm(m) { A -> P * A; C -> C * P' }", "P in Perm(h) { B -> P * B }"],
     &["P in Perm(m) { A -> P * A }", "O in O(m) { A -> O * A; C -> C * O' }"]),
    ("dim d = 3, m = 3, h = 2, n = 4, k = 2
     param A : m x d
     param B : h x d
     param C : k x m + h
     data X : d x n
     let Z = rmsnorm(concat(A * X, B * X), 1e-5)
     output F = C * Z",
     &["O in O(m) { A -> O * A; cols(C, 1..m) -> cols(C, 1..m) * O' }",
       "O in O(h) { B -> O * B; cols(C, m+1..m+h) -> cols(C, m+1..m+h) * O' }"],
     &["a in Scale { A -> a * A; B -> a * B }", "D in Diag+(m) { A -> D * A; cols(C, 1..m) -> cols(C, 1..m) * inv(D) }"]),
    ("dim d = 3, m = 3, h = 2, n = 4, k = 2
     param A : m x d
     param B : h x d
     param C : k x m + h
     data X : d x n
     let Z = layernorm(concat(A * X, B * X))
     output F = C * Z",
     &["O in O1(m) { A -> O * A; cols(C, 1..m) -> cols(C, 1..m) * O' }",
       "P in Perm(h) { B -> P * B; cols(C, m+1..m+h) -> cols(C, m+1..m+h) * P' }"],
     &["O in O(m) { A -> O * A; cols(C, 1..m) -> cols(C, 1..m) * O' }"]),
    // a gain and a bias of rows above rows, of which one part is moved
    ("dim d = 3, m = 3, k = 3, n = 4
     param A : m x d
     param B : k x d
     param C : 2 x m + k
     param g : m + k
     param b : m + k
     data X : d x n
     let Z = (g * ones(1, n)) .* concat(A * X, B * X) + b * ones(1, n)
     output F = C * relu(Z)",
     &["P in Perm(k) { B -> P * B; rows(g, m+1..m+k) -> P * rows(g, m+1..m+k); rows(b, m+1..m+k) -> P * rows(b, m+1..m+k); cols(C, m+1..m+k) -> cols(C, m+1..m+k) * P' }"],
     &["P in Perm(k) { B -> P * B; rows(b, m+1..m+k) -> P * rows(b, m+1..m+k); cols(C, m+1..m+k) -> cols(C, m+1..m+k) * P' }"]),
    // a scale through a norm with the ε of language models, and of BERT
    ("dim d = 4, m = 3, n = 4, k = 2
     param E : d x m
     param U : k x d
     data T : m x n
     output F = U * layernorm(E * T, 1e-6)",
     &["P in Perm(d) { E -> P * E; U -> U * P' }"],
     &["a in Scale { E -> a * E }"]),
    ("dim d = 4, m = 3, n = 4, k = 2
     param E : d x m
     param W : d x d
     param U : k x d
     data T : m x n
     let X = rmsnorm(E * T, 1e-12)
     output F = U * rmsnorm(W * X, 1e-12)",
     &["O in O(d) { E -> O * E; W -> W * O' }"],
     &["a in Scale { E -> a * E }", "a in Scale { W -> a * W }"]),
    // a class token: a column before those of the data
    ("dim d = 3, k = 2, n = 4
     param E : d x 3
     param c : d
     param W_Q : k x d
     param W_K : k x d
     param V : 2 x d
     data X : 3 x n
     let Z = concat(c', (E * X)')'
     output F = V * cols(Z * softmax((W_K * Z)' * (W_Q * Z)), 1..1)",
     &["g in GL(k) { W_Q -> g * W_Q; W_K -> inv(g)' * W_K }",
       "g in GL(d) { E -> g * E; c -> g * c; W_Q -> W_Q * inv(g); W_K -> W_K * inv(g); V -> V * inv(g) }"],
     &["g in GL(d) { E -> g * E; W_Q -> W_Q * inv(g); W_K -> W_K * inv(g); V -> V * inv(g) }"]),
    // difference of softmaxes
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d
     param V : k x h
     data X : d x n
     param A : h x d
     output F = V * (softmax(2 * W * X) - 1/2 * softmax(A * X))",
     &["P in Perm(h) { W -> P * W; A -> P * A; V -> V * P' }"],
     &["P in Perm(h) { W -> P * W; V -> V * P' }"]),
    // siamese distance
    ("dim d = 3, h = 3, n = 4
     param W : h x d
     data X : d x n
     data Y : d x n
     let E = W * X - W * Y
     output F = ones(1, h) * square(E)",
     &["S in Sign(h) { W -> S * W }", "P in Perm(h) { W -> P * W }"],
     &["D in Diag+(h) { W -> D * W }"]),
    // triplet exchange
    ("dim d = 3, h = 3, n = 4
     param A : h x d
     param B : h x d
     data X : d x n
     output F = ones(1, h) * abs(A * X - B * X)",
     &["Z2 { A -> B; B -> A }", "Z2 { A -> -A; B -> -B }"],
     &["Z2 { A -> -B; B -> A }"]),
    // tanh of difference exchange
    ("dim d = 3, h = 3, k = 2, n = 4
     param A : h x d
     param B : h x d
     param V : k x h
     data X : d x n
     output F = V * tanh(A * X - B * X)",
     &["Z2 { A -> B; B -> A; V -> -V }", "Z2 { A -> -A; B -> -B; V -> -V }"],
     &["Z2 { A -> B; B -> A }"]),
    // cube of difference
    ("param a : scalar
     param b : scalar
     param c : scalar
     output F = c * (a - b)^3",
     &["Z2 { a -> b; b -> a; c -> -c }", "Z2 { a -> -a; b -> -b; c -> -c }"],
     &["Z2 { a -> b; b -> a }"]),
    // fourth power
    ("param a : scalar
     param b : scalar
     output F = (a - 2 * b)^4",
     &["Z2 { a -> 2 * b; b -> 1/2 * a }", "Z2 { a -> -a; b -> -b }"],
     &["Z2 { a -> b; b -> a }"]),
    // elementwise square of difference
    ("dim d = 3, n = 4
     param u : d
     param v : d
     data X : d x n
     output F = X' * (u - v).^2",
     &["Z2 { u -> v; v -> u }", "S in Sign(d) { u -> S * u; v -> S * v }"],
     &["Z2 { u -> -v; v -> u }"]),
    // elementwise cube
    ("dim d = 3, n = 4
     param u : d
     param v : d
     data X : d x n
     output F = X' * ((u - v).^3)",
     &["Z2 { u -> -v; v -> -u }"],
     &["Z2 { u -> v; v -> u }"]),
    // temperature softmax
    ("dim d = 3, k = 3, n = 4
     param W : k x d
     param T : scalar positive
     data X : d x n
     output F = softmax(T^-1 * W * X)",
     &["P in Perm(k) { W -> P * W; F -> P * F }", "a in Scale { W -> a * W; T -> a * T }"],
     &["a in Scale { W -> a * W }"]),
    // scaled gelu
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d
     param V : k x h
     data X : d x n
     output F = V * gelu(1/2 * W * X)",
     &["P in Perm(h) { W -> P * W; V -> V * P' }"],
     &["D in Diag+(h) { W -> D * W; V -> V * inv(D) }"]),
    // scaled sigmoid right
    ("dim d = 3, h = 3, n = 4
     param W : d x h
     param V : h x n
     data X : n x d
     output F = sigmoid(3 * X * W) * V",
     &["P in Perm(h) { W -> W * P; V -> P' * V }"],
     &["P in Perm(h) { W -> W * P; V -> P * V }"]),
    // scaled layernorm
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d
     param V : k x h
     data X : d x n
     output F = V * layernorm(2 * W * X - 5 * ones(h, n))",
     &["P in Perm(h) { W -> P * W; V -> V * P' }", "a in Scale { W -> a * W }"],
     &[]),
    // scaled rms
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d
     param V : k x h
     data X : d x n
     output F = V * rmsnorm(-2 * W * X)",
     &["O in O(h) { W -> O * W; V -> V * O' }", "a in Scale { W -> a * W }"],
     &["g in GL(h) { W -> g * W; V -> V * inv(g) }"]),
    // scalar gate
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d
     param V : k x h
     data X : d x n
     param s : scalar
     output F = V * tanh(s * W * X)",
     &["P in Perm(h) { W -> P * W; V -> V * P' }", "S in Sign(h) { W -> S * W; V -> V * S }", "Z2 { s -> -s; W -> -W }", "a in Scale { s -> a * s; W -> a^-1 * W }"],
     &["Z2 { s -> -s }"]),
    // negative scaled softmax columns
    ("dim d = 3, k = 3, n = 4
     param W : d x k
     param V : k x n
     data X : n x d
     output F = softmax(-3 * X * W) * V",
     &["P in Perm(k) { W -> W * P; V -> P' * V }"],
     &[]),
    // ones minus
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d
     param V : k x h
     data X : d x n
     output F = V * square(ones(h, n) - W * X)",
     &["P in Perm(h) { W -> P * W; V -> V * P' }"],
     &["S in Sign(h) { W -> S * W; V -> V * S }"]),
    // ones right
    ("dim d = 3, h = 3, n = 4
     param W : d x h
     param V : h x n
     data X : n x d
     output F = tanh(X * W + 2 * ones(n, h)) * V",
     &["P in Perm(h) { W -> W * P; V -> P' * V }"],
     &["S in Sign(h) { W -> W * S; V -> S * V }"]),
    // row bias
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d
     param V : k x h
     data X : d x n
     param s : 1 x n
     output F = V * sigmoid(W * X - ones(h, 1) * s)",
     &["P in Perm(h) { W -> P * W; V -> V * P' }"],
     &[]),
    // exp column shift
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d
     param b : h
     param V : k x h
     data X : d x n
     output F = V * exp(W * X + b * ones(1, n))",
     &["c in Translate(h) { b -> b + c; V -> V * diag(exp(-c)) }"],
     &["c in Translate(h) { b -> b + c; V -> V * diag(exp(c)) }"]),
    // exp gain
    ("dim d = 3, h = 3, k = 2, n = 4
     param s : h
     param W : h x d
     param V : k x h
     data X : d x n
     output F = V * relu(diag(exp(s)) * W * X)",
     &["c in Translate(h) { s -> s + c; V -> V * diag(exp(-c)) }"],
     &["c in Translate(h) { s -> s + c; V -> V * diag(exp(c)) }"]),
    // exp product
    ("dim d = 3, n = 4
     param u : d
     param v : d
     data X : d x n
     output F = X' * (exp(2 * u) .* exp(-v))",
     &["c in Translate(d) { u -> u + c; v -> v + 2 * c }"],
     &["c in Translate(d) { u -> u + c; v -> v + c }"]),
    // exp quotient scalar
    ("param a : scalar
     param b : scalar
     output F = exp(a) * exp(-b)",
     &["c in Translate(1) { a -> a + c; b -> b + c }"],
     &["c in Translate(1) { a -> a + c; b -> b - c }"]),
    // softmax by hand
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d
     param b : h
     param V : k x h
     data X : d x n
     let E = exp(W * X + b * ones(1, n))
     output F = (V * E) .* (ones(k, h) * E).^-1",
     &["c in Translate(1) { b -> b + ones(h) * c }", "P in Perm(h) { W -> P * W; b -> P * b; V -> V * P' }"],
     &["c in Translate(h) { b -> b + c }"]),
    // log scale
    ("dim d = 3, n = 4
     param w : d positive
     param v : d
     data X : d x n
     output F = X' * (log(w) + v)",
     &["a in Scale { w -> a * w; v -> v - log(a) * ones(d) }"],
     &["a in Scale { w -> a * w; v -> v + log(a) * ones(d) }"]),
    // logsumexp free energy
    ("dim d = 3, h = 3, n = 4
     param W : h x d
     param b : h
     param c : d
     data X : d x n
     output F = ones(1, h) * softplus(W * X + b * ones(1, n)) + c' * X",
     &["P in Perm(h) { W -> P * W; b -> P * b }"],
     &["S in Sign(h) { W -> S * W; b -> S * b }"]),
    // rbm flip
    ("dim d = 3, h = 3, n = 4
     param W : h x d
     param c : d
     data X : d x n
     output F = ones(1, h) * softplus(W * X) + c' * X",
     &["S in Sign(h) { W -> S * W; c -> c + 1/2 * W' * (ones(h) - S * ones(h)) }"],
     &["S in Sign(h) { W -> S * W }"]),
    // powers of positive
    ("dim d = 3, n = 3
     param w : d positive
     param v : d positive
     data X : d x n
     output F = X' * (w.^(1/2) .* v.^(1/2))",
     &["D in Diag+(d) { w -> D * w; v -> inv(D) * v }"],
     &["D in Diag+(d) { w -> D * w; v -> D * v }"]),
    // reciprocal of reciprocal
    ("dim d = 3, n = 3
     param w : d positive
     param v : d
     data X : d x n
     output F = X' * ((w.^-1).^-1 .* v)",
     &["D in Diag+(d) { w -> D * w; v -> inv(D) * v }"],
     &["D in Diag+(d) { w -> D * w; v -> D * v }"]),
    // positive matrix power
    ("dim h = 3, n = 3
     param U : h x n positive
     param V : h x n
     output F = sum(U.^(3/2) .* V) * ones(1, 1)",
     &["P in Perm(h) { U -> P * U; V -> P * V }", "D in Diag+(n) { U -> U * D; V -> V * D^(-3/2) }"],
     &["P in Perm(h) { U -> P * U }"]),
    // regularized norm
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d
     param V : k x h
     data X : d x n
     let Z = W * X
     output F = V * (Z .* (square(Z) + 1/10 * ones(h, n)).^(-1/2))",
     &["P in Perm(h) { W -> P * W; V -> V * P' }", "S in Sign(h) { W -> S * W; V -> V * S }"],
     &["D in Diag+(h) { W -> D * W; V -> V * inv(D) }"]),
    // relu of sum of squares
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d
     param V : k x h
     data X : d x n
     output F = V * relu(square(W * X) + 3 * square(W * X))",
     &["D in Diag+(h) { W -> D * W; V -> V * D^-2 }", "S in Sign(h) { W -> S * W }"],
     &["S in Sign(h) { W -> S * W; V -> V * S }"]),
    // nonnegative data relu
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d positive
     param V : k x h
     data X : d x n nonnegative
     output F = V * relu(W * X)",
     &["D in Diag+(h) { W -> D * W; V -> V * inv(D) }"],
     &[]),
    // gram two sided
    ("dim d = 2, h = 3, n = 3
     param W : h x d
     param U : h x d
     data X : d x n
     output F = (W' * U * X)' * (U' * W * X)",
     &["O in O(h) { W -> O * W; U -> O * U }", "g in GL(h) { W -> g * W; U -> inv(g)' * U }"],
     &["g in GL(h) { W -> g * W; U -> g * U }"]),
    // gram kernel exp
    ("dim d = 2, h = 3, n = 3
     param W : h x d
     data X : d x n
     output F = exp(X' * W' * W * X)",
     &["O in O(h) { W -> O * W }"],
     &["g in GL(h) { W -> g * W }"]),
    // gram inverse
    ("dim d = 2, h = 3, n = 3
     param W : h x h
     param U : h x d
     data X : d x n
     output F = (U * X)' * inv(W * W') * (U * X)",
     &["g in GL(h) { W -> g * W; U -> g * U }", "O in O(h) { W -> W * O }"],
     &["g in GL(h) { W -> g * W; U -> inv(g) * U }"]),
    // transposed product
    ("dim d = 2, h = 3, k = 2, n = 3
     param W : d x h
     param V : h x k
     data X : d x n
     output F = (V' * W' * X)'",
     &["g in GL(h) { W -> W * g; V -> inv(g) * V }"],
     &["g in GL(h) { W -> W * g; V -> g * V }"]),
    // data orthogonal left
    ("dim h = 3, d = 2, k = 2, n = 3
     param W : h x d
     param V : k x h
     data R : h x h orthogonal
     data X : d x n
     output F = V * R' * tanh(R * W * X)",
     &["P in Perm(h) { W -> R' * P * R * W; V -> V * R' * P' * R }", "S in Sign(h) { W -> R' * S * R * W; V -> V * R' * S * R }"],
     &["P in Perm(h) { W -> P * W; V -> V * P' }"]),
    // data permutation
    ("dim h = 3, d = 2, k = 2, n = 3
     param W : h x d
     param V : k x h
     data Q : h x h permutation
     data X : d x n
     output F = V * relu(Q * W * X)",
     &["D in Diag+(h) { W -> D * W; V -> V * Q * inv(D) * Q' }", "P in Perm(h) { W -> P * W; V -> V * Q * P' * Q' }"],
     &["D in Diag+(h) { W -> D * W; V -> V * inv(D) }"]),
    // data positive diagonal
    ("dim h = 3, d = 2, k = 2, n = 3
     param W : h x d
     param V : k x h
     data E : h x h positive_diagonal
     data X : d x n
     output F = V * inv(E) * relu(E * W * X)",
     &["D in Diag+(h) { W -> D * W; V -> V * inv(D) }", "P in Perm(h) { W -> inv(E) * P * E * W; V -> V * inv(E) * P' * E }"],
     &["P in Perm(h) { W -> P * inv(E) * W; V -> V * P' }"]),
    // data skew form
    ("dim m = 4, r = 2
     param U : m x r
     param V : m x r
     data J : m x m skew orthogonal
     loss dot(U, J * V)",
     &["O in O(r) { U -> U * O; V -> V * O }"],
     &["g in GL(r) { U -> U * g; V -> V * g }"]),
    // data symmetric involution
    ("dim h = 4, d = 2, k = 2, n = 3
     param W : h x d
     param V : k x h
     data S : h x h symmetric orthogonal
     data X : d x n
     output F = V * S * (S * W * X)",
     &["g in GL(h) { W -> g * W; V -> V * inv(g) }"],
     &["g in GL(h) { W -> S * g * W; V -> V * inv(g) }"]),
    // two sided conjugation
    ("dim h = 3
     param A : h x h
     param B : h x h
     loss tr(A * B * A * B)",
     &["g in GL(h) { A -> g * A * inv(g); B -> g * B * inv(g) }"],
     &["g in GL(h) { A -> g * A * g'; B -> g * B * g' }"]),
    // two sided orthogonal relu
    ("dim h = 3, n = 4
     param A : h x h
     param B : h x h
     data X : h x n
     output F = A * relu(B * A * relu(B * X))",
     &["P in Perm(h) { A -> A * P'; B -> P * B }", "D in Diag+(h) { A -> A * inv(D); B -> D * B }"],
     &["P in Perm(h) { A -> P * A * P'; B -> P * B * P' }"]),
    // quartic transposed
    ("dim m = 3, r = 2
     param U : m x r
     loss norm2((U * U')')",
     &["O in O(r) { U -> U * O }", "O in O(m) { U -> O * U }"],
     &["g in GL(r) { U -> U * g }"]),
    // quartic difference
    ("dim m = 3, r = 2
     param U : m x r
     param V : m x r
     data A : m x m symmetric
     loss norm2(U * U' - V * V' - A)",
     &["O in O(r) { U -> U * O }", "O in O(r) { V -> V * O }"],
     &["g in GL(r) { U -> U * g; V -> V * inv(g)' }"]),
    // quartic trace
    ("dim m = 3, r = 2
     param U : m x r
     param V : m x r
     loss tr(U' * V * V' * U)",
     &["O in O(r) { U -> U * O }", "O in O(m) { U -> O * U; V -> O * V }", "g in GL(m) { U -> g * U; V -> inv(g)' * V }"],
     &["g in GL(m) { U -> g * U; V -> inv(g) * V }"]),
    // maxout exchange
    ("dim d = 3, h = 3, k = 2, n = 4
     param A : h x d
     param B : h x d
     param V : k x h
     data X : d x n
     output F = V * (B * X + relu(A * X - B * X))",
     &["Z2 { A -> B; B -> A }"],
     &["Z2 { A -> -B; B -> -A }"]),
    // max by abs
    ("dim d = 3, h = 3, k = 2, n = 4
     param A : h x d
     param B : h x d
     param V : k x h
     data X : d x n
     output F = 1/2 * V * (A * X + B * X + abs(A * X - B * X))",
     &["Z2 { A -> B; B -> A }", "P in Perm(h) { A -> P * A; B -> P * B; V -> V * P' }", "D in Diag+(h) { A -> D * A; B -> D * B; V -> V * inv(D) }"],
     &["Z2 { A -> -A; B -> -B }"]),
    // leaky with skip
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d
     param V : k x h
     param C : k x d
     data X : d x n
     output F = V * leaky_relu(W * X) + C * X",
     &["Z2 { W -> -W; C -> C + 101/100 * V * W }", "S in Sign(h) { W -> S * W; C -> C + 101/200 * V * (W - S * W) }"],
     &["Z2 { W -> -W; C -> C + V * W }"]),
    // relu with skip
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d
     param V : k x h
     param C : k x d
     data X : d x n
     output F = V * relu(W * X) + C * X",
     &["S in Sign(h) { W -> S * W; C -> C + 1/2 * V * (W - S * W) }"],
     &["S in Sign(h) { W -> S * W; C -> C - 1/2 * V * (W - S * W) }"]),
    // silu with skip
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d
     param V : k x h
     param C : k x d
     data X : d x n
     output F = V * silu(W * X) + C * X",
     &["S in Sign(h) { W -> S * W; C -> C + 1/2 * V * (W - S * W) }"],
     &["S in Sign(h) { W -> S * W; C -> C - 1/2 * V * (W - S * W) }"]),
    // gelu with skip
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d
     param V : k x h
     param C : k x d
     data X : d x n
     output F = V * gelu(W * X) + C * X",
     &["S in Sign(h) { W -> S * W; C -> C + 1/2 * V * (W - S * W) }"],
     &["S in Sign(h) { W -> S * W; C -> C - 1/2 * V * (W - S * W) }"]),
    // softplus with skip
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d
     param V : k x h
     param C : k x d
     data X : d x n
     output F = V * softplus(W * X) + C * X",
     &["S in Sign(h) { W -> S * W; C -> C + 1/2 * V * (W - S * W) }"],
     &["S in Sign(h) { W -> S * W; C -> C - 1/2 * V * (W - S * W) }"]),
    // sigmoid right
    ("dim d = 3, h = 3, n = 4
     param W : d x h
     param V : h x n
     param c : 1 x n
     data X : n x d
     output F = sigmoid(X * W) * V + ones(n, 1) * c",
     &["S in Sign(h) { W -> W * S; V -> S * V; c -> c + 1/2 * ones(1, h) * (V - S * V) }"],
     &["S in Sign(h) { W -> W * S; V -> S * V }"]),
    // sigmoid scaled reflection
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d
     param V : k x h
     data X : d x n
     param b : h
     param c : k
     output F = V * sigmoid(2 * W * X - 2 * b * ones(1, n)) + c * ones(1, n)",
     &["S in Sign(h) { W -> S * W; b -> S * b; V -> V * S; c -> c + 1/2 * V * (ones(h) - S * ones(h)) }", "Z2 { W -> -W; b -> -b; V -> -V; c -> c + V * ones(h) }"],
     &["Z2 { W -> -W; b -> -b; V -> -V }"]),
    // even of bias
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d
     param V : k x h
     data X : d x n
     param b : h
     output F = V * cos(W * X - b * ones(1, n))",
     &["S in Sign(h) { W -> S * W; b -> S * b }", "Z2 { W -> -W; b -> -b }"],
     &["Z2 { W -> -W }"]),
    // sin of difference
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d
     param V : k x h
     data X : d x n
     param b : h
     param s : h
     output F = V * sin(W * X - b * ones(1, n) - s * ones(1, n))",
     &["Z2 { W -> -W; b -> -b; s -> -s; V -> -V }", "P in Perm(h) { W -> P * W; b -> P * b; s -> P * s; V -> V * P' }", "c in Translate(h) { b -> b + c; s -> s - c }"],
     &["Z2 { W -> -W; b -> -b; V -> -V }"]),
    // rmsnorm with ε turns with its columns and sees their scale
    ("dim d = 3, h = 3, k = 2, n = 4
     param E : d x k
     param W : h x d
     param V : d x h
     param U : k x d
     data X : k x n
     let R = E * X
     let Z = R + V * relu(W * rmsnorm(R, 1e-2))
     output F = U * rmsnorm(Z, 1e-2)",
     &["O in O(d) { E -> O * E; W -> W * O'; V -> O * V; U -> U * O' }", "Z2 { E -> -E; W -> -W; V -> -V; U -> -U }"],
     &["a in Scale { E -> a * E; V -> a * V }"]),
    // layernorm with an ε that is given
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d
     param b : h
     param V : k x h
     data X : d x n
     data e : scalar positive fixed
     output F = V * layernorm(W * X + b * ones(1, n), e)",
     &["c in Translate(1 x d) { W -> W + ones(h) * c }", "c in Translate { b -> b + c * ones(h) }", "P in Perm(h) { W -> P * W; b -> P * b; V -> V * P' }", "Z2 { W -> -W; b -> -b; V -> -V }"],
     &["a in Scale { W -> a * W; b -> a * b }", "O in O(h) { W -> O * W; b -> O * b; V -> V * O' }"]),
    // batchnorm with ε
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d
     param V : k x h
     data X : d x n
     param b : h
     data e : scalar positive fixed
     output F = V * relu(batchnorm(W * X + b * ones(1, n), e))",
     &["c in Translate(h) { b -> b + c }", "P in Perm(h) { W -> P * W; b -> P * b; V -> V * P' }"],
     &["D in Diag+(h) { W -> D * W; b -> D * b }"]),
    // cosine products with ε
    ("dim d = 3, h = 3, k = 2, n = 4
     param A : h x d
     param B : h x d
     data X : d x n
     data Y : d x n
     data e : scalar positive fixed
     output F = normalize(A * X, e)' * normalize(B * Y, e)",
     &["O in O(h) { A -> O * A; B -> O * B }", "Z2 { A -> -A; B -> -B }"],
     &["a in Scale { A -> a * A }", "g in GL(h) { A -> g * A; B -> inv(g)' * B }"]),
    // maxout
    ("dim d = 3, h = 3, k = 2, n = 4
     param A : h x d
     param B : h x d
     param V : k x h
     data X : d x n
     output F = V * max(A * X, B * X)",
     &["D in Diag+(h) { A -> D * A; B -> D * B; V -> V * inv(D) }", "P in Perm(h) { A -> P * A; B -> P * B; V -> V * P' }", "Z2 { A -> B; B -> A }"],
     &["g in GL(h) { A -> g * A; B -> g * B; V -> V * inv(g) }", "Z2 { A -> -A; B -> -B; V -> -V }"]),
    // the smaller is minus the larger
    ("dim d = 3, h = 3, k = 2, n = 4
     param A : h x d
     param B : h x d
     data X : d x n
     output F = max(A * X, B * X) - min(A * X, B * X)",
     &["Z2 { A -> -A; B -> -B }", "Z2 { A -> B; B -> A }", "C in Translate(h x d) { A -> A + C; B -> B + C }"],
     &["Z2 { A -> -A }"]),
    // clipped and divided
    ("dim d = 3, h = 3, k = 2, n = 4
     param A : h x d
     param B : h x d
     param V : k x h
     data X : d x n
     output F = V * (clip(A * X, -2, 2) ./ (ones(h, n) + softplus(B * X)))",
     &["P in Perm(h) { A -> P * A; B -> P * B; V -> V * P' }"],
     &["D in Diag+(h) { A -> D * A; V -> V * inv(D) }", "P in Perm(h) { A -> P * A; V -> V * P' }"]),
    // hard tanh
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d
     param b : h
     param V : k x h
     data X : d x n
     output F = V * hardtanh(W * X + b * ones(1, n))",
     &["S in Sign(h) { W -> S * W; b -> S * b; V -> V * S }", "P in Perm(h) { W -> P * W; b -> P * b; V -> V * P' }"],
     &["D in Diag+(h) { W -> D * W; b -> D * b; V -> V * inv(D) }"]),
    // hard swish, reflected
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d
     param V : k x h
     param C : k x d
     data X : d x n
     output F = V * hardswish(W * X) + C * X",
     &["Z2 { W -> -W; C -> C + V * W }"],
     &["Z2 { W -> -W }"]),
    // hinge loss of a relu network
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d
     param V : k x h
     data X : d x n
     data Y : k x n
     output F = V * relu(W * X)
     loss hinge(F, Y)",
     &["D in Diag+(h) { W -> D * W; V -> V * inv(D) }"],
     &["a in Scale { W -> a * W }"]),
    // Huber loss of a product
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d
     param V : k x h
     data X : d x n
     data Y : k x n
     output F = V * W * X
     loss huber(F, Y)",
     &["g in GL(h) { W -> g * W; V -> V * inv(g) }"],
     &["Z2 { W -> -W }"]),
    // contrastive loss
    ("dim d = 3, h = 3, k = 2, n = 4
     param A : h x d
     param B : h x d
     param t : scalar positive
     data X : d x n
     data Y : d x n
     output F = normalize(A * X)' * normalize(B * Y) / t
     loss cross_entropy(F, eye(n))",
     &["O in O(h) { A -> O * A; B -> O * B }", "a in Scale { A -> a * A }", "a in Scale { B -> a * B }"],
     &["a in Scale { A -> a * A; t -> a * t }", "O in O(h) { A -> O * A }"]),
    // causal linear attention
    ("dim d = 3, k = 2, n = 3
     param Q : k x d
     param K : k x d
     param V : d x d
     data X : d x n
     output F = tril((Q * X)' * (K * X)) * (V * X)'",
     &["g in GL(k) { Q -> g * Q; K -> inv(g)' * K }", "a in Scale { Q -> a * Q; V -> V / a }"],
     &["Z2 { Q -> K; K -> Q }"]),
    // literal one
    ("dim h = 3, n = 4
     param u : h
     param s : 1 x 1
     param v : h
     data X : h x n
     output F = X' * ((u * s) .* v)",
     &["g in O(1) { u -> u * g; s -> g' * s }", "g in Sign(1) { u -> u * g; s -> inv(g) * s }", "g in Perm(1) { u -> u * g; s -> g' * s }", "g in O(1) { u -> u * g; v -> v * g' }"],
     &["g in O(1) { u -> u * g; s -> s }"]),
    // constants rotation
    ("dim n = 3
     param u : n
     param v : n
     param t : scalar
     output F = cos(t) * u - sin(t) * v",
     &["Z2 { t -> -t; v -> -v }"],
     &["Z2 { t -> -t }"]),
    // phases of sines: half turns, whole turns, a frequency, two layers, integers for each sample of a table
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d
     param b : h
     param V : k x h
     data X : d x n
     output F = V * sin(W * X + b * ones(1, n))",
     &["m in Z(h) { b -> b + pi * m; V -> V * diag(cos(pi * m)) }", "m in Z(h) { b -> b + 2 * pi * m }", "m in Z(h) { b -> b - 4 * pi * m }",
       "m in Z { b -> b + pi * m * ones(h); V -> cos(pi * m) * V }"],
     &["m in Z(h) { b -> b + pi * m }", "m in Z(h) { b -> b + m; V -> V * diag(cos(pi * m)) }", "m in Z(h) { b -> b + 1/2 * pi * m; V -> V * diag(cos(pi * m)) }",
       "m in Z { b -> b + pi * m * ones(h); V -> V * cos(2 * pi * m) }"]),
    ("dim d = 3, h = 3, k = 2, n = 4
     param W : h x d
     param b : h
     param V : k x h
     param c : k
     data X : d x n
     let Z = sin(30 * (W * X + b * ones(1, n)))
     output F = cos(V * Z + c * ones(1, n))",
     &["m in Z(h) { b -> b + pi / 30 * m; V -> V * diag(cos(pi * m)) }", "m in Z(k) { c -> c + 2 * pi * m }", "Z2 { V -> -V; c -> -c }"],
     &["m in Z(h) { b -> b + pi * m; V -> V * diag(cos(pi * m)) }", "m in Z(k) { c -> c + pi * m }"]),
    // determinants
    ("dim d = 3, n = 4
     param W : d x d
     param A : d x d
     data X : d x n
     let Z = A * W * X
     loss 1/2 * norm2(Z) - log(abs(det(W)) * abs(det(A)))",
     &["g in GL(d) { W -> g * W; A -> A * inv(g) }", "O in O(d) { A -> O * A }", "a in Scale { W -> a * W; A -> a^-1 * A }", "P in Perm(d) { W -> P' * W; A -> A * P }"],
     &["g in GL(d) { W -> g * W; A -> A * g' }", "a in Scale { W -> a * W }"]),
    ("dim d = 3, n = 4
     param W : d x d
     data X : d x n
     output F = det(W) * (W * X)",
     &["R in SO(d) { W -> R * W; F -> R * F }", "a in Scale { W -> a * W; F -> a^(d + 1) * F }"],
     &["R in O(d) { W -> R * W; F -> R * F }", "a in Scale { W -> a * W; F -> a^d * F }"]),
    // a router that sends each token to the two best of its experts
    ("dim d = 3, K = 4, n = 5
     param W : K x d
     param V : d x K
     data X : d x n
     let Z = W * X
     let A = topk(Z, 2) .* exp(Z)
     output F = V * (A ./ (ones(K, 1) * (ones(1, K) * A + 1/100 * ones(1, n))))",
     &["P in Perm(K) { W -> P * W; V -> V * P' }"],
     &["P in Perm(K) { W -> P * W; V -> V }", "t in Translate(1 x d) { W -> W + ones(K, 1) * t }"]),
    ("dim d = 3, K = 4, n = 5
     param W : K x d
     param V : d x K
     data X : d x n
     output F = V * (topk(W * X, 2) .* softmax(W * X))",
     &["P in Perm(K) { W -> P * W; V -> V * P' }", "t in Translate(1 x d) { W -> W + ones(K, 1) * t }"],
     &["a in Scale { W -> a * W }", "t in Translate(K x d) { W -> W + t }"]),
    ("dim d = 3, K = 4, n = 5
     param W : K x d
     param V : d x K
     data X : d x n
     output F = V * topk(W * X, 2)",
     &["a in Scale { W -> a * W }", "t in Translate(1 x d) { W -> W + ones(K, 1) * t }"],
     &["s in Sign(1) { W -> s * W }"]),
];

/// The model with one action.
fn with(body: &str, action: &str) -> (Model, Action) {
    let loss = if body.contains("loss ") { "" } else { "loss any" };
    let model = parse(&format!("model m\n{body}\n{loss}\naction a : {action}\n"));
    let action = model.inside().actions[0].clone();
    (model, action)
}

#[test]
fn hidden_symmetries_are_proved_and_their_proofs_replay() {
    TABLE.par_iter().flat_map_iter(|(body, holds, _)| holds.iter().map(move |a| (body, a))).for_each(
        |(body, action)| {
            let (model, action) = with(body, action);
            let proved = prove(&Context::new(&model, &BOOK, Limits::default()), &action);
            if let Err(unproved) = proved {
                panic!("{body}\n{action:?}\n{unproved:?}");
            }
        },
    );
}

#[test]
fn their_twins_are_refuted_and_never_proved() {
    TABLE.par_iter().flat_map_iter(|(body, _, fails)| fails.iter().map(move |a| (body, a))).for_each(
        |(body, action)| {
            let (model, action) = with(body, action);
            let sizes = model.sizes(&[]).expect("sizes");
            let found = refute(&model, &action, &sizes, 0..4).unwrap_or_else(|e| panic!("{body}\n{action:?}\n{e}"));
            assert!(found.is_some(), "{body}\n{action:?}");
            // A search that goes on and on looks for what is not there.
            let limits = Limits { nodes: 3_000, ..Limits::default() };
            assert!(prove(&Context::new(&model, &BOOK, limits), &action).is_err(), "{body}\n{action:?}");
        },
    );
}
