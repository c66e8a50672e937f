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

/// A gradient at such sizes takes seconds and gigabytes, a trajectory thousands of gradients.
#[test]
fn a_trajectory_and_a_spectrum_at_sizes_that_are_not_measured_are_refused() {
    for command in ["flow", "spectrum", "check"] {
        let ran = equilaw(&[command, "examples/relu_mlp.eqv", "--dims", "n=1000000"]);
        assert_eq!(ran.status, 2, "{command}");
        assert!(ran.stderr.trim_end().ends_with("n = 1000000: choose smaller sizes with --dims"), "{}", ran.stderr);
    }
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

#[test]
fn a_file_is_laid_out_in_place_and_only_where_it_has_to_be() {
    let directory = tempfile::tempdir().expect("a directory");
    let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).expect("written");
    write("untidy.eqv", &MODEL.replace("param W1 : h x d", "param   W1:h x d  # the first"));
    let fmt = |arguments: &[&str]| run(binary().arg("fmt").args(arguments), directory.path());
    let told = fmt(&["--check", "untidy.eqv"]);
    assert_eq!((told.status, told.stdout.as_str()), (1, "untidy.eqv\n"));
    assert_eq!(fmt(&["untidy.eqv"]).status, 0);
    let tidy = std::fs::read_to_string(directory.path().join("untidy.eqv")).expect("read");
    assert!(tidy.contains("\nparam W1 : h x d # the first\nparam W2 : k x h\ndata  X  : d x n\n"), "{tidy}");
    assert_eq!(fmt(&["--check", "untidy.eqv"]).status, 0);
    write("broken.eqv", "model m\nparam W :\n");
    assert_eq!(fmt(&["untidy.eqv", "broken.eqv"]).status, 2);
}

/// Of every model that is read here: the layout is one, keeps each comment, and the model is the same.
#[test]
fn the_layout_of_a_model_is_the_same_model() {
    let folders =
        ["examples", "examples/theorems", "examples/new", "examples/architectures", "tests/language", "tests/symmetry"];
    let files = folders.iter().flat_map(|folder| {
        let entries = std::fs::read_dir(Path::new(crate::common::ROOT).join(folder)).expect("a folder");
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.extension().is_some_and(|e| e == "eqv"))
    });
    let mut count = 0;
    for path in files {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(&path).expect("read");
        let after = equilaw::internals::language::format(&name, &text).expect("a model");
        let model = |text: &str| equilaw::Model::parse(&name, text).expect("a model").to_string();
        assert_eq!(model(&text), model(&after), "{name}");
        assert_eq!(after, equilaw::internals::language::format(&name, &after).expect("a model"), "{name}");
        let words = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        assert_eq!(words(&text), words(&after), "{name}");
        count += 1;
    }
    assert!(count > 80, "{count}");
}

#[test]
fn a_watched_file_is_checked_again_when_it_changes() {
    use std::io::{BufRead, BufReader};
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("m.eqv");
    std::fs::write(&path, MODEL).expect("written");
    let mut command = binary();
    command.args(["check", "--watch", "--no-flows", "m.eqv"]).current_dir(directory.path());
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines().map(|line| line.expect("text"));
    let mut until = |words: &str| lines.find(|line| line.contains(words)).is_some();
    assert!(until("watching m.eqv"));
    std::fs::write(&path, format!("{MODEL}let\n")).expect("written");
    assert!(until("expected") && until("watching m.eqv"));
    std::fs::write(&path, MODEL.replace("rescale", "scaled")).expect("written");
    assert!(until("watching m.eqv"));
    child.kill().expect("it ran until now");
    child.wait().expect("it ends");
    assert_eq!(inside(directory.path(), &["check", "--watch", "-"]).0, 2);
}

/// Every layer of the menu, behind one that has weights and before one that reads it.
#[test]
fn a_new_model_has_laws_and_replaces_no_file() {
    let directory = tempfile::tempdir().expect("a directory");
    let on = |arguments: &[&str]| run(binary().args(arguments), directory.path());
    let list = on(&["new", "--list"]).stdout;
    let names: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.len() > 10, "{list}");
    for name in names {
        let layers = format!("linear,{name},linear");
        assert_eq!(on(&["new", name, "--layers", &layers]).status, 0, "{name}");
        let file = format!("{name}.eqv");
        assert_eq!(on(&["fmt", "--check", &file]).status, 0, "{name}");
        let derived = on(&["derive", &file, "--no-complete"]);
        assert_eq!(derived.status, 0, "{name}: {}{}", derived.stdout, derived.stderr);
    }
    let before = std::fs::read_to_string(directory.path().join("relu.eqv")).expect("read");
    let again = on(&["new", "relu", "--layers", "linear"]);
    assert_eq!((again.status, again.stderr.as_str()), (2, "error: relu.eqv: is there already; choose another name\n"));
    assert_eq!(before, std::fs::read_to_string(directory.path().join("relu.eqv")).expect("read"));
    for (arguments, told) in [
        (["new", "two-layers"], "no name of a model"),
        (["new", "--layers=lineer"], "did you mean `linear`?"),
        (["new", "--layers=relu"], "weights"),
    ] {
        let ran = on(&arguments);
        assert!(ran.status == 2 && ran.stderr.contains(told), "{}", ran.stderr);
    }
}
