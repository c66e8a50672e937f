//! Sums and arithmetic: the part of associativity and commutativity that is computed instead of searched.
//!
//! Commuting and reassociating n summands by rules costs 2ⁿ e-classes. Here a sum is flattened, like terms are
//! collected, and *one* ordered right-nested form is added to its class, so that equal sums meet there. Beside it stand
//! the forms in which a summand with a factor `ones` or π is last, which is what the shift rules of softmax, the norms, sine
//! and cosine look for.

use super::analysis::{Graph, Knowledge};
use crate::kernel::{ARITHMETIC, SUM};
use crate::term::{Expr, Op, Rational, Symbol, Term, arithmetic, num, zeros};
use egg::{Applier, ENodeOrVar, Id, Language, Pattern, PatternAst, Subst, Var};
use num_traits::{One, Zero};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// How deep a sum is read.
const DEPTH: usize = 64;
/// The most summands a sum is written out with. A proof shows every one of them.
const SUMMANDS: usize = 256;

pub(super) fn rewrites() -> Vec<egg::Rewrite<Term, Knowledge>> {
    let binary = |op: Op| {
        let mut ast = PatternAst::default();
        let x = ast.add(ENodeOrVar::Var(var(0)));
        let y = ast.add(ENodeOrVar::Var(var(1)));
        ast.add(ENodeOrVar::ENode(Term::op(op, &[x, y])));
        Pattern::new(ast)
    };
    let rewrite = |name: &str, op: Op, applier: fn(&mut Graph, Id, &Subst, &PatternAst<Term>) -> Vec<Id>| {
        egg::Rewrite::new(name, binary(op), Custom(applier)).expect("an applier without declared variables binds")
    };
    vec![
        rewrite(SUM, Op::Add, order_sum),
        rewrite(ARITHMETIC, Op::Add, fold_constants),
        rewrite(ARITHMETIC, Op::Mul, fold_constants),
        rewrite(ARITHMETIC, Op::Pow, fold_constants),
    ]
}

struct Custom(fn(&mut Graph, Id, &Subst, &PatternAst<Term>) -> Vec<Id>);

impl Applier<Term, Knowledge> for Custom {
    fn apply_one(
        &self,
        graph: &mut Graph,
        class: Id,
        subst: &Subst,
        ast: Option<&PatternAst<Term>>,
        _: Symbol,
    ) -> Vec<Id> {
        match ast {
            Some(ast) => (self.0)(graph, class, subst, ast),
            None => vec![],
        }
    }
}

fn var(index: usize) -> Var {
    Var::from_u32(index as u32)
}

fn fold_constants(graph: &mut Graph, class: Id, subst: &Subst, ast: &PatternAst<Term>) -> Vec<Id> {
    if graph[class].data.data.constant.is_some() && graph[class].nodes.iter().any(|n| matches!(n, Term::Num(_))) {
        return vec![];
    }
    let constant = |v: Var| graph[subst[v]].data.data.constant.clone();
    let (Some(x), Some(y)) = (constant(var(0)), constant(var(1))) else { return vec![] };
    let Some(ENodeOrVar::ENode(Term::Op(op, _))) = ast.as_ref().last() else { return vec![] };
    let Some(value) = arithmetic(*op, &x, &y) else { return vec![] };
    // The step is stated on the literal constants, so that a replay can see them.
    let mut from = PatternAst::default();
    let a = from.add(ENodeOrVar::ENode(Term::Num(x)));
    let b = from.add(ENodeOrVar::ENode(Term::Num(y)));
    from.add(ENodeOrVar::ENode(Term::op(*op, &[a, b])));
    let mut to = PatternAst::default();
    to.add(ENodeOrVar::ENode(Term::num(value)));
    let (id, changed) = graph.union_instantiations(&from, &to, subst, ARITHMETIC);
    if changed { vec![id] } else { vec![] }
}

/// A linear combination of e-classes, in their order, each once; `None` stands for the constant 1.
type Combination = Vec<(Rational, Option<Id>)>;

/// How a class is read as a sum.
enum Form {
    Number(Arc<Rational>),
    Sum(Id, Id),
    Multiple(Arc<Rational>, Id),
    Zero,
    Summand,
}

/// A class as a linear combination of others, and how many summands its form has when it is written out.
struct Reading {
    form: Form,
    terms: Combination,
    length: usize,
}

/// Reads sums off the e-graph. A class is read once and the same way wherever it occurs: a graph with circles has
/// exponentially many ways to write a sum out, and shared subterms would be written out again and again.
struct Reader<'a> {
    graph: &'a Graph,
    readings: HashMap<Id, Reading>,
    /// The classes being read, in which no form may be that mentions one of them.
    open: Vec<Id>,
}

