//! What the conditions of a rule rest on where a step met them: the shape, the function, or the facts declared of the symbols. It
//! is told for a reader; whether a condition is met the kernel decides.

use super::wire::Condition;
use crate::kernel::{Predicate, Rule, RuleCondition};
use crate::term::{Env, Expr, Facts, Symbol, Term, infer, root};
use egg::{ENodeOrVar, Var};

/// The conditions of a rule, each with what it rests on for these values of the variables.
pub fn conditions(rule: &Rule, with: &[(Var, Expr)], env: &Env) -> Vec<Condition> {
    let met =
        |condition: &RuleCondition| Condition { holds: condition.to_string(), since: grounds(condition, with, env) };
    rule.conditions.iter().map(met).collect()
}

fn grounds(condition: &RuleCondition, with: &[(Var, Expr)], env: &Env) -> Vec<String> {
    let value = match condition.arguments.first().map(|argument| argument.as_ref()) {
        Some([ENodeOrVar::Var(var)]) => with.iter().find(|(name, _)| name == var).map(|(_, value)| value),
        _ => None,
    };
    let Some(value) = value else { return vec![] };
    match condition.predicate {
        Predicate::Scalar | Predicate::Square | Predicate::Plane | Predicate::Column | Predicate::Row => {
            infer(env, value).map_or(vec![], |data| vec![format!("{} x {}", data.shape.rows, data.shape.cols)])
        }
        Predicate::Function | Predicate::Homogeneous | Predicate::Slanted | Predicate::Odd | Predicate::Even => {
            match root(value) {
                Term::Fun(name) => vec![name.to_string()],
                _ => vec![],
            }
        }
        // The value of a variable is a number as it stands, and steering is no condition of truth.
        Predicate::Number | Predicate::Unit | Predicate::Below | Predicate::Mentions | Predicate::Independent => vec![],
        Predicate::Fact(_) if condition.negated => vec![],
        Predicate::Fact(fact) => facts(value, fact, env),
    }
}

/// The fewest facts, of those that imply the others, from which it follows that a formula has a fact: `D: positive_diagonal`. None
/// where every matrix of that form has it.
fn facts(value: &Expr, fact: Facts, env: &Env) -> Vec<String> {
    let mut env = env.clone();
    let mut symbols: Vec<Symbol> = Vec::new();
    for node in value.as_ref() {
        match node {
            Term::Sym(name) if !symbols.contains(name) => symbols.push(*name),
            _ => {}
        }
    }
    let mut out = Vec::new();
    for name in symbols {
        let Some(info) = env.symbol(name).cloned() else { continue };
        let scalar = info.shape.is_scalar();
        let mut needed = info.facts;
        let mut known: Vec<Facts> =
            Facts::NAMED.iter().map(|(_, one)| *one).filter(|one| needed.contains(*one)).collect();
        // One strong fact is told, not the weaker ones that it is made of.
        known.sort_by_key(|one| one.closed(scalar).bits().count_ones());
        for less in known {
            env.declare(name, info.shape, needed - less);
            // What the rest implies is no fact of its own, and what is not needed for the condition is not told.
            if infer(&env, value).is_ok_and(|data| data.facts.contains(fact)) {
                needed -= less;
            }
        }
        env.declare(name, info.shape, needed);
        out.extend((!needed.is_empty()).then(|| format!("{name}: {}", needed.words())));
    }
    out
}
