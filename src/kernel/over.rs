//! Sums over the members of a family in normal form: what does not depend on the index stands outside.

use super::arena::IllTyped;
use super::normal::{Form, NoForm, Normal};
use super::poly::{Monomial, Poly, merged};
use crate::term::{Op, Rational, Shape, Term};
use egg::Id;
use num_traits::One;

impl Normal<'_> {
    /// Whether a term is the same for all values of an index.
    fn is_independent(&self, id: Id, index: Id) -> bool {
        let own = self.arena.data(index).indices;
        self.arena.data(id).indices.intersection(own).is_empty()
    }

    /// Σ over an index of a combination, monomial by monomial.
    pub(super) fn over(&mut self, index: Id, x: &Poly) -> Form<Poly> {
        let mut out = Poly::zero(x.shape);
        for (m, c) in &x.terms {
            let summed = self.over_monomial(index, m, x.shape)?;
            out.add(&summed, c);
        }
        Ok(out)
    }

    fn over_monomial(&mut self, index: Id, m: &Monomial, shape: Shape) -> Form<Poly> {
        let free = |n: &Self, id: &Id| n.is_independent(*id, index);
        let (outside, inside): (Vec<_>, Vec<_>) = m.scalars.iter().cloned().partition(|(id, _)| free(self, id));
        let first = m.factors.iter().position(|id| !free(self, id));
        let last = m.factors.iter().rposition(|id| !free(self, id));
        let (Some(first), Some(last)) = (first, last) else {
            let (more, c) = match inside.as_slice() {
                [] => (vec![(self.range(index)?, Rational::one())], Rational::one()),
                [(trace, power)] if power.is_one() => self.over_trace(index, *trace)?,
                _ => {
                    let product =
                        Poly::of(Shape::SCALAR, Monomial { scalars: inside, factors: vec![] }, Rational::one());
                    (vec![(self.over_term(index, &product)?, Rational::one())], Rational::one())
                }
            };
            let scalars = merged(&outside, &more);
            return Ok(Poly::of(shape, Monomial { scalars, factors: m.factors.clone() }, c));
        };
        let middle = &m.factors[first..=last];
        let ends = (self.arena.data(middle[0]).shape.rows, self.arena.data(middle[middle.len() - 1]).shape.cols);
        let middle = Monomial { scalars: inside, factors: middle.to_vec() };
        let letter = self.over_term(index, &Poly::of(Shape::new(ends.0, ends.1), middle, Rational::one()))?;
        let factors = [&m.factors[..first], &[letter], &m.factors[last + 1..]].concat();
        Ok(Poly::of(shape, Monomial { scalars: outside, factors }, Rational::one()))
    }

    /// The number of values of an index.
    fn range(&mut self, index: Id) -> Form<Id> {
        let name = self.arena.data(index).index.ok_or(NoForm::IllTyped)?;
        let range = self.arena.range(name).ok_or(NoForm::IllTyped)?;
        Ok(self.arena.add(Term::Size(range))?)
    }

    /// Σ over an index of a term, of several sums the indices in order.
    fn over_term(&mut self, index: Id, x: &Poly) -> Form<Id> {
        let mut body = self.term(x)?;
        let mut indices = vec![index];
        while let Term::Op(Op::Over, args) = self.arena.node(body) {
            indices.push(args[0]);
            body = args[1];
        }
        indices.sort_unstable();
        self.nested(&indices, body)
    }

    fn nested(&mut self, indices: &[Id], body: Id) -> Form<Id> {
        let sum = |id: Result<Id, IllTyped>, index: &Id| self.arena.add(Term::op(Op::Over, &[*index, id?]));
        Ok(indices.iter().fold(Ok(body), sum)?)
    }

    /// Σᵢ tr(X) = tr(Σᵢ(part) rest), where the rest does not depend on i and is as long as may be.
    fn over_trace(&mut self, index: Id, trace: Id) -> Form<(Vec<(Id, Rational)>, Rational)> {
        if let Term::Op(Op::Tr, args) = self.arena.node(trace).clone() {
            let list = self.unchained(args[0]);
            if let Some(cut) = self.outside(index, &list) {
                let letter = self.over_chain(index, &cut.inside)?;
                return self.trace([vec![letter], cut.outside].concat());
            }
        }
        let one = Poly::of(
            Shape::SCALAR,
            Monomial { scalars: vec![(trace, Rational::one())], factors: vec![] },
            Rational::one(),
        );
        Ok((vec![(self.over_term(index, &one)?, Rational::one())], Rational::one()))
    }

    fn over_chain(&mut self, index: Id, factors: &[Id]) -> Form<Id> {
        let ends = (self.arena.data(factors[0]).shape.rows, self.arena.data(factors[factors.len() - 1]).shape.cols);
        let chain = Monomial { scalars: vec![], factors: factors.to_vec() };
        self.over_term(index, &Poly::of(Shape::new(ends.0, ends.1), chain, Rational::one()))
    }

    /// Where a closed chain is cut for a sum over an index: the longest run without it, of several the one with the
    /// youngest factors; none where every factor depends on it.
    fn outside(&self, index: Id, list: &[Id]) -> Option<Cut> {
        let n = list.len();
        let free = |at: usize| self.is_independent(list[at % n], index);
        let starts = (0..n).filter(|&at| free(at) && !free(at + n - 1));
        let runs = starts.map(|from| (from, (from..from + n).take_while(|&at| free(at)).count()));
        let factors = |from: usize, count: usize| (from..from + count).map(|at| list[at % n]).collect::<Vec<_>>();
        let (from, count) = runs.max_by_key(|&(from, count)| (count, factors(from, count), factors(from, n)))?;
        Some(Cut { outside: factors(from, count), inside: factors(from + count, n - count) })
    }

    /// A closed chain in which a sum over an index stands beside what does not depend on it, with the sum cut as
    /// [`Normal::outside`] does; none where it is.
    pub(super) fn recut(&mut self, list: &[Id]) -> Form<Option<Vec<Id>>> {
        for (at, letter) in list.iter().enumerate() {
            let Term::Op(Op::Over, args) = self.arena.node(*letter).clone() else { continue };
            let rest: Vec<Id> = [&list[at + 1..], &list[..at]].concat();
            if rest.is_empty() || !rest.iter().all(|id| self.is_independent(*id, args[0])) {
                continue;
            }
            let whole = [self.unchained(args[1]), rest.clone()].concat();
            let Some(cut) = self.outside(args[0], &whole) else { continue };
            if cut.outside != rest {
                let letter = self.over_chain(args[0], &cut.inside)?;
                return Ok(Some([vec![letter], cut.outside].concat()));
            }
        }
        Ok(None)
    }

    /// A closed chain cut beside one of its factors that stands inside of a sum over an index it does not depend on.
    pub(super) fn cut_beside(&mut self, list: &[Id], wanted: impl Fn(&Self, Id) -> bool) -> Form<Option<Vec<Id>>> {
        let [letter, rest @ ..] = list else { return Ok(None) };
        let Term::Op(Op::Over, args) = self.arena.node(*letter).clone() else { return Ok(None) };
        let inside = self.unchained(args[1]);
        let free = |n: &Self, id: &Id| n.is_independent(*id, args[0]);
        let Some(at) = inside.iter().position(|id| wanted(self, *id) && free(self, id)) else { return Ok(None) };
        if !rest.iter().all(|id| free(self, id)) {
            return Ok(None);
        }
        let chain = [&inside[at + 1..], rest, &inside[..at]].concat();
        Ok(Some(vec![self.over_chain(args[0], &chain)?, inside[at]]))
    }

    /// The summand of a sum over indices of a symbol, each member of which is any matrix of its own: what a sum says of all of them
    /// it says of each.
    pub(super) fn member(&self, mut id: Id, symbol: Id) -> Id {
        while let Term::Op(Op::Over, args) = self.arena.node(id)
            && !self.is_independent(symbol, args[0])
        {
            id = args[1];
        }
        id
    }

    /// A closed chain in which the one sum over members that has a symbol of the family in it is a summand of it, as in
    /// [`Normal::member`].
    pub(super) fn members(&self, list: &[Id], symbol: Id) -> Vec<Id> {
        let Term::Sym(name) = self.arena.node(symbol) else { return list.to_vec() };
        let holding: Vec<usize> = (0..list.len()).filter(|at| self.mentions(list[*at], *name)).collect();
        let [at] = holding.as_slice() else { return list.to_vec() };
        let summand = self.member(list[*at], symbol);
        [&list[..*at], &self.unchained(summand), &list[at + 1..]].concat()
    }

    /// The transpose of a sum over an index of a chain, and its sign.
    pub(super) fn over_reversed(&mut self, index: Id, body: Id) -> Form<(Id, Rational)> {
        let chain = self.unchained(body);
        let (flipped, sign) = self.reversed(&chain)?;
        Ok((self.over_chain(index, &flipped)?, sign))
    }
}

/// A closed chain cut for a sum over an index.
struct Cut {
    /// What does not depend on it.
    outside: Vec<Id>,
    inside: Vec<Id>,
}
