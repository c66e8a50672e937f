//! The form in which formulas are stated: products nested to the left wherever that has a shape, numbers in front, sums
//! without common rational factors.

use crate::term::{
    Argument, Builder, Data, Env, Exponent, Expr, Indices, Op, Rational, Shape, Term, add, apply, factors, infer_node,
    mul, num, root, scaled, subterm, sum_of, summands,
};
use egg::{Id, Language};
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

/// Nests products to the left where that has a shape, so that they print without parentheses.
pub fn tidy(env: &Env, expr: &Expr) -> Expr {
    let mut t = Tidy { env, out: Builder::default(), data: Vec::new() };
    let mut ids: Vec<Id> = Vec::with_capacity(expr.len());
    for node in expr.as_ref() {
        let id = match node {
            Term::Op(Op::Mul, args) => t.product(ids[usize::from(args[0])], ids[usize::from(args[1])]),
            Term::Op(Op::Norm2, args) if t.shape(ids[usize::from(args[0])]).is_some_and(Shape::is_scalar) => {
                let two = t.add(Term::num(Rational::from_integer(2.into())));
                t.add(Term::op(Op::Pow, &[ids[usize::from(args[0])], two]))
            }
            Term::Op(op, args) if !op.row().linear_in.is_empty() => {
                let args: Vec<Id> = args.iter().map(|a| ids[usize::from(*a)]).collect();
                t.linear(*op, args)
            }
            node => t.add(node.clone().map_children(|c| ids[usize::from(c)])),
        };
        ids.push(id);
    }
    let root = *ids.last().expect("a formula has at least one node");
    t.out.finish(root)
}

struct Tidy<'a> {
    env: &'a Env,
    out: Builder,
    data: Vec<Option<Data>>,
}

