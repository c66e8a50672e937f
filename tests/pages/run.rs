//! The binary as a reader runs it.

use crate::common::ROOT;
use assert_cmd::Command;
use std::path::Path;

/// What a run wrote and how it ended.
pub struct Run {
    pub stdout: String,
    pub stderr: String,
    pub status: i32,
}

/// Runs a command in a directory, away from the settings of the terminal that runs the tests.
pub fn run(command: &mut Command, directory: &Path) -> Run {
    command.current_dir(directory).env("NO_COLOR", "1").env_remove("COLUMNS").env_remove("CLICOLOR_FORCE");
    let output = command.output().expect("the command starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the output is UTF-8");
    Run {
        stdout: text(output.stdout),
        stderr: text(output.stderr),
        status: output.status.code().expect("the command is not killed"),
    }
}

/// The binary of this project.
pub fn binary() -> Command {
    Command::new(env!("CARGO_BIN_EXE_equilaw"))
}

/// Runs the binary with arguments at the root of the repository.
pub fn equilaw(arguments: &[&str]) -> Run {
    run(binary().args(arguments), Path::new(ROOT))
}

/// Runs the binary on a model from standard input.
pub fn equilaw_on(model: &str, arguments: &[&str]) -> Run {
    run(binary().args(arguments).write_stdin(model), Path::new(ROOT))
}
