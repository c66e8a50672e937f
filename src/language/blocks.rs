//! The image of a matrix of which an action moves rows or columns: `rows(W, a..b) -> …`.

use crate::term::{Expr, Op, Size, Symbol, Term, apply, arguments, root, size, sym, transpose};

/// Rows or columns of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub of: Symbol,
    /// Columns otherwise.
    pub rows: bool,
    pub from: Size,
    pub to: Size,
    /// How many there are.
    pub all: Size,
}

impl Block {
    /// The block that a formula is, `rows(W, a..b)` or `cols(W, a..b)` of a name.
    pub fn at(expr: &Expr) -> Option<Block> {
        let Term::Op(Op::Mul, _) = root(expr) else { return None };
        let [x, y] = <[Expr; 2]>::try_from(arguments(expr)).ok()?;
        let transposed = |y: &Expr| matches!(root(y), Term::Op(Op::T, _)).then(|| arguments(y).remove(0));
        let (select, name, rows) = match (root(&x), root(&y)) {
            (Term::Op(Op::Select, _), Term::Sym(name)) => (x.clone(), *name, true),
            (Term::Sym(name), _) => (transposed(&y)?, *name, false),
            _ => return None,
        };
        if !matches!(root(&select), Term::Op(Op::Select, _)) {
            return None;
        }
        let sizes: Option<Vec<Size>> = (arguments(&select).iter())
            .map(|size| if let Term::Size(size) = root(size) { Some(*size) } else { None })
            .collect();
        let [from, to, all] = sizes?[..] else { return None };
        Some(Block { of: name, rows, from, to, all })
    }

    /// Whether all of its rows stand before those of another, whatever the sizes are.
    fn before(&self, other: &Block) -> bool {
        other.from.minus(self.to).is_some()
    }

    /// The block as it is, its columns as rows.
    fn unmoved(&self, from: Size, to: Size) -> Expr {
        let select = apply(Op::Select, &[&size(from), &size(to), &size(self.all)]);
        let matrix = if self.rows { sym(self.of) } else { transpose(&sym(self.of)) };
        apply(Op::Mul, &[&select, &matrix])
    }
}

/// The image of the whole matrix from those of some of its blocks; the others stay. `None` where it is not known that the
/// blocks have no row in common.
pub(super) fn composed(mut blocks: Vec<(Block, Expr)>) -> Option<Expr> {
    let mut parts: Vec<Expr> = Vec::new();
    let whole = blocks.first()?.0;
    let (rows, all) = (whole.rows, whole.all);
    let one = Size::Lit(1);
    let mut next = Some(one);
    while !blocks.is_empty() {
        let is_first = |i: &usize| (0..blocks.len()).all(|j| *i == j || blocks[*i].0.before(&blocks[j].0));
        let (block, image) = blocks.remove((0..blocks.len()).find(is_first)?);
        let start = next?;
        if block.from != start {
            block.from.minus(start)?;
            parts.push(whole.unmoved(start, block.from.minus(one)?));
        }
        parts.push(if rows { image } else { transpose(&image) });
        next = if block.to == all { None } else { Some(block.to.plus(one)?) };
    }
    if let Some(start) = next {
        parts.push(whole.unmoved(start, all));
    }
    let stacked = parts.into_iter().rev().reduce(|below, part| apply(Op::Concat, &[&part, &below]))?;
    Some(if rows { stacked } else { transpose(&stacked) })
}
