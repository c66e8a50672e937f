//! Branches of a model: what is left of it where parameters of its other branches vanish, as the summand that one block adds to a
//! residual stream.
//!
//! *Statement.* Let some parameters that may be any matrices be 0, so that summands vanish and nothing else does. There the gradients in
//! parameters that no longer occur are 0, but for those that vanish; so what ⟨G, A W + W B + C⟩ says at such a point is said in A and B of
//! the parameters that still occur, their C, and the C of those that vanish. What is computed besides is smooth there: a factor that is 0 meets
//! products, transposes and sums alone.

use super::fields::Fields;
use crate::eval::EvalError;
use crate::model::{Loss, Model};
use crate::term::{Builder, Expr, Op, Sizes, Symbol, Term, sym, symbols};
use egg::{Id, Language};
use std::collections::{BTreeSet, HashSet};

/// A branch as a model of its own.
pub struct Branch {
    pub fields: Fields,
    /// For each of its parameters the number that it has in the whole model.
    pub parts: Vec<usize>,
    /// The parameters of the whole model that vanish.
    pub vanishing: Vec<usize>,
}

impl Branch {
    /// The branches of a model in which everything is written out; none where nothing may vanish.
    pub fn all(model: &Model, sizes: &Sizes) -> Result<Vec<Branch>, EvalError> {
        let Some(potential) = potential(model) else { return Ok(vec![]) };
        let may_vanish = vanishing(model, &potential);
        let mut seen: HashSet<BTreeSet<Symbol>> = HashSet::new();
        let mut out = Vec::new();
        for &outer in &may_vanish {
            let Some(without) = Seen::where_vanish(&potential, &BTreeSet::from([outer])) else { continue };
            let others: BTreeSet<Symbol> =
                may_vanish.iter().copied().filter(|name| without.occurring.contains(name)).collect();
            if !seen.insert(others.clone()) {
                continue;
            }
            let Some(alone) = Seen::where_vanish(&potential, &others) else { continue };
            if alone.occurring.contains(&outer) {
                out.push(branch(model, (&alone, &potential), &others, sizes)?);
            }
        }
        Ok(out)
    }
}

/// The parameters by which branches reach the rest: others no longer occur where one of them vanishes.
pub(super) fn outer(model: &Model) -> Vec<Symbol> {
    let Some(potential) = potential(model) else { return vec![] };
    let occurring = symbols(&potential).collect::<BTreeSet<_>>().len();
    let is_outer = |name: &Symbol| {
        let without = Seen::where_vanish(&potential, &BTreeSet::from([*name]));
        without.is_some_and(|without| without.occurring.len() + 1 < occurring)
    };
    vanishing(model, &potential).into_iter().filter(is_outer).collect()
}

/// The output, or the loss, of parameters and data.
fn potential(model: &Model) -> Option<Expr> {
    match (&model.loss, &model.output) {
        (Loss::Explicit(loss), _) => Some(model.inline(loss)),
        (Loss::Any, output) => output.as_ref().map(|output| model.inline(&sym(output.name))),
    }
}

/// Parameters that may vanish all together, so that something is left.
fn vanishing(model: &Model, potential: &Expr) -> BTreeSet<Symbol> {
    let mut out = BTreeSet::new();
    for parameter in model.params.iter().filter(|p| p.facts.is_empty()) {
        out.insert(parameter.name);
        if Seen::where_vanish(potential, &out).is_none() {
            out.remove(&parameter.name);
        }
    }
    out
}

fn branch(
    model: &Model,
    (seen, potential): (&Seen, &Expr),
    vanishing: &BTreeSet<Symbol>,
    sizes: &Sizes,
) -> Result<Branch, EvalError> {
    let left = seen.formula(potential);
    let mut alone = model.clone();
    alone.params.retain(|p| seen.occurring.contains(&p.name));
    alone.lets.retain(|d| model.is_stopped(d.name));
    match (&mut alone.loss, &mut alone.output) {
        (Loss::Explicit(loss), _) => *loss = left,
        (Loss::Any, output) => output.iter_mut().for_each(|output| output.expr = left.clone()),
    }
    let numbered = |is: &dyn Fn(Symbol) -> bool| {
        let named = model.params.iter().enumerate().filter(|(_, p)| is(p.name));
        named.map(|(i, _)| i).collect()
    };
    Ok(Branch {
        fields: Fields::new(&alone, sizes)?.briefly(),
        parts: numbered(&|name| seen.occurring.contains(&name)),
        vanishing: numbered(&|name| vanishing.contains(&name)),
    })
}

/// A formula in which some symbols are 0.
struct Seen {
    /// For each node the one that has its value; `None` for zero.
    stands_for: Vec<Option<Id>>,
    /// The symbols that it still depends on.
    occurring: BTreeSet<Symbol>,
}

impl Seen {
    /// `None` where zero is an argument of more than products and sums, or all that is left.
    fn where_vanish(formula: &Expr, names: &BTreeSet<Symbol>) -> Option<Seen> {
        let mut stands_for: Vec<Option<Id>> = Vec::with_capacity(formula.len());
        for (i, node) in formula.as_ref().iter().enumerate() {
            let of = |id: &Id| stands_for[usize::from(*id)];
            let itself = Some(Id::from(i));
            stands_for.push(match node {
                Term::Sym(name) => {
                    if names.contains(name) {
                        None
                    } else {
                        itself
                    }
                }
                node if node.children().iter().all(|id| of(id).is_some()) => itself,
                Term::Op(Op::Mul | Op::Had | Op::T, _) => None,
                Term::Op(Op::Add, args) => of(&args[0]).or(of(&args[1])),
                _ => return None,
            });
        }
        let mut open = vec![(*stands_for.last()?)?];
        let (mut reached, mut occurring) = (vec![false; formula.len()], BTreeSet::new());
        while let Some(id) = open.pop() {
            if std::mem::replace(&mut reached[usize::from(id)], true) {
                continue;
            }
            match &formula[id] {
                Term::Sym(name) => {
                    occurring.insert(*name);
                }
                node => open.extend(node.children().iter().filter_map(|child| stands_for[usize::from(*child)])),
            }
        }
        Some(Seen { stands_for, occurring })
    }

    /// What is left of it.
    fn formula(&self, of: &Expr) -> Expr {
        let mut out = Builder::default();
        let mut ids: Vec<Id> = Vec::with_capacity(of.len());
        for (node, stands_for) in of.as_ref().iter().zip(&self.stands_for) {
            let id = match stands_for {
                // What is zero is read by nothing.
                None => Id::from(0),
                Some(id) if usize::from(*id) < ids.len() => ids[usize::from(*id)],
                Some(_) => out.add(node.clone().map_children(|child| ids[usize::from(child)])),
            };
            ids.push(id);
        }
        let root = *ids.last().unwrap_or(&Id::from(0));
        out.finish(root)
    }
}
