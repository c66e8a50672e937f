//! The words all formats share: what is claimed of an action, how many laws there are, what became of a check.

use super::formulas::Formulas;
use super::obstacle::{self, Told};
use super::prose::{Prose, prose};
use crate::job::Absent;
use crate::kernel::{ActionKind, Element, Hypothesis, Law, LawRow, Rule, Statement, Structure};
use crate::law::ProvedAction;
use crate::model::{Action, Loss, Model, Property, Variable};
use crate::term::print::Line;
use crate::term::{Expr, Facts, Op, Rational, Size, Symbol, Term, sym, symbols};
use crate::{ActionReport, Report, Status};
use num_traits::{Signed, ToPrimitive};
use std::collections::HashSet;
use std::time::Duration;

/// `1 step`, `4 steps`.
pub(super) fn counted(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// That a search was cut short by time.
pub fn late(limit: Duration) -> String {
    let seconds = limit.as_secs_f64();
    format!(
        "A search stopped at its limit of {seconds} s: what it would have found is missing, and depends on the machine."
    )
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn enumerated(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [front @ .., last] => format!("{} and {last}", front.join(", ")),
    }
}

/// The kind an action claims to be, or was proved to be, as the JSON output names it.
pub(super) fn action_kind(action: &ActionReport) -> &'static str {
    match &action.status {
        Status::Proved(proved) => proved.kind.name(),
        _ if action.action.loss.is_some() => ActionKind::LossEquivariance.name(),
        _ if action.action.output.is_some() => ActionKind::Equivariance.name(),
        _ => ActionKind::Invariance.name(),
    }
}

/// Whether the claim is about the loss and not about the output.
pub(super) fn concerns_loss(model: &Model, action: &ActionReport) -> bool {
    match &action.status {
        Status::Proved(proved) => matches!(proved.kind, ActionKind::LossInvariance | ActionKind::LossEquivariance),
        _ => claims_loss(model, &action.action),
    }
}

fn claims_loss(model: &Model, action: &Action) -> bool {
    action.output.is_none() && (action.loss.is_some() || matches!(model.loss, Loss::Explicit(_)))
}

/// `proved in 4 steps`, `REFUTED: …`, `not proved: …`.
pub(super) fn status(action: &ActionReport) -> String {
    match &action.status {
        Status::Proved(action) => proved(action),
        Status::Refuted(example) => format!(
            "REFUTED: it is false that {}, residual {} (seed {})",
            example.claim,
            residual(example.residual),
            example.seed
        ),
        Status::Unproved(unproved) => {
            format!("not proved that {}: {}", unproved.claim, obstacle::reason(&unproved.reason))
        }
    }
}

/// `proved in 4 steps`; with rules of the user's own, `proved in 4 steps, assuming half`.
pub(super) fn proved(action: &ProvedAction) -> String {
    let assumed: Vec<String> = action.assumed().into_iter().map(|rule| rule.name.clone()).collect();
    let assumed = if assumed.is_empty() { String::new() } else { format!(", assuming {}", enumerated(&assumed)) };
    match action.steps {
        // Bookkeeping is not counted, and some proofs are nothing else.
        0 => format!("proved{assumed}"),
        n => format!("proved in {}{assumed}", counted(n, "step")),
    }
}

