//! The stable JSON of a report.
//!
//! `statement.text` and `quantity.text` are in the language of models, and each side of each equation parses back:
//! equations `lhs = rhs` are joined by `; `, and with `d` the time derivative a conserved quantity Q is stated as
//! `d(Q) = 0` and a rate as `d(Q) = rate`. Counts are formulas in the sizes. What no equation says (kinds
//! `multiplicity` and `bound`, identities between different points or of the third order, subspaces) is stated in Unicode, and its formulas
//! are in `structure`.

mod assumption;
mod library;
mod replay;
mod schema;
mod structure;

use super::completeness::count_json;
use super::discovery::discovery_json;
use super::families;
use super::formulas::Formulas;
use super::notations::Notations;
use super::obstacle;
use super::phrase;
use crate::certificate::certificate;
use crate::job::Absent;
use crate::kernel;
use crate::report::narrative::{self, ClaimStatement, Proof, Reason, Told};
use crate::term::print::{numpy, text};
use crate::term::{Expr, Op, Symbol, apply, int, sym};
use crate::{ActionReport, Report, Status, model};
pub use library::{library_json, reproductions_json};
pub use replay::{Rejected, Verified, replay};
use schema::*;

/// The JSON Schema of a report.
#[cfg(feature = "cli")]
pub const SCHEMA: &str = include_str!("../../../docs/report.schema.json");

/// A report as JSON, with a newline at the end.
pub fn json(report: &Report) -> String {
    // Every key is a string and every value plain data, which always serializes.
    let mut out = serde_json::to_string_pretty(&document(report)).unwrap_or_default();
    out.push('\n');
    out
}

fn document(report: &Report) -> Document {
    let model = &report.model;
    let notations = Notations::default();
    let proved: Vec<kernel::Proved> = (report.actions.iter())
        .filter_map(|a| match &a.status {
            Status::Proved(proved) => Some(proved.claim.clone()),
            Status::Refuted(_) | Status::Unproved(_) => None,
        })
        .collect();
    Document {
        schema: 1,
        version: env!("CARGO_PKG_VERSION"),
        model: Model {
            name: model.name.to_string(),
            title: model.title.clone(),
            sources: phrase::sources(model),
            dims: report.dims.iter().cloned().collect(),
            params: params(model),
            size: report.size,
        },
        actions: report.actions.iter().map(|a| action(report, a)).collect(),
        laws: report.laws.iter().map(|l| law(l, &notations.of(l))).collect(),
        missing: report.missing.iter().map(missing).collect(),
        time_limit_met: report.late.map(|limit| limit.as_secs_f64()),
        checks: (report.checks.iter())
            .map(|c| Check {
                law: c.law.clone(),
                residual: c.residual,
                tolerance: c.tolerance,
                passed: c.passed,
                measured: (!c.measured).then_some(false),
                instance: Instance { seed: c.seed },
                remark: c.remark.clone(),
            })
            .collect(),
        flows: (report.flows.iter())
            .map(|f| Flow {
                law: f.law.clone(),
                dynamics: f.dynamics,
                drift: f.worst(),
                tolerance: f.tolerance,
                passed: f.passed(),
                reached: f.times.last().copied(),
                instance: Instance { seed: f.seed },
                remark: f.remark.clone(),
            })
            .collect(),
        completeness: report.completeness.as_ref().map(|count| count_json(count, report.larger.as_ref())),
        discovery: report.discovery.as_ref().map(discovery_json),
        // One line: it is for machines.
        certificate: serde_json::value::to_raw_value(&certificate(model, &proved, &report.laws)).unwrap_or_default(),
    }
}

/// The parameters as a document lists them.
fn params(model: &model::Model) -> Vec<Param> {
    let one = |p: &model::Variable| Param {
        name: p.name.to_string(),
        shape: [p.shape.rows.to_string(), p.shape.cols.to_string()],
        index: index(&families::declared(model, &p.indices)),
    };
    model.params.iter().map(one).collect()
}

