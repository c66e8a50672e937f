//! Exponents: polynomials in sizes and in values of indices with rational coefficients, so that a network of L layers may be
//! homogeneous of degree L.

use super::{Expr, Op, Rational, Size, Symbol, add, apply, arithmetic, int, mul, num, scaled, size, sym};
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};
use std::collections::BTreeMap;

/// A polynomial in normal form.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Exponent(BTreeMap<Vec<Letter>, Rational>);

/// What an exponent is a polynomial in; by its letters, so that no order depends on when a name was first seen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Letter {
    Size(&'static str),
    Index(&'static str),
}

/// The most monomials and the most factors of one.
const MOST: usize = 32;

impl Exponent {
    pub fn number(value: Rational) -> Exponent {
        let mut out = Exponent::default();
        if !value.is_zero() {
            out.0.insert(vec![], value);
        }
        out
    }

    /// The value of an index.
    pub fn index(name: Symbol) -> Exponent {
        Exponent(BTreeMap::from([(vec![Letter::Index(name.as_str())], Rational::one())]))
    }

    pub fn size(size: Size) -> Option<Exponent> {
        let monomial = |(names, c): (&[Symbol], i64)| {
            let mut letters: Vec<Letter> = names.iter().map(|name| Letter::Size(name.as_str())).collect();
            letters.sort_unstable();
            (letters, Rational::from_integer(c.into()))
        };
        let polynomial = size.polynomial()?;
        Exponent::collected(polynomial.monomials().map(monomial))
    }

    /// The number it is, if it is one.
    pub fn constant(&self) -> Option<Rational> {
        match self.0.len() {
            0 => Some(Rational::zero()),
            1 => self.0.get(&vec![]).cloned(),
            _ => None,
        }
    }

    pub fn plus(&self, other: &Exponent) -> Option<Exponent> {
        Exponent::collected(self.0.iter().chain(&other.0).map(|(letters, c)| (letters.clone(), c.clone())))
    }

    pub fn minus(&self, other: &Exponent) -> Option<Exponent> {
        self.plus(&other.times(&Exponent::number(-Rational::one()))?)
    }

    pub fn times(&self, other: &Exponent) -> Option<Exponent> {
        let mut all = Vec::new();
        for (xs, c) in &self.0 {
            for (ys, d) in &other.0 {
                let mut letters = [xs.as_slice(), ys.as_slice()].concat();
                letters.sort_unstable();
                all.push((letters, arithmetic(Op::Mul, c, d)?));
            }
        }
        Exponent::collected(all.into_iter())
    }

    /// The sum or the product of two, by their operator.
    pub fn by(op: Op, x: &Exponent, y: &Exponent) -> Option<Exponent> {
        match op {
            Op::Add => x.plus(y),
            Op::Mul => x.times(y),
            // A power of numbers.
            _ => arithmetic(op, &x.constant()?, &y.constant()?).map(Exponent::number),
        }
    }

    /// Where an index has another value.
    pub fn at(&self, index: Symbol, value: &Exponent) -> Option<Exponent> {
        let own = Letter::Index(index.as_str());
        self.0.iter().try_fold(Exponent::default(), |sum, (letters, c)| {
            let (mine, rest): (Vec<Letter>, Vec<Letter>) = letters.iter().partition(|letter| **letter == own);
            let rest = Exponent(BTreeMap::from([(rest, c.clone())]));
            sum.plus(&mine.iter().try_fold(rest, |product, _| product.times(value))?)
        })
    }

    /// Whether it depends on the value of an index.
    pub fn mentions(&self, index: Symbol) -> bool {
        self.0.keys().any(|letters| letters.contains(&Letter::Index(index.as_str())))
    }

    /// A number times one with coprime whole coefficients, the first of which is positive; 0 times 1 for 0.
    pub fn primitive(&self) -> (Rational, Exponent) {
        let (mut numerator, mut denominator) = (BigInt::zero(), BigInt::one());
        for c in self.0.values() {
            numerator = numerator.gcd(c.numer());
            denominator = denominator.lcm(c.denom());
        }
        let Some((_, first)) = self.terms().into_iter().next() else {
            return (Rational::zero(), Exponent::number(Rational::one()));
        };
        let content = Rational::new(numerator, denominator) * first.signum();
        let whole = self.0.iter().map(|(letters, c)| (letters.clone(), c / &content)).collect();
        (content, Exponent(whole))
    }

    /// Those of higher degree first.
    fn terms(&self) -> Vec<(&Vec<Letter>, &Rational)> {
        let mut terms: Vec<_> = self.0.iter().collect();
        terms.sort_by_key(|(letters, _)| std::cmp::Reverse(letters.len()));
        terms
    }

    fn collected(terms: impl Iterator<Item = (Vec<Letter>, Rational)>) -> Option<Exponent> {
        let mut out: BTreeMap<Vec<Letter>, Rational> = BTreeMap::new();
        for (letters, c) in terms {
            let entry = out.entry(letters).or_insert_with(Rational::zero);
            *entry = arithmetic(Op::Add, entry, &c)?;
        }
        out.retain(|_, c| !c.is_zero());
        let small = out.len() <= MOST && out.keys().all(|letters| letters.len() <= MOST);
        small.then_some(Exponent(out))
    }

    /// The formula: those of higher degree first, the same one for every formula of this value.
    pub fn expr(&self) -> Expr {
        let letter = |letter: &Letter| match letter {
            Letter::Index(name) => sym((*name).into()),
            Letter::Size(name) => size(Size::Name((*name).into())),
        };
        let power = |run: &[Letter]| match run.len() {
            1 => letter(&run[0]),
            n => apply(Op::Pow, &[&letter(&run[0]), &num(Rational::from_integer(n.into()))]),
        };
        let term = |(letters, c): (&Vec<Letter>, &Rational)| match letters
            .chunk_by(|a, b| a == b)
            .map(power)
            .reduce(|x, y| mul(&x, &y))
        {
            Some(product) => scaled(c.clone(), &product),
            None => num(c.clone()),
        };
        self.terms().into_iter().map(term).reduce(|x, y| add(&x, &y)).unwrap_or_else(|| int(0))
    }

    /// base ^ self times a formula; without what is 1.
    pub fn power(&self, base: &Expr, x: &Expr) -> Expr {
        match self.constant() {
            Some(q) if q.is_zero() => x.clone(),
            Some(q) if q.is_one() => mul(base, x),
            _ => mul(&apply(Op::Pow, &[base, &self.expr()]), x),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::print::text;
    use super::*;

    fn index(name: &str) -> Exponent {
        Exponent::index(name.into())
    }

    fn named(name: &str) -> Exponent {
        Exponent::size(Size::Name(name.into())).expect("a size")
    }

    fn whole(n: i64) -> Exponent {
        Exponent::number(Rational::from_integer(n.into()))
    }

    #[test]
    fn exponents_are_the_same_where_their_values_are() {
        let (l, k) = (index("l"), named("k"));
        let before = l.minus(&whole(1)).expect("small");
        let product = before.times(&k).expect("small");
        assert_eq!(product.plus(&k), l.times(&k));
        assert_eq!(product.at("l".into(), &l.plus(&whole(1)).expect("small")), l.times(&k));
        assert_eq!(product.at("l".into(), &whole(1)), Some(whole(0)));
        assert_eq!(l.minus(&l).and_then(|zero| zero.constant()), Some(Rational::zero()));
        assert_eq!(l.constant(), None);
        assert!(product.mentions("l".into()) && !k.mentions("l".into()));
        assert_ne!(index("L"), named("L"));
    }

    #[test]
    fn an_exponent_is_written_with_the_highest_degree_first() {
        let (l, k) = (index("l"), named("k"));
        let product = l.minus(&whole(1)).and_then(|x| x.times(&k)).expect("small");
        assert_eq!(text(&product.expr()), "k * l - k");
        assert_eq!(text(&l.plus(&whole(1)).expect("small").expr()), "l + 1");
        let half = l.times(&Exponent::number(Rational::new(1.into(), 2.into()))).expect("small");
        assert_eq!(text(&half.expr()), "1/2 * l");
        assert_eq!(text(&whole(0).expr()), "0");
        let square = l.plus(&k).and_then(|x| x.times(&x)).expect("small");
        assert_eq!(text(&square.expr()), "k^2 + 2 * (k * l) + l^2");
        let (content, primitive) = square.times(&whole(-6)).expect("small").primitive();
        assert_eq!((content, primitive), (Rational::from_integer((-6).into()), square));
        let (a, x) = (sym("a".into()), sym("X".into()));
        assert_eq!(text(&whole(0).power(&a, &x)), "X");
        assert_eq!(text(&whole(1).power(&a, &x)), "a * X");
        assert_eq!(text(&l.power(&a, &x)), "a^l * X");
    }
}
