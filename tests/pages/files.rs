//! Files, pipes and numbers that a command is given: nothing is lost, replaced or read without end.

use crate::run::{binary, equilaw, run};
use std::path::Path;
use std::process::Stdio;

const MODEL: &str = "model pair
dim d = 2, h = 3, k = 2, n = 4
param W1 : h x d
param W2 : k x h
data X : d x n
output F = W2 * relu(W1 * X)
loss any
action rescale : D in Diag+(h) { W1 -> D * W1; W2 -> W2 * inv(D) }
";

/// Runs in a directory that holds the model as `m.eqv`: status and standard error.
fn inside(directory: &Path, arguments: &[&str]) -> (i32, String) {
    std::fs::write(directory.join("m.eqv"), MODEL).expect("written");
    let ran = run(binary().args(arguments), directory);
    (ran.status, ran.stderr)
}

#[test]
fn a_closed_pipe_keeps_the_verdict() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("false.eqv");
    std::fs::write(&path, MODEL.replace("W2 * inv(D)", "W2 * D")).expect("written");
    let mut child = binary()
        .arg("derive")
        .arg(&path)
        .args(["--no-complete"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the command starts");
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("the command ends").code(), Some(1));
}

#[test]
fn an_output_replaces_no_input_and_no_other_output() {
    let directory = tempfile::tempdir().expect("a directory");
    let at = directory.path();
    for arguments in [
        &["derive", "m.eqv", "-o", "m.eqv"][..],
        &["check", "m.eqv", "-o", "./m.eqv"],
        &["discover", "m.eqv", "-o", "m.eqv"],
        &["complete", "m.eqv", "-o", "m.eqv"],
        &["flow", "m.eqv", "--csv", "m.eqv"],
        &["flow", "m.eqv", "--csv", "x", "--plot", "x"],
        &["flow", "m.eqv", "--csv", "x", "-o", "x"],
    ] {
        let (status, err) = inside(at, arguments);
        assert_eq!(status, 2, "{arguments:?}");
        assert!(err.contains("by the same command"), "{arguments:?} {err}");
        assert_eq!(std::fs::read_to_string(at.join("m.eqv")).expect("the model"), MODEL);
    }
    let (status, err) = inside(at, &["flow", "m.eqv", "--time", "0.1", "--csv", "x", "--plot", "none/x.svg"]);
    assert_eq!((status, err.as_str()), (2, "error: none/x.svg: no such file\n"));
    assert!(!at.join("x").exists());
}

#[cfg(unix)]
#[test]
fn a_link_is_followed_and_a_dash_is_standard_output() {
    let directory = tempfile::tempdir().expect("a directory");
    let at = directory.path();
    std::os::unix::fs::symlink("laws.txt", at.join("link")).expect("a link");
    assert_eq!(inside(at, &["derive", "m.eqv", "--no-checks", "--no-complete", "-o", "link"]).0, 0);
    assert!(at.join("link").is_symlink() && at.join("laws.txt").is_file());
    let ran = run(binary().args(["derive", "m.eqv", "--no-checks", "--no-complete", "-o", "-"]), at);
    assert!(ran.stdout.contains("rescale") && !at.join("-").exists());
    let (status, err) = inside(at, &["check", "m.eqv", "--params", "/dev/zero"]);
    assert_eq!((status, err.as_str()), (2, "error: /dev/zero: is a device, not a file\n"));
}

#[test]
fn names_in_errors_are_no_commands_to_a_terminal() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut tensors = br#"{"\u001b[31m":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}"#.to_vec();
    let mut bytes = (tensors.len() as u64).to_le_bytes().to_vec();
    bytes.append(&mut tensors);
    bytes.extend([0; 8]);
    std::fs::write(directory.path().join("t.safetensors"), bytes).expect("written");
    let (status, err) = inside(directory.path(), &["check", "m.eqv", "--params", "t.safetensors"]);
    assert!(status == 2 && !err.contains('\x1b') && err.contains("\\u{1b}[31m"), "{err}");
}

#[test]
fn numbers_that_are_none_are_named() {
    let model = "examples/relu_mlp.eqv";
    let err = |arguments: &[&str]| {
        let ran = equilaw(&[&["derive", model], arguments].concat());
        assert_eq!(ran.status, 2, "{arguments:?}");
        ran.stderr
    };
    assert!(err(&["--seed", "-1"]).contains("expected an integer from 0"));
    assert!(err(&["--max-nodes", "-1"]).contains("expected an integer from 0"));
    assert!(err(&["--dims", "h=3,h=4"]).contains("`h` is given twice"));
    let large = err(&["--dims", "n=1000000"]);
    assert!(large.contains("n = 1000000") && large.contains("more than 4194304"), "{large}");
}

#[test]
fn a_limit_of_time_that_was_met_is_said() {
    let ran = equilaw(&["derive", "examples/attention.eqv", "--no-checks", "--no-complete", "--max-seconds", "0"]);
    assert_eq!(ran.status, 1);
    assert!(ran.stdout.contains("limit of 0 s"), "{}", ran.stdout);
}

#[test]
fn a_flow_that_follows_nothing_is_no_success() {
    let ran = equilaw(&["flow", "examples/relu_mlp.eqv", "--dims", "h=1000"]);
    assert!(ran.status == 1 && ran.stdout.contains("not followed"), "{}", ran.stdout);
}
