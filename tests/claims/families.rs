//! Families and repeated blocks: what is proved of a generic member and by induction over the blocks for all sizes and all
//! numbers of them, and twins that differ in one member, one layer or one hypothesis, which no proof may find.

use crate::{BOOK, parse, proved};
use equilaw::internals::kernel::{Multiplicity, Statement, Structure};
use equilaw::internals::model::{Inside, Model};
use equilaw::internals::term::print::text;
use equilaw::{Course, Options, Question, Report, TextOptions, Unwatched, Verdict, complete, derive, flow};
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
    // heads with biases that share the bias behind them, and a number before all of them
    ("dim H = 2, d = 3, c = 2, n = 3
     data X : d x n
     param V[i in 1..H] : c x d
     param b[i in 1..H] : c
     param O[i in 1..H] : d x c
     param e : d
     param k : d x d
     let Z = k * X + e * ones(1, n)
     output F = Z + sum(i in 1..H) O[i] * (V[i] * X + b[i] * ones(1, n))",
     &["[i in 1..H] : t in Translate(c) { b[i] -> b[i] + t; e -> e - O[i] * t }",
       "[i in 1..H] : t in Translate(c x d) { V[i] -> V[i] + t; k -> k - O[i] * t }",
       "[i in 1..H] : t in Translate(c) { b -> b + 2 * t; e -> -2 * (O * t) + e }",
       " : t in Translate(c) { b -> b + t; e -> e - sum(i in 1..H) O[i] * t }"],
     &["[i in 1..H] : t in Translate(c) { b[i] -> b[i] + t; e -> e + O[i] * t }",
       "[i in 1..H] : t in Translate(c) { b[i] -> b[i] + t }",
       "[i in 1..H] : t in Translate(c) { b[i] -> b[i] + t; e -> e - 2 * (O[i] * t) }",
       "[i in 1..H] : t in Translate(d) { e -> e + t }",
       // Of one member what is proved of all together does not hold.
       " : t in Translate(c) { b -> b + t; e -> e - H * (sum(i in 1..H) O[i] * t) }"]),
    // a map without an element that all members allow together, and one member does not
    ("dim H = 2, d = 2, n = 3
     data X : d x n
     param W[i in 1..H] : d x d
     param V[i in 1..H] : d x d
     let S = square(sum(i in 1..H) W[i] * X)
     output F = S + sum(i in 1..H) tanh(V[i] * X)",
     &[" : Z2 { W -> -W }"],
     &["[i in 1..H] : Z2 { W -> -W }", "[i in 1..H] : s in Sign(1) { W -> s * W }", "[i in 1..H] : Z2 { V -> -V }"]),
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
    // two memories that start at zero and are moved differently
    ("dim L = 3, h = 3, d = 3, k = 2, n = 4
     data x[t in 1..L] : d x n
     param W : h x d
     param P : h x d
     param V : k x h
     param U : k x h
     let u = zeros(h, n)
     let v = zeros(h, n)
     repeat t in 1..L {
       let u = u + W * x
       let v = v + P * x
     }
     output F = V * u + U * v",
     &[" : g in GL(h) { W -> g * W; V -> V * inv(g) }",
       " : g in GL(h) { P -> g * P; U -> U * inv(g) }",
       " : g in GL(h) { W -> g * W; V -> V * inv(g); P -> inv(g)' * P; U -> U * g' }"],
     &[" : g in GL(h) { W -> g * W; U -> U * inv(g) }", " : g in GL(h) { W -> g * W; V -> V * inv(g); P -> g * P }"]),
    // a matrix memory with a normalizer
    ("dim L = 3, s = 2, c = 2, d = 3
     data x[t in 1..L] : d x 1
     param K : s x d
     param Q : s x d
     param V : c x d
     let M = zeros(c, s)
     let n = zeros(s, 1)
     let Y = zeros(c, 1)
     repeat t in 1..L {
       let M = M + V * x * (K * x)'
       let n = n + K * x
       let Y = Y + M * Q * x / max(abs(n' * Q * x), 1)
     }
     output F = Y",
     &[" : g in GL(s) { Q -> g * Q; K -> inv(g)' * K }"],
     &[" : g in GL(s) { Q -> g * Q; K -> inv(g) * K }", " : a in Scale { K -> a * K; V -> a^-1 * V }"]),
    // what each block reads out is shifted, and the stream beside it is not
    ("dim L = 2, m = 3, k = 2, n = 4
     data T : m x n
     param E : m x m
     let Y = zeros(k, n)
     let X = E * T
     repeat l in 1..L {
       param R : k x m
       param W : m x m
       let X = relu(W * X)
       let Y = Y + R * X
     }
     output F = softmax(Y)",
     &["[l in 1..L] : t in Translate(1 x m) { R -> R + ones(k, 1) * t }"],
     &["[l in 1..L] : t in Translate(k x 1) { R -> R + t * ones(1, m) }", "[l in 1..L] : t in Translate(1 x m) { W -> W + ones(m, 1) * t }"]),
    // heads of linear attention, each divided by the number of tokens
    ("dim H = 2, d = 3, n = 4
     param Q[i in 1..H] : d x d
     param V[i in 1..H] : d x d
     output F = sum(i in 1..H) V * Q / n",
     &["[i in 1..H] : a in Scale { Q -> a * Q; V -> a^-1 * V }", "[i in 1..H] : g in GL(d) { Q -> g * Q; V -> V * inv(g) }"],
     &["[i in 1..H] : a in Scale { Q -> a * Q; V -> a * V }"]),
];

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

/// A model, sizes that replace its own, and what is counted at two ranges of an index.
type Counted = (&'static str, &'static [(&'static str, u64)], &'static str);

#[test]
fn what_members_share_is_shifted_by_each_of_them() {
    let (model, are, are_not) = TABLE[1];
    let report = derived(&format!("model m\n{model}\nloss any\naction a{}", are[0]));
    assert_eq!(law(&report, "a/gradient"), "grad(b) = O' * grad(e); H * c times");
    let checked = Options { checks: true, ..Options::bare() };
    let with = |action: &str| parse(&format!("model m\n{model}\nloss any\naction a{action}"));
    for action in are {
        let report = derive(&with(action), &BOOK, &checked).expect("a report");
        assert!(report.is_clean() && report.checks.len() > 1, "{action}: {:?}", report.checks);
    }
    for twin in are_not {
        let report = derive(&with(twin), &BOOK, &checked).expect("a report");
        assert!(matches!(report.actions[0].verdict(), Verdict::Refuted { .. }), "{twin}");
    }
    let scaled = format!("model m\n{model}\nloss any\naction a[i in 1..H] : a in Scale {{ e -> a * e }}");
    let errors = Model::parse("test.eqv", &scaled).expect_err("an error").render(false, 100);
    assert!(errors.contains("its image by one of them is no shift of it"), "{errors}");
}

#[test]
fn what_moves_nothing_but_what_members_share_adds_up_to_no_more_than_that() {
    let model = "model dependent
        dim d = 2, c = 2, n = 4, H = 3
        data X : d x n
        data D[i in 1..H] : d x c fixed
        param V[i in 1..H] : d x c
        param W : d x d
        param b : d
        output F = W * X + sum(i in 1..H) V[i] * V[i]' * X
        loss any
        action shifted[i in 1..H] : t in Translate(c) { b -> b + D[i] * t }
        action moving[i in 1..H] : t in Translate(c) { b -> b + V[i] * t }";
    let report = derive(&parse(model), &BOOK, &Options { checks: true, ..Options::bare() }).expect("a report");
    assert!(report.is_clean(), "{:?}", report.checks);
    let text = report.text(TextOptions { all: true, ..TextOptions::default() });
    assert!(text.contains("𝖧c laws, 2 independent at these sizes"), "{text}");
    assert!(text.contains("dim ker H ≥ the rank of all ξ(θ) together, generically 2 at these sizes"), "{text}");
    assert!(!text.contains("dim ker H ≥ 𝖧c") && !text.contains("∑_i rank"), "{text}");
}

/// Groups of maps that share one, in two blocks: members of members are exchanged, of one block and of both.
const EXCHANGED: &str = "model exchanged
    dim L = 2, G = 3, H = 2, d = 2, c = 1, n = 4
    data X : d x n
    param E : d x d
    let Y = E * X
    repeat l in 1..L {
      param Q[j in 1..G, i in 1..H] : c x d
      param K[j in 1..G] : c x d
      let Y = Y + sum(j in 1..G) sum(i in 1..H) Q[j,i]' * K[j] * tanh(Y)
    }
    output F = Y
    loss any
    action all : p in Perm(1..G) { Q[l,j,i] -> Q[l,p(j),i]; K[l,j] -> K[l,p(j)] }
    action one[l in 1..L] : p in Perm(1..G) { Q[l,j,i] -> Q[l,p(j),i]; K[l,j] -> K[l,p(j)] }
    action inner[l in 1..L, j in 1..G] : p in Perm(1..H) { Q[l,j,i] -> Q[l,j,p(i)] }";

#[test]
fn members_that_are_equal_stay_so_and_repeat_eigenvalues() {
    let expected: &[(&str, &[&str])] = &[
        ("all", &["L * H * (c * d) + L * (c * d) + d^2 of 1", "L * H * (c * d) + L * (c * d) of G - 1"]),
        ("one", &["of 1", "H * (c * d) + c * d of G - 1"]),
        ("inner", &["of 1", "c * d of H - 1"]),
    ];
    for dims in [&[][..], &[("L", 1), ("H", 3)], &[("G", 1)]] {
        let dims = dims.iter().map(|(name, n)| ((*name).to_string(), *n)).collect();
        let options = Options { dims, checks: true, ..Options::bare() };
        let report = derive(&parse(EXCHANGED), &BOOK, &options).expect("a report");
        assert!(report.is_clean(), "{:?}", report.checks);
        assert!(report.checks.iter().all(|check| check.passed && check.measured), "{:?}", report.checks);
        for (action, classes) in expected {
            let found = report.inside().laws.iter().find(|law| law.id() == format!("{action}/multiplicities"));
            let Statement::Structure(Structure::Multiplicities { cases, .. }) = found.expect("a law").statement()
            else {
                panic!("no multiplicities of {action}");
            };
            let stated = |c: &Multiplicity| format!("{} of {}", text(&c.count), text(&c.multiplicity));
            let stated: Vec<String> = cases[0].classes.iter().map(stated).collect();
            assert_eq!(stated.len(), classes.len());
            assert!(stated.iter().zip(*classes).all(|(found, wanted)| found.ends_with(wanted)), "{stated:?}");
        }
    }
}

const ATTENTION: &str = "model attention
    dim L = 2, H = 2, d = 2, c = 1, v = 2, n = 2
    data T : v x n
    param E : d x v
    let X = E * T
    repeat l in 1..L {
      param Q[i in 1..H] : c x d
      param K[i in 1..H] : c x d
      param V[i in 1..H] : c x d
      param O[i in 1..H] : d x c
      let X = X + sum(i in 1..H) O[i] * V[i] * X * softmax((K[i] * X)' * Q[i] * X)
      action keys[i in 1..H] : g in GL(c) { Q[i] -> g * Q[i]; K[i] -> inv(g)' * K[i] }
      action values[i in 1..H] : g in GL(c) { V[i] -> g * V[i]; O[i] -> O[i] * inv(g) }
    }
    param U : v x d
    output F = U * X
    loss any
    action stream : g in GL(d) {
      E -> g * E; Q -> Q * inv(g); K -> K * inv(g); V -> V * inv(g); O -> g * O; U -> U * inv(g)
    }";

const HEADS: &str = "model heads
    dim H = 2, d = 2, k = 2, n = 3, m = 2
    data X : d x n
    param W[i in 1..H] : k x d
    param V[i in 1..H] : m x k
    output F = sum(i in 1..H) V[i] * relu(W[i] * X)
    loss any
    action rescale[i in 1..H] : D in Diag+(k) { W[i] -> D * W[i]; V[i] -> V[i] * inv(D) }";

const STACK: &str = "model stack
    dim L = 2, d = 2, h = 2, n = 3
    data X : d x n
    param E : d x d
    let Y = E * X
    repeat l in 1..L {
      param W : h x d
      param V : d x h
      let Y = Y + V * relu(W * Y)
      action rescale : D in Diag+(h) { W -> D * W; V -> V * inv(D) }
    }
    output F = Y
    loss any";

#[test]
fn laws_of_families_are_measured_at_members_and_counted_at_two_ranges() {
    let rows: &[Counted] = &[
        (ATTENTION, &[("L", 1)], "complete at L=1 H=2 and at L=2 H=2: 7 and 11 laws, as many as the proved "),
        (HEADS, &[], "complete at H=2 and at H=3: 4 and 6 laws, as many as the proved 𝖧k\n"),
        (HEADS, &[("H", 1), ("k", 3)], "complete at H=1 and at H=2: 3 and 6 laws, as many as the proved 𝖧k\n"),
        (STACK, &[], "complete at L=2 and at L=3: 4 and 6 laws, as many as the proved 𝖫h\n"),
    ];
    rows.par_iter().for_each(|(text, dims, counted)| {
        let dims: Vec<(String, u64)> = dims.iter().map(|(name, n)| (name.to_string(), *n)).collect();
        let options = Options { dims, checks: true, ..Options::bare() };
        let report = derive(&parse(text), &BOOK, &options).expect("a report");
        assert!(report.is_clean() && report.checks.len() > 9, "{text}\n{:?}", report.checks);
        for check in &report.checks {
            let subspace = check.law.contains("·sign");
            assert!(check.passed && check.residual < 1e-10 || subspace && !check.measured, "{check:?}");
        }
        let found = complete(&parse(text), &BOOK, &options, &Question::default(), &Unwatched).expect("a count");
        assert!(found.is_complete() && found.text().contains(counted), "{}", found.text());
        let json: serde_json::Value = serde_json::from_str(&found.json()).expect("JSON");
        let larger = &json["completeness"]["larger"];
        assert!(
            larger["complete"] == true && larger["ranges"].is_object() && larger["formula"].is_string(),
            "{larger}"
        );
    });
}

#[test]
fn of_many_members_some_are_measured_and_a_check_says_so() {
    let dims = vec![("H".to_string(), 12)];
    let report = derive(&parse(HEADS), &BOOK, &Options { dims, checks: true, ..Options::bare() }).expect("a report");
    let check = report.checks.iter().find(|check| check.law == "rescale/gradient").expect("a check");
    assert_eq!(check.remark.as_deref(), Some("measured at 8 of 12 values of its indices"));
    assert!(check.passed && report.is_clean());
}

#[test]
fn false_actions_on_families_are_refuted_by_numbers() {
    // A rotation through a ReLU, a stream that leaves out one family of a layer or its end, one head of two, keys under rotary
    // positions, one of two exchanged families.
    let twins = [
        (STACK, "action bad[l in 1..L] : S in O(h) { W -> S * W; V -> V * S' }"),
        (STACK, "action bad : S in O(d) { E -> S * E; W -> W * S' }"),
        (STACK, "action bad[l in 1..L] : S in O(d) { W -> W * S'; V -> S * V }"),
        (HEADS, "action bad[i in 1..H] : D in Diag+(k) { W[i] -> D * W[i]; V[i] -> V[i] * D }"),
        (HEADS, "action bad : p in Perm(1..H) { W[i] -> W[p(i)] }"),
        (ATTENTION, "action bad[l in 1..L, i in 1..H] : g in GL(c) { V[l,i] -> g * V[l,i] }"),
        (
            ATTENTION,
            "action bad : g in GL(d) { E -> g * E; Q -> Q * inv(g); K -> K * inv(g); V -> V * inv(g); U -> U * inv(g) }",
        ),
        (ROTARY, "action bad[i in 1..H] : g in GL(c) { Q[i] -> g * Q[i]; K[i] -> inv(g)' * K[i] }"),
    ];
    for (text, twin) in twins {
        let model = parse(&format!("{text}\n{twin}"));
        let options = Options { checks: true, ..Options::bare() };
        let report = derive(&model, &BOOK, &options).expect("a report");
        let bad = report.actions.last().expect("an action").verdict();
        assert!(matches!(bad, Verdict::Refuted { .. }), "{twin}: {bad:?}");
    }
}

const ROTARY: &str = "model rotary
    dim H = 2, d = 2, c = 2, n = 3
    data X : d x n
    data R : c x c
    param Q[i in 1..H] : c x d
    param K[i in 1..H] : c x d
    output F = sum(i in 1..H) (R * K[i] * X)' * Q[i] * X
    loss any";

#[test]
fn laws_of_families_are_followed_along_trajectories() {
    let course = Course {
        dynamics: Some("gradient_descent".into()),
        steps: Some(5),
        set: vec![("eta".into(), 0.01)],
        ..Course::default()
    };
    let followed = flow(&parse(HEADS), &BOOK, &Options::bare(), &course, &Unwatched).expect("a trajectory");
    assert!(followed.is_clean());
    assert!(followed.csv().contains("rescale"), "{}", followed.csv());
}
