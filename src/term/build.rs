//! Building, copying and substituting formulas. Every formula made here is hash-consed: equal subterms are one node.

use super::{Args, Expr, Op, Rational, Shape, Size, Symbol, Term};
use egg::{Id, Language};
use num_traits::{One, Signed, Zero};
use rustc_hash::FxHashMap;
use std::collections::HashMap;

/// A formula under construction.
#[derive(Default, Clone, Debug)]
pub struct Builder {
    nodes: Vec<Term>,
    memo: FxHashMap<Term, Id>,
}

impl Builder {
    /// Adds a node whose arguments are already here.
    pub fn add(&mut self, node: Term) -> Id {
        if let Some(&id) = self.memo.get(&node) {
            return id;
        }
        let id = Id::from(self.nodes.len());
        self.nodes.push(node.clone());
        self.memo.insert(node, id);
        id
    }

    pub fn op(&mut self, op: Op, args: &[Id]) -> Id {
        self.add(Term::op(op, args))
    }

    /// Copies a whole formula in and returns its root.
    pub fn copy(&mut self, expr: &Expr) -> Id {
        self.copy_with(expr, |_, _| None)
    }

    /// A node that is here already.
    pub fn known(&self, node: &Term) -> Option<Id> {
        self.memo.get(node).copied()
    }

    /// The root of a formula all of whose nodes are here already.
    pub fn find(&self, expr: &Expr) -> Option<Id> {
        let mut ids: Vec<Id> = Vec::with_capacity(expr.len());
        for node in expr.as_ref() {
            ids.push(*self.memo.get(&node.clone().map_children(|c| ids[usize::from(c)]))?);
        }
        ids.last().copied()
    }

    /// Copies a formula, replacing each node for which `replace` returns an id of this builder.
    pub fn copy_with(&mut self, expr: &Expr, mut replace: impl FnMut(&mut Builder, &Term) -> Option<Id>) -> Id {
        self.reserve(expr.len());
        let mut ids: Vec<Id> = Vec::with_capacity(expr.len());
        for node in expr.as_ref() {
            let id = match replace(self, node) {
                Some(id) => id,
                None => self.add(node.clone().map_children(|c| ids[usize::from(c)])),
            };
            ids.push(id);
        }
        *ids.last().expect("a formula has at least one node")
    }

    /// Gives up all nodes and keeps their room.
    pub fn clear(&mut self) {
        self.nodes.clear();
        self.memo.clear();
    }

    /// Makes room for so many nodes more.
    pub fn reserve(&mut self, more: usize) {
        self.nodes.reserve(more);
        self.memo.reserve(more);
    }

    /// The nodes so far, in order.
    pub fn nodes(&self) -> &[Term] {
        &self.nodes
    }

    /// The formula rooted at `root`, without the nodes it does not use.
    pub fn finish(&self, root: Id) -> Expr {
        let mut out: Vec<Term> = Vec::with_capacity(usize::from(root) + 1);
        // No two nodes are equal here, so that none has to be looked up.
        depth_first(&self.nodes, root, |node| {
            out.push(node);
            Id::from(out.len() - 1)
        });
        // Formulas are kept for long.
        out.shrink_to_fit();
        Expr::from(out)
    }

    /// The formula of all nodes, where these came in the order of a walk from its root.
    fn whole(mut self, root: Id) -> Expr {
        debug_assert_eq!(Expr::from(self.nodes.clone()), self.finish(root));
        self.nodes.shrink_to_fit();
        Expr::from(self.nodes)
    }
}

/// The formula rooted at a node of another one. Its nodes stand in the order of a depth-first walk, arguments from left
/// to right, so that formulas are equal as data exactly when they are equal as terms.
pub fn subterm(expr: &Expr, root: Id) -> Expr {
    rooted(expr.as_ref(), root)
}

fn rooted(nodes: &[Term], root: Id) -> Expr {
    let mut out = Builder::default();
    depth_first(nodes, root, |node| out.add(node));
    Expr::from(out.nodes)
}