impl Tidy<'_> {
    fn add(&mut self, node: Term) -> Id {
        let id = self.out.add(node);
        while self.data.len() < self.out.nodes().len() {
            let node = &self.out.nodes()[self.data.len()];
            let known = node.children().iter().all(|&c| self.data[usize::from(c)].is_some());
            let unknown = Data::unknown();
            let data = known
                .then(|| infer_node(self.env, node, |c| self.data[usize::from(c)].as_ref().unwrap_or(&unknown)).ok())
                .flatten();
            self.data.push(data);
        }
        id
    }

    fn shape(&self, id: Id) -> Option<Shape> {
        self.data[usize::from(id)].as_ref().map(|d| d.shape)
    }

    /// `x * y` with numbers gathered in front, scalars before matrices and the product nested to the left:
    /// x * (a * b) becomes (x * a) * b.
    fn product(&mut self, x: Id, y: Id) -> Id {
        let (p, x) = self.split_number(x);
        let (q, y) = self.split_number(y);
        let number = p * q;
        let body = match (x, y) {
            (Some(x), Some(y)) => Some(self.chain(x, y)),
            (x, y) => x.or(y),
        };
        match body {
            None => self.add(Term::num(number)),
            Some(body) if number.is_one() => body,
            Some(body) => {
                let number = self.add(Term::num(number));
                self.add(Term::op(Op::Mul, &[number, body]))
            }
        }
    }

    /// An operation linear in some arguments, with their numbers in front of it.
    fn linear(&mut self, op: Op, mut args: Vec<Id>) -> Id {
        let mut number = Rational::one();
        for &i in op.row().linear_in {
            if let (c, Some(rest)) = self.split_number(args[i]) {
                number *= c;
                args[i] = rest;
            }
        }
        // So do sizes, and values of indices that are not summed over.
        let bound = op.places(|place| place == Argument::Index).map(|at| self.indices(args[at]));
        let bound = bound.fold(Indices::NONE, Indices::union);
        let mut sizes: Option<Exponent> = None;
        for &i in op.row().linear_in {
            if let Some((c, rest)) = self.split_sizes(args[i], bound)
                && let Some(product) = sizes.as_ref().map_or_else(|| Some(c.clone()), |known| known.times(&c))
            {
                (sizes, args[i]) = (Some(product), rest);
            }
        }
        let scalar = |t: &Self, id: Id| t.shape(id).is_some_and(Shape::is_scalar);
        let node = match op {
            Op::Inner if scalar(self, args[0]) => self.product(args[0], args[1]),
            // The inner product is symmetric; the gradient or the error signal stands first.
            Op::Inner if self.is_slope(args[1]) && !self.is_slope(args[0]) => {
                self.add(Term::op(op, &[args[1], args[0]]))
            }
            Op::T if scalar(self, args[0]) => args[0],
            _ => self.add(Term::op(op, &args)),
        };
        let node = match sizes {
            Some(sizes) => {
                let sizes = self.copy(&sizes.expr());
                self.product(sizes, node)
            }
            None => node,
        };
        if number.is_one() {
            return node;
        }
        let number = self.add(Term::num(number));
        self.product(number, node)
    }

    fn copy(&mut self, x: &Expr) -> Id {
        let mut ids: Vec<Id> = Vec::with_capacity(x.len());
        for node in x.as_ref() {
            let id = self.add(node.clone().map_children(|c| ids[usize::from(c)]));
            ids.push(id);
        }
        ids[x.len() - 1]
    }

    fn indices(&self, id: Id) -> Indices {
        self.data[usize::from(id)].as_ref().map_or(Indices::ALL, |data| data.indices)
    }

    /// The sizes, and values of indices but some, that stand in front of a tidied product, and the rest.
    fn split_sizes(&mut self, id: Id, bound: Indices) -> Option<(Exponent, Id)> {
        let Term::Op(Op::Mul, args) = self.out.nodes()[usize::from(id)].clone() else { return None };
        let free = self.indices(args[0]).intersection(bound).is_empty();
        let sizes = self.data[usize::from(args[0])].as_ref().filter(|_| free).and_then(Data::exponent);
        match sizes {
            Some(sizes) => Some((sizes, args[1])),
            None => {
                let (sizes, front) = self.split_sizes(args[0], bound)?;
                Some((sizes, self.product(front, args[1])))
            }
        }
    }

    fn is_slope(&self, id: Id) -> bool {
        matches!(self.out.nodes()[usize::from(id)], Term::Op(Op::Grad | Op::Err, _))
    }

    /// The number in front of a tidied product, and the rest.
    fn split_number(&self, id: Id) -> (Rational, Option<Id>) {
        match &self.out.nodes()[usize::from(id)] {
            Term::Num(c) => (Rational::clone(c), None),
            Term::Op(Op::Mul, args) => match &self.out.nodes()[usize::from(args[0])] {
                Term::Num(c) => (Rational::clone(c), Some(args[1])),
                _ => (Rational::one(), Some(id)),
            },
            _ => (Rational::one(), Some(id)),
        }
    }

    fn chain(&mut self, x: Id, y: Id) -> Id {
        let scalar = |t: &Self, id: Id| t.shape(id).is_some_and(Shape::is_scalar);
        if x == y && scalar(self, x) {
            let two = self.add(Term::num(Rational::from_integer(2.into())));
            return self.add(Term::op(Op::Pow, &[x, two]));
        }
        if scalar(self, y) && !scalar(self, x) {
            return self.chain(y, x);
        }
        if let Term::Op(Op::Mul, args) = self.out.nodes()[usize::from(y)].clone() {
            let (a, b) = (args[0], args[1]);
            let wanted = self.product_shape(x, y);
            if let Some(front) = self.product_shape(x, a)
                && self.combined(front, self.shape(b)) == wanted
                && wanted.is_some()
            {
                let front = self.chain(x, a);
                return self.chain(front, b);
            }
        }
        self.add(Term::op(Op::Mul, &[x, y]))
    }

    fn product_shape(&self, x: Id, y: Id) -> Option<Shape> {
        self.combined(self.shape(x)?, self.shape(y))
    }

    fn combined(&self, x: Shape, y: Option<Shape>) -> Option<Shape> {
        let y = y?;
        if x.is_scalar() {
            Some(y)
        } else if y.is_scalar() {
            Some(x)
        } else {
            (x.cols == y.rows).then(|| Shape::new(x.rows, y.cols))
        }
    }
}

/// Divides out the common rational factor of some summands, so that the coefficients are coprime integers; the first is
/// positive if `sign` is set. Returns the factor.
pub(super) fn primitive(terms: &mut [(Rational, Expr)], sign: bool) -> Rational {
    let mut numerator = BigInt::zero();
    let mut denominator = BigInt::one();
    for (c, _) in terms.iter() {
        numerator = numerator.gcd(c.numer());
        denominator = denominator.lcm(c.denom());
    }
    if numerator.is_zero() {
        return Rational::one();
    }
    let mut factor = Rational::new(numerator, denominator);
    if sign && terms.first().is_some_and(|(c, _)| c.is_negative()) {
        factor = -factor;
    }
    for (c, _) in terms.iter_mut() {
        *c /= &factor;
    }
    factor
}

/// Adds like terms.
pub(super) fn collect(terms: Vec<(Rational, Expr)>) -> Vec<(Rational, Expr)> {
    let mut out: Vec<(Rational, Expr)> = Vec::new();
    for (c, term) in terms {
        match out.iter_mut().find(|(_, t)| *t == term) {
            Some((sum, _)) => *sum += c,
            None => out.push((c, term)),
        }
    }
    out.retain(|(c, _)| !c.is_zero());
    out
}

/// The sum of summands as a formula, tidied.
pub(super) fn total(env: &Env, terms: &[(Rational, Expr)], shape: Shape) -> Expr {
    if terms.is_empty() && shape.is_scalar() {
        return num(Rational::zero());
    }
    let terms = &one_multiple(env, one_sandwich(&one_diagonal(terms)));
    let exprs: Vec<Expr> = terms.iter().map(|(c, t)| scaled(c.clone(), t)).collect();
    let left = exprs.into_iter().reduce(|sum, t| add(&sum, &t));
    left.map_or_else(|| sum_of(&[], shape), |e| tidy(env, &e))
}

