//! Stopped gradients: what is held while the loss is differentiated is any matrix for a proof, and what it is of the parameters for a count.

use crate::{BOOK, checked, derived, parse, proved};
use equilaw::internals::job::evaluate;
use equilaw::internals::kernel::{Hypothesis, LawRow};
use equilaw::internals::model::{Inside, Model};
use equilaw::internals::report::{json, replay};
use equilaw::{Given, Options, Question, Unwatched, complete, derive};

/// VQ-VAE: z goes on as its nearest code, and the gradient passes as if it had gone on itself.
const QUANTIZED: &str = "model vq
    dim d = 3, h = 3, k = 2, K = 4, n = 4
    param W1 : h x d; param W2 : k x h; param D1 : h x k; param D2 : d x h; param C : k x K
    data X : d x n
    let Z = W2 * relu(W1 * X)
    let Q = C * onehot(2 * C' * Z - diagvec(C' * C) * ones(1, n))
    let Y = D2 * relu(D1 * (Z + stopgrad(Q - Z)))
    loss mse(Y, X) + mse(Q, stopgrad(Z)) + 1/4 * mse(Z, stopgrad(Q))
    action encoder : D in Diag+(h) { W1 -> D * W1; W2 -> W2 * inv(D) }
    action decoder : D in Diag+(h) { D1 -> D * D1; D2 -> D2 * inv(D) }";

/// SimSiam: the predictor of one view is compared with the other view, which is held.
const SIAMESE: &str = "model siamese
    dim d = 3, h = 3, k = 2, n = 4
    param W1 : h x d; param W2 : k x h; param P1 : h x k; param P2 : k x h
    data X : d x n; data Y : d x n
    let Z = W2 * relu(W1 * X); let V = W2 * relu(W1 * Y)
    loss -1 / 2 * dot(normalize(P2 * relu(P1 * Z)), normalize(stopgrad(V))) / n -
         1 / 2 * dot(normalize(P2 * relu(P1 * V)), normalize(stopgrad(Z))) / n
    action encoder : D in Diag+(h) { W1 -> D * W1; W2 -> W2 * inv(D) }
    action predictor : D in Diag+(h) { P1 -> D * P1; P2 -> P2 * inv(D) }
    action length : a in Scale { P2 -> a * P2 }";

/// DoRA, whose code holds the norm.
const ADAPTED: &str = "model adapted
    dim d = 4, k = 3, r = 2, n = 5
    param A : r x d; param B : k x r; param m : k
    data W0 : k x d fixed; data X : d x n
    let V = W0 + B * A
    output F = diag(m .* stopgrad(square(V) * ones(d) + ones(k)) .^ (-1/2)) * V * X
    loss any
    action basis : g in GL(r) { A -> g * A; B -> B * inv(g) }";

#[test]
fn what_holds_for_every_held_value_is_proved_counted_and_measured() {
    for (text, laws, conserved) in
        [(QUANTIZED, Some(6), 2), (SIAMESE, None, 3), (ADAPTED, Some(3), 1), (OWN, Some(6), 1)]
    {
        let report = derive(&parse(text), &BOOK, &Options { checks: true, ..Options::bare() }).expect("derived");
        let inside = report.inside();
        let found = inside.laws.iter().filter(|law| law.row() == LawRow::FlowConserved).count();
        assert_eq!(found, conserved, "{text}");
        let held = inside.laws.iter().all(|law| law.hypotheses().contains(&Hypothesis::Held));
        assert!(held, "a law does not say what it is about\n{text}");
        assert!(report.checks.iter().all(|check| check.passed), "{text}");
        if let Some(laws) = laws {
            let counted =
                complete(&parse(text), &BOOK, &Options::bare(), &Question::default(), &Unwatched).expect("counted");
            assert_eq!(counted.laws_at_most(), [laws], "{}", counted.text());
            assert!(counted.is_complete(), "{}", counted.text());
        }
        let replayed = replay(&json(&report), BOOK.plain()).unwrap_or_else(|e| panic!("{e}\n{text}"));
        assert_eq!(replayed.laws, inside.laws.len());
    }
}

/// With held values that are any matrices the fields of these models span everything, and a count would say that there is no law.
#[test]
fn a_count_is_of_the_motion_in_which_held_values_move() {
    let counted = |output: &str| {
        let text = format!("model m\nparam a : scalar\nparam b : scalar\noutput F = {output}\nloss any");
        complete(&parse(&text), &BOOK, &Options::bare(), &Question::default(), &Unwatched).expect("counted")
    };
    for (output, law) in
        [("a * stopgrad(b) + b * stopgrad(a)", "norm2(a) - norm2(b)"), ("a + b * stopgrad(a)", "norm2(a) - 2 * sum(b)")]
    {
        let found = counted(output);
        assert_eq!(found.laws_at_most(), [1], "{}", found.text());
        assert!(found.text().contains(law), "{}", found.text());
    }
    // The bracket of the two fields (1, 0) and (0, a²) is along the second: nothing is kept.
    assert_eq!(counted("concat(a, b * stopgrad(a * a))").laws_at_most(), [0]);
}

