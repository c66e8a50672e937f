//! Rows or columns of a matrix, and the image of one of which an action moves these: `rows(W, a..b) -> …`.

use crate::term::{Expr, Op, Size, Symbol, Term, apply, arguments, root, size, sym, transpose};

/// Rows or columns of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
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
        let [from, to, all] = selected(&select)?;
        Some(Block { of: name, rows, from, to, all })
    }

    /// How many rows or columns it has.
    pub fn count(&self) -> Option<Size> {
        if self.from == Size::Lit(1) { Some(self.to) } else { self.to.plus(Size::Lit(1))?.minus(self.from) }
    }

    /// Whether all of its rows stand before those of another, whatever the sizes are.
    fn before(&self, other: &Block) -> bool {
        other.from.minus(self.to).is_some()
    }

    /// `select(a, b, n)`.
    fn select(&self) -> Expr {
        apply(Op::Select, &[&size(self.from), &size(self.to), &size(self.all)])
    }

    /// `rows(W, a..b)` or `cols(W, a..b)`.
    pub fn formula(&self) -> Expr {
        match self.rows {
            true => apply(Op::Mul, &[&self.select(), &sym(self.of)]),
            false => apply(Op::Mul, &[&sym(self.of), &transpose(&self.select())]),
        }
    }

    /// The block as it is, its columns as rows.
    fn unmoved(&self, from: Size, to: Size) -> Expr {
        let select = Block { from, to, ..*self }.select();
        let matrix = if self.rows { sym(self.of) } else { transpose(&sym(self.of)) };
        apply(Op::Mul, &[&select, &matrix])
    }
}

/// The sizes of `select(a, b, n)`.
pub fn selected(select: &Expr) -> Option<[Size; 3]> {
    if !matches!(root(select), Term::Op(Op::Select, _)) {
        return None;
    }
    let sizes = arguments(select);
    let sizes = sizes.iter().map(|size| if let Term::Size(size) = root(size) { Some(*size) } else { None });
    sizes.collect::<Option<Vec<Size>>>()?.try_into().ok()
}

/// The image of the whole matrix from those of some of its blocks; the others stay. `None` where it is not known that the
/// blocks have no row in common.
pub fn composed(mut blocks: Vec<(Block, Expr)>) -> Option<Expr> {
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
