//! Symbolic sizes: sums of products of names and positive integers. Two sizes are equal only when their normal forms
//! agree: `h` and `k` never unify because both happen to be 4, and `2*d` is `d + d`.

use super::Symbol;
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::str::FromStr;
use std::sync::{LazyLock, Mutex, PoisonError};

/// A symbolic size: a declared `dim`, an integer literal, or a formula in these, `H*d_k` or `d + 1`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Size {
    Lit(u64),
    Name(Symbol),
    /// A polynomial that is neither of the above, all of whose coefficients are positive. There is one of it.
    Formula(&'static Polynomial),
}

/// A polynomial in named sizes with integer coefficients, in normal form.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Polynomial(Vec<Monomial>);

/// A product of names, in the order of their letters, and its coefficient, which is not 0.
type Monomial = (Vec<Symbol>, i64);

/// The most monomials and the most factors of one: far above any shape.
const MOST: usize = 64;

impl Size {
    /// The size as a polynomial; `None` for a literal beyond this machine's integers.
    pub fn polynomial(self) -> Option<Polynomial> {
        match self {
            Size::Lit(n) => Some(Polynomial::integer(i64::try_from(n).ok()?)),
            Size::Name(name) => Some(Polynomial(vec![(vec![name], 1)])),
            Size::Formula(formula) => Some(formula.clone()),
        }
    }

    /// The names in it, in the order of the formula.
    pub fn names(self) -> Vec<Symbol> {
        match self {
            Size::Lit(_) => vec![],
            Size::Name(name) => vec![name],
            Size::Formula(formula) => {
                let mut out: Vec<Symbol> = Vec::new();
                for name in formula.0.iter().flat_map(|(names, _)| names) {
                    if !out.contains(name) {
                        out.push(*name);
                    }
                }
                out
            }
        }
    }

    /// The same size with others in place of its names; none where it is out of range.
    pub fn with(self, of: &dyn Fn(Symbol) -> Size) -> Option<Size> {
        match self {
            Size::Lit(_) => Some(self),
            Size::Name(name) => Some(of(name)),
            Size::Formula(formula) => {
                let monomial = |(names, c): (&[Symbol], i64)| {
                    names.iter().try_fold(Polynomial::integer(c), |x, name| x.times(&of(*name).polynomial()?))
                };
                let mut all = formula.monomials();
                all.try_fold(Polynomial::default(), |sum, term| sum.plus(&monomial(term)?))?.size()
            }
        }
    }

    /// `self + other`.
    pub fn plus(self, other: Size) -> Option<Size> {
        self.polynomial()?.plus(&other.polynomial()?)?.size()
    }

    /// `self − other`, where it is a size whatever its names stand for.
    pub fn minus(self, other: Size) -> Option<Size> {
        self.polynomial()?.minus(&other.polynomial()?)?.size()
    }

    /// `self * other`.
    pub fn times(self, other: Size) -> Option<Size> {
        self.polynomial()?.times(&other.polynomial()?)?.size()
    }

    /// The q with `self = q * other`, where `other` is a product: `6*c*n` by `2*n` is `3*c`.
    pub fn over(self, other: Size) -> Option<Size> {
        self.polynomial()?.over(&other.polynomial()?)?.size()
    }
}

impl Polynomial {
    pub fn integer(n: i64) -> Polynomial {
        Polynomial(if n == 0 { vec![] } else { vec![(vec![], n)] })
    }

    /// The monomials: those of higher degree first.
    pub fn monomials(&self) -> impl Iterator<Item = (&[Symbol], i64)> {
        self.0.iter().map(|(names, c)| (names.as_slice(), *c))
    }

    /// The size it is: all coefficients are positive, so that it is positive whatever its names stand for.
    pub fn size(self) -> Option<Size> {
        match self.0.as_slice() {
            [] => None,
            terms if terms.iter().any(|(_, c)| *c <= 0) => None,
            [(names, c)] if names.is_empty() => Some(Size::Lit(c.unsigned_abs())),
            [(names, 1)] if names.len() == 1 => Some(Size::Name(names[0])),
            _ => Some(Size::Formula(self.interned())),
        }
    }

    pub fn plus(&self, other: &Polynomial) -> Option<Polynomial> {
        let all = self.0.iter().chain(&other.0).map(|(names, c)| (names.clone(), Some(*c)));
        Polynomial::collect(all)
    }

