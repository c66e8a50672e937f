//! Parameters that the output does not depend on, as the bias of keys: they may move in any way, and an action is proved most simply
//! where they move as what they are added to does.

use super::centre::{each_sum, formulas};
use crate::model::{Action, Model};
use crate::term::{Expr, Symbol, Term, factors, root, substitute, summands, sym};

/// The action where idle parameters move with what they are added to; none where there are none.
pub fn accompanied(model: &Model, idle: &[Symbol], action: &Action) -> Option<Action> {
    let mut out = action.clone();
    for expr in formulas(model) {
        each_sum(expr, &mut |sum| {
            let leading: Vec<Symbol> = summands(sum).iter().filter_map(|(_, term)| first_factor(term)).collect();
            for &own in leading.iter().filter(|name| idle.contains(name)) {
                let moved = leading.iter().find_map(|name| {
                    let (_, image) = action.images.iter().find(|(moved, _)| moved == name)?;
                    Some((*name, image)).filter(|_| acts_on_rows(*name, image))
                });
                if let Some((name, image)) = moved
                    && out.images.iter().all(|(known, _)| *known != own)
                {
                    out.images.push((own, substitute(image, &[(name, sym(own))].into())));
                }
            }
        });
    }
    (out.images.len() > action.images.len()).then_some(out)
}

fn first_factor(term: &Expr) -> Option<Symbol> {
    match factors(term).first().map(root) {
        Some(Term::Sym(name)) => Some(*name),
        _ => None,
    }
}

/// Whether an image is a product that ends in the parameter.
fn acts_on_rows(name: Symbol, image: &Expr) -> bool {
    matches!(factors(image).split_last(), Some((last, before)) if *last == sym(name) && !before.is_empty())
}
