//! `equilaw flow FILE`.

use super::derive::{Measured, report_of};
use super::error::Error;
use super::options::{Job, TextOrJson};
use super::progress::Progress;
use super::{Verdict, input, output};
use crate::check::{Checker, Drift, Run, follow_laws};
use crate::eval::Sizes;
use crate::kernel::Hyperparameters;
use crate::language::nearest;
use crate::model::{Dynamics, Model};
use crate::numeric::trajectory::{Coefficients, Stopped, is_discrete};
use crate::report::{FlowReport, TextOptions};
use clap::Args;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  equilaw flow examples/relu_mlp.eqv
  equilaw flow model.eqv --dynamics heavy_ball --set gamma=0.2 --time 20
  equilaw flow model.eqv --dynamics gradient_descent --set eta=0.01 --steps 500 --plot drift.svg
  equilaw flow model.eqv --params theta.safetensors --csv drift.csv

Dynamics: gradient_flow, weight_decay (lambda), heavy_ball (gamma), gradient_descent (eta, and lambda for a step with
decay), sgd (eta), mirror (if the model declares its potentials).

Exit status: 0 every law holds; 1 a law drifts, or an action is not proved; 2 the input is wrong, or the trajectory
cannot be followed. A trajectory that a kink of L holds ends there.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The dynamics to follow; the first the model names, else gradient_flow
    #[arg(long, value_name = "NAME")]
    dynamics: Option<String>,
    /// How long to integrate a continuous dynamics [default: 5]
    #[arg(long, value_name = "T", value_parser = time)]
    time: Option<f64>,
    /// How many steps of a discrete dynamics to take [default: 1000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    steps: Option<u64>,
    /// At how many moments after the start the laws are looked at
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    points: u64,
    /// Numbers for the hyper-parameters of the dynamics, by their names in the laws
    #[arg(long, value_name = "NAME=NUMBER,…", value_delimiter = ',', value_parser = number)]
    set: Vec<(String, f64)>,
    /// Start from the parameters, and the data, of a .safetensors file
    #[arg(long, value_name = "FILE")]
    params: Option<PathBuf>,
    /// Write time, loss and the drift of every law as a table
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Plot the drifts against time
    #[arg(long, value_name = "FILE.svg")]
    plot: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t)]
    format: TextOrJson,
    #[command(flatten)]
    job: Job,
}

pub(super) fn run(arguments: &Arguments) -> Result<Verdict, Error> {
    let mut model = input::model(&arguments.job.file)?;
    let dynamics = dynamics(&model, arguments.dynamics.as_deref())?;
    let coefficients = coefficients(&model, &dynamics, &arguments.set)?;
    let times = times(&dynamics, arguments)?;
    // The laws of all dynamics: those of this one, and for contrast what the others conserve.
    let all =
        [Dynamics::GradientFlow, Dynamics::WeightDecay, Dynamics::HeavyBall, Dynamics::GradientDescent, Dynamics::Sgd];
    model.dynamics.retain(|d| matches!(d, Dynamics::Mirror(_)));
    model.dynamics.extend(all);
    let output = &arguments.job.output;
    let quiet = output.quiet;
    let measured = Measured { params: arguments.params.as_deref(), ..Measured::default() };
    let (report, given) = report_of(model, &arguments.job, &measured)?;
    let message = format!("{}: following {}", report.model.name, dynamics.name());
    let run = Run { dynamics, coefficients, times, evaluations: EVALUATIONS };
    let sizes: Sizes = report.dims.iter().map(|(name, n)| (name.as_str().into(), *n as usize)).collect();
    let found = {
        let _progress = Progress::start(message, quiet);
        let checker = Checker::at(&report.model, &sizes, report.seed, &given).map_err(crate::DeriveError::from)?;
        follow_laws(&checker, &report.laws, &run).map_err(crate::DeriveError::from)?
    };
    // Laws hold where L is differentiable: a kink that holds the trajectory is where they end.
    let ends = |stopped: &&Stopped| !matches!(stopped, Stopped::Kink(_)) || found.times.len() < 2;
    if let Some(stopped) = found.stopped.as_ref().filter(ends) {
        return Err(Error::Plain(format!("{}: {stopped}; {}", report.model.name, advice(stopped, &run))));
    }
    let written = FlowReport { report: &report, run: &run, found: &found, given: arguments.params.is_some() };
    if let Some(path) = &arguments.csv {
        output::file(&written.csv(), path)?;
    }
    if let Some(path) = &arguments.plot {
        let plot = written.plot().map_err(|e| Error::Plain(format!("the plot could not be drawn: {e}")))?;
        output::file(&plot, path)?;
    }
    let text = match arguments.format {
        TextOrJson::Text => {
            let (color, width) = (output::in_color(output), output::width());
            written.text(TextOptions { color, width, ..TextOptions::default() })
        }
        TextOrJson::Json => written.json(),
    };
    output::write(&text, output)?;
    let holds = report.is_clean() && found.drifts.iter().all(Drift::passed);
    Ok(if holds { Verdict::Holds } else { Verdict::Fails })
}