#[test]
fn an_action_that_needs_the_held_value_to_move_is_refused() {
    let model = "dim d = 3, n = 4\nparam W : d x d\nparam V : d x d\ndata X : d x n";
    let both = |inner: &str| format!("{model}\noutput F = V * {inner} * X");
    assert!(proved(&both("W"), ": g in GL(d) { W -> g * W; V -> V * inv(g) }"));
    assert!(!proved(&both("stopgrad(W)"), ": g in GL(d) { W -> g * W; V -> V * inv(g) }"));
}

#[test]
fn gradients_pass_back_through_nothing_that_is_held() {
    let given = |name: &str, values: &[f64]| Given { name: name.into(), rows: 1, cols: 1, values: values.to_vec() };
    let text = "model m\nparam a : scalar\nparam b : scalar\noutput F = a * a * stopgrad(a * b)\nloss any";
    let at = [given("a", &[3.0]), given("b", &[5.0])];
    let found = evaluate(&parse(text), &[], &at, Some(&given("F", &[1.0]))).unwrap();
    let value = |name: &str| found.values.iter().find(|v| v.name == name).map(|v| v.values[0]);
    assert_eq!((value("stop1"), value("F")), (Some(15.0), Some(135.0)));
    assert_eq!(found.gradients.iter().map(|g| g.values[0]).collect::<Vec<_>>(), [90.0, 0.0]);
}

/// The target that a network gives itself.
const OWN: &str = "model own
    dim d = 3, k = 2, n = 4
    param W : k x d; param V : d x d; data X : d x n
    output F = W * V * X
    loss mse(F, stopgrad(tanh(F)))
    action basis : g in GL(d) { V -> g * V; W -> W * inv(g) }";

const BLOCKS: &str = "model blocks
    dim L = 2, H = 2, d = 3, n = 4
    data T : d x n
    param E : d x d
    let X = stopgrad(E * T)
    repeat l in 1..L {
      param W[i in 1..H] : d x d
      param g[i in 1..H] : d
      let R[i in 1..H] = stopgrad(square(diagvec(W)) + ones(d))
      let Y = sum(i in 1..H) diag(g ./ R) * W * stopgrad(relu(X))
      let X = X + Y + stopgrad(sum(i in 1..H) W * X) + stopgrad(relu(X))
      action gain[i in 1..H] : D in Diag+(d) { W[i] -> D * W[i]; g[i] -> inv(D) * g[i] }
    }
    output F = E * X + stopgrad(X)
    loss any";

#[test]
fn held_values_have_the_indices_of_their_place_and_are_written_as_they_were_read() {
    for text in [QUANTIZED, SIAMESE, ADAPTED, OWN, BLOCKS] {
        let model = parse(text);
        let again =
            Model::parse("again.eqv", &model.to_string()).unwrap_or_else(|e| panic!("{}", e.render(false, 100)));
        assert!(model == again, "{model}\n{again}");
    }
    let report = checked(BLOCKS);
    let inside = report.inside();
    assert!(inside.laws.iter().any(|law| law.row() == LawRow::FlowConserved));
    assert!(report.checks.iter().all(|check| check.passed));
    // One value that is held twice is one matrix.
    assert_eq!(parse(BLOCKS).to_string().matches("stopgrad(relu(X))").count(), 1);
}

#[test]
fn the_hessian_with_values_held_decides_no_stability() {
    let model = |output: &str| {
        format!(
            "model m\ndim d = 3, n = 4\nparam W : d x d\ndata X : d x n\noutput F = {output}\nloss any\n\
             action sign : S in Sign(d) {{ W -> S * W }}"
        )
    };
    let rows = |text: &str| derived(text).inside().laws.iter().map(|law| law.row()).collect::<Vec<_>>();
    let plain = rows(&model("square(W * X)"));
    let stopped = rows(&model("square(W * X) .* stopgrad(exp(W * X))"));
    assert!(plain.contains(&LawRow::Breaking) && plain.contains(&LawRow::FixedSpace));
    assert!(!stopped.contains(&LawRow::Breaking) && stopped.contains(&LawRow::FixedSpace), "{stopped:?}");
}
