//! Awkward names: distinct things are written distinctly in every format, and a name in the code has one meaning.

use crate::derived;
use equilaw::Report;
use equilaw::internals::job::Status;
use equilaw::internals::kernel::Hyperparameters;
use equilaw::internals::model::Inside;
use equilaw::internals::report::{Formulas, numpy};
use equilaw::internals::term::print::{Line, PythonNames};
use equilaw::internals::term::{Op, apply, sym};
use std::collections::BTreeMap;

/// Names that read like letters of the reports, like each other, or like what code calls a gradient.
const AWKWARD: &[&[&str]] = &[
    &["lambda", "eta", "gamma", "t"],
    &["λ", "lambda", "η", "ξ"],
    &["theta", "xi", "alpha", "beta"],
    &["W1", "W_1", "W1_", "W"],
    &["W", "grad_W", "grad_W_", "dot_W"],
    &["W1", "U_W1", "V_W1", "hess_W1"],
    &["Q", "K", "V", "S"],
    &["H", "Q", "L", "E"],
    &["G", "G1", "G_1", "W1"],
    &["e", "I", "N", "J"],
    &["lambda", "lambda_", "lambda_1", "t_1"],
    &["U", "A", "B", "D_2"],
    &["psi", "M", "loss_", "np_"],
];

/// A model of four parameters and two `let`s of these names, with three actions.
fn awkward(names: &[&str], lets: [&str; 2]) -> Report {
    let [p, q, r, s] = names else { panic!("four names") };
    let [x, y] = lets;
    derived(&format!(
        "model m\ndim d = 2, h = 3, k = 2, n = 4\nparam {p} : h x d\nparam {q} : k x h\nparam {r} : h\nparam {s} : k\ndata X : d x n\n\
         let {x} = relu(diag({r}) * {p} * X)\nlet {y} = {q} * {x} + {s} * ones(1, n)\noutput F = {y} + {y}\nloss any\n\
         dynamics weight_decay\ndynamics heavy_ball\ndynamics gradient_descent\ndynamics sgd\n\
         action rescale : D in Diag+(h) {{ {p} -> D * {p}; {q} -> {q} * inv(D) }}\n\
         action gain : a in Scale {{ {r} -> a * {r}; {p} -> a^-1 * {p} }}\n\
         action permute : P in Perm(h) {{ {p} -> P * {p}; {q} -> {q} * P'; {r} -> P * {r} }}\n"
    ))
}

/// The reports of every set of names, as names of parameters and of `let`s.
fn awkward_reports() -> Vec<Report> {
    let plain = |i: usize| ["Y1", "Y2", "Y3", "Y4"][i];
    let lets = |i: usize| {
        let names: &[&str] = AWKWARD[i];
        [[names[0], names[1]], [names[2], names[3]]]
            .map(|lets| awkward(&[plain(0), plain(1), plain(2), plain(3)], lets))
    };
    let all = AWKWARD.iter().map(|names| awkward(names, ["Y1", "Y2"]));
    let all = all.chain(lets(0)).chain(lets(6)).chain(lets(7));
    all.collect()
}

#[test]
fn distinct_things_are_written_distinctly_in_every_format() {
    for report in awkward_reports() {
        assert!(
            report.actions.iter().all(|a| matches!(a.inside().status, Status::Proved(_))),
            "{}",
            report.inside().model
        );
        assert!(report.inside().laws.len() > 20, "{}", report.inside().model);
        for law in report.inside().laws {
            let formulas = Formulas::of_law(law);
            let params = || report.inside().model.inside().params.iter().map(|p| p.name);
            // Every symbol of the law, and what is written of the parameters.
            let mut meant: Vec<(String, Line)> =
                law.env().names().into_iter().map(|name| (name.to_string(), formulas.name(name))).collect();
            meant.extend(params().map(|p| (format!("grad {p}"), formulas.gradient(p))));
            meant.extend(params().map(|p| (format!("dot {p}"), formulas.formula(&apply(Op::Dot, &[&sym(p)])))));
            meant.extend(
                report.inside().model.inside().dims.iter().map(|d| (format!("size {}", d.name), Line::name(d.name))),
            );
            // The letters of the equations of motion and of the theorems, where no symbol of the law is meant by them.
            let numbers = Hyperparameters::of(report.inside().model);
            let meant_by = [("λ", numbers.decay), ("γ", numbers.friction), ("η", numbers.step), ("t", numbers.time)];
            for letter in ["θ", "ξ", "H", "Q", "V", "S", "K", "λ", "γ", "η", "t", "N", "α", "β"] {
                let own = meant_by.iter().any(|(l, name)| *l == letter && law.env().symbol(*name).is_some());
                meant.extend((!own).then(|| (format!("the letter {letter}"), Line::from(letter))));
            }
            for (format, written) in
                [("text", Line::unicode as fn(&Line) -> String), ("LaTeX", Line::latex), ("HTML", Line::mathml)]
            {
                let mut known: BTreeMap<String, &str> = BTreeMap::new();
                for (what, line) in &meant {
                    if let Some(other) = known.insert(written(line), what) {
                        panic!("{format} writes {what} like {other}, {}\n{}", line.unicode(), report.inside().model);
                    }
                }
            }
        }
    }
}

/// A name in the code has one meaning: it is given or a function, and defined once.
#[test]
fn names_in_code_have_one_meaning() {
    let mut all = String::new();
    for report in awkward_reports() {
        let code = numpy(&report);
        let names = PythonNames::of(report.inside().model.inside().env);
        let mut defined: Vec<String> =
            report.inside().model.inside().env.names().into_iter().map(|n| names.symbol(n)).collect();
        for op in ["grad", "dot", "next", "hess", "vjp"] {
            defined.extend(report.inside().model.inside().params.iter().map(|p| names.quantity(op, p.name)));
        }
        let functions = code.lines().filter_map(|line| line.strip_prefix("def ")?.split_once('('));
        defined.extend(functions.map(|(name, _)| name.to_string()));
        let count = defined.len();
        defined.sort();
        defined.dedup();
        assert_eq!(defined.len(), count, "{code}");
        all.push_str(&code);
    }
    let compiles = "import sys; compile(sys.stdin.read(), 'laws.py', 'exec')";
    let python =
        std::process::Command::new("python3").args(["-c", compiles]).stdin(std::process::Stdio::piped()).spawn();
    let Ok(mut python) = python else { return eprintln!("skipped: no python3") };
    std::io::Write::write_all(&mut python.stdin.take().expect("piped"), all.as_bytes()).expect("written");
    assert!(python.wait().expect("it ends").success());
}
