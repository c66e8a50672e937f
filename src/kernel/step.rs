//! One step of a proof: a rule, at one place of a term, with what its variables stand for.

use super::arena::Arena;
use super::computed::computed_size;
use super::rule::{Condition, Predicate, Rule, Rules};
use super::scope::Setting;
use crate::term::{Argument, Exponent, Expr, Op, Rational, Shape, Size, Symbol, Term, arithmetic};
use egg::{ENodeOrVar, Id, Language, PatternAst, Var};
use num_traits::{One, Zero};
use std::collections::{BTreeMap, HashMap};

/// The previous term equals `term`: they differ in the subterm at `position` only, and there by `by`.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub by: By,
    /// The way from the root to the place: which argument to take.
    pub position: Vec<usize>,
    pub term: Expr,
}

/// Why two terms are equal.
#[derive(Clone, Debug, PartialEq)]
pub enum By {
    /// An instance of a rule, read from left to right or backwards.
    Rule { name: Symbol, forward: bool, instantiation: Vec<(Var, Expr)> },
    /// A definition of the model, an equation given to the proof.
    Given { name: Symbol, forward: bool },
    /// A sum in another order or with like terms collected.
    Sum,
    /// Exact constants evaluated.
    Arithmetic,
}

impl By {
    /// The name of the step.
    pub fn name(&self) -> Symbol {
        match self {
            By::Rule { name, .. } | By::Given { name, .. } => *name,
            By::Sum => SUM.into(),
            By::Arithmetic => ARITHMETIC.into(),
        }
    }
}

/// The name of the step that reorders a sum and collects like terms.
pub const SUM: &str = "sum";
/// The name of the step that evaluates exact constants.
pub const ARITHMETIC: &str = "arithmetic";

/// An equation a proof may use.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// The name of the step; it must not be the name of a rule.
    pub name: Symbol,
    pub lhs: Expr,
    pub rhs: Expr,
    pub origin: Origin,
}

/// Where a given equation comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The definition of a `let`, the output or the loss.
    Definition,
    /// What the differential of a symbol is: the direction of the derivative, on which the equation proved depends.
    Differential,
    /// What a symbol satisfies beyond its facts, as an element of its group.
    Membership,
}

/// Whether a step leads from `before` to `after`.
pub(super) fn follows(arena: &Arena, setting: &Setting, given: &[Given], step: &Step, before: Id, after: Id) -> bool {
    let (mut from, mut to) = (before, after);
    for &at in &step.position {
        let (x, y) = (arena.node(from), arena.node(to));
        if !x.matches(y) || at >= x.children().len() {
            return false;
        }
        let same = (x.children().iter().zip(y.children()).enumerate()).all(|(i, (p, q))| i == at || p == q);
        if !same {
            return false;
        }
        (from, to) = (x.children()[at], y.children()[at]);
    }
    match &step.by {
        By::Sum => linear(arena, from) == linear(arena, to),
        By::Arithmetic => constant(arena, from).is_some_and(|x| constant(arena, to) == Some(x)),
        By::Given { name, forward } => {
            let Some(given) = given.iter().find(|g| g.name == *name) else { return false };
            let (lhs, rhs) = if *forward { (from, to) } else { (to, from) };
            is(arena, lhs, &given.lhs) && is(arena, rhs, &given.rhs)
        }
        By::Rule { name, forward, instantiation } => {
            let Some(rule) = setting.rules().get(*name) else { return false };
            let (lhs, rhs) = if *forward { (from, to) } else { (to, from) };
            instance(arena, rule, instantiation, lhs, rhs)
        }
    }
}

/// The place and the reason by which one step leads from `before` to `after`, for a rule, a given equation or a computation of
/// that name; the outermost place that works.
pub(super) fn locate(
    arena: &Arena,
    setting: &Setting,
    given: &[Given],
    name: Symbol,
    before: Id,
    after: Id,
) -> Option<(By, Vec<usize>)> {
    let (mut from, mut to, mut position) = (before, after, Vec::new());
    loop {
        if let Some(by) = justified(arena, setting, given, name, from, to) {
            return Some((by, position));
        }
        let (x, y) = (arena.node(from), arena.node(to));
        if !x.matches(y) {
            return None;
        }
        let mut differing = x.children().iter().zip(y.children()).enumerate().filter(|(_, (p, q))| p != q);
        match (differing.next(), differing.next()) {
            (Some((at, (p, q))), None) => {
                position.push(at);
                (from, to) = (*p, *q);
            }
            _ => return None,
        }
    }
}