    pub fn minus(&self, other: &Polynomial) -> Option<Polynomial> {
        self.plus(&other.times(&Polynomial::integer(-1))?)
    }

    pub fn times(&self, other: &Polynomial) -> Option<Polynomial> {
        let pairs = self.0.iter().flat_map(|x| other.0.iter().map(move |y| (x, y)));
        Polynomial::collect(pairs.map(|((xs, c), (ys, d))| {
            let mut names = [xs.as_slice(), ys.as_slice()].concat();
            names.sort_unstable_by_key(|name| name.as_str());
            (names, c.checked_mul(*d))
        }))
    }

    /// The quotient by a single monomial, where every monomial is a multiple of it.
    pub fn over(&self, other: &Polynomial) -> Option<Polynomial> {
        let [(divisor, d)] = other.0.as_slice() else { return None };
        let quotient = |(names, c): &Monomial| {
            let mut left = names.clone();
            for name in divisor {
                left.remove(left.iter().position(|known| known == name)?);
            }
            (c.checked_rem(*d)? == 0).then(|| (left, c.checked_div(*d)))
        };
        let terms: Option<Vec<(Vec<Symbol>, Option<i64>)>> = self.0.iter().map(quotient).collect();
        Polynomial::collect(terms?.into_iter())
    }

    /// The value where every name has one; `None` where one has none, or the value is out of range.
    pub fn value(&self, of: impl Fn(Symbol) -> Option<usize>) -> Option<usize> {
        let mut sum: i128 = 0;
        for (names, c) in &self.0 {
            let mut product = i128::from(*c);
            for name in names {
                product = product.checked_mul(i128::try_from(of(*name)?).ok()?)?;
            }
            sum = sum.checked_add(product)?;
        }
        usize::try_from(sum).ok()
    }

    /// Like terms collected, in order; `None` beyond the bounds.
    fn collect(terms: impl Iterator<Item = (Vec<Symbol>, Option<i64>)>) -> Option<Polynomial> {
        let mut sum: BTreeMap<Vec<&'static str>, (Vec<Symbol>, i64)> = BTreeMap::new();
        for (names, c) in terms {
            let key = names.iter().map(|name| name.as_str()).collect();
            let entry = sum.entry(key).or_insert((names, 0));
            entry.1 = entry.1.checked_add(c?)?;
        }
        let mut terms: Vec<Monomial> = sum.into_values().filter(|(_, c)| *c != 0).collect();
        terms.sort_by_key(|(names, _)| std::cmp::Reverse(names.len()));
        let small = terms.len() <= MOST && terms.iter().all(|(names, _)| names.len() <= MOST);
        small.then_some(Polynomial(terms))
    }

    /// The one polynomial of this form, which lives as long as the process, as symbols do.
    fn interned(self) -> &'static Polynomial {
        static ALL: LazyLock<Mutex<HashSet<&'static Polynomial>>> = LazyLock::new(Mutex::default);
        let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get(&self) {
            Some(known) => known,
            None => {
                let new: &'static Polynomial = Box::leak(Box::new(self));
                all.insert(new);
                new
            }
        }
    }

    /// What is compared: letters, so that no order depends on when a name was first seen.
    fn key(&self) -> Vec<(Vec<&'static str>, i64)> {
        self.0.iter().map(|(names, c)| (names.iter().map(|name| name.as_str()).collect(), *c)).collect()
    }
}

impl Ord for Polynomial {
    fn cmp(&self, other: &Polynomial) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Polynomial {
    fn partial_cmp(&self, other: &Polynomial) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// `2*d_k + 1`, as it is read.
impl fmt::Display for Polynomial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (names, c)) in self.0.iter().enumerate() {
            match (i, *c < 0) {
                (0, false) => {}
                (0, true) => f.write_str("-")?,
                (_, false) => f.write_str(" + ")?,
                (_, true) => f.write_str(" - ")?,
            }
            let mut sign = "";
            if c.unsigned_abs() != 1 || names.is_empty() {
                write!(f, "{}", c.unsigned_abs())?;
                sign = "*";
            }
            for run in names.chunk_by(|a, b| a == b) {
                write!(f, "{sign}{}", run[0])?;
                if run.len() > 1 {
                    write!(f, "^{}", run.len())?;
                }
                sign = "*";
            }
        }
        if self.0.is_empty() { f.write_str("0") } else { Ok(()) }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Size::Lit(n) => write!(f, "{n}"),
            Size::Name(name) => write!(f, "{name}"),
            Size::Formula(formula) => write!(f, "{formula}"),
        }
    }
}

