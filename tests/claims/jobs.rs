//! The jobs as a library user calls them.

use equilaw::{
    Effort, Error, Form, Given, LawKind, Model, Options, Progress, RuleBook, Verdict, Watch, derive, derive_watched,
    discover,
};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

const RELU: &str = "model relu
dim d = 3, h = 4, k = 2, n = 5
param W1 : h x d
param W2 : k x h
data X : d x n
output F = W2 * relu(W1 * X)
loss any
";
const RESCALE: &str = "action rescale : D in Diag+(h) { W1 -> D * W1; W2 -> W2 * inv(D) }\n";

fn model(text: &str) -> Model {
    Model::parse("test.eqv", text).unwrap_or_else(|errors| panic!("{}", errors.plain()))
}

fn rules() -> RuleBook {
    RuleBook::builtin().expect("the rules of the library")
}

#[test]
fn a_model_without_actions_has_its_symmetries_discovered() {
    let report = derive(&model(RELU), &rules(), &Options::default()).expect("a report");
    assert!(report.is_clean() && !report.actions.is_empty() && !report.checks.is_empty());
    let conserved = report.laws().find(|law| law.kind == LawKind::Conserved).and_then(|law| law.quantity);
    assert_eq!(conserved.expect("a conserved quantity").text, "diagvec(W1 * W1' - W2' * W2)");
}

#[test]
fn symmetries_are_discovered_at_small_sizes_where_the_given_ones_are_too_many() {
    let dims = vec![("h".into(), 3000)];
    let options = Options { dims, checks: false, count: None, ..Options::default() };
    let report = derive(&model(RELU), &rules(), &options).expect("a report");
    assert!(report.laws().any(|law| law.kind == LawKind::Conserved));
}

#[test]
fn a_bare_derivation_does_nothing_but_derive() {
    let report = derive(&model(RELU), &rules(), &Options::bare()).expect("a report");
    assert!(report.actions.is_empty() && report.laws().next().is_none());
    let report = derive(&model(&format!("{RELU}{RESCALE}")), &rules(), &Options::bare()).expect("a report");
    assert!(report.checks.is_empty() && report.laws().next().is_some());
    assert!(matches!(report.actions[0].verdict(), Verdict::Proved { steps } if steps > 0));
}

/// Writes down what it is told, and cancels when told a word.
#[derive(Default)]
struct Diary {
    told: Mutex<Vec<String>>,
    enough: Option<&'static str>,
}

impl Watch for Diary {
    fn tell(&self, progress: &Progress<'_>) {
        let stage = match progress {
            Progress::Rank { .. } => return,
            stage => stage.to_string(),
        };
        self.told.lock().expect("no panic").push(stage);
    }

    fn is_cancelled(&self) -> bool {
        let told = self.told.lock().expect("no panic");
        self.enough.is_some_and(|word| told.last().is_some_and(|stage| stage.contains(word)))
    }
}

#[test]
fn a_watch_is_told_every_stage_and_can_end_each() {
    let options = Options { count: Some(Effort::Any), ..Options::default() };
    let (model, rules) = (model(RELU), rules());
    let diary = Diary::default();
    derive_watched(&model, &rules, &options, &diary).expect("a report");
    let told = diary.told.into_inner().expect("no panic");
    assert_eq!(told.len(), 4, "{told:?}");
    let actions = told[2].clone();
    let expected = ["looking for symmetries".into(), format!("discovered: {actions}"), actions, "counting".into()];
    assert!(told.iter().zip(&expected).all(|(told, expected)| told.starts_with(expected)), "{told:?}");
    for enough in ["looking", "discovered", "counting"] {
        let diary = Diary { enough: Some(enough), ..Diary::default() };
        let ended = derive_watched(&model, &rules, &options, &diary).map(|report| report.laws().count());
        match enough {
            // Nothing is done between this stage and the next.
            "discovered" => assert!(ended.is_ok()),
            _ => assert_eq!(ended, Err(Error::Cancelled), "{enough}"),
        }
    }
    let now = Diary { told: Mutex::new(vec!["at once".into()]), enough: Some("") };
    assert_eq!(derive_watched(&model, &rules, &options, &now).map(|_| ()), Err(Error::Cancelled));
}

/// Says once, at the question of some number, that the job is not wanted any more.
struct Once {
    asked: AtomicUsize,
    at: usize,
}

impl Watch for Once {
    fn is_cancelled(&self) -> bool {
        self.asked.fetch_add(1, Ordering::Relaxed) == self.at
    }
}

#[test]
fn a_job_that_is_cancelled_at_any_moment_is_an_error_and_never_another_answer() {
    let (model, rules) = (model(&format!("{RELU}{RESCALE}")), rules());
    let derived = |watch: &Once| derive_watched(&model, &rules, &Options::bare(), watch).map(|report| report.json());
    let never = Once { asked: AtomicUsize::new(0), at: usize::MAX };
    let whole = derived(&never).expect("a report");
    let asked = never.asked.into_inner();
    // Searches ask many times, not only between actions.
    assert!(asked > 100, "{asked}");
    for at in (0..asked).step_by(asked / 16) {
        let watch = Once { asked: AtomicUsize::new(0), at };
        assert_eq!(derived(&watch), Err(Error::Cancelled), "cancelled at the question {at} of {asked}");
    }
    assert_eq!(derived(&Once { asked: AtomicUsize::new(0), at: asked }), Ok(whole));
}

