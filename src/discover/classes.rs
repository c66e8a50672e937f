//! Which sides of parameters share their index in the formulas of a model: the columns of a factor and the rows of the next, the sides
//! of summands. A guess of where a group acts together, from which tests start.

use super::occurrence::{Occurrence, Side};
use crate::model::{Loss, Model};
use crate::term::{Op, Shape, Size, Symbol, Term, infer_expr, sym};
use egg::Language;
use petgraph::unionfind::UnionFind;
use std::collections::HashMap;

/// A number for each occurrence, the same for those that share their index.
pub fn classes(model: &Model, all: &[Occurrence]) -> Vec<usize> {
    let target = match (&model.loss, &model.output) {
        (Loss::Any, Some(output)) => sym(output.name),
        _ => sym(Model::loss_symbol()),
    };
    let expr = model.inline(&target);
    let Ok(data) = infer_expr(&model.env, &expr) else { return vec![0; all.len()] };
    let shape = |id: usize| data[id].shape;
    let side = |id: usize, side: Side| 2 * id + usize::from(side == Side::Cols);
    let mut indices = UnionFind::<usize>::new(2 * expr.len());
    let mut params: HashMap<Symbol, usize> = HashMap::new();
    for (i, node) in expr.as_ref().iter().enumerate() {
        let args: Vec<usize> = node.children().iter().map(|&c| usize::from(c)).collect();
        let mut share = |a: (usize, Side), b: (usize, Side)| {
            let extent = |(id, at): (usize, Side)| match at {
                Side::Rows => shape(id).rows,
                Side::Cols => shape(id).cols,
            };
            if extent(a) == extent(b) && extent(a) != Size::Lit(1) {
                indices.union(side(a.0, a.1), side(b.0, b.1));
            }
        };
        use Side::{Cols, Rows};
        match node {
            Term::Sym(name) => {
                params.insert(*name, i);
            }
            Term::Op(Op::Mul, _) if args.iter().all(|&a| shape(a) != Shape::SCALAR) => {
                share((args[0], Cols), (args[1], Rows));
                share((i, Rows), (args[0], Rows));
                share((i, Cols), (args[1], Cols));
            }
            Term::Op(Op::T, _) => {
                share((i, Rows), (args[0], Cols));
                share((i, Cols), (args[0], Rows));
            }
            _ => {
                for &a in &args {
                    share((i, Rows), (a, Rows));
                    share((i, Cols), (a, Cols));
                }
            }
        }
    }
    let of = |(number, at): (usize, &Occurrence)| match params.get(&model.params[at.param].name) {
        Some(&id) => indices.find(side(id, at.side)),
        None => 2 * expr.len() + number,
    };
    all.iter().enumerate().map(of).collect()
}