/// Hands over the nodes below a root, arguments first and from left to right, each once, with their arguments by the ids
/// that were returned for them.
fn depth_first(nodes: &[Term], root: Id, mut add: impl FnMut(Term) -> Id) {
    let mut ids: Vec<Option<Id>> = vec![None; usize::from(root) + 1];
    let mut stack = vec![(root, 0)];
    while let Some((id, visited)) = stack.pop() {
        if ids[usize::from(id)].is_some() {
            continue;
        }
        let node = &nodes[usize::from(id)];
        if let Some(&child) = node.children().get(visited) {
            stack.extend([(id, visited + 1), (child, 0)]);
        } else {
            let node = node.clone().map_children(|c| ids[usize::from(c)].expect("arguments come first"));
            ids[usize::from(id)] = Some(add(node));
        }
    }
}

/// The root node of a formula.
pub fn root(expr: &Expr) -> &Term {
    &expr[expr.root()]
}

/// The arguments of the root of a formula, as formulas.
pub fn arguments(expr: &Expr) -> Vec<Expr> {
    root(expr).children().iter().map(|&c| subterm(expr, c)).collect()
}

/// A formula made of one node without arguments.
pub fn leaf(node: Term) -> Expr {
    let mut expr = Expr::default();
    expr.add(node);
    expr
}

pub fn sym(name: Symbol) -> Expr {
    leaf(Term::Sym(name))
}

pub fn num(value: Rational) -> Expr {
    leaf(Term::num(value))
}

pub fn int(value: i64) -> Expr {
    num(Rational::from_integer(value.into()))
}

pub fn ratio(numerator: i64, denominator: i64) -> Expr {
    num(Rational::new(numerator.into(), denominator.into()))
}

/// A size as a formula.
pub fn size(size: Size) -> Expr {
    leaf(Term::Size(size))
}

/// The formula of a size in its names and numbers: a sum of products.
pub fn expanded(size_of: Size) -> Expr {
    let Size::Formula(formula) = size_of else { return size(size_of) };
    let powers = |names: &[Symbol]| -> Vec<Expr> {
        let power = |run: &[Symbol]| match run.len() {
            1 => size(Size::Name(run[0])),
            n => apply(Op::Pow, &[&size(Size::Name(run[0])), &num(Rational::from_integer(n.into()))]),
        };
        names.chunk_by(|a, b| a == b).map(power).collect()
    };
    let product = |(names, c): (&[Symbol], i64)| match powers(names).into_iter().reduce(|x, y| mul(&x, &y)) {
        Some(product) => scaled(Rational::from_integer(c.into()), &product),
        None => int(c),
    };
    formula.monomials().map(product).reduce(|x, y| add(&x, &y)).unwrap_or_else(|| int(0))
}

/// An operator applied to formulas.
pub fn apply(op: Op, args: &[&Expr]) -> Expr {
    let mut out = Builder::default();
    let ids: Args = args.iter().map(|a| out.copy(a)).collect();
    let id = out.add(Term::Op(op, ids));
    out.whole(id)
}

/// An elementwise function applied to a formula.
pub fn call_elementwise(function: Symbol, x: &Expr) -> Expr {
    apply(Op::Apply, &[&leaf(Term::Fun(function)), x])
}

pub fn add(x: &Expr, y: &Expr) -> Expr {
    apply(Op::Add, &[x, y])
}

pub fn mul(x: &Expr, y: &Expr) -> Expr {
    apply(Op::Mul, &[x, y])
}

/// `c * x`; `x` itself for c = 1, and a number for a number.
pub fn scaled(c: Rational, x: &Expr) -> Expr {
    match root(x) {
        _ if c.is_one() => x.clone(),
        Term::Num(value) => num(c * &**value),
        _ => mul(&num(c), x),
    }
}

pub fn neg(x: &Expr) -> Expr {
    scaled(-Rational::one(), x)
}

pub fn sub(x: &Expr, y: &Expr) -> Expr {
    add(x, &neg(y))
}

pub fn transpose(x: &Expr) -> Expr {
    apply(Op::T, &[x])
}