impl Reader<'_> {
    fn reading(&self, class: Id) -> &Reading {
        &self.readings[&self.graph.find(class)]
    }

    fn is_open(&self, class: Id) -> bool {
        self.open.contains(&self.graph.find(class))
    }

    fn read(&mut self, class: Id) {
        let class = self.graph.find(class);
        if self.readings.contains_key(&class) {
            return;
        }
        self.open.push(class);
        let reading = self.best_reading(class);
        self.open.pop();
        self.readings.insert(class, reading);
    }

    fn best_reading(&mut self, class: Id) -> Reading {
        let graph = self.graph;
        if let Some(value) = graph[class].data.data.constant.clone() {
            return Reading { terms: vec![(Rational::clone(&value), None)], form: Form::Number(value), length: 1 };
        }
        if self.open.len() <= DEPTH
            && let Some(reading) = self.as_sum(class).or_else(|| self.as_multiple(class))
        {
            return reading;
        }
        if graph[class].nodes.iter().any(|n| matches!(n, Term::Op(Op::Zeros, _))) {
            return Reading { form: Form::Zero, terms: vec![], length: 1 };
        }
        Reading { form: Form::Summand, terms: vec![(Rational::one(), Some(class))], length: 1 }
    }

    fn as_sum(&mut self, class: Id) -> Option<Reading> {
        let graph = self.graph;
        let (x, y) = graph[class].nodes.iter().find_map(|node| match node {
            Term::Op(Op::Add, args) if args.iter().all(|a| !self.is_open(*a)) => Some((args[0], args[1])),
            _ => None,
        })?;
        self.read(x);
        self.read(y);
        let (left, right) = (self.reading(x), self.reading(y));
        let length = left.length + right.length;
        let terms = added(&left.terms, &right.terms);
        (length <= SUMMANDS).then_some(Reading { form: Form::Sum(x, y), terms, length })
    }

    fn as_multiple(&mut self, class: Id) -> Option<Reading> {
        let graph = self.graph;
        let (c, x) = graph[class].nodes.iter().find_map(|node| match node {
            Term::Op(Op::Mul, args) if !self.is_open(args[1]) => {
                graph[args[0]].data.data.constant.clone().map(|c| (c, args[1]))
            }
            _ => None,
        })?;
        self.read(x);
        let Reading { terms, length, .. } = self.reading(x);
        let terms = terms.iter().map(|(k, class)| (&*c * k, *class)).filter(|(k, _)| !k.is_zero()).collect();
        Some(Reading { form: Form::Multiple(c, x), terms, length: *length })
    }
}

/// The sum of two linear combinations.
fn added(x: &Combination, y: &Combination) -> Combination {
    let mut out = Combination::with_capacity(x.len() + y.len());
    let (mut x, mut y) = (x.iter().peekable(), y.iter().peekable());
    while let Some((_, next)) = [x.peek(), y.peek()].into_iter().flatten().min_by_key(|(_, class)| *class) {
        let next = *next;
        let here = |(_, class): &&(Rational, Option<Id>)| *class == next;
        let c = [x.next_if(here), y.next_if(here)].into_iter().flatten().map(|(c, _)| c).sum::<Rational>();
        if !c.is_zero() {
            out.push((c, next));
        }
    }
    out
}

/// Forms of sums as patterns, whose variables are the summands.
#[derive(Default)]
struct Patterns {
    subst: Subst,
    variables: BTreeMap<Id, Var>,
}

impl Patterns {
    fn variable(&mut self, class: Id) -> Var {
        let next = var(self.variables.len());
        let known = *self.variables.entry(class).or_insert(next);
        if known == next {
            self.subst.insert(next, class);
        }
        known
    }

    /// The form a class was read in; what occurs twice is written once.
    fn form(&mut self, reader: &Reader<'_>, class: Id, out: &mut PatternAst<Term>, done: &mut HashMap<Id, Id>) -> Id {
        let class = reader.graph.find(class);
        if let Some(&id) = done.get(&class) {
            return id;
        }
        let node = match &reader.reading(class).form {
            Form::Number(value) => ENodeOrVar::ENode(Term::Num(value.clone())),
            Form::Sum(x, y) => {
                let (x, y) = (self.form(reader, *x, out, done), self.form(reader, *y, out, done));
                ENodeOrVar::ENode(Term::op(Op::Add, &[x, y]))
            }
            Form::Multiple(c, x) => {
                let number = out.add(ENodeOrVar::ENode(Term::Num(c.clone())));
                let x = self.form(reader, *x, out, done);
                ENodeOrVar::ENode(Term::op(Op::Mul, &[number, x]))
            }
            Form::Zero => {
                // Stated on the literal zero, so that a replay can see it.
                let id = literal(&zeros(reader.graph[class].data.data.shape), out);
                done.insert(class, id);
                return id;
            }
            Form::Summand => ENodeOrVar::Var(self.variable(class)),
        };
        let id = out.add(node);
        done.insert(class, id);
        id
    }

