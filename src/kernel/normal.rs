//! The normal form of formulas: linear combinations of monomials, in which sums are collected, products reassociated, scalars
//! commuted, transposes pushed to the letters and traces taken up to rotation and transposition. Two formulas with one normal
//! form are equal; the axioms used are those of matrices over a commutative ring, and that the differential, the
//! pull-back, ℓ″ and the trace are linear.

use super::arena::{Arena, IllTyped};
use super::poly::{Monomial, Poly, merged};
use super::selection::{self, Product};
use crate::term::{Env, Expr, Facts, Op, Polynomial, Rational, Shape, Size, Symbol, Term, arithmetic};
use egg::{Id, Language};
use num_traits::{One, Signed, ToPrimitive, Zero};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Why a formula has no normal form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoForm {
    IllTyped,
    /// More monomials, or longer numbers, than are kept.
    TooLarge,
}

impl From<IllTyped> for NoForm {
    fn from(_: IllTyped) -> NoForm {
        NoForm::IllTyped
    }
}

/// The most monomials of a formula.
const MONOMIALS: usize = 10_000;
/// The largest power of a sum that is multiplied out, and of a single monomial.
const POWER: u32 = 4;
const MONOMIAL_POWER: u32 = 64;

/// Normal forms in one environment, over one arena of letters.
pub(super) struct Normal<'a> {
    pub arena: Arena<'a>,
    /// The output, where the loss is a function of it alone, so that J*E is the gradient.
    output: Option<Symbol>,
}

pub(super) type Form<T> = Result<T, NoForm>;

/// The normal forms of the nodes of a formula, as long as they are needed.
struct Polys {
    known: FxHashMap<Id, Option<Poly>>,
    /// How often each is still asked for.
    uses: FxHashMap<Id, usize>,
}

impl Polys {
    /// An argument; the last time it is asked for there is no copy of it.
    fn take(&mut self, id: Id) -> Option<Poly> {
        let left = self.uses.get_mut(&id).map_or(0, |left| {
            *left = left.saturating_sub(1);
            *left
        });
        if left == 0 { self.known.remove(&id).flatten() } else { self.known.get(&id).cloned().flatten() }
    }
}

