//! By which power of the group element the values that blocks carry on are moved: a proposal, from the first block to the next.
//! Where what the first block takes goes to a^e X and what it gives to a^f X, what block l takes is likely to go to
//! a^(e + (f − e)(l − 1)) X.

use super::context::{Context, end_of};
use super::siblings::definition;
use crate::kernel::{Scope, turned};
use crate::model::{Action, Repeat};
use crate::rewrite::{Goal, Purpose};
use crate::term::{Exponent, Expr, Facts, Op, Symbol, Term, arguments, infer, root, substitute, sym, symbols};
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
        let one = Exponent::number(One::one());
        let mut images = known.clone();
        let power_of = |name: Symbol, images: &mut Images| self.power(&self.image(name, images), name);
        let first: Vec<_> = repeat.carried.iter().map(|c| power_of(c.first, &mut images)).collect();
        let all = std::mem::take(&mut images).into_iter();
        images = all.filter_map(|(name, x)| Some((name, turned(self.scope.env(), &x, repeat.index, &one)?))).collect();
        for (c, e) in repeat.carried.iter().zip(&first) {
            images.insert(c.before, e.as_ref().map_or_else(|| sym(c.before), |e| self.times(e, c.before)));
        }
        let mut out = Images::new();
        for (c, e) in repeat.carried.iter().zip(first) {
            let grown = || {
                let e = e?;
                let more = power_of(c.after, &mut images.clone())?.minus(&e)?;
                e.plus(&more.times(&Exponent::index(repeat.index).minus(&one)?)?)
            };
            out.extend(grown().map(|e| (c.before, self.times(&e, c.before))));
        }
        out
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