/// The sizes and values of indices in front of a tidied product, and the rest.
pub(super) fn split_sizes(env: &Env, x: &Expr) -> (Exponent, Expr) {
    let mut t = Tidy { env, out: Builder::default(), data: Vec::new() };
    let id = t.copy(x);
    match t.split_sizes(id, Indices::NONE) {
        Some((sizes, rest)) => (sizes, t.out.finish(rest)),
        None => (Exponent::number(Rational::one()), x.clone()),
    }
}

/// Adds the summands that differ by sizes in front of them: (n + 1) X − X is n X.
fn one_multiple(env: &Env, terms: Vec<(Rational, Expr)>) -> Vec<(Rational, Expr)> {
    let split: Vec<(Exponent, Expr)> = terms.iter().map(|(_, t)| split_sizes(env, t)).collect();
    if split.iter().all(|(sizes, _)| sizes.constant().is_some()) {
        return terms;
    }
    let mut out: Vec<(Exponent, Expr)> = Vec::new();
    for ((c, _), (sizes, rest)) in terms.iter().zip(split) {
        let Some(own) = sizes.times(&Exponent::number(c.clone())) else { return terms };
        match out.iter_mut().find(|(_, t)| *t == rest) {
            Some((sum, _)) => match sum.plus(&own) {
                Some(more) => *sum = more,
                None => return terms,
            },
            None => out.push((own, rest)),
        }
    }
    let whole = |(sizes, rest): (Exponent, Expr)| {
        let (content, sizes) = sizes.primitive();
        match sizes.constant() {
            Some(one) => (content * one, rest),
            None => (content, mul(&sizes.expr(), &rest)),
        }
    };
    out.into_iter().map(whole).filter(|(c, _)| !c.is_zero()).collect()
}

/// Gathers the summands diagvec(X) into one: diagvec(X) − diagvec(Y) is diagvec(X − Y).
fn one_diagonal(terms: &[(Rational, Expr)]) -> Vec<(Rational, Expr)> {
    let inside = |t: &Expr| match root(t) {
        Term::Op(Op::Diagvec, args) => Some(subterm(t, args[0])),
        _ => None,
    };
    let inner: Vec<Expr> = terms.iter().filter_map(|(c, t)| inside(t).map(|x| scaled(c.clone(), &x))).collect();
    if inner.len() < 2 {
        return terms.to_vec();
    }
    let sum = inner.into_iter().reduce(|sum, x| add(&sum, &x));
    let diagonal = sum.map(|sum| (Rational::one(), apply(Op::Diagvec, &[&sum])));
    diagonal.into_iter().chain(terms.iter().filter(|(_, t)| inside(t).is_none()).cloned()).collect()
}

/// Gathers the summands C X C with one sum C at both ends, as the projection I − 11ᵀ/n: C X C + C Y C is C (X + Y) C.
fn one_sandwich(terms: &[(Rational, Expr)]) -> Vec<(Rational, Expr)> {
    let inside = |t: &Expr| match factors(t).as_slice() {
        [c, middle @ .., last] if c == last && matches!(root(c), Term::Op(Op::Add, _)) => {
            middle.iter().cloned().reduce(|product, x| mul(&product, &x)).map(|x| (c.clone(), x))
        }
        _ => None,
    };
    let Some(c) = terms.iter().find_map(|(_, t)| inside(t)).map(|(c, _)| c) else { return terms.to_vec() };
    let (inner, rest): (Vec<_>, Vec<_>) =
        terms.iter().cloned().partition(|(_, t)| inside(t).is_some_and(|(ends, _)| ends == c));
    let inner = inner.iter().filter_map(|(k, t)| inside(t).map(|(_, x)| scaled(k.clone(), &x)));
    let sum = inner.reduce(|sum, x| add(&sum, &x));
    sum.map(|sum| (Rational::one(), mul(&mul(&c, &sum), &c))).into_iter().chain(rest).collect()
}

/// `Σ terms = 0` as an equation with positive coefficients on both sides, and the number the terms were divided by.
pub(super) fn balanced(env: &Env, mut terms: Vec<(Rational, Expr)>, shape: Shape) -> (Expr, Expr, Rational) {
    terms = collect(terms);
    let factor = primitive(&mut terms, true);
    let (positive, negative): (Vec<_>, Vec<_>) = terms.into_iter().partition(|(c, _)| c.is_positive());
    let negative: Vec<_> = negative.into_iter().map(|(c, t)| (-c, t)).collect();
    (total(env, &positive, shape), total(env, &negative, shape), factor)
}

/// The summands of a tidied formula.
pub(super) fn tidy_summands(env: &Env, expr: &Expr) -> Vec<(Rational, Expr)> {
    summands(&tidy(env, expr)).into_iter().map(|(c, t)| (c, tidy(env, &t))).collect()
}