fn index(indices: &[crate::term::Index]) -> Vec<Index> {
    let one = |index: &crate::term::Index| Index { name: index.name.to_string(), range: index.to_string() };
    indices.iter().map(one).collect()
}

fn action(whole: &Report, report: &ActionReport) -> Action {
    let action = &report.action;
    let mut out = Action {
        name: action.name.to_string(),
        group: action.group.to_string(),
        kind: phrase::action_kind(report),
        status: "proved",
        source: if whole.discovery.is_some() { "discovered" } else { "declared" },
        algebra_dim: action.group.algebra().map_or("0".into(), |a| text(&a.whole().dimension)),
        index: index(&whole.model.indices_of_action(action)),
        hypotheses: None,
        proof: vec![],
        counterexample: None,
        unproved: None,
    };
    match &report.status {
        Status::Proved(proved) => {
            out.hypotheses = super::words::hypotheses_of_action(&proved.claim);
            out.proof = proof_of(&proved.claim);
        }
        Status::Refuted(c) => {
            out.status = "refuted";
            let (claim, seed, residual) = (c.claim.clone(), c.seed, c.residual);
            out.counterexample = Some(Counterexample { claim, seed, residual });
        }
        Status::Unproved(u) => {
            out.status = "unproved";
            out.unproved = Some(Unproved { claim: u.claim.clone(), reason: obstacle::reason(&u.reason) });
        }
    }
    out
}

fn missing(absent: &Absent) -> Missing {
    let obstacle::Told { id, obstacle, reason } = obstacle::absent(absent);
    Missing { id, obstacle, reason: reason.unicode() }
}

/// The steps that prove an action.
fn proof_of(claim: &kernel::Proved) -> Vec<Step> {
    let told = narrative::of_action(claim);
    let chains = told.iter().filter_map(|(claim, _)| match &claim.reason {
        Reason::Rewriting(proof) => Some(chain(proof)),
        Reason::Hypothesis | Reason::Theorem { .. } => None,
    });
    chains.flatten().collect()
}

fn chain(proof: &Proof) -> Vec<Step> {
    let step = |s: &narrative::Step| Step { rule: s.rule.to_string(), reason: s.reason.unicode(), term: text(&s.term) };
    proof.steps.iter().map(step).collect()
}

fn law(law: &kernel::Law, formulas: &Formulas) -> Law {
    let model = law.claim().setting().model();
    let quantity = law.quantity().map(|q| {
        let python = numpy(law.env(), q, &|size| super::python::extent(model, size)).ok();
        let (numpy, arguments) = python.map(|python| (python.code, python.names)).unzip();
        Quantity { text: text(q), latex: formulas.formula(q).latex(), numpy, arguments }
    });
    let generators = match law.statement() {
        kernel::Statement::Kernel { generators, .. } => Some(generators.iter().map(generator).collect()),
        _ => None,
    };
    let structure = match law.statement() {
        kernel::Statement::Structure(said) => Some(structure::structure(model, law.env(), said)),
        _ => None,
    };
    let bound = match law.statement() {
        kernel::Statement::Kernel { generators, .. } => Some(formulas.kernel_bound(law, generators).unicode()),
        _ => None,
    };
    Law {
        id: law.id().to_string(),
        theorem: law.theorem().number(),
        action: law.action().map(|a| a.to_string()),
        dynamics: law.dynamics().map(|d| d.name()),
        order: law.order(),
        kind: law.kind().name(),
        index: index(&families::indices(model, law)),
        statement: Statement { text: statement(model, law, formulas), latex: formulas.sentence(law).latex() },
        quantity,
        generators,
        structure,
        bound,
        components: text(law.components()),
        independent: law.independent(),
        hypotheses: super::words::hypotheses(law).iter().map(|told| told.words.unicode()).collect(),
        assumptions: law.hypotheses().iter().map(assumption::assumption).collect(),
        premises: law.premises().to_vec(),
        remarks: law.remarks().iter().map(|remark| super::words::remark(law, remark).unicode()).collect(),
        steps: claims(&narrative::of_law(law, &[])),
    }
}

