//! Sums and arithmetic: the part of associativity and commutativity that is computed instead of searched.
//!
//! Commuting and reassociating n summands by rules costs 2ⁿ e-classes. Here a sum is flattened, like terms are
//! collected, and *one* ordered right-nested form is added to its class, so that equal sums meet there. Beside it stand
//! the forms in which a summand with a factor `ones` is last, which is what the shift rules of softmax and the norms
//! look for.

use super::analysis::{Graph, Knowledge};
use super::compile::arithmetic;
use crate::kernel::{ARITHMETIC, SUM};
use crate::term::{Op, Rational, Symbol, Term, num, zeros};
use egg::{Applier, ENodeOrVar, Id, Language, Pattern, PatternAst, Subst, Var};
use num_traits::{One, Zero};

const DEPTH: usize = 64;

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
    to.add(ENodeOrVar::ENode(Term::Num(value)));
    let (id, changed) = graph.union_instantiations(&from, &to, subst, ARITHMETIC);
    if changed { vec![id] } else { vec![] }
}

/// One summand of a flattened sum: a coefficient and an e-class, `None` for the constant 1.
struct Summand {
    coefficient: Rational,
    class: Option<Id>,
}

/// Reads a sum off the e-graph: `from` is the pattern of the form it was found in, its variables the summands.
struct Flattened {
    from: PatternAst<Term>,
    subst: Subst,
    summands: Vec<Summand>,
    variables: u32,
}

impl Flattened {
    fn visit(&mut self, graph: &Graph, id: Id, coefficient: &Rational, path: &mut Vec<Id>) -> Id {
        let id = graph.find(id);
        let class = &graph[id];
        if let Some(value) = &class.data.data.constant {
            self.summands.push(Summand { coefficient: coefficient * value, class: None });
            return self.from.add(ENodeOrVar::ENode(Term::Num(value.clone())));
        }
        if path.len() < DEPTH && !path.contains(&id) {
            path.push(id);
            let sum = class.nodes.iter().find_map(|node| match node {
                Term::Op(Op::Add, args) if args.iter().all(|a| !path.contains(&graph.find(*a))) => {
                    Some((args[0], args[1]))
                }
                _ => None,
            });
            if let Some((x, y)) = sum {
                let x = self.visit(graph, x, coefficient, path);
                let y = self.visit(graph, y, coefficient, path);
                path.pop();
                return self.from.add(ENodeOrVar::ENode(Term::op(Op::Add, &[x, y])));
            }
            let multiple = class.nodes.iter().find_map(|node| match node {
                Term::Op(Op::Mul, args) if !path.contains(&graph.find(args[1])) => {
                    graph[args[0]].data.data.constant.clone().map(|c| (c, args[1]))
                }
                _ => None,
            });
            if let Some((c, x)) = multiple {
                let number = self.from.add(ENodeOrVar::ENode(Term::Num(c.clone())));
                let x = self.visit(graph, x, &(coefficient * &c), path);
                path.pop();
                return self.from.add(ENodeOrVar::ENode(Term::op(Op::Mul, &[number, x])));
            }
            path.pop();
        }
        if class.nodes.iter().any(|n| matches!(n, Term::Op(Op::Zeros, _))) {
            // Stated on the literal zero, so that a replay can see it.
            let zero = zeros(class.data.data.shape);
            let offset = self.from.len();
            for node in zero.as_ref() {
                let node = node.clone().map_children(|c| Id::from(usize::from(c) + offset));
                self.from.add(ENodeOrVar::ENode(node));
            }
            return self.from.root();
        }
        self.summands.push(Summand { coefficient: coefficient.clone(), class: Some(id) });
        let v = var(self.variables as usize);
        self.variables += 1;
        self.subst.insert(v, id);
        self.from.add(ENodeOrVar::Var(v))
    }

