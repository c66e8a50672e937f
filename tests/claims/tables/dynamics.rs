//! The rows of the dynamics: each is in the reference, can be asked for, and has laws that say its equation of motion.

use super::paragraph;
use crate::BOOK;
use equilaw::internals::model::{DYNAMICS, Dynamics, Inside, Model};
use equilaw::internals::report::{TextOptions, text as written};
use equilaw::{Options, derive};

#[test]
fn every_dynamics_is_read_has_laws_and_is_in_the_reference() {
    let paragraph = paragraph("**Dynamics.**");
    for row in DYNAMICS {
        let asked = if row.plain.is_some() {
            row.name.to_string()
        } else {
            format!("{} {{ U : quadratic, V : quadratic }}", row.name)
        };
        let text = format!(
            "model m\ndim m = 3, n = 4, r = 2\nparam U : m x r\nparam V : n x r\noutput F = U * V'\nloss any\n\
             dynamics {asked}\naction basis : D in Diag+(r) {{ U -> U * D; V -> V * inv(D) }}\n"
        );
        let model = Model::parse("m.eqv", &text).unwrap_or_else(|e| panic!("{}", e.render(false, 100)));
        assert_eq!(model.inside().dynamics.iter().map(Dynamics::name).collect::<Vec<_>>(), [row.name]);
        let report = derive(&model, &BOOK, &Options::default()).expect("a report");
        let asked = |d: &Dynamics| d.name() == row.name;
        assert!(report.inside().laws.iter().any(|law| law.dynamics().is_some_and(asked)), "{} has no law", row.name);
        let told = written(&report, TextOptions { proof: true, all: true, ..TextOptions::default() });
        let mut equations = [Some(row.equation), row.decayed].into_iter().flatten();
        assert!(equations.any(|equation| told.contains(equation)), "{} is not stated: {told}", row.equation);
        assert!(paragraph.contains(&format!("`{}", row.name)), "{} is not in the reference", row.name);
    }
}
