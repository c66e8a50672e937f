//! Completeness and discovery from outside: what is printed, what is data, and the exit status.

use crate::run::equilaw_on;
use serde_json::Value;

const NETWORK: &str = "model pair
dim d = 2, h = 3, k = 2, n = 4
param W1 : h x d
param W2 : k x h
data X : d x n
output F = W2 * relu(W1 * X)
loss any
";

const RESCALE: &str = "action rescale : D in Diag+(h) { W1 -> D * W1; W2 -> W2 * inv(D) }\n";

const NORMS: &str = "model norms
dim n = 8
param A : 8 x 2; param W : 1 x n
data X : 2 x n
output F = W * normalize(normalize(A * X)')
loss any
";

fn data(arguments: &[&str], model: &str) -> Value {
    let ran = equilaw_on(model, arguments);
    serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {}{}", ran.stdout, ran.stderr))
}

#[test]
fn derive_says_whether_its_laws_are_all() {
    let declared = NETWORK.to_string() + RESCALE;
    let said = "  complete: these are all there are at these sizes, 3 independent laws of at most 3; that there are";
    assert!(equilaw_on(&declared, &["derive", "-", "--no-checks"]).stdout.contains(said));
    assert!(
        !equilaw_on(&declared, &["derive", "-", "--no-checks", "--no-complete"])
            .stdout
            .contains("there are at these sizes")
    );
    let found = data(&["derive", "-", "--no-checks", "--format", "json"], &declared);
    let completeness = &found["completeness"];
    assert_eq!((&completeness["complete"], &completeness["certified"]), (&Value::from(true), &Value::from(true)));
    assert_eq!((&completeness["laws_at_most"], &completeness["laws_known"]), (&Value::from(3), &Value::from(3)));
    assert_eq!(completeness["certificate"]["ranks"], Value::from(vec![9, 9]));
    assert_eq!((&found["discovery"], &found["actions"][0]["source"]), (&Value::Null, &Value::from("declared")));
}

#[test]
fn derive_of_a_model_without_actions_discovers_them_and_says_so() {
    let ran = equilaw_on(NETWORK, &["derive", "-", "--no-checks"]);
    assert!(ran.stderr.contains("declares no action; discovered: rescale_h, permute_h"), "{}", ran.stderr);
    assert!(
        ran.stdout.contains("complete: these are all there are at these sizes, 3 independent laws"),
        "{}",
        ran.stdout
    );
    let found = data(&["derive", "-", "--no-checks", "--format", "json"], NETWORK);
    assert_eq!(found["actions"][0]["source"], "discovered");
    assert_eq!((&found["discovery"]["algebra_dim"], &found["discovery"]["p_dim"]), (&Value::from(3), &Value::from(3)));
}

#[test]
fn too_much_work_is_left_to_a_command_of_its_own_unless_it_is_asked_for() {
    let wide = NETWORK.replace("h = 3", "h = 160") + RESCALE;
    let arguments = ["derive", "-", "--no-checks"];
    assert!(equilaw_on(&wide, &arguments).stdout.contains("was not counted: run equilaw complete"));
    let found = data(&[&arguments[..], &["--format", "json"]].concat(), &wide);
    assert_eq!(found["completeness"]["complete"], Value::Null);
    assert!(equilaw_on(&wide, &[&arguments[..], &["--complete"]].concat()).stdout.contains("independent laws"));
}

/// No finite field has the roots of norms of rows and columns together; what is certified then may still leave laws that are not known.
#[test]
fn a_count_with_enclosed_numbers_is_certified_and_says_how() {
    let ran = equilaw_on(NORMS, &["complete", "-"]);
    assert_eq!(ran.status, 1);
    assert!(ran.stdout.contains("Certificate  real numbers enclosed to 512 binary digits"), "{}", ran.stdout);
    assert!(ran.stdout.contains("1 may be missing"), "{}", ran.stdout);
    let found = data(&["complete", "-", "--format", "json"], NORMS);
    assert_eq!(found["completeness"]["certified"], Value::from(true));
    assert_eq!(found["completeness"]["certificate"]["prime"], Value::Null);
    assert_eq!(found["completeness"]["certificate"]["digits"], Value::from(512));
}

#[test]
fn what_a_count_assumes_and_the_regions_it_sampled_are_printed_and_are_data() {
    let line = NETWORK.replace("d = 2", "d = 1").replace("h = 3", "h = 2").replace("k = 2", "k = 1");
    let ran = equilaw_on(&line, &["complete", "-"]);
    assert!(ran.stdout.contains("at these sizes") && ran.stdout.contains("of 8 regions sampled"), "{}", ran.stdout);
    let found = &data(&["complete", "-", "--format", "json"], &line)["completeness"];
    let regions = found["regions"].as_array().expect("regions");
    let least = regions.iter().filter_map(|region| region["laws_at_most"].as_u64()).min();
    assert_eq!((regions.len(), least), (8, found["laws_at_most"].as_u64()));
    let frozen = "model frozen
dim d = 3, h = 2, k = 2, n = 4
param W1 : h x d; param W2 : k x h; data W0 : h x d fixed; data X : d x n
output F = softmax(W2 * (W0 + W1) * X)
loss any
";
    let found = &data(&["complete", "-", "--format", "json"], frozen)["completeness"];
    let assumptions = found["assumptions"].to_string();
    assert!(assumptions.contains("W0 has one generic value for all samples"), "{assumptions}");
    let refused = equilaw_on(&frozen.replace("W1 : h x d", "W1 : h x d fixed"), &["complete", "-"]);
    assert!(refused.status == 2 && refused.stderr.contains("a parameter cannot be `fixed`"), "{}", refused.stderr);
}

#[test]
fn the_laws_of_another_dynamics_are_counted_on_its_state_space() {
    let ran = equilaw_on(NETWORK, &["complete", "-", "--dynamics", "heavy_ball"]);
    assert!(
        ran.stdout.contains("Conserved by the heavy ball") && ran.stdout.contains("of θ, θ̇ and t"),
        "{}",
        ran.stdout
    );
    let found = &data(&["complete", "-", "--dynamics", "heavy_ball", "--format", "json"], NETWORK)["completeness"];
    assert_eq!((&found["coordinates"], &found["functional_dimension"]), (&Value::from(25), &Value::Null));
    assert_eq!((&found["dynamics"], &found["laws_at_most"]), (&Value::from("heavy_ball"), &Value::from(0)));
}

#[test]
fn impossible_questions_are_refused_with_a_reason() {
    let refused = |arguments: &[&str], reason: &str| {
        let ran = equilaw_on(NETWORK, arguments);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.stderr.contains(reason), "{arguments:?}: {}", ran.stderr);
    };
    refused(&["complete", "-", "--dims", "h=1000000"], "choose smaller sizes with --dims");
    refused(&["complete", "-", "--dims", "g=2..4"], "no size `g`");
    refused(&["complete", "-", "--dims", "h=4..2"], "the range 4..2 is empty");
    refused(&["complete", "-", "--prime-bits", "40"], "possible values: 61, 23");
    refused(&["complete", "-", "--depth", "0"], "from 1 to 12");
    refused(&["complete", "-", "--degree", "13"], "from 1 to 12");
    refused(&["discover", "-", "--dims", "h=1000"], "more than the limit of 250000; take h = ");
    refused(&["complete", "-", "--dynamics", "heavy_bal"], "did you mean `heavy_ball`?");
    refused(&["complete", "-", "--dynamics", "mirror"], "declares no potentials for `mirror`");
    refused(&["complete", "-", "--dynamics", "sgd"], "which moves in steps");
    refused(&["derive", "-", "--complete", "--no-complete"], "cannot be used with");
}