    /// The summands with like terms collected, ordered by class.
    fn collected(&self) -> Vec<(Rational, Option<Id>)> {
        let mut terms: Vec<(Rational, Option<Id>)> = Vec::new();
        for s in &self.summands {
            match terms.iter_mut().find(|(_, class)| *class == s.class) {
                Some((c, _)) => *c += &s.coefficient,
                None => terms.push((s.coefficient.clone(), s.class)),
            }
        }
        terms.retain(|(c, _)| !c.is_zero());
        terms.sort_by_key(|(_, class)| *class);
        terms
    }

    fn variable(&self, class: Id) -> Option<Var> {
        (0..self.variables).map(|i| var(i as usize)).find(|v| self.subst[*v] == class)
    }

    fn term(&self, out: &mut PatternAst<Term>, (c, class): &(Rational, Option<Id>)) -> Option<Id> {
        let number = |out: &mut PatternAst<Term>| out.add(ENodeOrVar::ENode(Term::Num(c.clone())));
        let Some(class) = class else { return Some(number(out)) };
        let v = self.variable(*class)?;
        if c.is_one() {
            return Some(out.add(ENodeOrVar::Var(v)));
        }
        let number = number(out);
        let x = out.add(ENodeOrVar::Var(v));
        Some(out.add(ENodeOrVar::ENode(Term::op(Op::Mul, &[number, x]))))
    }

    /// The right-nested sum of some terms.
    fn chain(&self, out: &mut PatternAst<Term>, terms: &[(Rational, Option<Id>)]) -> Option<Id> {
        let (last, front) = terms.split_last()?;
        let mut sum = self.term(out, last)?;
        for term in front.iter().rev() {
            let x = self.term(out, term)?;
            sum = out.add(ENodeOrVar::ENode(Term::op(Op::Add, &[x, sum])));
        }
        Some(sum)
    }
}

fn order_sum(graph: &mut Graph, class: Id, subst: &Subst, _: &PatternAst<Term>) -> Vec<Id> {
    let mut sum = Flattened { from: PatternAst::default(), subst: Subst::default(), summands: vec![], variables: 0 };
    let mut path = vec![graph.find(class)];
    let one = Rational::one();
    let x = sum.visit(graph, subst[var(0)], &one, &mut path);
    let y = sum.visit(graph, subst[var(1)], &one, &mut path);
    sum.from.add(ENodeOrVar::ENode(Term::op(Op::Add, &[x, y])));
    let terms = sum.collected();
    let mut targets: Vec<PatternAst<Term>> = Vec::new();
    if terms.is_empty() {
        let shape = graph[class].data.data.shape;
        let zero = if shape.is_scalar() { num(Rational::zero()) } else { zeros(shape) };
        targets.push(zero.as_ref().iter().cloned().map(ENodeOrVar::ENode).collect());
    } else {
        let mut ordered = PatternAst::default();
        if sum.chain(&mut ordered, &terms).is_some() {
            targets.push(ordered);
        }
        for (i, term) in terms.iter().enumerate() {
            if terms.len() < 2 || !term.1.is_some_and(|c| has_ones_factor(graph, c)) {
                continue;
            }
            let rest: Vec<_> = terms.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, t)| t.clone()).collect();
            let mut shifted = PatternAst::default();
            if let Some(rest) = sum.chain(&mut shifted, &rest)
                && let Some(last) = sum.term(&mut shifted, term)
            {
                shifted.add(ENodeOrVar::ENode(Term::op(Op::Add, &[rest, last])));
                targets.push(shifted);
            }
        }
    }
    let mut changed = Vec::new();
    for to in targets {
        let (id, did) = graph.union_instantiations(&sum.from, &to, &sum.subst, SUM);
        if did {
            changed.push(id);
        }
    }
    changed
}

/// Whether a class is known as a product that begins or ends with `ones`.
fn has_ones_factor(graph: &Graph, class: Id) -> bool {
    graph[class].nodes.iter().any(|node| match node {
        Term::Op(Op::Mul, args) => {
            args.iter().any(|&a| graph[a].nodes.iter().any(|n| matches!(n, Term::Op(Op::Ones, _))))
        }
        Term::Op(Op::Ones, _) => true,
        _ => false,
    })
}
