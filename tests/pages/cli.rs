//! The command line from outside: what it prints, where, and its exit status.

use crate::run::{binary, equilaw, equilaw_on};
use std::process::Stdio;

const MODEL: &str = "model pair \"A pair\"
dim d = 2, h = 3, k = 2, n = 4
param W1 : h x d
param W2 : k x h
data X : d x n
output F = W2 * relu(W1 * X)
loss any
action rescale : D in Diag+(h) { W1 -> D * W1; W2 -> W2 * inv(D) }
";

/// Runs on a model from standard input: status, standard output, standard error.
fn run(arguments: &[&str], model: &str) -> (i32, String, String) {
    let ran = equilaw_on(model, arguments);
    (ran.status, ran.stdout, ran.stderr)
}

#[test]
fn a_proved_model_prints_its_laws_and_succeeds() {
    let (status, out, err) = run(&["derive", "-", "--no-checks"], MODEL);
    assert_eq!((status, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("F invariant") && out.contains("Conserved by gradient flow"), "{out}");
}

#[test]
fn only_what_is_asked_for_is_printed() {
    let only = |what: &str| run(&["derive", "-", "--no-checks", "--only", what], MODEL);
    let (status, hessian, _) = only("hessian");
    assert_eq!(status, 0);
    assert!(hessian.contains("H[ξ_A]") && hessian.contains("dim ker H") && !hessian.contains("Conserved"), "{hessian}");
    let (_, noise, _) = only("sgd");
    assert!(
        noise.contains("SGD as a diffusion") && !noise.contains("heavy ball") && !noise.contains("Hessian"),
        "{noise}"
    );
    let (_, action, _) = only("rescale");
    assert!(action.contains("Conserved by gradient flow") && action.contains("SGD in expectation"), "{action}");
    let (status, out, err) = only("hesian");
    assert_eq!((status, out.as_str()), (2, ""));
    assert!(err.contains("did you mean `hessian`?"), "{err}");
    let (status, _, err) = run(&["derive", "-", "--only", "sgd", "--format", "json"], MODEL);
    assert!(status == 2 && err.contains("--only"), "{err}");
}

#[test]
fn a_proof_leaves_out_what_reads_the_same_before_and_after_unless_it_is_asked_for() {
    let lines = |how: &str| {
        let (_, out, _) = run(&["derive", "-", "--no-checks", how], MODEL);
        out.lines().filter(|line| line.contains("the product is associative")).count()
    };
    let (steps, full) = (lines("--proof"), lines("--proof=full"));
    assert!(steps < full, "{steps} of {full}");
}

#[test]
fn a_claim_that_is_not_proved_fails() {
    let false_claim = MODEL.replace("W2 * inv(D)", "W2 * D");
    let (status, out, _) = run(&["derive", "-", "--no-checks"], &false_claim);
    assert_eq!(status, 1, "{out}");
    assert!(out.contains("not proved") || out.contains("REFUTED"), "{out}");
}

#[test]
fn a_typo_in_a_model_is_shown_in_its_place() {
    let (status, out, err) = run(&["derive", "-"], &MODEL.replace("relu(W1", "relu(W"));
    assert_eq!((status, out.as_str()), (2, ""));
    assert!(err.contains("W") && err.contains("standard input"), "{err}");
}

#[test]
fn wrong_sizes_are_errors_that_say_what_is_right() {
    let check = |dims: &str, expected: &str| {
        let (status, out, err) = run(&["derive", "-", "--dims", dims], MODEL);
        assert_eq!((status, out.as_str()), (2, ""), "{dims}");
        assert!(err.contains(expected), "{dims}: {err}");
    };
    check("hh=3", "did you mean `h`?");
    check("zeta=3", "its sizes are d, h, k, n");
    check("h=0", "at least 1");
    check("h=18446744073709551615", "choose smaller sizes");
    check("h=100000000", "choose smaller sizes");
    check("h=-1", "not a size");
    check("h", "NAME=SIZE");
}

#[test]
fn unreadable_input_is_one_line() {
    let directory = tempfile::tempdir().unwrap();
    let broken = directory.path().join("broken.eqv");
    std::fs::write(&broken, b"model a\n\xff\xfe").unwrap();
    for (path, expected) in [
        (directory.path().join("none.eqv"), "no such file"),
        (directory.path().to_path_buf(), "is a directory"),
        (broken, "not UTF-8 text (line 2)"),
    ] {
        let output = binary().arg("derive").arg(&path).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(err.contains(expected) && err.lines().count() == 1, "{err}");
    }
}

#[test]
fn a_file_is_written_whole_and_nothing_is_left_beside_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("laws.json");
    let arguments = ["derive", "-", "--no-checks", "--format", "json", "-o", path.to_str().unwrap()];
    for _ in 0..2 {
        let (status, out, err) = run(&arguments, MODEL);
        assert_eq!((status, out.as_str(), err.as_str()), (0, "", ""));
    }
    let document: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(document["model"]["name"], "pair");
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn an_output_that_cannot_be_written_is_an_error() {
    let (status, _, err) = run(&["derive", "-", "--no-checks", "-o", "/nowhere/at/all.txt"], MODEL);
    assert_eq!(status, 2);
    assert!(err.contains("/nowhere/at/all.txt: no such file"), "{err}");
}

#[test]
fn a_closed_pipe_is_no_error() {
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_equilaw"))
        .args(["rules"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
}

#[test]
fn quiet_leaves_only_the_exit_status() {
    assert_eq!(run(&["derive", "-", "--no-checks", "--quiet"], MODEL), (0, String::new(), String::new()));
}

#[test]
fn colour_is_what_was_asked_for() {
    let colored =
        |arguments: &[&str]| run(&[&["derive", "-", "--no-checks"], arguments].concat(), MODEL).1.contains('\x1b');
    assert!(!colored(&[]));
    assert!(!colored(&["--color", "never"]));
    assert!(colored(&["--color", "always"]));
}

#[test]
fn extra_rules_are_listed_and_a_name_is_used_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("mine.rules");
    std::fs::write(&path, "rule mine \"a law of mine\":\n  abs(abs(?X)) => abs(?X)\n").unwrap();
    let path = path.to_str().unwrap();
    let (status, out, _) = run(&["rules", "--extra-rules", path], "");
    assert_eq!(status, 0);
    assert!(out.contains("mine  a law of mine\n    abs(abs(?X)) => abs(?X)"), "{out}");
    let (status, _, err) = run(&["rules", "--extra-rules", path, "--extra-rules", path], "");
    assert_eq!(status, 2);
    assert!(err.contains("two rules are named `mine`"), "{err}");
}

#[test]
fn every_command_explains_itself_with_examples() {
    for arguments in [&["--help"][..], &["derive", "--help"], &["check", "--help"], &["rules", "--help"]] {
        let (status, out, _) = run(arguments, "");
        assert_eq!(status, 0);
        assert!(out.contains("Examples:"), "{out}");
    }
    assert_eq!(run(&["derive"], "").0, 2);
    assert_eq!(run(&["undo"], "").0, 2);
}

#[test]
fn laws_are_counted_and_certified() {
    let (status, out, err) = run(&["complete", "-"], MODEL);
    assert_eq!((status, err.as_str()), (0, ""), "{out}");
    assert!(
        out.contains("at most  3 independent laws") && out.contains("complete") && out.contains("Certificate"),
        "{out}"
    );
    let bare: String = MODEL.lines().filter(|line| !line.starts_with("action")).collect::<Vec<_>>().join("\n");
    // Where no action is declared those that are found count; where the declared ones say too little, some laws may be missing.
    let (status, out, err) = run(&["complete", "-"], &bare);
    assert_eq!(status, 0, "{out}");
    assert!(err.contains("discovered: rescale_h"), "{err}");
    let declared = format!("{bare}\naction neurons : P in Perm(h) {{ W1 -> P * W1; W2 -> W2 * P' }}\n");
    let (status, out, _) = run(&["complete", "-", "--format", "json", "--degree", "1"], &declared);
    assert_eq!(status, 1, "{out}");
    let json: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(json["completeness"]["laws_at_most"], 3);
    assert_eq!(json["completeness"]["laws_known"], 0);
    let (_, out, _) = run(&["complete", "-", "--dims", "h=1..5"], MODEL);
    assert!(out.contains("at most h laws"), "{out}");
}

#[test]
fn discovered_actions_are_written_into_the_model() {
    let bare: String = MODEL.lines().filter(|line| !line.starts_with("action")).collect::<Vec<_>>().join("\n");
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("annotated.eqv");
    let (status, out, err) = run(&["discover", "-", "-o", path.to_str().expect("UTF-8")], &bare);
    assert_eq!((status, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("diagonal torus of rank 3"), "{out}");
    let annotated = std::fs::read_to_string(&path).expect("written");
    let (status, out, _) = run(&["complete", "-"], &annotated);
    assert_eq!(status, 0, "{annotated}\n{out}");
}

/// A document that rests on a rule of the user's own says so when it is replayed; one whose rule is false is rejected, and one that
/// tells a rule of the library otherwise.
#[test]
fn replay_lists_what_is_assumed_and_rejects_what_is_false() {
    let place = tempfile::tempdir().expect("a directory");
    let path = |name: &str| place.path().join(name).display().to_string();
    let replayed = |rule: &str, features: &str| {
        std::fs::write(path("own.rules"), format!("rule own \"because\":\n  {rule}\n")).expect("written");
        let model = format!(
            "model m\ndim d = 3, k = 2, n = 4\nparam W : k x d\ndata X : d x n\noutput F = W * ({features})\nloss any\n\
             action free : g in GL(k) {{ W -> g * W }}\n"
        );
        let written = ["--extra-rules", &path("own.rules"), "--format", "json", "-o", &path("laws.json")];
        let (status, out, err) = run(&[&["derive", "-", "--no-checks"], &written[..]].concat(), &model);
        assert_eq!(status, 0, "{out}{err}");
        run(&["replay", &path("laws.json")], "")
    };
    let (status, out, _) = replayed("relu(?X) => ?X", "X - X");
    assert!(status == 0 && !out.contains("assumed"), "{out}");
    let (status, out, _) = replayed("relu(?X) => ?X", "relu(X) - X");
    assert!(status == 1 && out.contains("it assumes the rule own, which is false"), "{out}");
    let (status, out, _) = replayed("silu(?X) => ?X .* sigmoid(?X)", "silu(X) - X .* sigmoid(X)");
    assert!(status == 0 && out.contains("assumed, not proved: the rule own"), "{out}");
}

#[test]
fn a_page_tells_its_command_and_a_day_only_where_one_is_given() {
    let page = |day: Option<&str>| {
        let mut command = binary();
        command.args(["derive", "examples/softmax_classifier.eqv", "--seed", "3", "--format", "html"]);
        match day {
            Some(day) => command.env("SOURCE_DATE_EPOCH", day),
            None => command.env_remove("SOURCE_DATE_EPOCH"),
        };
        crate::run::run(&mut command, std::path::Path::new(crate::common::ROOT))
    };
    let plain = page(None);
    assert_eq!((plain.status, plain.stderr.as_str()), (0, ""));
    let told = "<code>equilaw derive examples/softmax_classifier.eqv --seed 3 --format html</code>";
    let version = env!("CARGO_PKG_VERSION");
    assert!(plain.stdout.contains(&format!("Derived by equilaw {version}: {told}</p>")), "{}", &plain.stdout[..9000]);
    assert_eq!(plain.stdout, page(None).stdout);
    let dated = page(Some("1795737600"));
    assert_eq!(dated.stdout, plain.stdout.replace(told, &format!("{told}, 2026-11-27")));
    assert_eq!(page(Some("")).stdout, plain.stdout);
    let wrong = page(Some("tomorrow"));
    assert_eq!(wrong.status, 2);
    assert!(wrong.stderr.contains("SOURCE_DATE_EPOCH: `tomorrow` is no number of seconds"), "{}", wrong.stderr);
}

#[test]
fn a_page_draws_what_is_quickly_computed_of_its_instance() {
    let derive = |arguments: &[&str]| {
        equilaw(&[&["derive", "examples/softmax_classifier.eqv", "--format", "html"], arguments].concat())
    };
    let page = derive(&[]).stdout;
    assert_eq!(page.matches("<svg class=\"plot\"").count(), 2);
    assert_eq!(page.matches("<figure>").count(), page.matches("</svg>\n<figcaption>").count());
    for forbidden in ["http:", "https:", "xmlns=", "url("] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    for arguments in [&["--no-checks"][..], &["--dims", "d=200,k=200,n=200"]] {
        let page = derive(arguments);
        assert_eq!(page.status, 0, "{}", page.stderr);
        assert!(!page.stdout.contains("class=\"plot\"") && !page.stdout.contains("At an instance"), "{arguments:?}");
    }
}

#[test]
fn the_style_has_what_a_fragment_uses() {
    let style = equilaw(&["style"]);
    assert_eq!((style.status, style.stderr.as_str()), (0, ""));
    assert!(style.stdout.starts_with("\\NeedsTeXFormat{LaTeX2e}\n\\ProvidesPackage{equilaw}"), "{}", style.stdout);
    let fragment = equilaw(&["derive", "examples/softmax_classifier.eqv", "--no-checks", "--format", "latex"]).stdout;
    assert!(
        fragment.contains("\\begin{equilaw}{Softmax classifier}") && !fragment.contains("\\newcommand"),
        "{fragment}"
    );
}
