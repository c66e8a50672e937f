//! Products of selections of rows, `select(a, b, n)`, and their transposes: what the normal form of a chain makes of
//! neighbours.

use super::arena::{Arena, IllTyped};
use crate::term::{Op, Size, Term};
use egg::Id;

/// The product of two neighbours.
pub(super) enum Product {
    Zero,
    Identity,
    One(Id),
}

/// The rows that a matrix selects, of how many, and whether it is transposed.
#[derive(Clone, Copy)]
struct Selection {
    from: Size,
    to: Size,
    of: Size,
    transposed: bool,
}

impl Selection {
    fn at(arena: &Arena, id: Id) -> Option<Selection> {
        match arena.node(id) {
            Term::Op(Op::T, args) => {
                let plain = Selection::at(arena, args[0])?;
                Some(Selection { transposed: !plain.transposed, ..plain })
            }
            Term::Op(Op::Select, args) => {
                let size = |i: usize| arena.data(args[i]).size;
                Some(Selection { from: size(0)?, to: size(1)?, of: size(2)?, transposed: false })
            }
            _ => None,
        }
    }

    fn add(self, arena: &mut Arena) -> Result<Id, IllTyped> {
        let size = |arena: &mut Arena, size: Size| arena.add(Term::Size(size));
        let args = [size(arena, self.from)?, size(arena, self.to)?, size(arena, self.of)?];
        let plain = arena.add(Term::op(Op::Select, &args))?;
        if self.transposed { arena.add(Term::op(Op::T, &[plain])) } else { Ok(plain) }
    }

    /// Rows of the rows from `from` to `to`: those of the whole that they are.
    fn within(self, outer: Selection) -> Option<Selection> {
        let shift = |place: Size| place.plus(outer.from)?.minus(Size::Lit(1));
        Some(Selection { from: shift(self.from)?, to: shift(self.to)?, of: outer.of, transposed: false })
    }

    /// Where the rows of one stand among those of another that has them all.
    fn inside(self, outer: Selection) -> Option<Selection> {
        let place = |row: Size| row.plus(Size::Lit(1))?.minus(outer.from);
        let known = self.to == outer.to || outer.to.minus(self.to).is_some();
        let of = place(outer.to).filter(|_| known)?;
        Some(Selection { from: place(self.from)?, to: place(self.to)?, of, transposed: false })
    }
}

/// The transposed selection of some rows.
pub(super) fn transposed(arena: &mut Arena, from: Size, to: Size, of: Size) -> Result<Id, IllTyped> {
    Selection { from, to, of, transposed: true }.add(arena)
}

/// The product of two neighbours, both of which select rows, where it is again of one of these kinds.
pub(super) fn product(arena: &mut Arena, x: Id, y: Id) -> Result<Option<Product>, IllTyped> {
    let (Some(p), Some(q)) = (Selection::at(arena, x), Selection::at(arena, y)) else { return Ok(None) };
    let plain = |s: Selection| Selection { transposed: false, ..s };
    let found = match (p.transposed, q.transposed) {
        (false, false) => plain(p).within(q),
        (true, true) => plain(q).within(p).map(|s| Selection { transposed: true, ..s }),
        (false, true) => {
            if (p.from, p.to) == (q.from, q.to) {
                return Ok(Some(Product::Identity));
            }
            if q.from.minus(p.to).is_some() || p.from.minus(q.to).is_some() {
                return Ok(Some(Product::Zero));
            }
            let outer = plain(p).inside(q);
            outer.or_else(|| plain(q).inside(p).map(|s| Selection { transposed: true, ..s }))
        }
        (true, false) => None,
    };
    match found {
        Some(one) => Ok(Some(Product::One(one.add(arena)?))),
        None => Ok(None),
    }
}