fn justified(arena: &Arena, setting: &Setting, given: &[Given], name: Symbol, from: Id, to: Id) -> Option<By> {
    let ways = [(true, from, to), (false, to, from)];
    if let Some(given) = given.iter().find(|g| g.name == name) {
        let way = ways.into_iter().find(|(_, lhs, rhs)| is(arena, *lhs, &given.lhs) && is(arena, *rhs, &given.rhs));
        return way.map(|(forward, ..)| By::Given { name, forward });
    }
    match name.as_str() {
        SUM => (linear(arena, from) == linear(arena, to)).then_some(By::Sum),
        ARITHMETIC => constant(arena, from).is_some_and(|x| constant(arena, to) == Some(x)).then_some(By::Arithmetic),
        _ => {
            let rule = setting.rules().get(name)?;
            ways.into_iter().find_map(|(forward, lhs, rhs)| {
                let mut bindings = HashMap::new();
                let fits = agrees(arena, &rule.lhs, rule.lhs.root(), lhs, &mut bindings)
                    && agrees(arena, &rule.rhs, rule.rhs.root(), rhs, &mut bindings);
                if !fits || !admits(arena, rule, lhs, rhs, &bindings) {
                    return None;
                }
                let mut instantiation: Vec<(Var, Expr)> =
                    bindings.into_iter().map(|(var, id)| (var, arena.formula(id))).collect();
                instantiation.sort_by_cached_key(|(var, _)| var.to_string());
                Some(By::Rule { name, forward, instantiation })
            })
        }
    }
}

/// Whether a node is this formula.
fn is(arena: &Arena, id: Id, formula: &Expr) -> bool {
    /// Terms of the arena are equal where their ids are, so that every node of the formula is compared with one of them.
    fn go(arena: &Arena, id: Id, formula: &Expr, at: Id, known: &mut HashMap<Id, Id>) -> bool {
        if let Some(&known) = known.get(&at) {
            return known == id;
        }
        let (x, y) = (arena.node(id), &formula[at]);
        let equal =
            x.matches(y) && x.children().iter().zip(y.children()).all(|(p, q)| go(arena, *p, formula, *q, known));
        if equal {
            known.insert(at, id);
        }
        equal
    }
    go(arena, id, formula, formula.root(), &mut HashMap::new())
}

/// Whether `lhs = rhs` is the instance of a rule in which its variables stand for the given formulas, and its conditions
/// are met by what is known of them. A rule is an equation, so an instance may be read both ways.
fn instance(arena: &Arena, rule: &Rule, instantiation: &[(Var, Expr)], lhs: Id, rhs: Id) -> bool {
    let mut bindings: HashMap<Var, Id> = HashMap::new();
    if !agrees(arena, &rule.lhs, rule.lhs.root(), lhs, &mut bindings)
        || !agrees(arena, &rule.rhs, rule.rhs.root(), rhs, &mut bindings)
    {
        return false;
    }
    let told = instantiation.len() == bindings.len()
        && instantiation.iter().all(|(var, value)| bindings.get(var).is_some_and(|id| is(arena, *id, value)));
    told && admits(arena, rule, lhs, rhs, &bindings)
}

/// Whether both sides, matched by a rule's patterns, are equal by it: the conditions hold, what is computed has the value
/// shown, and the shapes agree.
fn admits(arena: &Arena, rule: &Rule, lhs: Id, rhs: Id, bindings: &HashMap<Var, Id>) -> bool {
    arena.data(lhs).shape == arena.data(rhs).shape
        && rule.conditions.iter().all(|condition| holds(arena, condition, bindings))
        && computed(arena, &rule.rhs, rule.rhs.root(), rhs, bindings)
        && computed(arena, &rule.lhs, rule.lhs.root(), lhs, bindings)
}