/// The sizes that occur in a parameter, at the instance of the checks.
pub(super) fn parameter_sizes(report: &Report) -> Vec<(&str, u64)> {
    let shapes = report.model.params.iter().flat_map(|p| [p.shape.rows, p.shape.cols]);
    let used: Vec<Size> = shapes.chain(report.model.indices.iter().map(|index| index.range)).collect();
    // One of a family of sizes is used where any of them is.
    let base = |name: &'static str| name.split('[').next().unwrap_or_default();
    let stem = |name: &str| name.split('[').next().unwrap_or_default().to_string();
    let is_used = |name: &str| used.iter().any(|s| s.names().iter().any(|n| base(n.as_str()) == stem(name)));
    report.dims.iter().filter(|(name, _)| is_used(name)).map(|(name, n)| (name.as_str(), *n)).collect()
}

/// A residual with two digits, `3.1e-15`.
pub(super) fn residual(value: f64) -> String {
    if value == 0.0 { "0".into() } else { format!("{value:.1e}") }
}

/// `Checks  14 of 14 passed, worst residual 3.1e-15 (seed 0)`, without the heading.
pub(super) fn checks(report: &Report) -> String {
    let passed = report.checks.iter().filter(|c| c.passed).count();
    let measured = || report.checks.iter().filter(|c| c.measured);
    let worst = measured().map(|c| c.residual).fold(0.0, |worst: f64, r| {
        // A residual that is not a number is the worst of all.
        if r.is_nan() || worst.is_nan() { f64::NAN } else { worst.max(r) }
    });
    let all = measured().count();
    let skipped = match report.checks.len() - all {
        0 => String::new(),
        n => format!(", {n} not measured"),
    };
    format!("{passed} of {all} passed{skipped}, worst residual {} (seed {})", residual(worst), report.seed)
}

/// A drift, which is rarely known to more than its order of magnitude.
pub(super) fn drift(value: f64) -> String {
    if value >= 0.01 { format!("{value:.2}") } else { residual(value) }
}

/// `8 of 8 hold, worst drift 3.1e-11 (seed 0)`, without the heading.
pub(super) fn flows(report: &Report) -> String {
    let followed: Vec<_> = report.flows.iter().filter(|flow| flow.followed()).collect();
    let held = followed.iter().filter(|flow| flow.passed()).count();
    let worst = followed.iter().fold(0.0f64, |worst, flow| worst.max(flow.worst()));
    let skipped = report.flows.len() - followed.len();
    let skipped = if skipped == 0 { String::new() } else { format!(", {skipped} not followed") };
    let all = followed.len();
    format!("{held} of {all} hold{skipped}, worst drift {} (seed {})", residual(worst), report.seed)
}

/// What is assumed of the loss, the data and the parameters: `for every differentiable loss of F and every X, with U positive`.
pub(super) fn generality(report: &Report, name: impl Fn(crate::term::Symbol) -> String) -> String {
    let model = &report.model;
    let data: Vec<String> = model.given().map(|d| name(d.name)).collect();
    let data = enumerated(&data);
    let data = if data.is_empty() { data } else { format!("every {data}") };
    let positive = model.params.iter().filter(|p| p.facts.contains(Facts::POSITIVE)).map(|p| name(p.name));
    let positive = enumerated(&positive.collect::<Vec<_>>());
    let positive = if positive.is_empty() { positive } else { format!("with {positive} positive") };
    let divisors = enumerated(&divisors(model).into_iter().map(&name).collect::<Vec<_>>());
    let nonzero = if divisors.is_empty() { divisors } else { format!("with {divisors} not zero") };
    let held: Vec<String> = model.data.iter().filter(|d| d.stopped).map(|d| name(d.name)).collect();
    let held = enumerated(&held);
    let held = if held.is_empty() { held } else { format!("with {held} held constant by derivatives") };
    let for_every = match (&model.loss, &model.output) {
        (Loss::Any, Some(output)) => {
            let loss = format!("every differentiable loss of {}", name(output.name));
            let both = [loss, data].into_iter().filter(|w| !w.is_empty()).collect::<Vec<_>>();
            format!("for {}", both.join(" and "))
        }
        _ if data.is_empty() => String::new(),
        _ => format!("for {data}"),
    };
    [for_every, positive, nonzero, held].into_iter().filter(|w| !w.is_empty()).collect::<Vec<_>>().join(", ")
}

/// The groups of the actions, each once.
pub(super) fn groups(report: &Report) -> Vec<&'static crate::group::Group> {
    let mut out: Vec<&crate::group::Group> = Vec::new();
    for group in report.actions.iter().map(|action| action.action.group.group) {
        if out.iter().all(|known| known.id() != group.id()) {
            out.push(group);
        }
    }
    out
}

/// Of which elements an action is stated that takes positive parameters out of their domain: `for those g that keep V positive, as all near
/// the identity do`. What is derived of its generator holds at every point of the domain, which is open.
pub(super) fn domain(report: &Report, action: &ActionReport) -> Option<Prose> {
    let of = |law: &&Law| law.action() == Some(action.action.name);
    let leaves = |law: &Law| law.hypotheses().contains(&Hypothesis::InDomain);
    report.laws.iter().filter(of).any(leaves).then_some(())?;
    let model = &report.model;
    let formulas = Formulas::new(model, &model.action_env(&action.action));
    let positive = |name: &Symbol| model.param(*name).is_some_and(|p| p.facts.contains(Facts::POSITIVE));
    let moved = action.action.images.iter().map(|(name, _)| *name).filter(positive);
    let moved = Prose::enumerated(moved.map(|name| Prose::math(formulas.name(name))).collect());
    let element = action.action.element.map_or("elements".into(), |g| Prose::math(formulas.name(g)));
    let near = if action.action.group.algebra().is_some() { ", as all near the identity do" } else { "" };
    Some(prose!["for those ", element, " that keep ", moved, " positive", near])
}

