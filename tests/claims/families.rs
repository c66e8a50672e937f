//! Families and repeated blocks: what is proved of a generic member and by induction over the blocks for all sizes and all
//! numbers of them, and twins that differ in one member, one layer or one hypothesis, which no proof may find.

use crate::{BOOK, parse};
use equilaw::internals::law::{Context, action::prove};
use equilaw::internals::model::{Inside, Model};
use equilaw::internals::rewrite::Limits;
use equilaw::internals::term::print::text;
use equilaw::{Options, Report, derive};
use rayon::prelude::*;

/// A model without its actions, the actions it has and some it has not. An action begins with its indices.
type Row = (&'static str, &'static [&'static str], &'static [&'static str]);

#[rustfmt::skip]
const TABLE: &[Row] = &[
    // a residual stream of attention and a ReLU network
    ("dim L = 2, H = 2, d = 3, c = 2, h = 3, n = 3
     data T : d x n
     param E : d x d
     let X = E * T
     repeat l in 1..L {
       param Q[i in 1..H] : c x d
       param K[i in 1..H] : c x d
       param V[i in 1..H] : c x d
       param O[i in 1..H] : d x c
       param W : h x d
       param U : d x h
       let N = rmsnorm(X)
       let R = X + sum(i in 1..H) O[i] * V[i] * N * softmax((K[i] * N)' * Q[i] * N)
       let X = R + U * relu(W * rmsnorm(R))
     }
     param Z : d x d
     output F = Z * rmsnorm(X)",
     &["[l in 1..L, i in 1..H] : g in GL(c) { Q -> g * Q; K -> inv(g)' * K }",
       "[l in 1..L, i in 1..H] : g in GL(c) { O[l,i] -> O[l,i] * inv(g); V[l,i] -> g * V[l,i] }",
       "[l in 1..L] : D in Diag+(h) { W -> D * W; U -> U * inv(D) }",
       "[l in 1..L] : P in Perm(h) { W -> P * W; U -> U * P' }",
       "[l in 1..L] : p in Perm(1..H) { Q[l,i] -> Q[l,p(i)]; K[l,i] -> K[l,p(i)]; V[l,i] -> V[l,p(i)]; O[l,i] -> O[l,p(i)] }",
       " : S in O(d) { E -> S * E; Q -> Q * S'; K -> K * S'; V -> V * S'; O -> S * O; W -> W * S'; U -> S * U; Z -> Z * S' }",
       // One element for all heads of a layer, or for all layers.
       "[l in 1..L] : g in GL(c) { Q -> g * Q; K -> inv(g)' * K }",
       " : g in GL(c) { Q -> g * Q; K -> inv(g)' * K }"],
     &["[l in 1..L, i in 1..H] : g in GL(c) { Q -> g * Q; K -> g * K }",
       "[l in 1..L] : g in GL(h) { W -> g * W; U -> U * inv(g) }",
       "[l in 1..L] : S in O(h) { W -> S * W; U -> U * S' }",
       // Heads in part, in one family only, layers exchanged.
       "[l in 1..L] : p in Perm(1..H) { Q[l,i] -> Q[l,p(i)]; K[l,i] -> K[l,p(i)] }",
       // The stream without one family of every layer, without the end, or by what is no rotation.
       " : S in O(d) { E -> S * E; Q -> Q * S'; K -> K * S'; V -> V * S'; O -> S * O; W -> W * S'; Z -> Z * S' }",
       " : S in O(d) { E -> S * E; Q -> Q * S'; K -> K * S'; V -> V * S'; O -> S * O; W -> W * S'; U -> S * U }",
       " : S in GL(d) { E -> S * E; Q -> Q * inv(S); K -> K * inv(S); V -> V * inv(S); O -> S * O; W -> W * inv(S); U -> S * U; Z -> Z * inv(S) }",
       // A symmetry of one layer is none of the stream.
       "[l in 1..L] : S in O(d) { Q -> Q * S'; K -> K * S'; V -> V * S'; O -> S * O; W -> W * S'; U -> S * U }"]),
    // a recurrence from zero, and one from a state that is given
    ("dim T = 3, d = 3, h = 3, k = 2, n = 3
     data x[t in 1..T] : d x n
     param W : h x d
     param U : h x h
     param V : k x h
     let s = zeros(h, n)
     repeat t in 1..T { let s = tanh(W * x[t] + U * s) }
     output F = V * s",
     &[" : S in SignedPerm(h) { W -> S * W; U -> S * U * S'; V -> V * S' }"],
     &[" : S in SignedPerm(h) { W -> S * W; U -> S * U; V -> V * S' }", " : S in O(h) { W -> S * W; U -> S * U * S'; V -> V * S' }"]),
    ("dim T = 3, d = 3, h = 3, k = 2, n = 3
     data x[t in 1..T] : d x n
     data z : h x n
     param W : h x d
     param U : h x h
     param V : k x h
     let s = z
     repeat t in 1..T { let s = tanh(W * x[t] + U * s) }
     output F = V * s",
     &[],
     &[" : S in SignedPerm(h) { W -> S * W; U -> S * U * S'; V -> V * S' }"]),
    // two carried values, of which one is moved
    ("dim T = 3, d = 3, h = 3, k = 2, n = 3
     data x[t in 1..T] : d x n
     param W : h x d
     param U : h x h
     param V : k x h
     let s = zeros(h, n)
     let c = zeros(h, n)
     repeat t in 1..T {
       let c = sigmoid(U * s) .* c + tanh(W * x[t])
       let s = tanh(c)
     }
     output F = V * s + V * c",
     &[" : P in Perm(h) { W -> P * W; U -> P * U * P'; V -> V * P' }"],
     &[" : S in SignedPerm(h) { W -> S * W; U -> S * U * S'; V -> V * S' }", " : P in Perm(h) { W -> P * W; U -> U * P'; V -> V * P' }"]),
    // groups of heads that share a key, blocks in stages
    ("dim S = 2, B = 2, G = 2, H = 2, d = 3, c = 2, n = 3
     data Y : d x n
     param A : d x d
     param Z : d x d
     let X = A * Y
     repeat s in 1..S {
       repeat b in 1..B {
         param Q[j in 1..G, i in 1..H] : c x d
         param K[j in 1..G] : c x d
         let X = X + sum(j in 1..G) sum(i in 1..H) Q[j,i]' * K[j] * tanh(X)
       }
       param D : d x d
       let X = D * X
     }
     output F = Z * X",
     &["[s in 1..S, b in 1..B, j in 1..G] : g in GL(c) { Q -> g * Q; K -> inv(g)' * K }",
       " : P in SignedPerm(d) { A -> P * A; Z -> Z * P'; Q -> Q * P'; K -> K * P'; D -> P * D * P' }"],
     &["[s in 1..S, b in 1..B, j in 1..G] : p in Perm(1..H) { Q[s,b,j,i] -> Q[s,b,j,p(i)]; K -> K }",
       " : P in SignedPerm(d) { A -> P * A; Z -> Z * P'; Q -> Q * P'; K -> K * P' }",
       " : P in O(d) { A -> P * A; Z -> Z * P'; Q -> Q * P'; K -> K * P'; D -> P * D * P' }"]),
];

/// Every action of a row that parses, and whether it is proved; what does not parse is refused already.
fn proved(model: &str, action: &str) -> bool {
    let text = format!("model m\n{model}\nloss any\naction a{action}");
    let Ok(model) = Model::parse("m.eqv", &text) else { return false };
    let cx = Context::new(&model, &BOOK, Limits::default());
    prove(&cx, &model.inside().actions[0]).is_ok()
}

#[test]
fn actions_of_members_and_of_all_are_proved_and_their_twins_are_not() {
    TABLE.par_iter().for_each(|(model, are, are_not)| {
        are.par_iter().for_each(|action| assert!(proved(model, action), "not proved: {action}\n{model}"));
        are_not.par_iter().for_each(|action| assert!(!proved(model, action), "proved: {action}\n{model}"));
    });
}

fn derived(text: &str) -> Report {
    derive(&parse(text), &BOOK, &Options::bare()).unwrap_or_else(|error| panic!("{error}"))
}

/// The laws of a row, for the statement of a law by its id.
fn law(report: &Report, id: &str) -> String {
    let found = report.inside().laws.iter().find(|law| law.id() == id);
    let law = found.unwrap_or_else(|| panic!("no law {id}"));
    let statement = law.statement().formulas().iter().map(|f| text(f)).collect::<Vec<_>>();
    format!("{}; {} times", statement.join(" = "), text(law.components()))
}

#[test]
fn a_law_of_a_member_is_one_for_each_and_a_law_of_all_sums_over_them() {
    let (model, are, _) = TABLE[0];
    let actions: Vec<String> = are.iter().enumerate().map(|(k, action)| format!("action a{k}{action}")).collect();
    let report = derived(&format!("model m\n{model}\nloss any\n{}", actions.join("\n")));
    assert_eq!(law(&report, "a0/gradient-flow/conserved"), "Q * Q' - K * K'; L * H * (1/2 * (c * (c + 1))) times");
    assert_eq!(law(&report, "a2/gradient-flow/conserved"), "diagvec(W * W' - U' * U); L * h times");
    // One element for all heads of a layer, and for all layers.
    assert!(law(&report, "a6/gradient-flow/conserved").starts_with("over(i, Q * Q') - over(i, K * K'); L * "));
    assert!(
        law(&report, "a7/gradient-flow/conserved").starts_with("over(l, over(i, Q * Q')) - over(l, over(i, K * K')); ")
    );
}