/// Whether a pattern denotes a term, binding its variables. A computed part – arithmetic in numbers or sizes, `rows(?X)`,
/// `cols(?X)` – is left to [`computed`].
fn agrees(arena: &Arena, pattern: &PatternAst<Term>, at: Id, term: Id, bindings: &mut HashMap<Var, Id>) -> bool {
    match &pattern[at] {
        ENodeOrVar::Var(var) => *bindings.entry(*var).or_insert(term) == term,
        ENodeOrVar::ENode(node) => {
            let target = arena.node(term);
            if is_computed(node, target) {
                return true;
            }
            node.matches(target)
                && (node.children().iter().zip(target.children()).enumerate())
                    .all(|(i, (&p, &t))| is_exponent(pattern, node, i) || agrees(arena, pattern, p, t, bindings))
        }
    }
}

/// Whether an argument of a node of a pattern is an exponent that is computed.
fn is_exponent(pattern: &PatternAst<Term>, node: &Term, argument: usize) -> bool {
    let Term::Op(op, args) = node else { return false };
    let arithmetic = |node: &ENodeOrVar<Term>| matches!(node, ENodeOrVar::ENode(Term::Op(Op::Add | Op::Mul, _)));
    op.argument(argument) == Argument::Exponent && arithmetic(&pattern[args[argument]])
}

/// Whether a node of a pattern is computed where the term has a number or a size.
fn is_computed(node: &Term, target: &Term) -> bool {
    matches!(
        (node, target),
        (Term::Op(Op::Add | Op::Mul | Op::Pow, _), Term::Num(_))
            | (Term::Op(Op::Add | Op::Mul | Op::Rows | Op::Cols, _), Term::Size(_))
    )
}

/// Whether every computed part of a pattern has the value the term shows.
fn computed(arena: &Arena, pattern: &PatternAst<Term>, at: Id, term: Id, bindings: &HashMap<Var, Id>) -> bool {
    let ENodeOrVar::ENode(node) = &pattern[at] else { return true };
    match (node, arena.node(term)) {
        (Term::Op(Op::Add | Op::Mul | Op::Pow, _), Term::Num(value)) => {
            number(arena, pattern, at, bindings).as_ref() == Some(value)
        }
        (Term::Op(Op::Add | Op::Mul | Op::Rows | Op::Cols, _), Term::Size(size)) => {
            let data = |var: Var| bindings.get(&var).map(|id| arena.data(*id));
            let value = computed_size(pattern, at, &|var| data(var)?.size, &|var| Some(data(var)?.shape));
            value == Some(*size)
        }
        (node, target) => (node.children().iter().zip(target.children()).enumerate()).all(|(i, (&p, &t))| {
            if !is_exponent(pattern, node, i) {
                return computed(arena, pattern, p, t, bindings);
            }
            let value = exponent(arena, pattern, p, bindings);
            value.is_some() && value == known_exponent(arena, t)
        }),
    }
}

/// The exact number a pattern denotes.
fn number(arena: &Arena, pattern: &PatternAst<Term>, at: Id, bindings: &HashMap<Var, Id>) -> Option<Rational> {
    match &pattern[at] {
        ENodeOrVar::Var(var) => constant(arena, *bindings.get(var)?),
        ENodeOrVar::ENode(Term::Num(value)) => Some(Rational::clone(value)),
        ENodeOrVar::ENode(Term::Op(op, args)) if args.len() == 2 => {
            arithmetic(*op, &number(arena, pattern, args[0], bindings)?, &number(arena, pattern, args[1], bindings)?)
        }
        ENodeOrVar::ENode(_) => None,
    }
}

/// The polynomial in sizes and indices that a pattern denotes.
fn exponent(arena: &Arena, pattern: &PatternAst<Term>, at: Id, bindings: &HashMap<Var, Id>) -> Option<Exponent> {
    match &pattern[at] {
        ENodeOrVar::Var(var) => known_exponent(arena, *bindings.get(var)?),
        ENodeOrVar::ENode(Term::Num(value)) => Some(Exponent::number(Rational::clone(value))),
        ENodeOrVar::ENode(Term::Op(op, args)) if args.len() == 2 => {
            let of = |at: Id| exponent(arena, pattern, at, bindings);
            Exponent::by(*op, &of(args[0])?, &of(args[1])?)
        }
        ENodeOrVar::ENode(_) => None,
    }
}

/// The one that a term is.
fn known_exponent(arena: &Arena, id: Id) -> Option<Exponent> {
    arena.data(id).exponent().or_else(|| constant(arena, id).map(Exponent::number))
}

