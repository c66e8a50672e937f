//! One instance of a rule: formulas for both sides, and matrices for the names in them.

use super::variables::{Assignment, NAMES, Role, Variable, Variables};
use crate::eval::{Sizes, concrete};
use crate::kernel::{Predicate, Rule, computed_size, computed_sizes};
use crate::term::{
    Builder, Emptiness, Env, Expr, FUNCTIONS, Facts, Function, Op, Rational, Shape, Size, Symbol, Term, apply,
    arithmetic, leaf, num, size, sym,
};
use egg::{ENodeOrVar, Id, Language, PatternAst, Var};
use num_traits::One;
use rand::Rng;
use rand::seq::IndexedRandom;
use std::collections::{BTreeMap, HashMap};

/// What the variables that are not matrices stand for.
#[derive(Clone, Debug, Default)]
pub(super) struct Choice {
    pub functions: BTreeMap<Var, Expr>,
    pub numbers: BTreeMap<Var, Rational>,
    /// Whether matrices that may be positive are: the domain of logarithms and roots.
    pub positive: bool,
}

/// Declared functions with exactly one property each.
fn declared() -> Vec<(Symbol, Function)> {
    let degree = |n: i64, d: i64| Some(Rational::new(n.into(), d.into()));
    let plain = Function::default();
    vec![
        ("cubic".into(), Function { homogeneous: degree(3, 1), ..plain.clone() }),
        ("root".into(), Function { homogeneous: degree(1, 2), ..plain.clone() }),
        ("inverse".into(), Function { homogeneous: degree(-1, 1), ..plain.clone() }),
        ("odd".into(), Function { odd: true, ..plain.clone() }),
        ("even".into(), Function { even: true, ..plain.clone() }),
        ("smooth".into(), plain),
    ]
}

fn base_env() -> Env {
    let mut env = Env::default();
    declared().into_iter().for_each(|(name, function)| env.declare_activation(name, function));
    env
}

/// Every elementwise function a function variable may stand for, with the number its degree binds.
pub(super) fn functions(rule: &Rule, variable: &Variable) -> Vec<(Expr, Option<(Var, Rational)>)> {
    let env = base_env();
    let names = FUNCTIONS.iter().map(|row| Symbol::from(row.name)).chain(declared().into_iter().map(|d| d.0));
    let plain: Vec<Expr> = names.map(|name| leaf(Term::Fun(name))).collect();
    let derivatives: Vec<Expr> = plain.iter().map(|f| apply(Op::Deriv, &[f])).collect();
    let mut all = Vec::new();
    for f in plain.into_iter().chain(derivatives) {
        let Some(known) = crate::term::infer(&env, &f).ok().and_then(|data| data.function) else { continue };
        let mut bound = None;
        let holds = rule.conditions.iter().all(|condition| {
            let about = condition.arguments.first().is_some_and(|a| a.as_ref() == [ENodeOrVar::Var(variable.var)]);
            let value = match condition.predicate {
                _ if !about => return true,
                Predicate::Odd => known.odd,
                Predicate::Even => known.even,
                predicate => {
                    let Some(number) = predicate.number() else { return true };
                    match (number(&known), condition.arguments.get(1).map(|a| a.as_ref())) {
                        (Some(number), Some([ENodeOrVar::Var(var)])) => {
                            bound = Some((*var, number.clone()));
                            true
                        }
                        (Some(number), Some([ENodeOrVar::ENode(Term::Num(wanted))])) => *number == **wanted,
                        _ => false,
                    }
                }
            };
            value != condition.negated
        });
        if holds {
            all.push((f, bound));
        }
    }
    all
}

impl Choice {
    /// The environment of the formulas: every matrix under its variable's name.
    pub fn env(&self, variables: &Variables, assignment: &Assignment) -> Env {
        let mut env = base_env();
        for (var, shape) in assignment {
            if let Some(variable) = variables.get(*var).filter(|v| v.role != Role::Size) {
                env.declare(symbol(*var), *shape, self.facts(variable, *shape));
            }
        }
        env
    }

    /// The facts of a variable's matrix: those the rule asks for, and those a power needs.
    pub fn facts(&self, variable: &Variable, shape: Shape) -> Facts {
        let mut facts = variable.facts;
        if variable.base {
            facts |= if self.positive { Facts::POSITIVE_DIAGONAL } else { Facts::DIAGONAL };
        }
        let mut signed = Facts::SKEW | Facts::ORTHOGONAL | Facts::SIGNED_PERMUTATION | Facts::CENTRED | Facts::PLANES;
        if !shape.is_scalar() {
            signed |= Facts::DIAGONAL | Facts::POSITIVE_DIAGONAL;
        }
        if self.positive && !facts.closed(false).intersects(signed) {
            facts |= Facts::POSITIVE;
        }
        facts
    }
}

/// The name of a variable's matrix.
pub(super) fn symbol(var: Var) -> Symbol {
    Symbol::from(var.to_string().trim_start_matches('?'))
}