    fn term(&mut self, out: &mut PatternAst<Term>, (c, class): &(Rational, Option<Id>)) -> Id {
        let number = |out: &mut PatternAst<Term>| out.add(ENodeOrVar::ENode(Term::num(c.clone())));
        let Some(class) = class else { return number(out) };
        let x = ENodeOrVar::Var(self.variable(*class));
        if c.is_one() {
            return out.add(x);
        }
        let (number, x) = (number(out), out.add(x));
        out.add(ENodeOrVar::ENode(Term::op(Op::Mul, &[number, x])))
    }

    /// The right-nested sum of some terms.
    fn chain(&mut self, out: &mut PatternAst<Term>, terms: &[(Rational, Option<Id>)]) -> Option<Id> {
        let (last, front) = terms.split_last()?;
        let mut sum = self.term(out, last);
        for term in front.iter().rev() {
            let x = self.term(out, term);
            sum = out.add(ENodeOrVar::ENode(Term::op(Op::Add, &[x, sum])));
        }
        Some(sum)
    }
}

/// Adds a formula to a pattern.
fn literal(formula: &Expr, out: &mut PatternAst<Term>) -> Id {
    let offset = out.len();
    for node in formula.as_ref() {
        out.add(ENodeOrVar::ENode(node.clone().map_children(|c| Id::from(usize::from(c) + offset))));
    }
    out.root()
}

fn order_sum(graph: &mut Graph, class: Id, subst: &Subst, _: &PatternAst<Term>) -> Vec<Id> {
    let class = graph.find(class);
    let (x, y) = (subst[var(0)], subst[var(1)]);
    let mut reader = Reader { graph, readings: HashMap::new(), open: vec![class] };
    if reader.is_open(x) || reader.is_open(y) {
        return vec![];
    }
    reader.read(x);
    reader.read(y);
    let terms = added(&reader.reading(x).terms, &reader.reading(y).terms);
    let (mut patterns, mut from, mut done) = (Patterns::default(), PatternAst::default(), HashMap::new());
    let left = patterns.form(&reader, x, &mut from, &mut done);
    let right = patterns.form(&reader, y, &mut from, &mut done);
    from.add(ENodeOrVar::ENode(Term::op(Op::Add, &[left, right])));
    let mut targets: Vec<PatternAst<Term>> = Vec::new();
    if terms.is_empty() {
        let shape = graph[class].data.data.shape;
        let zero = if shape.is_scalar() { num(Rational::zero()) } else { zeros(shape) };
        targets.push(zero.as_ref().iter().cloned().map(ENodeOrVar::ENode).collect());
    } else {
        let mut ordered = PatternAst::default();
        patterns.chain(&mut ordered, &terms);
        targets.push(ordered);
        for (i, term) in terms.iter().enumerate() {
            if terms.len() < 2 || !term.1.is_some_and(|c| is_shift(graph, c)) {
                continue;
            }
            let rest: Vec<_> = terms.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, t)| t.clone()).collect();
            let mut shifted = PatternAst::default();
            if let Some(rest) = patterns.chain(&mut shifted, &rest) {
                let last = patterns.term(&mut shifted, term);
                shifted.add(ENodeOrVar::ENode(Term::op(Op::Add, &[rest, last])));
                targets.push(shifted);
            }
        }
    }
    let mut changed = Vec::new();
    for to in targets {
        let (id, did) = graph.union_instantiations(&from, &to, &patterns.subst, SUM);
        if did {
            changed.push(id);
        }
    }
    changed
}

/// Whether a class is known as a product that begins or ends with `ones` or π.
fn is_shift(graph: &Graph, class: Id) -> bool {
    graph[class].nodes.iter().any(|node| match node {
        Term::Op(Op::Mul, args) => {
            args.iter().any(|&a| graph[a].nodes.iter().any(|n| matches!(n, Term::Op(Op::Ones | Op::Pi, _))))
        }
        Term::Op(Op::Ones | Op::Pi, _) => true,
        _ => false,
    })
}
