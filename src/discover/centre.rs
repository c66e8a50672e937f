//! Actions about a centre: where a parameter occurs as W + K with a constant K, as a gain 1 + w or a fixed matrix plus what
//! is learned, a group may act on the sum. The model is written in W̃ = W + K, in which such an action is linear, and what is found
//! there is carried back.

use crate::law::{Context, same_image};
use crate::model::{Action, Definition, Loss, Model};
use crate::term::{
    Builder, Expr, Op, Rational, Symbol, Term, add, arguments, is_negative, mentions, root, scaled, substitute,
    subterm, summands, sym,
};
use egg::Language;
use std::collections::HashMap;

/// The centre −K of some parameters.
#[derive(Clone, Debug, Default)]
pub struct Centres {
    /// W and K.
    shifts: Vec<(Symbol, Expr)>,
}

impl Centres {
    /// For each parameter the constant that is added to it wherever it stands but for a minority of places.
    pub fn of(model: &Model) -> Centres {
        let mut counted: Vec<(Symbol, Expr, usize)> = Vec::new();
        for expr in formulas(model) {
            each_sum(expr, &mut |sum| {
                let Some((param, shift)) = shifted(model, sum) else { return };
                match counted.iter_mut().find(|(p, k, _)| *p == param && *k == shift) {
                    Some((.., count)) => *count += 1,
                    None => counted.push((param, shift, 1)),
                }
            });
        }
        let mut shifts: Vec<(Symbol, Expr)> = Vec::new();
        for param in &model.params {
            let of_it = counted.iter().filter(|(p, ..)| *p == param.name);
            let most = of_it.clone().map(|(.., count)| *count).max();
            let all: usize = formulas(model).map(|e| occurrences(e, param.name)).sum();
            if let Some((_, shift, count)) = of_it.clone().find(|(.., count)| Some(*count) == most)
                && 2 * count > all
            {
                shifts.push((param.name, shift.clone()));
            }
        }
        Centres { shifts }
    }

    pub fn is_empty(&self) -> bool {
        self.shifts.is_empty()
    }

    /// The model in W̃, under the names of W.
    pub fn recentred(&self, model: &Model) -> Model {
        let mut out = model.clone();
        let at = |d: &Definition| Definition { expr: self.written(model, &d.expr), ..d.clone() };
        out.lets = model.lets.iter().map(at).collect();
        out.output = model.output.as_ref().map(at);
        if let Loss::Explicit(loss) = &model.loss {
            out.loss = Loss::Explicit(self.written(model, loss));
        }
        out
    }

    /// A formula in W as one in W̃.
    fn written(&self, model: &Model, expr: &Expr) -> Expr {
        if let Some((param, shift)) = shifted(model, expr)
            && self.shifts.iter().any(|(p, k)| *p == param && *k == shift)
        {
            let factor = summands(expr).into_iter().find(|(_, t)| *t == sym(param)).map(|(c, _)| c);
            return scaled(factor.unwrap_or_default(), &sym(param));
        }
        match root(expr) {
            Term::Sym(name) => match self.shift(*name) {
                Some(shift) => taken_off(&sym(*name), shift),
                None => expr.clone(),
            },
            node => {
                let args: Vec<Expr> = arguments(expr).iter().map(|x| self.written(model, x)).collect();
                let mut out = Builder::default();
                let mut ids = args.iter().map(|x| out.copy(x)).collect::<Vec<_>>().into_iter();
                let node = node.clone().map_children(|c| ids.next().unwrap_or(c));
                let id = out.add(node);
                out.finish(id)
            }
        }
    }

    /// K.
    pub fn shift(&self, param: Symbol) -> Option<&Expr> {
        self.shifts.iter().find(|(p, _)| *p == param).map(|(_, k)| k)
    }

    /// An action on W̃ as one on W: f(W + K) − K, and f(W) where that is the same.
    pub fn carried_back(&self, cx: &Context, mut action: Action) -> Action {
        if self.is_empty() {
            return action;
        }
        // 1 + w and W − M read better than w + 1 and −M + W.
        let sum = |p: &Symbol, k: &Expr| match is_negative(k) {
            true => add(&sym(*p), k),
            false => add(k, &sym(*p)),
        };
        let sums: HashMap<Symbol, Expr> = self.shifts.iter().map(|(p, k)| (*p, sum(p, k))).collect();
        let images = action.images.clone();
        for (param, image) in &images {
            let moved = substitute(image, &sums);
            let moved = self.shift(*param).map_or(moved.clone(), |k| taken_off(&moved, k));
            let stays = moved == *image || same_image(cx, &action, &moved, image);
            if let Some(slot) = action.images.iter_mut().find(|(p, _)| p == param)
                && !stays
            {
                slot.1 = moved;
            }
        }
        action
    }
}

/// W − K, each summand of K with the other sign.
fn taken_off(image: &Expr, shift: &Expr) -> Expr {
    summands(shift).iter().fold(image.clone(), |out, (c, t)| add(&out, &scaled(-c.clone(), t)))
}

/// The formulas of a model.
pub(super) fn formulas(model: &Model) -> impl Iterator<Item = &Expr> {
    let loss = match &model.loss {
        Loss::Explicit(loss) => Some(loss),
        Loss::Any => None,
    };
    model.lets.iter().chain(&model.output).map(|d| &d.expr).chain(loss)
}

/// How often a name stands in a formula.
fn occurrences(expr: &Expr, name: Symbol) -> usize {
    match root(expr) {
        Term::Sym(s) => usize::from(*s == name),
        _ => arguments(expr).iter().map(|x| occurrences(x, name)).sum(),
    }
}

/// Every largest sum in a formula.
pub(super) fn each_sum(expr: &Expr, told: &mut impl FnMut(&Expr)) {
    if matches!(root(expr), Term::Op(Op::Add, _)) {
        told(expr);
        summands(expr).iter().for_each(|(_, term)| each_sum(term, told));
        return;
    }
    let node = root(expr).clone();
    node.children().iter().for_each(|&c| each_sum(&subterm(expr, c), told));
}

/// The parameter W and K of a sum c(W + K) where K has no parameters in it.
fn shifted(model: &Model, sum: &Expr) -> Option<(Symbol, Expr)> {
    if !matches!(root(sum), Term::Op(Op::Add, _)) {
        return None;
    }
    let terms = summands(sum);
    let param = |term: &Expr| match root(term) {
        Term::Sym(name) => model.param(*name).map(|p| p.name),
        _ => None,
    };
    let mut alone = terms.iter().filter_map(|(c, t)| param(t).map(|p| (c, p)));
    let (Some((factor, name)), None) = (alone.next(), alone.next()) else { return None };
    let constant: Vec<&(Rational, Expr)> = terms.iter().filter(|(_, t)| *t != sym(name)).collect();
    let moves = |t: &Expr| {
        let symbols = model.params.iter().map(|p| p.name).chain(model.lets.iter().map(|d| d.name));
        symbols.chain(model.output.iter().map(|d| d.name)).any(|s| mentions(t, s))
    };
    if constant.is_empty() || constant.iter().any(|(_, t)| moves(t)) {
        return None;
    }
    let shift = constant.iter().map(|(c, t)| scaled(c / factor, t)).reduce(|sum, t| add(&sum, &t))?;
    Some((name, shift))
}