/// One side of a rule with its variables replaced; exponents are computed.
pub(super) fn build(side: &PatternAst<Term>, variables: &Variables, choice: &Choice, assignment: &Assignment) -> Expr {
    let mut out = Builder::default();
    let mut ids: Vec<Id> = Vec::with_capacity(side.len());
    let computed = computed_sizes(side);
    let shape = |var: Var| assignment.iter().find(|(v, _)| *v == var).map(|(_, shape)| *shape);
    for (i, node) in side.as_ref().iter().enumerate() {
        let id = match node {
            // What is no size at these sizes has no shape either: a size for which nothing fits.
            _ if computed.contains(&Id::from(i)) => {
                let value = computed_size(side, Id::from(i), &|var| Some(shape(var)?.rows), &shape);
                out.add(Term::Size(value.unwrap_or(Size::Name("none".into()))))
            }
            ENodeOrVar::Var(var) => out.copy(&value(*var, variables, choice, assignment)),
            ENodeOrVar::ENode(node) => {
                let node = node.clone().map_children(|c| ids[usize::from(c)]);
                match &node {
                    Term::Op(op @ (Op::Pow | Op::HadPow), args) => {
                        let exponent = number(&out, args[1]).map_or(args[1], |q| out.add(Term::num(q)));
                        out.op(*op, &[args[0], exponent])
                    }
                    _ => out.add(node),
                }
            }
        };
        ids.push(id);
    }
    let root = *ids.last().expect("a pattern has at least one node");
    out.finish(root)
}

/// The value of a formula in exact numbers.
fn number(out: &Builder, id: Id) -> Option<Rational> {
    match &out.nodes()[usize::from(id)] {
        Term::Num(value) => Some(Rational::clone(value)),
        Term::Op(op, args) if args.len() == 2 => arithmetic(*op, &number(out, args[0])?, &number(out, args[1])?),
        _ => None,
    }
}

fn value(var: Var, variables: &Variables, choice: &Choice, assignment: &Assignment) -> Expr {
    match variables.get(var).map(|v| v.role) {
        Some(Role::Function) => choice.functions.get(&var).cloned().unwrap_or_else(|| leaf(Term::Fun("smooth".into()))),
        Some(Role::Number) => num(choice.numbers.get(&var).cloned().unwrap_or_else(Rational::one)),
        Some(Role::Size) => {
            let rows = assignment.iter().find(|(v, _)| *v == var).map(|(_, shape)| shape.rows);
            size(rows.unwrap_or(Size::Lit(1)))
        }
        _ => sym(symbol(var)),
    }
}

/// Random numbers for the number variables that no function binds.
pub(super) fn draw_numbers(variables: &Variables, choice: &mut Choice, rng: &mut impl Rng) {
    const NUMBERS: [(i64, i64); 9] = [(-2, 1), (-1, 1), (-1, 2), (0, 1), (1, 3), (1, 2), (1, 1), (2, 1), (3, 1)];
    for variable in variables.with_role(Role::Number) {
        let integers = variable.facts.contains(Facts::INTEGER);
        let fitting: Vec<_> = NUMBERS.iter().filter(|(_, d)| *d == 1 || !integers).collect();
        if let Some((n, d)) = fitting.choose(rng) {
            choice.numbers.entry(variable.var).or_insert_with(|| Rational::new((*n).into(), (*d).into()));
        }
    }
}

/// Numbers from 1 to 4 for the names of sizes; 1 less often, where many rules say little.
pub(super) fn draw_sizes(rng: &mut impl Rng) -> Sizes {
    NAMES.iter().map(|name| (Symbol::from(*name), *[1, 2, 2, 3, 3, 3, 4, 4].choose(rng).unwrap_or(&2))).collect()
}

/// A matrix for every name, and the direction in which it moves: none for a constant one.
pub(super) struct Point<M> {
    pub values: HashMap<Symbol, M>,
    pub directions: HashMap<Symbol, M>,
}

/// Draws a point with `random`, which is given rows, columns and facts; `None` where no matrix of these sizes has them.
pub(super) fn point<M>(
    variables: &Variables,
    choice: &Choice,
    assignment: &Assignment,
    sizes: &Sizes,
    mut random: impl FnMut(usize, usize, Facts) -> Result<M, Emptiness>,
) -> Option<Point<M>> {
    let mut point = Point { values: HashMap::new(), directions: HashMap::new() };
    // The differential of a matrix keeps the linear structure of the set it ranges over, and nothing else.
    let linear = Facts::SYMMETRIC | Facts::SKEW | Facts::DIAGONAL;
    for (var, shape) in assignment {
        let Some(variable) = variables.get(*var).filter(|v| v.role != Role::Size) else { continue };
        let (Ok(rows), Ok(cols)) = (concrete(shape.rows, sizes), concrete(shape.cols, sizes)) else { continue };
        let facts = choice.facts(variable, *shape).closed(shape.is_scalar());
        point.values.insert(symbol(*var), random(rows, cols, facts).ok()?);
        if !facts.contains(Facts::CONSTANT) {
            point.directions.insert(symbol(*var), random(rows, cols, facts & linear).ok()?);
        }
    }
    Some(point)
}
