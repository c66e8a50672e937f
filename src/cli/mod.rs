//! The command line: one file per subcommand. Nothing else in the crate prints.

mod check;
mod complete;
mod derive;
mod discover;
mod error;
mod flow;
mod fmt;
mod input;
mod interrupt;
mod new;
mod options;
mod output;
mod params;
mod progress;
mod replay;
mod rules;
mod schema;
mod spectrum;
mod style;
mod theorems;
mod verdict;

use clap::{Parser, Subcommand};
use std::ffi::OsString;
use verdict::Verdict;

const EXAMPLES: &str = "\
Examples:
  equilaw new mine --layers linear,relu,linear    a first model, mine.eqv
  equilaw derive mine.eqv                         finds its symmetries, proves and counts its laws
  equilaw derive model.eqv --only hessian         the laws of one topic, dynamics or action
  equilaw derive model.eqv --proof                with every step of every derivation
  equilaw derive model.eqv --format latex --standalone -o laws.tex
  equilaw check model.eqv --dims h=64,d=32        only the numeric checks, at other sizes
  equilaw complete model.eqv                      are these all the conservation laws there are?
  equilaw discover model.eqv                      the symmetries nobody declared
  equilaw flow model.eqv --plot drift.svg         the laws along a trajectory
  equilaw spectrum model.eqv --train 500          the Hessian beside its flat directions
  equilaw theorems --all                          every theorem of the library, reproduced
  equilaw replay laws.json                        is a JSON document what its certificate proves?
  equilaw schema                                  the JSON Schema of such a document
  equilaw style -o equilaw.sty                    the LaTeX style of a paper that inputs articles
  equilaw fmt model.eqv                           the model in one layout
  equilaw rules                                   the algebra that proofs may use

Exit status: 0 everything was proved and passed its check; 1 a claim was refuted or not proved, or a check failed;
2 the input or the usage is wrong; 3 two parts of equilaw contradict each other, which is an error in it to be reported.";

/// Finds the symmetries of a neural network, proves the laws of training that follow, counts whether they are all, and checks each.
#[derive(Parser)]
#[command(name = "equilaw", version, after_help = EXAMPLES, max_term_width = 110)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Find the symmetries of a model, or take those it declares; prove them, derive every law, count and check
    Derive(derive::Arguments),
    /// Write a first model, of layers of a menu, to change
    New(new::Arguments),
    /// Run only the numeric checks of the laws, one line for each
    Check(check::Arguments),
    /// Count the conservation laws there are, and certify that the derived ones are all
    Complete(complete::Arguments),
    /// Find the symmetries of a model that nobody annotated, and prove them
    Discover(discover::Arguments),
    /// Integrate a dynamics and follow every law along the trajectory
    Flow(flow::Arguments),
    /// Compute the spectrum of the Hessian beside what the laws say of it
    Spectrum(spectrum::Arguments),
    /// List the theorem library, or reproduce one of its theorems, or all
    Theorems(theorems::Arguments),
    /// Verify a JSON document of `derive` from itself alone
    Replay(replay::Arguments),
    /// Print the JSON Schema of the documents of `derive`
    Schema(schema::Arguments),
    /// Print the LaTeX style of papers that input what `derive --format latex` writes
    Style(style::Arguments),
    /// Lay out models in one way, without changing what they say
    Fmt(fmt::Arguments),
    /// List the rules that proofs may use
    Rules(rules::Arguments),
}

/// Runs the command that the words of a command line say, the first of which names the program, and returns its exit status.
pub fn run(words: impl IntoIterator<Item = OsString>) -> u8 {
    let words: Vec<OsString> = words.into_iter().collect();
    let command = output::command(&words);
    let arguments = match Arguments::try_parse_from(words) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are asked for; everything else is wrong usage. A closed pipe is no error.
            let _ = error.print();
            return if error.use_stderr() { 2 } else { 0 };
        }
    };
    interrupt::install();
    crate::numeric::split_alike();
    let result = match arguments.command {
        Command::Derive(arguments) => derive::run(&arguments, &command),
        Command::New(arguments) => new::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Complete(arguments) => complete::run(&arguments),
        Command::Discover(arguments) => discover::run(&arguments),
        Command::Flow(arguments) => flow::run(&arguments),
        Command::Spectrum(arguments) => spectrum::run(&arguments),
        Command::Theorems(arguments) => theorems::run(&arguments, &command),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Style(arguments) => style::run(&arguments),
        Command::Fmt(arguments) => fmt::run(&arguments),
        Command::Rules(arguments) => rules::run(&arguments),
    };
    match result {
        Ok(Verdict::Holds) => 0,
        Ok(Verdict::Fails) => 1,
        Err(error) => {
            output::complain(&error);
            if matches!(error, error::Error::Internal(_)) { 3 } else { 2 }
        }
    }
}