#[test]
fn a_cancelled_discovery_is_an_error() {
    let (model, rules) = (model(RELU), rules());
    let never = Once { asked: AtomicUsize::new(0), at: usize::MAX };
    let found = |watch: &Once| discover(&model, &rules, &Options::bare(), Form::default(), watch);
    assert!(found(&never).expect("symmetries").is_proved());
    let asked = never.asked.into_inner();
    for at in (0..asked).step_by(asked / 8) {
        let ended = found(&Once { asked: AtomicUsize::new(0), at }).map(|found| found.json());
        assert_eq!(ended, Err(Error::Cancelled), "cancelled at the question {at} of {asked}");
    }
}

#[test]
fn what_could_not_be_derived_is_named_and_explained() {
    let text = "model shift\ndim h = 4, k = 2, n = 5\nparam b1 : h\nparam W2 : k x h\nparam b2 : k\ndata X : h x n\n\
        output F = W2 * (X + b1 * ones(1, n)) + b2 * ones(1, n)\nloss any\n\
        action shift : v in Translate(h) { b1 -> b1 + v; b2 -> b2 - W2 * v }\n";
    let report = derive(&model(text), &rules(), &Options::default()).expect("a report");
    let missing = report.missing().find(|m| m.id == "shift/gradient-flow/conserved").expect("named");
    assert_eq!(missing.obstacle, "not-curl-free");
    assert!(missing.reason.starts_with("ξ_A is not proved curl-free"), "{}", missing.reason);
}

#[test]
fn what_does_not_fit_the_model_is_an_error() {
    let model = model(&format!("{RELU}{RESCALE}"));
    let ask = |options: Options| derive(&model, &rules(), &options).map(|_| ()).expect_err("refused");
    assert!(matches!(ask(Options { dims: vec![("q".into(), 3)], ..Options::bare() }), Error::Size(_)));
    let short = Given { name: "W1".into(), rows: 4, cols: 3, values: vec![0.0; 11] };
    assert!(matches!(ask(Options { given: vec![short], ..Options::default() }), Error::Given { numbers: 11, .. }));
}

#[test]
fn diagnostics_are_one_plain_text() {
    let text = RELU.replace("relu(W1 * X)", "rellu(W1 * X)").replace("param W2", "param W1 : k x h\nparam W2");
    let errors = Model::parse("test.eqv", &text).expect_err("two errors");
    assert_eq!(errors.errors().len(), 2);
    let plain = errors.plain();
    assert!(!plain.contains('\x1b'), "{plain}");
    for line in [
        "test.eqv:4:7: `W1` is declared twice\n  param W1 : k x h\n        ^^ declared again here\n",
        "  param W1 : h x d\n        -- first a parameter\n",
        "\n  did you mean `relu`?\n",
    ] {
        assert!(plain.contains(line), "{plain}");
    }
}

/// Three convolutions and two dense layers: a kernel has one size for what it takes and one for its window.
const CONVOLUTIONS: &str = "model convolutions
dim c0 = 3, c1 = 4, c2 = 4, c3 = 4, h = 5, k = 3
param W1 : c1 x 9*c0
param b1 : c1
param W2 : c2 x 9*c1
param b2 : c2
param W3 : c3 x 9*c2
param b3 : c3
param V : h x 4*c3
param bv : h
param U : k x h
param bu : k
data X : c0 x 16
let T = taps(4, 4, 3, 3)
let Z1 = relu(W1 * stack(X * T, 9) + b1 * ones(1, 16))
let Z2 = relu(W2 * stack(Z1 * T, 9) + b2 * ones(1, 16))
let P = maxpool(Z2 * taps(4, 4, 2, 2, 2, 2, 2, 1, 0, 0), 4)
let Z3 = relu(W3 * stack(P * taps(2, 2, 3, 3), 9) + b3 * ones(1, 4))
let Y = relu(V * vec(Z3) + bv)
output F = U * Y + bu
loss any
";

/// Follows what errors say of sizes; how often.
fn obeyed(model: &Model, dims: &[(&str, u64)]) -> usize {
    let mut dims: Vec<(String, u64)> = dims.iter().map(|(name, n)| (name.to_string(), *n)).collect();
    for errors in 0..6 {
        let options = Options { dims: dims.clone(), ..Options::default() };
        let error = match discover(model, &rules(), &options, Form::default(), &equilaw::Unwatched) {
            Ok(_) => return errors,
            Err(error) => error,
        };
        let Error::TooLarge { take, .. } = error else { panic!("{error}") };
        for smaller in take {
            assert!(smaller.instead < smaller.value && smaller.instead > 0);
            dims.retain(|(name, _)| *name != smaller.dim);
            dims.push((smaller.dim, smaller.instead));
        }
    }
    panic!("the sizes that are named are still too large")
}

#[test]
fn sizes_that_are_named_are_small_enough() {
    // A linear network has general linear groups.
    let linear = model(&RELU.replace("relu(W1 * X)", "W1 * X"));
    assert_eq!(obeyed(&linear, &[("h", 60), ("d", 50), ("k", 50)]), 1);
    assert_eq!(obeyed(&model(CONVOLUTIONS), &[]), 1);
}