/// Whether a condition is met by the terms its arguments are bound to.
fn holds(arena: &Arena, condition: &Condition, bindings: &HashMap<Var, Id>) -> bool {
    let bound = |i: usize| match condition.arguments.get(i).map(|a| a.as_ref()) {
        Some([ENodeOrVar::Var(var)]) => bindings.get(var).copied(),
        _ => None,
    };
    let Some(id) = bound(0) else { return false };
    let data = arena.data(id);
    let function = data.function.as_ref();
    let met = match condition.predicate {
        // Steering, not truth.
        Predicate::Mentions => return true,
        Predicate::Scalar => data.shape.is_scalar(),
        Predicate::Square => data.shape.is_square(),
        Predicate::Column => data.shape.cols == Size::Lit(1),
        Predicate::Row => data.shape.rows == Size::Lit(1),
        Predicate::Plane => data.shape == Shape::square(Size::Lit(2)),
        Predicate::Number => data.constant.is_some(),
        Predicate::Unit => data.size == Some(Size::Lit(1)) || data.constant.as_deref().is_some_and(Rational::is_one),
        Predicate::Function => function.is_some(),
        Predicate::Odd => function.is_some_and(|f| f.odd),
        Predicate::Even => function.is_some_and(|f| f.even),
        Predicate::Fact(fact) => data.facts.contains(fact),
        Predicate::Independent => bound(1).is_some_and(|index| is_independent(data, arena.data(index))),
        Predicate::Below => {
            let sizes = data.size.zip(bound(1).and_then(|id| arena.data(id).size));
            sizes.is_some_and(|(x, y)| y.minus(x).is_some())
        }
        Predicate::Homogeneous | Predicate::Slanted => {
            let number = condition.predicate.number().zip(function).and_then(|(number, f)| number(f));
            let Some(number) = number else { return false };
            let wanted = match condition.arguments.get(1).map(|a| a.as_ref()) {
                Some([ENodeOrVar::ENode(Term::Num(value))]) => Some(Rational::clone(value)),
                _ => bound(1).and_then(|id| constant(arena, id)),
            };
            wanted.as_ref() == Some(number)
        }
    };
    met != condition.negated
}

/// Whether what is known of a term says that it is the same for all values of an index.
fn is_independent(of: &crate::term::Data, index: &crate::term::Data) -> bool {
    index.index.is_some() && of.indices.intersection(index.indices).is_empty()
}

/// A sum as coefficients of its summands; the constant 1 is `None`. Arguments have smaller ids than what they are arguments
/// of, so that the largest id first is met with its whole coefficient, and what is shared is opened once.
fn linear(arena: &Arena, id: Id) -> Vec<(Option<Id>, Rational)> {
    let mut open = BTreeMap::from([(id, Rational::one())]);
    let mut out: BTreeMap<Option<Id>, Rational> = BTreeMap::new();
    let mut add = |to: Option<Id>, c: Rational| *out.entry(to).or_insert_with(Rational::zero) += c;
    while let Some((id, c)) = open.pop_last() {
        match arena.node(id) {
            Term::Op(Op::Add, args) => {
                args.iter().for_each(|arg| *open.entry(*arg).or_insert_with(Rational::zero) += &c);
            }
            Term::Op(Op::Mul, args) if let Term::Num(k) = arena.node(args[0]) => {
                *open.entry(args[1]).or_insert_with(Rational::zero) += c * &**k;
            }
            Term::Op(Op::Zeros, _) => {}
            Term::Num(k) => add(None, c * &**k),
            _ => add(Some(id), c),
        }
    }
    out.into_iter().filter(|(_, c)| !c.is_zero()).collect()
}

/// The value of a formula in exact constants.
fn constant(arena: &Arena, id: Id) -> Option<Rational> {
    match arena.node(id) {
        Term::Num(value) => Some(Rational::clone(value)),
        Term::Op(op, args) if args.len() == 2 => {
            arithmetic(*op, &constant(arena, args[0])?, &constant(arena, args[1])?)
        }
        _ => None,
    }
}

/// Whether a step is bookkeeping.
pub fn is_silent(rules: &Rules, by: &By) -> bool {
    match by {
        By::Sum | By::Arithmetic | By::Given { .. } => true,
        By::Rule { name, .. } => rules.get(*name).is_none_or(|rule| rule.silent),
    }
}
