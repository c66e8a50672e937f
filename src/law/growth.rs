//! By which power of the group element the values that blocks carry on are moved: a proposal, from the first block to the next.
//! Where what the first block takes goes to a^e X and what it gives to a^f X, what block l takes is likely to go to
//! a^(e + (f − e)(l − 1)) X; where the images depend on l the second block tells a polynomial of degree 2.

use super::context::{Context, end_of};
use super::siblings::definition;
use crate::kernel::{Scope, turned};
use crate::model::{Action, Repeat};
use crate::rewrite::{Goal, Purpose};
use crate::term::{
    Exponent, Expr, Facts, Op, Rational, Symbol, Term, arguments, infer, mentions, root, substitute, sym, symbols,
};
use num_traits::One;
use std::collections::HashMap;

/// What every symbol that was asked for goes to.
type Images = HashMap<Symbol, Expr>;

pub(super) struct Growth<'a, 'b> {
    cx: &'a Context<'b>,
    scope: &'a Scope,
    element: Symbol,
}

impl<'a, 'b> Growth<'a, 'b> {
    /// For an action by a positive number of all members of blocks.
    pub fn of(cx: &'a Context<'b>, action: &Action, scope: &'a Scope) -> Option<Growth<'a, 'b>> {
        let element = action.element?;
        let info = scope.env().symbol(element)?;
        let positive = info.shape.is_scalar() && info.facts.contains(Facts::POSITIVE);
        let blocks = cx.model().repeats.iter().any(|repeat| !repeat.carried.is_empty());
        (positive && blocks && action.exchanged().is_none()).then_some(Growth { cx, scope, element })
    }

    /// The image of a value that a block takes, given those of what stands before it.
    pub fn taken(&self, before: Symbol, known: &Images) -> Option<Expr> {
        let (repeat, _) = self.cx.model().carrying(before)?;
        self.block(&repeat.clone(), known).remove(&before)
    }

    /// The images of the values that a block takes, as far as they are powers times the value.
    fn block(&self, repeat: &Repeat, known: &Images) -> Images {
        let number = |n: i64| Exponent::number(Rational::from_integer(n.into()));
        let mut images = known.clone();
        let first: Vec<_> = repeat.carried.iter().map(|c| self.power_of(c.first, &mut images)).collect();
        let second = self.given(repeat, &images, &number(1), &first);
        // Where what moves in the block depends on its number, so may the difference.
        let varies = images.values().any(|x| mentions(x, repeat.index));
        let third = if varies { self.given(repeat, &images, &number(2), &second) } else { vec![] };
        let mut out = Images::new();
        for (k, c) in repeat.carried.iter().enumerate() {
            let at = |all: &[Option<Exponent>]| all.get(k).cloned().flatten();
            let grown = || {
                let (e, f, l) = (at(&first)?, at(&second)?, Exponent::index(repeat.index));
                let difference = f.minus(&e)?;
                let linear = e.plus(&difference.times(&l.minus(&number(1))?)?)?;
                let Some(g) = at(&third) else { return Some(linear) };
                let bend =
                    g.minus(&f)?.minus(&difference)?.times(&Exponent::number(Rational::new(1.into(), 2.into())))?;
                linear.plus(&bend.times(&l.minus(&number(1))?)?.times(&l.minus(&number(2))?)?)
            };
            out.extend(grown().map(|e| (c.before, self.times(&e, c.before))));
        }
        out
    }

    /// By which powers the values that one block gives are moved, where those that it takes are by these.
    fn given(
        &self,
        repeat: &Repeat,
        known: &Images,
        block: &Exponent,
        taken: &[Option<Exponent>],
    ) -> Vec<Option<Exponent>> {
        let at = |(name, x): (&Symbol, &Expr)| Some((*name, turned(self.scope.env(), x, repeat.index, block)?));
        let mut images: Images = known.iter().filter_map(at).collect();
        for (c, e) in repeat.carried.iter().zip(taken) {
            images.insert(c.before, e.as_ref().map_or_else(|| sym(c.before), |e| self.times(e, c.before)));
        }
        repeat.carried.iter().map(|c| self.power_of(c.after, &mut images.clone())).collect()
    }

    fn power_of(&self, name: Symbol, images: &mut Images) -> Option<Exponent> {
        self.power(&self.image(name, images), name)
    }

    fn times(&self, e: &Exponent, name: Symbol) -> Expr {
        e.power(&sym(self.element), &sym(name))
    }

    /// The e for which a formula is the element to the power e times the value of a name.
    fn power(&self, image: &Expr, name: Symbol) -> Option<Exponent> {
        if *image == sym(name) {
            return Some(Exponent::default());
        }
        let parts = arguments(image);
        let (Term::Op(Op::Mul, _), [factor, value]) = (root(image), parts.as_slice()) else { return None };
        if *value != sym(name) {
            return None;
        }
        let element = sym(self.element);
        match (root(factor), arguments(factor).as_slice()) {
            (Term::Sym(_), _) if *factor == element => Some(Exponent::number(One::one())),
            (Term::Op(Op::Pow, _), [base, e]) if *base == element => infer(self.scope.env(), e).ok()?.exponent(),
            _ => None,
        }
    }

    /// What a name goes to.
    fn image(&self, name: Symbol, images: &mut Images) -> Expr {
        if let Some(image) = images.get(&name) {
            return image.clone();
        }
        let image = self.found(name, images);
        images.insert(name, image.clone());
        image
    }

    fn found(&self, name: Symbol, images: &mut Images) -> Expr {
        let model = self.cx.model();
        if let Some((repeat, _)) = model.carrying(name) {
            let all = self.block(&repeat.clone(), images);
            images.extend(all);
            return images.get(&name).cloned().unwrap_or_else(|| sym(name));
        }
        // What the last block gives is moved as what a block after it would take.
        let given = model.repeats.iter().find_map(|r| Some((r, r.carried.iter().find(|c| c.last == name)?)));
        if let Some((repeat, carried)) = given {
            let (before, index) = (carried.before, repeat.index);
            let range = model.index(index).and_then(|index| Exponent::size(index.range));
            let next = range.and_then(|range| range.plus(&Exponent::number(One::one())));
            let image = self.image(before, images);
            let image = next.and_then(|next| turned(self.scope.env(), &image, index, &next));
            return image.map_or_else(|| sym(name), |x| substitute(&x, &HashMap::from([(before, sym(name))])));
        }
        let Some(own) = model.definition(name) else { return sym(name) };
        let read: Images = symbols(&own.expr).map(|name| (name, self.image(name, images))).collect();
        let moved = substitute(&own.expr, &read);
        if moved == own.expr {
            return sym(name);
        }
        let avoid = Goal::Avoiding(vec![self.element]);
        let found = self.cx.best(self.scope, Purpose::Lemma, &[definition(&own)], &moved, &avoid);
        found.map_or(moved, |found| end_of(&found).clone())
    }
}