pub fn inner(x: &Expr, y: &Expr) -> Expr {
    apply(Op::Inner, &[x, y])
}

pub fn zeros(shape: Shape) -> Expr {
    apply(Op::Zeros, &[&size(shape.rows), &size(shape.cols)])
}

/// The sum of formulas of one shape; `zeros` of that shape when there is none.
pub fn sum_of(terms: &[Expr], shape: Shape) -> Expr {
    let mut out = Builder::default();
    let ids: Vec<Id> = terms.iter().map(|term| out.copy(term)).collect();
    let sum = ids.into_iter().rev().reduce(|rest, term| out.op(Op::Add, &[term, rest]));
    sum.map_or_else(|| zeros(shape), |sum| out.whole(sum))
}

/// Whether the formula is a literal zero.
pub fn is_zero(expr: &Expr) -> bool {
    match root(expr) {
        Term::Num(value) => value.is_zero(),
        Term::Op(Op::Zeros, _) => true,
        _ => false,
    }
}

/// Replaces symbols by formulas.
pub fn substitute(expr: &Expr, images: &HashMap<Symbol, Expr>) -> Expr {
    if !symbols(expr).any(|name| images.contains_key(&name)) {
        return expr.clone();
    }
    let mut out = Builder::default();
    let mut done: FxHashMap<Symbol, Id> = FxHashMap::default();
    let id = out.copy_with(expr, |out, node| match node {
        Term::Sym(name) => images.get(name).map(|image| match done.get(name) {
            Some(&id) => id,
            None => {
                let id = out.copy(image);
                done.insert(*name, id);
                id
            }
        }),
        _ => None,
    });
    out.finish(id)
}

/// Whether a symbol occurs in a formula.
pub fn mentions(expr: &Expr, name: Symbol) -> bool {
    symbols(expr).any(|symbol| symbol == name)
}

/// The symbols of a formula, in the order of its nodes; each once where equal nodes are shared.
pub fn symbols(expr: &Expr) -> impl Iterator<Item = Symbol> {
    expr.as_ref().iter().filter_map(|node| match node {
        Term::Sym(name) => Some(*name),
        _ => None,
    })
}

/// The summands of a formula with their rational coefficients, signs and nested sums opened up; zeros are dropped.
pub fn summands(expr: &Expr) -> Vec<(Rational, Expr)> {
    fn walk(expr: &Expr, id: Id, coefficient: Rational, out: &mut Vec<(Rational, Expr)>) {
        match &expr[id] {
            Term::Op(Op::Add, args) => {
                walk(expr, args[0], coefficient.clone(), out);
                walk(expr, args[1], coefficient, out);
            }
            Term::Op(Op::Mul, args) => match &expr[args[0]] {
                Term::Num(c) => walk(expr, args[1], coefficient * &**c, out),
                _ => out.push((coefficient, subterm(expr, id))),
            },
            Term::Op(Op::Zeros, _) => {}
            Term::Num(c) if c.is_zero() => {}
            _ => out.push((coefficient, subterm(expr, id))),
        }
    }
    let mut out = Vec::new();
    walk(expr, expr.root(), Rational::one(), &mut out);
    out.retain(|(c, _)| !c.is_zero());
    out
}

/// The factors of a product chain, products on either side opened up.
pub fn factors(expr: &Expr) -> Vec<Expr> {
    fn walk(expr: &Expr, id: Id, out: &mut Vec<Expr>) {
        match &expr[id] {
            Term::Op(Op::Mul, args) => {
                walk(expr, args[0], out);
                walk(expr, args[1], out);
            }
            _ => out.push(subterm(expr, id)),
        }
    }
    let mut out = Vec::new();
    walk(expr, expr.root(), &mut out);
    out
}

/// Whether the leading coefficient of a formula is negative, so that it prints after a minus sign.
pub fn is_negative(expr: &Expr) -> bool {
    match root(expr) {
        Term::Num(value) => value.is_negative(),
        Term::Op(Op::Mul, args) => matches!(&expr[args[0]], Term::Num(c) if c.is_negative()),
        _ => false,
    }
}