/// The dynamics of the name, or the default one.
fn dynamics(model: &Model, name: Option<&str>) -> Result<Dynamics, Error> {
    let declared = |name: &str| model.dynamics.iter().find(|d| d.name() == name).cloned();
    let Some(name) = name else { return Ok(model.dynamics.first().cloned().unwrap_or(Dynamics::GradientFlow)) };
    Ok(match name {
        "gradient_flow" => Dynamics::GradientFlow,
        "weight_decay" => Dynamics::WeightDecay,
        "heavy_ball" => Dynamics::HeavyBall,
        "gradient_descent" => Dynamics::GradientDescent,
        "sgd" => Dynamics::Sgd,
        "mirror" => declared(name).ok_or_else(|| {
            let help = "add `dynamics mirror { W : quadratic }`, with a potential for every parameter";
            Error::Plain(format!("--dynamics: the model declares no potentials for `mirror`; {help}"))
        })?,
        _ => {
            let help = match nearest(name, Dynamics::NAMES) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("they are {}", Dynamics::NAMES.join(", ")),
            };
            return Err(Error::Plain(format!("--dynamics: there is no dynamics `{name}`; {help}")));
        }
    })
}

/// The default numbers of the hyper-parameters, with those that were set. Gradient descent decays only when it is told.
fn coefficients(model: &Model, dynamics: &Dynamics, set: &[(String, f64)]) -> Result<Coefficients, Error> {
    let hyper = Hyperparameters::of(model);
    let [decay, friction, step, _] = hyper.values().map(|(_, value)| value);
    let mut out = Coefficients { decay, friction, step };
    if *dynamics == Dynamics::GradientDescent {
        out.decay = 0.0;
    }
    let own: &[_] = match dynamics {
        Dynamics::WeightDecay => &[hyper.decay],
        Dynamics::HeavyBall => &[hyper.friction],
        Dynamics::GradientDescent => &[hyper.step, hyper.decay],
        Dynamics::Sgd => &[hyper.step],
        Dynamics::GradientFlow | Dynamics::Mirror(_) => &[],
    };
    for (name, value) in set {
        let Some(symbol) = own.iter().find(|own| own.as_str() == name) else {
            let names: Vec<&str> = own.iter().map(|own| own.as_str()).collect();
            let help = match nearest(name, names.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None if names.is_empty() => "it has no hyper-parameters".into(),
                None => format!("it has {}", names.join(" and ")),
            };
            return Err(Error::Plain(format!("--set: {} has no `{name}`; {help}", dynamics.name())));
        };
        let least_excluded = *symbol == hyper.step;
        if *value < 0.0 || least_excluded && *value == 0.0 {
            let bound = if least_excluded { "positive" } else { "not negative" };
            return Err(Error::Plain(format!("--set: {name} has to be {bound}, it is {value}")));
        }
        match *symbol {
            s if s == hyper.decay => out.decay = *value,
            s if s == hyper.friction => out.friction = *value,
            _ => out.step = *value,
        }
    }
    if *dynamics == Dynamics::GradientDescent && out.step * out.decay >= 1.0 {
        return Err(Error::Plain(format!(
            "--set: {} {} has to be below 1, it is {}",
            hyper.step,
            hyper.decay,
            out.step * out.decay
        )));
    }
    Ok(out)
}

/// When the laws are looked at.
fn times(dynamics: &Dynamics, arguments: &Arguments) -> Result<Vec<f64>, Error> {
    let points = arguments.points;
    match (is_discrete(dynamics), arguments.time, arguments.steps) {
        (true, Some(_), _) => {
            Err(Error::Plain(format!("--time: {} moves in steps; say how many with --steps", dynamics.name())))
        }
        (false, _, Some(_)) => Err(Error::Plain(format!(
            "--steps: {} moves in continuous time; say how long with --time",
            dynamics.name()
        ))),
        (true, None, steps) => {
            let steps = steps.unwrap_or(1000);
            let mut times: Vec<u64> = (0..=points).map(|k| k * steps / points).collect();
            times.dedup();
            Ok(times.into_iter().map(|k| k as f64).collect())
        }
        (false, time, None) => {
            let time = time.unwrap_or(5.0);
            Ok((0..=points).map(|k| time * k as f64 / points as f64).collect())
        }
    }
}

/// What may be done about a trajectory that ended early.
fn advice(stopped: &Stopped, run: &Run) -> &'static str {
    match (stopped, is_discrete(&run.dynamics)) {
        (_, true) => "choose a smaller step size with --set, or fewer steps",
        (Stopped::BlowUp(_) | Stopped::Undefined { .. } | Stopped::Kink(_), _) => {
            "choose a shorter --time or another --seed"
        }
        (Stopped::Stiff(_) | Stopped::Work { .. }, _) => "choose a shorter --time or smaller sizes",
    }
}

/// The most gradients of one trajectory.
const EVALUATIONS: usize = 400_000;

/// A time above 0.
fn time(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(t) if t > 0.0 && t <= 1e9 => Ok(t),
        _ => Err("expected a positive number".into()),
    }
}

/// `lambda=0.1`.
fn number(text: &str) -> Result<(String, f64), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=NUMBER, as in gamma=0.5")?;
    match value.trim().parse::<f64>() {
        Ok(value) if value.is_finite() => Ok((name.trim().to_string(), value)),
        _ => Err(format!("`{value}` is not a number")),
    }
}