/// That the loss does not depend on some parameters.
pub(super) fn idle(model: &Model) -> Option<Prose> {
    let (of, name) = match (&model.loss, &model.output) {
        (Loss::Any, Some(output)) => (sym(output.name), output.name),
        (Loss::Explicit(_), _) => (sym(Model::loss_symbol()), Model::loss_symbol()),
        (Loss::Any, None) => return None,
    };
    let definitions = model.definitions_for(&of);
    let read: HashSet<Symbol> = definitions.iter().flat_map(|d| symbols(&d.expr)).collect();
    let is_idle = |p: &&Variable| !read.contains(&p.name);
    let idle: Vec<&Variable> = model.params.iter().filter(is_idle).collect();
    let formulas = Formulas::of_model(model);
    let name = formulas.name(name);
    if idle.is_empty() {
        return None;
    }
    if idle.len() == model.params.len() {
        return Some(prose![name, " depends on no parameter: none of them moves under gradient flow"]);
    }
    let stays = if idle.len() == 1 { ", which stays where it is" } else { ", which stay where they are" };
    let idle = Prose::enumerated(idle.into_iter().map(|p| Prose::math(formulas.name(p.name))).collect());
    Some(prose![name, " does not depend on ", idle, stays, " under gradient flow"])
}

/// The numbers among parameters and data that the model divides by although they may be zero: at zero there is no loss.
fn divisors(model: &Model) -> Vec<Symbol> {
    let formula = match (&model.loss, &model.output) {
        (Loss::Explicit(loss), _) => model.inline(loss),
        (Loss::Any, Some(output)) => model.inline(&sym(output.name)),
        (Loss::Any, None) => return vec![],
    };
    let divisor = |node: &Term| match node {
        Term::Op(Op::Inv, args) => Some(args[0]),
        Term::Op(Op::Pow, args) => match &formula[args[1]] {
            Term::Num(exponent) if exponent.is_negative() => Some(args[0]),
            _ => None,
        },
        _ => None,
    };
    let divisors: Vec<Symbol> = (formula.as_ref().iter().filter_map(divisor))
        .filter_map(|x| if let Term::Sym(name) = formula[x] { Some(name) } else { None })
        .collect();
    let may_vanish = |v: &&Variable| v.shape.is_scalar() && !v.facts.intersects(Facts::POSITIVE | Facts::INVERTIBLE);
    let numbers = model.params.iter().chain(&model.data).filter(may_vanish).map(|v| v.name);
    numbers.filter(|name| divisors.contains(name)).collect()
}

/// `every function homogeneous of degree 3`.
pub(super) fn property(property: &Property) -> String {
    match property {
        Property::Homogeneous(k) => format!("every differentiable function homogeneous of degree {k}"),
        Property::Odd => "every differentiable odd function".into(),
        Property::Even => "every differentiable even function".into(),
        Property::Smooth => "every differentiable function".into(),
    }
}

/// The element of the Lie algebra a law is quantified by.
pub(super) fn element(law: &Law) -> Option<&Element> {
    match law.statement() {
        Statement::Equations { element, .. } => element.as_ref(),
        Statement::Kernel { generators, .. } => generators.first().map(|g| &g.element),
        Statement::Structure(
            Structure::Sharpness { element, .. }
            | Structure::Third { element, .. }
            | Structure::Alignment { element, .. }
            | Structure::Flattest { element, .. },
        ) => Some(element),
        Statement::Conserved { .. }
        | Statement::Rate { .. }
        | Statement::Damped { .. }
        | Statement::Step { .. }
        | Statement::Expected { .. }
        | Statement::Structure(_) => None,
    }
}

/// The number a formula in the sizes has at the report's instance.
pub(super) fn value(report: &Report, formula: &Expr) -> Option<Rational> {
    report.model.number(formula, &report.model.sizes(&report.dims).ok()?)
}

/// How many independent components a law has at the instance, when it was measured and is not what the formula says.
pub(super) fn fewer(report: &Report, law: &Law) -> Option<usize> {
    let independent = law.independent()?;
    let formula = value(report, law.components()).and_then(|v| v.is_integer().then(|| v.to_integer().to_usize())?);
    (formula != Some(independent)).then_some(independent)
}

/// Whether the error signal occurs in a law.
pub(super) fn mentions_error(law: &Law) -> bool {
    mentions(law, Op::Err)
}