/// Not a size as it is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSize;

/// Reads a size as it is printed.
impl FromStr for Size {
    type Err = NoSize;

    fn from_str(text: &str) -> Result<Size, NoSize> {
        let factor = |text: &str| -> Option<Polynomial> {
            if let Ok(n) = text.parse::<u64>() {
                return Size::Lit(n).polynomial();
            }
            let (name, power) = text.split_once('^').unwrap_or((text, "1"));
            let power: usize = power.parse().ok().filter(|n| (1..=MOST).contains(n))?;
            // `d[l-1]`, one of the sizes of a family.
            let member = |c: char| c.is_alphanumeric() || "_+-".contains(c);
            let (base, index) = name.strip_suffix(']').and_then(|name| name.split_once('[')).unwrap_or((name, "l"));
            let plain = !base.is_empty() && base.chars().all(|c| c.is_alphanumeric() || c == '_');
            let plain = plain && !index.is_empty() && index.chars().all(member);
            plain.then(|| Polynomial(vec![(vec![Symbol::from(name); power], 1)]))
        };
        let product = |text: &str| text.split('*').try_fold(Polynomial::integer(1), |x, y| x.times(&factor(y)?));
        // A literal may be beyond the coefficients of a formula.
        if let Ok(n) = text.parse::<u64>() {
            return if n > 0 { Ok(Size::Lit(n)) } else { Err(NoSize) };
        }
        let sum = text.split(" + ").try_fold(Polynomial::default(), |x, y| x.plus(&product(y)?));
        sum.and_then(Polynomial::size).ok_or(NoSize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Size {
        Size::Name(text.into())
    }

    #[test]
    fn sizes_are_the_same_where_their_normal_forms_agree() {
        let (d, h) = (name("d"), name("H"));
        let one = Size::Lit(1);
        assert_eq!(d.plus(d), Size::Lit(2).times(d));
        assert_eq!(d.times(h), h.times(d));
        assert_eq!(d.plus(one).and_then(|x| x.times(h)), h.times(d).and_then(|x| x.plus(h)));
        assert_eq!(d.plus(one).and_then(|x| x.minus(one)), Some(d));
        assert_eq!(Size::Lit(2).plus(Size::Lit(3)), Some(Size::Lit(5)));
        assert_ne!(d.times(h), d.times(d));
        assert_eq!(d.minus(one), None, "d may be 1");
        assert_eq!(d.minus(d), None);
        assert_eq!(Size::Lit(u64::MAX).plus(one), None);
        let both = d.times(h).and_then(|x| x.plus(h));
        assert_eq!(both.and_then(|x| x.over(h)), d.plus(one));
        assert_eq!(both.and_then(|x| x.over(d)), None);
        assert_eq!(Size::Lit(6).times(d).and_then(|x| x.over(Size::Lit(2))), Size::Lit(3).times(d));
        assert_eq!(Size::Lit(6).over(Size::Lit(4)), None);
        assert_eq!(h.over(h), Some(one));
    }

    #[test]
    fn a_size_is_read_as_it_is_printed() {
        let (d, h) = (name("d"), name("H"));
        let all = [
            (Some(d), "d"),
            (Some(Size::Lit(7)), "7"),
            (Some(Size::Lit(u64::MAX)), "18446744073709551615"),
            (h.times(d), "H*d"),
            (d.times(d).and_then(|x| x.times(Size::Lit(2))), "2*d^2"),
            (h.times(d).and_then(|x| x.plus(d)).and_then(|x| x.plus(Size::Lit(3))), "H*d + d + 3"),
        ];
        for (size, text) in all {
            let size = size.expect("a size");
            assert_eq!(size.to_string(), text);
            assert_eq!(text.parse(), Ok(size));
        }
        for text in ["", "0", "d + ", "d - 1", "(d)", "d^0"] {
            assert_eq!(text.parse::<Size>(), Err(NoSize), "{text}");
        }
    }

    #[test]
    fn a_formula_has_the_value_of_its_names() {
        let size = name("H").times(name("d")).and_then(|x| x.plus(Size::Lit(1))).expect("a size");
        let formula = size.polynomial().expect("small");
        assert_eq!(formula.value(|n| Some(if n == "H".into() { 2 } else { 3 })), Some(7));
        assert_eq!(formula.value(|_| None), None);
        assert_eq!(size.names(), ["H", "d"].map(Symbol::from));
    }
}
