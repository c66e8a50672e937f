//! Sizes that only count samples.

use crate::model::Model;
use crate::term::{Argument, Columns, Data, Env, Expr, Shape, Size, Symbol, Term, infer_expr};

/// The dims n such that every formula of n columns on the way to `scalar` is computed column by column, so that the
/// scalar is a sum over the columns of the data: a field of n samples is then a sum of fields of one sample.
pub fn one_column_each(model: &Model, env: &Env, scalar: &Expr) -> Vec<Symbol> {
    let Ok(data) = infer_expr(env, scalar) else { return Vec::new() };
    sample_sizes(model).filter(|&n| by_columns(scalar, &data, Size::Name(n))).collect()
}

/// The dims that only count samples.
pub(super) fn sample_sizes(model: &Model) -> impl Iterator<Item = Symbol> {
    model.dims.iter().map(|dim| dim.name).filter(|&n| counts_samples(model, n))
}

/// Whether the size occurs in no parameter, and in data only as the number of columns.
fn counts_samples(model: &Model, n: Symbol) -> bool {
    let occurs = |size: Size| size.names().contains(&n);
    let samples = |size: Size| size == Size::Name(n);
    model.params.iter().all(|p| !occurs(p.shape.rows) && !occurs(p.shape.cols))
        && model.data.iter().all(|d| !occurs(d.shape.rows) && (!occurs(d.shape.cols) || samples(d.shape.cols)))
        && model.data.iter().any(|d| samples(d.shape.cols))
}

fn by_columns(scalar: &Expr, data: &[Data], n: Size) -> bool {
    scalar.as_ref().iter().enumerate().all(|(i, node)| {
        let Term::Op(op, args) = node else { return true };
        let shape = |id: egg::Id| data[usize::from(id)].shape;
        let of = |id: egg::Id| shape(id).rows == n || shape(id).cols == n;
        // The size as a number, not as an extent.
        let occurs = |size: Size| size.names().iter().any(|name| Size::Name(*name) == n);
        let as_number = args
            .iter()
            .enumerate()
            .any(|(place, &a)| data[usize::from(a)].size.is_some_and(occurs) && op.argument(place) != Argument::Size);
        // Samples beside others, as a column that is put before them.
        let Shape { rows, cols } = data[i].shape;
        if occurs(rows) || occurs(cols) && cols != n || as_number {
            return false;
        }
        if !args.iter().any(|&a| of(a)) {
            return true;
        }
        match op.row().columns {
            Columns::Each => true,
            Columns::Product => !of(args[0]) || shape(args[1]).is_scalar() && !of(args[1]),
            // A sum over the columns, if nothing is done to it afterwards.
            Columns::Sum => usize::from(scalar.root()) == i,
            Columns::Mixed => false,
        }
    })
}
