//! The numbers that symbolic sizes stand for at an instance.

use super::count::count_value;
use super::{Expr, Rational, Shape, Size, Symbol};
use num_traits::ToPrimitive;

/// The concrete value of every symbolic size, in the order in which they were declared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sizes(Vec<(Symbol, usize)>);

impl Sizes {
    /// No named size.
    pub fn new() -> Sizes {
        Sizes::default()
    }

    /// The number of a name.
    pub fn get(&self, name: Symbol) -> Option<usize> {
        let of = |name: &str| self.0.iter().find(|(known, _)| known.as_str() == name).map(|(_, n)| *n);
        // One of the sizes of a family, `d[2]`, is what all of them are where it has no number of its own.
        of(name.as_str()).or_else(|| of(name.as_str().strip_suffix(']')?.split_once('[')?.0))
    }

    /// Gives a name a number, in place of one that it has.
    pub fn set(&mut self, name: Symbol, n: usize) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = n,
            None => self.0.push((name, n)),
        }
    }

    /// The same sizes, none above `most`.
    pub fn capped(&self, most: usize) -> Sizes {
        self.iter().map(|(name, n)| (name, n.min(most))).collect()
    }

    /// Every name with its number.
    pub fn iter(&self) -> impl Iterator<Item = (Symbol, usize)> + '_ {
        self.0.iter().copied()
    }

    /// The number a size stands for; `None` for a name without one, and for a value beyond this machine.
    pub fn value(&self, size: Size) -> Option<usize> {
        match size {
            Size::Lit(n) => usize::try_from(n).ok(),
            Size::Name(name) => self.get(name),
            Size::Formula(formula) => formula.value(|name| self.get(name)),
        }
    }

    /// Rows and columns.
    pub fn extent(&self, shape: Shape) -> Option<(usize, usize)> {
        Some((self.value(shape.rows)?, self.value(shape.cols)?))
    }

    /// The number of entries of all matrices of some shapes; `None` where it does not fit into 64 bits.
    pub fn entries(&self, shapes: impl IntoIterator<Item = Shape>) -> Option<u64> {
        shapes.into_iter().try_fold(0u64, |sum, shape| {
            let (rows, cols) = self.extent(shape)?;
            sum.checked_add(u64::try_from(rows).ok()?.checked_mul(u64::try_from(cols).ok()?)?)
        })
    }

    /// The number that a formula in sizes and constants has; `None` where it mentions anything else.
    pub fn formula(&self, formula: &Expr) -> Option<Rational> {
        count_value(formula, &|size| self.value(size).and_then(|n| u64::try_from(n).ok()))
    }

    /// The same where it is a count: a whole number that is not negative.
    pub fn count(&self, formula: &Expr) -> Option<usize> {
        let value = self.formula(formula)?;
        value.is_integer().then(|| value.to_integer().to_usize()).flatten()
    }

    /// As they are written in a report.
    pub fn named(&self) -> Vec<(String, u64)> {
        self.iter().map(|(name, n)| (name.to_string(), n as u64)).collect()
    }
}

impl FromIterator<(Symbol, usize)> for Sizes {
    fn from_iter<I: IntoIterator<Item = (Symbol, usize)>>(sizes: I) -> Sizes {
        let mut out = Sizes::new();
        sizes.into_iter().for_each(|(name, n)| out.set(name, n));
        out
    }
}

impl<const N: usize> From<[(Symbol, usize); N]> for Sizes {
    fn from(sizes: [(Symbol, usize); N]) -> Sizes {
        sizes.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::{int, mul, ratio, size, sub};

    #[test]
    fn a_formula_has_a_value_at_sizes() {
        let n = Symbol::from("n");
        let sizes = Sizes::from([(n, 4), (Symbol::from("m"), 3)]);
        let named = size(Size::Name(n));
        let pairs = mul(&ratio(1, 2), &mul(&named, &sub(&named, &int(1))));
        assert_eq!(sizes.count(&pairs), Some(6));
        assert_eq!(sizes.count(&mul(&ratio(1, 3), &named)), None);
        assert_eq!(sizes.count(&size(Size::Name("k".into()))), None);
        assert_eq!(sizes.entries([Shape::square(Size::Name(n)), Shape::column(Size::Lit(5))]), Some(21));
        assert_eq!(sizes.entries([Shape::square(Size::Lit(1 << 40))]), None);
        assert_eq!(sizes.capped(3).get(n), Some(3));
    }
}