impl<'a> Normal<'a> {
    pub fn new(env: &'a Env, output: Option<Symbol>) -> Normal<'a> {
        Normal { arena: Arena::new(env), output }
    }

    /// The normal form of a formula.
    pub fn of(&mut self, expr: &Expr) -> Form<Poly> {
        let id = self.arena.copy(expr)?;
        self.of_term(id)
    }

    /// The normal form of Σ c x over some formulas x of one shape. What they have in common as it stands is added up before it is looked
    /// into.
    pub fn sum(&mut self, terms: &[(Rational, &Expr)]) -> Form<Poly> {
        let mut open: BTreeMap<Id, Rational> = BTreeMap::new();
        let add = |open: &mut BTreeMap<Id, Rational>, id: Id, c: Rational| *open.entry(id).or_default() += c;
        for (c, expr) in terms {
            let id = self.arena.copy(expr)?;
            add(&mut open, id, c.clone());
        }
        let (first, _) = open.last_key_value().ok_or(NoForm::IllTyped)?;
        let mut out = Poly::zero(self.shape(*first));
        if open.keys().any(|id| self.shape(*id) != out.shape) {
            return Err(NoForm::IllTyped);
        }
        // Arguments come before what is made of them, so that each is met when all of its multiples are added up.
        let mut summands = Vec::new();
        while let Some((id, c)) = open.pop_last() {
            match self.arena.node(id) {
                _ if c.is_zero() => {}
                Term::Op(Op::Add, args) => args.iter().for_each(|x| add(&mut open, *x, c.clone())),
                Term::Op(Op::Mul, args) if let Term::Num(d) = self.arena.node(args[0]) => {
                    add(&mut open, args[1], c * &**d);
                }
                _ => summands.push((id, c)),
            }
        }
        for (id, c) in summands.into_iter().rev() {
            out.add(&self.of_term(id)?, &c);
            if out.terms.len() > MONOMIALS {
                return Err(NoForm::TooLarge);
            }
        }
        Ok(out)
    }

    /// The normal form of a term of the arena.
    fn of_term(&mut self, root: Id) -> Form<Poly> {
        let mut polys = Polys { known: FxHashMap::default(), uses: FxHashMap::default() };
        let (mut open, mut nodes) = (vec![root], Vec::new());
        while let Some(id) = open.pop() {
            nodes.push(id);
            for child in self.arena.node(id).children() {
                let uses = polys.uses.entry(*child).or_insert(0);
                *uses += 1;
                if *uses == 1 {
                    open.push(*child);
                }
            }
        }
        // Arguments come before what is made of them.
        nodes.sort_unstable();
        for id in nodes {
            let node = self.arena.node(id).clone();
            let poly = self.node(&node, id, &mut polys)?;
            if poly.as_ref().is_some_and(|p| p.terms.len() > MONOMIALS) {
                return Err(NoForm::TooLarge);
            }
            polys.known.insert(id, poly);
        }
        polys.known.remove(&root).flatten().ok_or(NoForm::IllTyped)
    }

    /// The normal form of one node from those of its arguments; none for the name of a function.
    fn node(&mut self, node: &Term, id: Id, polys: &mut Polys) -> Form<Option<Poly>> {
        let shape = self.arena.data(id).shape;
        let (op, args) = match node {
            Term::Num(value) => return Ok(Some(Poly::number(Rational::clone(value)))),
            Term::Fun(_) => return Ok(None),
            Term::Size(Size::Lit(n)) => return Ok(Some(Poly::number(Rational::from_integer((*n).into())))),
            Term::Size(Size::Formula(formula)) => return self.formula(formula).map(Some),
            Term::Size(_) | Term::Sym(_) => return Ok(Some(self.letter(id))),
            Term::Op(op, args) => (*op, args),
        };
        let id_of = |i: usize| args[i];
        let mut of = |i: usize| polys.take(args[i]).ok_or(NoForm::IllTyped);
        Ok(Some(match op {
            Op::Deriv => return Ok(None),
            Op::Add => {
                let (x, y) = (of(0)?, of(1)?);
                // The shorter one is added to the longer one; their shape is the same.
                let (mut sum, more) = if x.terms.len() < y.terms.len() { (y, x) } else { (x, y) };
                sum.merge(more);
                sum
            }
            Op::Mul => self.multiply(&of(0)?, &of(1)?, shape)?,
            Op::Had if shape.is_scalar() => self.multiply(&of(0)?, &of(1)?, shape)?,
            Op::Had => self.hadamard(&of(0)?, &of(1)?)?,
            Op::T => self.transposed(&of(0)?)?,
            Op::Inner => self.inner(&of(0)?, &of(1)?)?,
            Op::Norm2 => {
                let x = of(0)?;
                self.inner(&x, &x)?
            }
            Op::Sum => {
                let x = of(0)?;
                let ones = self.ones(x.shape)?;
                self.inner(&ones, &x)?
            }
            Op::Tr => {
                let x = of(0)?;
                let eye = self.identity(x.shape);
                self.inner(&eye, &x)?
            }
            Op::Over => {
                let index = id_of(0);
                self.over(index, &of(1)?)?
            }
            Op::Relabelled => {
                let arguments = [id_of(0), self.term(&of(1)?)?, self.term(&of(2)?)?];
                self.opaque(op, &arguments, id)
            }
            Op::Last => {
                let arguments = [id_of(0), self.term(&of(1)?)?];
                self.opaque(op, &arguments, id)
            }
            Op::Zeros => Poly::zero(shape),
            Op::Ones => self.ones(shape)?,
            Op::Eye => self.identity(shape),
            Op::Select if shape.is_square() => self.identity(shape),
            Op::Select => self.letter(id),
            Op::Concat => self.stacked(&of(0)?, &of(1)?, shape)?,
            Op::Pow => self.power(&of(0)?, &of(1)?, shape)?,
            Op::Inv => self.inverse(&of(0)?)?,
            Op::Diag | Op::Diagvec if shape.is_scalar() => of(0)?,
            Op::Diag => self.linear(&of(0)?, shape, Normal::diagonal)?,
            Op::Diagvec => self.linear(&of(0)?, shape, Normal::diagonal_of)?,
            Op::Tril if shape.is_scalar() => of(0)?,
            Op::Tril => self.linear(&of(0)?, shape, |n, x, _| n.single(Term::op(Op::Tril, &[x])))?,
            Op::Unfold => {
                let rows = id_of(1);
                self.linear(&of(0)?, shape, |n, x, _| n.single(Term::op(Op::Unfold, &[x, rows])))?
            }
            Op::Stack => {
                let blocks = id_of(1);
                self.linear(&of(0)?, shape, |n, x, _| n.single(Term::op(Op::Stack, &[x, blocks])))?
            }
            Op::Kron => self.kronecker(&of(0)?, &of(1)?, shape)?,
            Op::Taps | Op::PlaneTaps | Op::Signature | Op::Pi => self.letter(id),
            Op::GroupNorm | Op::GroupNormEps => {
                let mut arguments = vec![self.term(&of(0)?)?, id_of(1)];
                if args.len() > 2 {
                    arguments.push(self.term(&of(2)?)?);
                }
                self.opaque(op, &arguments, id)
            }
            Op::MaxPool | Op::TopK => {
                let arguments = [self.term(&of(0)?)?, id_of(1)];
                self.opaque(op, &arguments, id)
            }
            Op::HessLoss => {
                let f = id_of(0);
                self.linear(&of(1)?, shape, |n, z, _| n.single(Term::op(Op::HessLoss, &[f, z])))?
            }
            Op::Vjp => {
                let (f, w) = (id_of(0), id_of(2));
                self.linear(&of(1)?, shape, |n, z, _| n.pulled_back(f, z, w))?
            }
            Op::Diff => self.differential(&of(0)?, shape)?,
            // The arguments are names, not operands.
            Op::Grad | Op::Dot | Op::Next | Op::Err | Op::Hess | Op::HessRows | Op::HessCols | Op::Turn => {
                self.letter(id)
            }
            Op::Apply | Op::Rows | Op::Cols => {
                let mut arguments = vec![id_of(0)];
                if args.len() > 1 {
                    arguments.push(self.term(&of(1)?)?);
                }
                self.opaque(op, &arguments, id)
            }
            Op::Min | Op::Max => {
                let mut arguments = vec![self.term(&of(0)?)?, self.term(&of(1)?)?];
                arguments.sort_unstable();
                self.opaque(op, &arguments, id)
            }
            Op::HadPow
            | Op::Det
            | Op::OneHot
            | Op::StopGrad
            | Op::Softmax
            | Op::LogSoftmax
            | Op::LayerNorm
            | Op::RmsNorm
            | Op::Normalize
            | Op::BatchNorm
            | Op::LayerNormEps
            | Op::RmsNormEps
            | Op::NormalizeEps
            | Op::BatchNormEps
            | Op::Mse
            | Op::CrossEntropy
            | Op::Logistic
            | Op::Exponential
            | Op::Hinge
            | Op::Huber
            | Op::Call(_) => {
                let arguments: Form<Vec<Id>> = (0..args.len()).map(|i| of(i).and_then(|x| self.term(&x))).collect();
                let arguments = arguments?;
                self.opaque(op, &arguments, id)
            }
        }))
    }

    /// An operation that is not looked into, on arguments in normal form; as it stood where these have lost a fact that it
    /// needs.
    fn opaque(&mut self, op: Op, arguments: &[Id], as_it_stood: Id) -> Poly {
        let id = self.arena.add(Term::op(op, arguments)).unwrap_or(as_it_stood);
        self.letter(id)
    }

    /// A term that is not looked into.
    fn letter(&self, id: Id) -> Poly {
        let data = self.arena.data(id);
        if let Some(value) = &data.constant {
            return Poly::number(Rational::clone(value));
        }
        let mut out = Poly::zero(data.shape);
        let monomial = match data.shape.is_scalar() {
            true => Monomial { scalars: vec![(id, Rational::one())], factors: vec![] },
            false => Monomial { scalars: vec![], factors: vec![id] },
        };
        out.push(monomial, Rational::one());
        out
    }

    fn single(&mut self, node: Term) -> Form<Poly> {
        let id = self.arena.add(node)?;
        Ok(self.letter(id))
    }

    fn identity(&self, shape: Shape) -> Poly {
        Poly::of(shape, Monomial::default(), Rational::one())
    }

    fn size(&mut self, size: Size) -> Form<Id> {
        Ok(self.arena.add(Term::Size(size))?)
    }

    /// A size as a polynomial in its names.
    fn formula(&mut self, formula: &Polynomial) -> Form<Poly> {
        let mut out = Poly::zero(Shape::SCALAR);
        for (names, c) in formula.monomials() {
            let mut scalars = Vec::new();
            for name in names {
                let id = self.size(Size::Name(*name))?;
                scalars = merged(&scalars, &[(id, Rational::one())]);
            }
            out.push(Monomial { scalars, factors: vec![] }, Rational::from_integer(c.into()));
        }
        Ok(out)
    }

    fn ones(&mut self, shape: Shape) -> Form<Poly> {
        let (rows, cols) = (self.size(shape.rows)?, self.size(shape.cols)?);
        self.single(Term::op(Op::Ones, &[rows, cols]))
    }

    /// The rows of x above those of y, as a sum: Pᵀ x + Qᵀ y with the rows P and Q of the identity in which they stand.
    fn stacked(&mut self, x: &Poly, y: &Poly, shape: Shape) -> Form<Poly> {
        let (above, all) = (x.shape.rows, shape.rows);
        let next = above.plus(Size::Lit(1)).ok_or(NoForm::IllTyped)?;
        let mut out = Poly::zero(shape);
        for (block, from, to) in [(x, Size::Lit(1), above), (y, next, all)] {
            let place = selection::transposed(&mut self.arena, from, to, all)?;
            let place = self.letter(place);
            let product = match block.shape.is_scalar() {
                true => self.multiply(block, &place, shape)?,
                false => self.multiply(&place, block, shape)?,
            };
            out.add(&product, &Rational::one());
        }
        Ok(out)
    }

    fn shape(&self, id: Id) -> Shape {
        self.arena.data(id).shape
    }

    fn has(&self, id: Id, facts: Facts) -> bool {
        self.arena.data(id).facts.contains(facts)
    }

    /// Products of all monomials.
    pub fn multiply(&mut self, x: &Poly, y: &Poly, shape: Shape) -> Form<Poly> {
        if x.terms.len().saturating_mul(y.terms.len()) > MONOMIALS {
            return Err(NoForm::TooLarge);
        }
        let mut out = Poly::zero(shape);
        for (a, c) in &x.terms {
            for (b, d) in &y.terms {
                let factors = [a.factors.as_slice(), b.factors.as_slice()].concat();
                let scalars = merged(&a.scalars, &b.scalars);
                let coefficient = arithmetic(Op::Mul, c, d).ok_or(NoForm::TooLarge)?;
                self.chain(Monomial { scalars, factors }, coefficient, shape, &mut out)?;
            }
        }
        Ok(out)
    }

    /// Adds a product to a combination, its chain brought to normal form: inverses cancelled, diagonal matrices that stand
    /// side by side ordered, and what is a scalar inside the chain taken out of it.
    fn chain(&mut self, monomial: Monomial, c: Rational, shape: Shape, out: &mut Poly) -> Form<()> {
        let Monomial { mut scalars, factors } = monomial;
        let Some(factors) = self.cancelled(factors)? else { return Ok(()) };
        let mut c = c;
        let mut segments: Vec<Vec<Id>> = vec![vec![]];
        for (i, factor) in factors.iter().enumerate() {
            if i > 0 && self.shape(*factor).rows == Size::Lit(1) {
                segments.push(vec![]);
            }
            segments.last_mut().expect("there is one").push(*factor);
        }
        let mut kept: Vec<Id> = Vec::new();
        for segment in segments {
            let scalar = match (segment.first(), segment.last()) {
                (Some(first), Some(last)) => Shape::new(self.shape(*first).rows, self.shape(*last).cols).is_scalar(),
                _ => false,
            };
            if !scalar {
                kept.extend(segment);
                continue;
            }
            let (traced, sign) = self.trace(segment)?;
            c *= sign;
            scalars = merged(&scalars, &traced);
        }
        out.shape = shape;
        out.push(Monomial { scalars, factors: kept }, c);
        Ok(())
    }

    /// Whether one factor is the inverse of the other.
    fn cancel(&self, x: Id, y: Id) -> bool {
        let inverse = |x: Id, y: Id| matches!(self.arena.node(x), Term::Op(Op::Inv, args) if args[0] == y);
        let reflection = |x: Id| matches!(self.arena.node(x), Term::Op(Op::Signature, _));
        inverse(x, y) || inverse(y, x) || x == y && reflection(x)
    }

    /// Without neighbours that cancel, with neighbouring selections of rows made one, and with neighbouring diagonal matrices in
    /// order; none where two neighbours have no row in common, so that the product is zero.
    fn cancelled(&mut self, factors: Vec<Id>) -> Form<Option<Vec<Id>>> {
        let mut out: Vec<Id> = Vec::with_capacity(factors.len());
        let mut rest: Vec<Id> = factors.into_iter().rev().collect();
        while let Some(factor) = rest.pop() {
            match out.last() {
                Some(&last) if self.cancel(last, factor) => {
                    out.pop();
                }
                Some(&last) if let Some(product) = selection::product(&mut self.arena, last, factor)? => {
                    match product {
                        Product::Zero => return Ok(None),
                        Product::Identity => {
                            out.pop();
                        }
                        Product::One(id) => {
                            out.pop();
                            rest.push(id);
                        }
                    }
                }
                _ => {
                    out.push(factor);
                    let mut i = out.len() - 1;
                    while i > 0
                        && out[i - 1] > out[i]
                        && self.has(out[i], Facts::DIAGONAL)
                        && self.has(out[i - 1], Facts::DIAGONAL)
                    {
                        out.swap(i - 1, i);
                        i -= 1;
                    }
                }
            }
        }
        Ok(Some(out))
    }

    /// The trace of a closed chain as powers of scalars with a sign: up to rotation and transposition, and where it closes
    /// through a size of 1 more than once as the product of the scalars between.
    pub(super) fn trace(&mut self, factors: Vec<Id>) -> Form<(Vec<(Id, Rational)>, Rational)> {
        let cuts: Vec<usize> = (0..factors.len()).filter(|i| self.shape(factors[*i]).rows == Size::Lit(1)).collect();
        if cuts.len() > 1 {
            let (mut scalars, mut sign) = (vec![], Rational::one());
            for (k, &from) in cuts.iter().enumerate() {
                let to = if k + 1 < cuts.len() { cuts[k + 1] } else { cuts[0] + factors.len() };
                let part = (from..to).map(|i| factors[i % factors.len()]).collect();
                let (more, s) = self.trace(part)?;
                scalars = merged(&scalars, &more);
                sign *= s;
            }
            return Ok((scalars, sign));
        }
        let Some((closed, size)) = self.closed(&factors)? else { return Ok((vec![], Rational::zero())) };
        if closed.is_empty() {
            let n = self.size(size)?;
            return Ok(match &self.arena.data(n).constant {
                Some(value) => (vec![], Rational::clone(value)),
                None => (vec![(n, Rational::one())], Rational::one()),
            });
        }
        if let Some(cut) = self.recut(&closed)? {
            return self.trace(cut);
        }
        let (flipped, sign) = self.reversed(&closed)?;
        let flipped = self.closed(&flipped)?.map(|(list, _)| list).unwrap_or_default();
        let (least, other) = (self.least_rotation(&closed), self.least_rotation(&flipped));
        // tr X = −tr X where the chain is its own transpose up to the sign.
        if least == other && sign.is_negative() {
            return Ok((vec![], Rational::zero()));
        }
        let (list, sign) = if other < least { (other, sign) } else { (least, Rational::one()) };
        let product = self.product(&list)?;
        let id = self.arena.add(Term::op(Op::Tr, &[product]))?;
        Ok((vec![(id, Rational::one())], sign))
    }

    /// A closed chain without neighbours that cancel, cut where it does not part diagonal matrices that commute, which are in
    /// order, and the size of the identity that is left where none are; none where its trace is zero.
    fn closed(&mut self, factors: &[Id]) -> Form<Option<(Vec<Id>, Size)>> {
        let mut size = self.shape(factors[0]).rows;
        let Some(mut list) = self.cancelled(factors.to_vec())? else { return Ok(None) };
        while let [first, .., last] = *list.as_slice() {
            if self.cancel(last, first) {
                list = list[1..list.len() - 1].to_vec();
            } else if selection::product(&mut self.arena, last, first)?.is_some() {
                list.rotate_right(1);
                size = self.shape(list[0]).rows;
                let Some(joined) = self.cancelled(list)? else { return Ok(None) };
                list = joined;
            } else {
                break;
            }
        }
        let diagonal = |id: &Id| self.has(*id, Facts::DIAGONAL);
        let run = list.iter().rev().take_while(|id| diagonal(id)).count();
        if run < list.len() && list.first().is_some_and(diagonal) {
            list.rotate_right(run);
            size = self.shape(list[0]).rows;
            let Some(joined) = self.cancelled(list.clone())? else { return Ok(None) };
            let shorter = !joined.is_empty() && joined.len() < list.len();
            return if shorter { self.closed(&joined) } else { Ok(Some((joined, size))) };
        }
        Ok(Some((list, size)))
    }

    /// The least rotation of a closed chain that parts no diagonal matrices.
    fn least_rotation(&self, list: &[Id]) -> Vec<Id> {
        let diagonal = |i: usize| self.has(list[i % list.len()], Facts::DIAGONAL);
        let cuts = (0..list.len()).filter(|i| *i == 0 || !(diagonal(*i) && diagonal(i + list.len() - 1)));
        cuts.map(|i| [&list[i..], &list[..i]].concat()).min().unwrap_or_default()
    }

    /// The transposed chain, up to a sign.
    pub(super) fn reversed(&mut self, factors: &[Id]) -> Form<(Vec<Id>, Rational)> {
        let mut sign = Rational::one();
        let mut out = Vec::with_capacity(factors.len());
        for &factor in factors.iter().rev() {
            if self.has(factor, Facts::SYMMETRIC) {
                out.push(factor);
                continue;
            }
            if self.has(factor, Facts::SKEW) {
                sign = -sign;
                out.push(factor);
                continue;
            }
            if let Term::Op(Op::Over, args) = self.arena.node(factor).clone() {
                let (flipped, s) = self.over_reversed(args[0], args[1])?;
                sign *= s;
                out.push(flipped);
                continue;
            }
            let node = match self.arena.node(factor) {
                Term::Op(Op::T, args) => {
                    out.push(args[0]);
                    continue;
                }
                Term::Op(Op::Ones, args) => Term::op(Op::Ones, &[args[1], args[0]]),
                _ => Term::op(Op::T, &[factor]),
            };
            out.push(self.arena.add(node)?);
        }
        Ok((out, sign))
    }

    fn transposed(&mut self, x: &Poly) -> Form<Poly> {
        let shape = x.shape.transposed();
        let mut out = Poly::zero(shape);
        for (m, c) in &x.terms {
            let (factors, sign) = self.reversed(&m.factors)?;
            self.chain(Monomial { scalars: m.scalars.clone(), factors }, c * sign, shape, &mut out)?;
        }
        Ok(out)
    }

    /// ⟨x, y⟩ = tr(x'y).
    pub fn inner(&mut self, x: &Poly, y: &Poly) -> Form<Poly> {
        if x.shape.is_scalar() {
            return self.multiply(x, y, Shape::SCALAR);
        }
        let mut out = Poly::zero(Shape::SCALAR);
        if x.is_zero() || y.is_zero() {
            return Ok(out);
        }
        // x'y, where it is the identity, has as many rows as x has columns.
        let n = self.size(x.shape.cols)?;
        let trace_of_identity = self.letter(n);
        for (a, c) in &x.terms {
            let (front, sign) = self.reversed(&a.factors)?;
            for (b, d) in &y.terms {
                let Some(factors) = self.cancelled([front.as_slice(), &b.factors].concat())? else { continue };
                let scalars = merged(&a.scalars, &b.scalars);
                if factors.is_empty() {
                    let product = Poly::of(Shape::SCALAR, Monomial { scalars, factors }, c * d * &sign);
                    let product = self.multiply(&product, &trace_of_identity, Shape::SCALAR)?;
                    out.add(&product, &Rational::one());
                    continue;
                }
                let (traced, s) = self.trace(factors)?;
                out.push(Monomial { scalars: merged(&scalars, &traced), factors: vec![] }, c * d * &sign * s);
            }
        }
        Ok(out)
    }

    /// Elementwise products, of more than two factors in order.
    fn hadamard(&mut self, x: &Poly, y: &Poly) -> Form<Poly> {
        let mut out = Poly::zero(x.shape);
        for (a, c) in &x.terms {
            for (b, d) in &y.terms {
                let (a_id, b_id) = (self.matrix(&a.factors, x.shape)?, self.matrix(&b.factors, x.shape)?);
                let mut operands = Vec::new();
                let mut stack = vec![a_id, b_id];
                while let Some(id) = stack.pop() {
                    match self.arena.node(id) {
                        Term::Op(Op::Had, args) => stack.extend(args.iter().copied()),
                        Term::Op(Op::Ones, _) => {}
                        _ => operands.push(id),
                    }
                }
                operands.sort_unstable();
                let id = match operands.split_first() {
                    None => a_id,
                    Some((first, rest)) => {
                        let mut id = *first;
                        for next in rest {
                            id = self.arena.add(Term::op(Op::Had, &[id, *next]))?;
                        }
                        id
                    }
                };
                let scalars = merged(&a.scalars, &b.scalars);
                let factors = self.unchained(id);
                out.push(Monomial { scalars, factors }, c * d);
            }
        }
        Ok(out)
    }

    /// An operation linear in a matrix, monomial by monomial, with the scalars in front.
    fn linear(
        &mut self,
        x: &Poly,
        shape: Shape,
        mut each: impl FnMut(&mut Normal<'a>, Id, &[Id]) -> Form<Poly>,
    ) -> Form<Poly> {
        let mut out = Poly::zero(shape);
        for (m, c) in &x.terms {
            let body = match x.shape.is_scalar() {
                true => self.arena.add(Term::num(Rational::one()))?,
                false => self.matrix(&m.factors, x.shape)?,
            };
            let image = each(self, body, &m.factors)?;
            let front = Poly::of(Shape::SCALAR, Monomial { scalars: m.scalars.clone(), factors: vec![] }, c.clone());
            let product = self.multiply(&front, &image, shape)?;
            out.add(&product, &Rational::one());
        }
        Ok(out)
    }

    /// X ⊗ Y as the product of X ⊗ I and I ⊗ Y, factor by factor.
    fn kronecker(&mut self, x: &Poly, y: &Poly, shape: Shape) -> Form<Poly> {
        let (rows, cols) = (y.shape.rows, x.shape.cols);
        let left = Shape::new(shape.rows, cols.times(rows).ok_or(NoForm::IllTyped)?);
        let outer = self.tensored(x, left, rows, false)?;
        let inner = self.tensored(y, Shape::new(left.cols, shape.cols), cols, true)?;
        self.multiply(&outer, &inner, shape)
    }

    /// X ⊗ I or I ⊗ X with the identity of the size n, factor by factor.
    fn tensored(&mut self, x: &Poly, shape: Shape, n: Size, identity_first: bool) -> Form<Poly> {
        let size = self.size(n)?;
        let identity = self.arena.add(Term::op(Op::Eye, &[size]))?;
        let mut out = Poly::zero(shape);
        for (m, c) in &x.terms {
            let mut factors = Vec::with_capacity(m.factors.len());
            for &factor in &m.factors {
                let factor = match n == Size::Lit(1) {
                    true => factor,
                    false => self.tensor_factor(factor, identity, identity_first)?,
                };
                factors.push(factor);
            }
            self.chain(Monomial { scalars: m.scalars.clone(), factors }, c.clone(), shape, &mut out)?;
        }
        Ok(out)
    }

    /// One factor of that: transposes and inverses are taken outside, as they are of every letter.
    fn tensor_factor(&mut self, factor: Id, identity: Id, identity_first: bool) -> Form<Id> {
        if let Term::Op(op @ (Op::T | Op::Inv), args) = self.arena.node(factor).clone() {
            let inside = self.tensor_factor(args[0], identity, identity_first)?;
            return Ok(self.arena.add(Term::op(op, &[inside]))?);
        }
        let arguments = if identity_first { [identity, factor] } else { [factor, identity] };
        Ok(self.arena.add(Term::op(Op::Kron, &arguments))?)
    }

    /// diag(v), which is I for ones and D for diagvec(D).
    fn diagonal(&mut self, v: Id, _: &[Id]) -> Form<Poly> {
        match self.arena.node(v) {
            Term::Op(Op::Ones, _) => Ok(self.identity(Shape::square(self.shape(v).rows))),
            Term::Op(Op::Diagvec, args) if self.has(args[0], Facts::DIAGONAL) => Ok(self.opened(args[0])),
            _ => self.single(Term::op(Op::Diag, &[v])),
        }
    }

    /// diagvec(X) up to transposition: of I it is ones, of diag(v) it is v, and diagonal matrices at the ends stand before it.
    fn diagonal_of(&mut self, x: Id, factors: &[Id]) -> Form<Poly> {
        let n = self.shape(x).rows;
        let (mut list, mut front) = (factors.to_vec(), Vec::new());
        while list.len() > 1 && self.has(list[0], Facts::DIAGONAL) {
            front.push(list.remove(0));
        }
        while list.len() > 1 && list.last().is_some_and(|last| self.has(*last, Facts::DIAGONAL)) {
            front.extend(list.pop());
        }
        let (flipped, sign) = self.reversed(&list)?;
        if list == flipped && sign.is_negative() {
            return Ok(Poly::zero(Shape::column(n)));
        }
        let (list, sign) = match flipped < list {
            true => (flipped, sign),
            false => (list, Rational::one()),
        };
        let body = match list.as_slice() {
            [] => self.ones(Shape::column(n))?,
            [one] if let Term::Op(Op::Diag, args) = self.arena.node(*one) => self.opened(args[0]),
            _ => {
                let id = self.product(&list)?;
                self.single(Term::op(Op::Diagvec, &[id]))?
            }
        };
        let scaled = Poly::of(Shape::square(n), Monomial { scalars: vec![], factors: front }, sign);
        self.multiply(&scaled, &body, Shape::column(n))
    }

    /// J*[z] on a parameter, the gradient for z = ∂ℓ/∂F where the loss is a function of the output.
    fn pulled_back(&mut self, f: Id, z: Id, w: Id) -> Form<Poly> {
        let output = matches!(self.arena.node(f), Term::Sym(name) if self.output == Some(*name));
        match self.arena.node(z) {
            Term::Op(Op::Err, args) if output && args[0] == f => self.single(Term::op(Op::Grad, &[w])),
            _ => self.single(Term::op(Op::Vjp, &[f, z, w])),
        }
    }

    /// d(X), linear over the rational numbers.
    fn differential(&mut self, x: &Poly, shape: Shape) -> Form<Poly> {
        let mut out = Poly::zero(shape);
        for (m, c) in &x.terms {
            let one = Poly::of(x.shape, m.clone(), Rational::one());
            let body = self.term(&one)?;
            let image = self.single(Term::op(Op::Diff, &[body]))?;
            out.add(&image, c);
        }
        Ok(out)
    }

    fn power(&mut self, x: &Poly, exponent: &Poly, shape: Shape) -> Form<Poly> {
        let constant = exponent.constant();
        let (true, Some(q)) = (shape.is_scalar(), &constant) else {
            let (body, exponent) = (self.term(x)?, self.term(exponent)?);
            return self.single(Term::op(Op::Pow, &[body, exponent]));
        };
        let natural = q.is_integer().then(|| q.to_integer().to_u32()).flatten();
        let most = if x.terms.len() <= 1 { MONOMIAL_POWER } else { POWER };
        if let Some(n) = natural.filter(|n| *n <= most) {
            let mut out = Poly::number(Rational::one());
            for _ in 0..n {
                out = self.multiply(&out, x, shape)?;
            }
            return Ok(out);
        }
        let mut terms = x.terms.iter();
        if let (Some((m, c)), None) = (terms.next(), terms.next()) {
            // A product to a whole power, or one letter to any.
            let simple = c.is_one() && m.scalars.len() == 1 && m.scalars[0].1.is_one();
            let whole = if q.is_integer() { arithmetic(Op::Pow, c, q) } else { None };
            let coefficient = whole.or_else(|| simple.then(Rational::one));
            if let Some(coefficient) = coefficient {
                let scalars = m.scalars.iter().map(|(id, p)| (*id, p * q)).collect();
                return Ok(Poly::of(shape, Monomial { scalars, factors: vec![] }, coefficient));
            }
        }
        let body = self.term(x)?;
        Ok(Poly::of(shape, Monomial { scalars: vec![(body, q.clone())], factors: vec![] }, Rational::one()))
    }

    /// The inverse, of a product of square matrices factor by factor.
    fn inverse(&mut self, x: &Poly) -> Form<Poly> {
        let mut terms = x.terms.iter();
        let one = match (terms.next(), terms.next()) {
            (Some((m, c)), None) if m.factors.iter().all(|f| self.shape(*f).is_square()) => Some((m, c)),
            _ => None,
        };
        let Some((m, c)) = one else {
            let body = self.term(x)?;
            return self.single(Term::op(Op::Inv, &[body]));
        };
        let mut factors = Vec::with_capacity(m.factors.len());
        for &factor in m.factors.iter().rev() {
            let id = match self.arena.node(factor).clone() {
                Term::Op(Op::Inv, args) => args[0],
                Term::Op(Op::T, args) => {
                    let inverse = match self.arena.node(args[0]) {
                        Term::Op(Op::Inv, inside) => inside[0],
                        _ => self.arena.add(Term::op(Op::Inv, &[args[0]]))?,
                    };
                    self.arena.add(Term::op(Op::T, &[inverse]))?
                }
                _ => self.arena.add(Term::op(Op::Inv, &[factor]))?,
            };
            factors.push(id);
        }
        let scalars = m.scalars.iter().map(|(id, p)| (*id, -p)).collect();
        let mut out = Poly::zero(x.shape);
        self.chain(Monomial { scalars, factors }, c.recip(), x.shape, &mut out)?;
        Ok(out)
    }

    /// A chain as a term; the identity for an empty one.
    fn matrix(&mut self, factors: &[Id], shape: Shape) -> Form<Id> {
        if !factors.is_empty() {
            return self.product(factors);
        }
        if shape.is_scalar() {
            return Ok(self.arena.add(Term::num(Rational::one()))?);
        }
        let n = self.size(shape.rows)?;
        Ok(self.arena.add(Term::op(Op::Eye, &[n]))?)
    }

    fn product(&mut self, factors: &[Id]) -> Form<Id> {
        let (first, rest) = factors.split_first().ok_or(NoForm::IllTyped)?;
        let mut id = *first;
        for next in rest {
            id = self.arena.add(Term::op(Op::Mul, &[id, *next]))?;
        }
        Ok(id)
    }

    /// A combination as a term: the same one for every formula with this normal form.
    pub fn term(&mut self, x: &Poly) -> Form<Id> {
        let mut sum: Option<Id> = None;
        for (m, c) in &x.terms {
            let mut parts: Vec<Id> = Vec::new();
            let bare = m.scalars.is_empty() && (m.factors.is_empty() && x.shape.is_scalar());
            if !c.is_one() || bare {
                parts.push(self.arena.add(Term::num(c.clone()))?);
            }
            for (id, p) in &m.scalars {
                parts.push(match p.is_one() {
                    true => *id,
                    false => {
                        let exponent = self.arena.add(Term::num(p.clone()))?;
                        self.arena.add(Term::op(Op::Pow, &[*id, exponent]))?
                    }
                });
            }
            if !x.shape.is_scalar() {
                parts.push(self.matrix(&m.factors, x.shape)?);
            }
            let term = self.product(&parts)?;
            sum = Some(match sum {
                None => term,
                Some(sum) => self.arena.add(Term::op(Op::Add, &[sum, term]))?,
            });
        }
        match sum {
            Some(sum) => Ok(sum),
            None if x.shape.is_scalar() => Ok(self.arena.add(Term::num(Rational::zero()))?),
            None => {
                let (rows, cols) = (self.size(x.shape.rows)?, self.size(x.shape.cols)?);
                Ok(self.arena.add(Term::op(Op::Zeros, &[rows, cols]))?)
            }
        }
    }

    /// Whether a symbol occurs in a term.
    pub fn mentions(&self, id: Id, symbol: Symbol) -> bool {
        self.first_symbol(id, |name| (name == symbol).then_some(())).is_some()
    }

    /// What is found for a symbol in a term, for the first for which there is something.
    pub fn first_symbol<T>(&self, id: Id, find: impl Fn(Symbol) -> Option<T>) -> Option<T> {
        let mut stack = vec![id];
        while let Some(id) = stack.pop() {
            match self.arena.node(id) {
                Term::Sym(name) => match find(*name) {
                    Some(found) => return Some(found),
                    None => continue,
                },
                node => stack.extend(node.children().iter().copied()),
            }
        }
        None
    }

    /// M of a scalar that is ⟨M, A⟩ for a matrix A, each of whose monomials has A once, in a trace; none where it is not of
    /// that form.
    pub fn isolated(&mut self, x: &Poly, symbol: Symbol, shape: Shape) -> Form<Option<Poly>> {
        let letter = self.arena.add(Term::Sym(symbol))?;
        let mut out = Poly::zero(shape);
        for (m, c) in &x.terms {
            let holding: Vec<usize> = (0..m.scalars.len()).filter(|i| self.mentions(m.scalars[*i].0, symbol)).collect();
            let [at] = holding.as_slice() else { return Ok(None) };
            let power = &m.scalars[*at].1;
            let member = self.member(m.scalars[*at].0, letter);
            let Some((trace, beside)) = self.beside(member, symbol) else { return Ok(None) };
            if !beside.is_empty() && !power.is_one() {
                return Ok(None);
            }
            let trace = &trace;
            if *trace == letter && power.is_one() {
                // A number by itself.
                let mut scalars = m.scalars.clone();
                scalars.remove(*at);
                out.push(Monomial { scalars: merged(&scalars, &beside), factors: vec![] }, c.clone());
                continue;
            }
            let Term::Op(Op::Tr, args) = self.arena.node(*trace).clone() else { return Ok(None) };
            if !power.is_one() {
                return Ok(None);
            }
            let mut list = self.members(&self.unchained(args[0]), letter);
            // A sum over an index is cut where the symbol stands.
            let within = |n: &Self, id: Id| match n.arena.node(id) {
                Term::Op(Op::T, args) => args[0] == letter,
                _ => id == letter,
            };
            for _ in 0..list.len() {
                let rotated = [&list[1..], &list[..1]].concat();
                match self.cut_beside(&list, within)? {
                    Some(cut) => list = cut,
                    None => list = rotated,
                }
            }
            let places: Vec<usize> = (0..list.len()).filter(|i| self.mentions(list[*i], symbol)).collect();
            let [place] = places.as_slice() else { return Ok(None) };
            // tr(A L) = ⟨Lᵀ, A⟩ and tr(Aᵀ L) = ⟨L, A⟩.
            let rest = [&list[place + 1..], &list[..*place]].concat();
            let (factors, sign) = match self.arena.node(list[*place]) {
                Term::Sym(name) if *name == symbol => self.reversed(&rest)?,
                Term::Op(Op::T, args) if args[0] == letter => (rest, Rational::one()),
                _ => return Ok(None),
            };
            let mut scalars = m.scalars.clone();
            scalars.remove(*at);
            let scalars = merged(&scalars, &beside);
            self.chain(Monomial { scalars, factors }, c * sign, shape, &mut out)?;
        }
        Ok(Some(out))
    }

    /// The one factor of a product of scalars that mentions a symbol, and the powers beside it.
    fn beside(&self, product: Id, symbol: Symbol) -> Option<(Id, Vec<(Id, Rational)>)> {
        let (mut found, mut rest) = (None, Vec::new());
        for factor in self.unchained(product) {
            if self.mentions(factor, symbol) {
                found = Some(factor).filter(|_| found.is_none());
                found?;
                continue;
            }
            rest = merged(
                &rest,
                &[match self.arena.node(factor) {
                    Term::Op(Op::Pow, args) if let Term::Num(power) = self.arena.node(args[1]) => {
                        (args[0], Rational::clone(power))
                    }
                    _ => (factor, Rational::one()),
                }],
            );
        }
        Some((found?, rest))
    }

    /// A chain that was kept as one term.
    fn opened(&self, id: Id) -> Poly {
        let monomial = Monomial { scalars: vec![], factors: self.unchained(id) };
        Poly::of(self.shape(id), monomial, Rational::one())
    }

    /// The factors of a chain built by [`Normal::matrix`].
    pub(super) fn unchained(&self, id: Id) -> Vec<Id> {
        match self.arena.node(id) {
            Term::Op(Op::Eye, _) => vec![],
            Term::Op(Op::Mul, args) => [self.unchained(args[0]), vec![args[1]]].concat(),
            _ => vec![id],
        }
    }
}