/// A law as equations in the language.
fn statement(model: &model::Model, law: &kernel::Law, formulas: &Formulas) -> String {
    let equation = |lhs: &Expr, rhs: &Expr| format!("{} = {}", text(lhs), text(rhs));
    let rate = |quantity: &Expr| apply(Op::Diff, &[quantity]);
    let equations: Vec<String> = match law.statement() {
        kernel::Statement::Equations { equations, .. } => equations.iter().map(|(l, r)| equation(l, r)).collect(),
        kernel::Statement::Conserved { quantity } => vec![equation(&rate(quantity), &int(0))],
        kernel::Statement::Rate { quantity, rate: value } => vec![equation(&rate(quantity), value)],
        kernel::Statement::Damped { quantity, friction, force } => {
            let first = rate(quantity);
            vec![equation(&crate::term::add(&rate(&first), &crate::term::mul(friction, &first)), force)]
        }
        kernel::Statement::Step { quantity, factor, change } => {
            let params: Vec<Symbol> = model.params.iter().map(|p| p.name).collect();
            let (after, rhs) = kernel::Statement::step(quantity, factor.as_ref(), change, &params);
            vec![equation(&after, &rhs)]
        }
        kernel::Statement::Expected { quantity, continuous: true, change } => vec![equation(&rate(quantity), change)],
        kernel::Statement::Expected { quantity, continuous: false, change } => {
            let params: Vec<Symbol> = model.params.iter().map(|p| p.name).collect();
            let (after, rhs) = kernel::Statement::step(quantity, None, change, &params);
            vec![equation(&after, &rhs)]
        }
        kernel::Statement::Kernel { generators, .. } => (generators.iter())
            .flat_map(|g| model.params.iter().map(|p| apply(Op::Hess, &[&sym(p.name), &sym(g.element.symbol)])))
            .map(|block| equation(&block, &int(0)))
            .collect(),
        kernel::Statement::Structure(structure) => {
            return match super::structure::equations(model, structure) {
                Some(equations) => equations.iter().map(|(l, r)| equation(l, r)).collect::<Vec<_>>().join("; "),
                None => formulas.sentence_text(law),
            };
        }
    };
    equations.join("; ")
}

fn generator(generator: &kernel::Generator) -> Generator {
    Generator {
        action: generator.action.to_string(),
        element: generator.element.symbol.to_string(),
        range: generator.element.range.to_string(),
        components: generator.components.iter().map(|(p, value)| (p.to_string(), text(value))).collect(),
    }
}

fn claims(told: &Told) -> Vec<Claim> {
    let claim = |(claim, premises): &(narrative::Claim, Vec<usize>)| {
        let stated = match &claim.statement {
            ClaimStatement::Assumption(words) => words.unicode(),
            ClaimStatement::Transport { name, image } => format!("{name} -> {}", text(image)),
            ClaimStatement::Generator { param, value } => format!("d({param}) = {}", text(value)),
            ClaimStatement::Equation { lhs, rhs } | ClaimStatement::ForAll { lhs, rhs, .. } => {
                format!("{} = {}", text(lhs), text(rhs))
            }
            ClaimStatement::Potential { form, value, .. } => format!("Q = {} = {}", text(form), text(value)),
            ClaimStatement::Conclusion(id) => format!("the law {id}"),
        };
        let (reason, theorem, proof) = match &claim.reason {
            Reason::Hypothesis => ("assumed".to_string(), None, None),
            Reason::Theorem { theorem, words } => (words.unicode(), Some(theorem.number()), None),
            Reason::Rewriting(proof) => ("by rewriting".to_string(), None, Some(proof)),
        };
        Claim {
            claim: stated,
            reason,
            premises: premises.clone(),
            theorem,
            start: proof.map(|p| text(&p.start)),
            chain: proof.map(chain),
        }
    };
    told.iter().map(claim).collect()
}