/// Whether an operator occurs in a law.
pub(super) fn mentions(law: &Law, op: Op) -> bool {
    let occurs = |e: &Expr| e.as_ref().iter().any(|node| matches!(node, Term::Op(found, _) if *found == op));
    match law.statement() {
        Statement::Equations { equations, .. } => equations.iter().any(|(lhs, rhs)| occurs(lhs) || occurs(rhs)),
        Statement::Rate { rate, .. } => occurs(rate),
        Statement::Damped { force, .. } => occurs(force),
        Statement::Step { change, .. } | Statement::Expected { change, .. } => occurs(change),
        Statement::Conserved { .. } | Statement::Kernel { .. } | Statement::Structure(_) => false,
    }
}

/// What was not derived, the ids that share a reason together, in the order of the first of each.
pub(super) fn missing(all: &[Absent]) -> Vec<(Prose, Vec<String>)> {
    let mut groups: Vec<(Prose, Vec<String>)> = Vec::new();
    for Told { id, reason, .. } in all.iter().map(obstacle::absent) {
        match groups.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, ids)) if ids.contains(&id) => {}
            Some((_, ids)) => ids.push(id),
            None => groups.push((reason, vec![id])),
        }
    }
    groups
}

/// The sources in a file's header: the lines that begin with `Source:`, each with the lines that are moved in below it.
pub(super) fn sources(model: &Model) -> Vec<String> {
    header_entries(model).into_iter().filter_map(|(source, text)| source.then_some(text)).collect()
}

/// What else a file's header says.
pub(super) fn header(model: &Model) -> Prose {
    // What a file says of its own laws is no introduction.
    let about = |text: &str| ["Expected:", "Incomplete:"].iter().any(|key| text.starts_with(key));
    let others = header_entries(model).into_iter().filter(|(source, text)| !source && !about(text));
    others.fold(Prose::default(), |said, (_, text)| said.join(Prose::marked(&text)))
}

/// The lines of the header, sources with their continuation; whether each is a source.
fn header_entries(model: &Model) -> Vec<(bool, String)> {
    let mut out: Vec<(bool, String)> = Vec::new();
    for line in &model.header {
        let text = line.trim();
        let source = text.strip_prefix("Source:").or_else(|| text.strip_prefix("Sources:"));
        match (source, out.last_mut()) {
            (Some(source), _) => out.push((true, source.trim().to_string())),
            (None, Some((true, last))) if (line.starts_with("  ") || is_unfinished(last)) && !text.is_empty() => {
                last.push(' ');
                last.push_str(text);
            }
            (None, _) if !text.is_empty() => out.push((false, text.to_string())),
            (None, _) => {}
        }
    }
    out
}

/// Whether a source goes on in the next line: a title is open, or more is announced.
fn is_unfinished(source: &str) -> bool {
    !source.matches('"').count().is_multiple_of(2) || source.ends_with([',', ';'])
}

/// What holds besides a kernel law when the output itself is invariant: its Jacobian vanishes on the generators.
pub(super) fn everywhere(report: &Report, law: &Law) -> Option<Prose> {
    let names: Vec<_> = match law.statement() {
        Statement::Kernel { generators, .. } => generators.iter().map(|g| g.action).collect(),
        // A kernel that T3 says of every point.
        statement if law.row() == LawRow::HessianImage && statement.is_zero() => law.action().into_iter().collect(),
        _ => return None,
    };
    let fixes_output = |action: &ActionReport| match &action.status {
        Status::Proved(proved) => proved.kind == ActionKind::Invariance || proved.output_invariant == Some(true),
        Status::Refuted(_) | Status::Unproved(_) => false,
    };
    let everywhere = names.iter().all(|name| report.actions.iter().any(|a| a.action.name == *name && fixes_output(a)));
    let kernel = " at every point: a kernel of the Gauss–Newton and Fisher matrices too";
    // What says so of an action may assume what the law itself does not.
    let mut assumed: Vec<&Rule> = Vec::new();
    for action in report.actions.iter().filter(|a| names.contains(&a.action.name)) {
        let Status::Proved(proved) = &action.status else { continue };
        let told = |rule: &Rule| law.claim().hypotheses().rules().any(|name| name.as_str() == rule.name);
        for rule in proved.assumed().into_iter().filter(|rule| !told(rule)) {
            if assumed.iter().all(|known| known.name != rule.name) {
                assumed.push(rule);
            }
        }
    }
    let assuming = if assumed.is_empty() { Prose::default() } else { prose![", ", super::words::assuming(&assumed)] };
    everywhere.then(|| prose![Line::from("J[ξ] = 0"), kernel, assuming])
}
