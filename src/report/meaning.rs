//! What a conserved quantity means, in a sentence: read off the form of its formula, never off a name. A form that is not known
//! here has no sentence.

use super::formulas::Formulas;
use super::letters::free_letters;
use super::prose::{Prose, prose};
use crate::kernel::{Law, Statement};
use crate::term::print::Line;
use crate::term::{
    Env, Expr, Op, Rational, Shape, Size, Symbol, Term, arguments, call_elementwise, infer, neg, root, summands,
};
use num_traits::{One, Signed};

/// What is taken of a place of a matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Measure {
    SquaredNorm,
    /// Of two rows, two columns, or two entries.
    InnerProduct,
    Sum,
    /// The entry itself.
    Value,
    /// Of the entries of two vectors at one place.
    Product,
}

/// Where it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Row,
    Column,
    /// Of a vector.
    Entry,
    Whole,
    /// The whole of a single number.
    Number,
}

/// One summand of a quantity.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    pub coefficient: Rational,
    pub measure: Measure,
    pub place: Place,
    of: Vec<Symbol>,
}

/// For which places it is one number each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    Once,
    Each(Size),
    Pairs(Size),
}

/// A sum of measures of places, with a factor that a dynamics brings.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Meaning {
    /// Those with a positive coefficient first.
    pub parts: Vec<Part>,
    range: Range,
    /// The exponent of a factor e^x.
    exponent: Option<Expr>,
}

/// What the quantity of a law means, where the law says that it is conserved.
pub(super) fn meaning(law: &Law) -> Option<Meaning> {
    match law.statement() {
        Statement::Conserved { quantity } => Meaning::read(law.env(), quantity),
        _ => None,
    }
}

/// The sentence on what a law says to be conserved, as plain text.
pub fn sentence(law: &Law) -> Option<String> {
    meaning(law).map(|read| read.sentence(&Formulas::of_law(law)).unicode())
}

impl Meaning {
    /// Reads a formula.
    pub fn read(env: &Env, quantity: &Expr) -> Option<Meaning> {
        let (exponent, quantity) = without_exponential(quantity);
        let shape = infer(env, &quantity).ok()?.shape;
        let reader = Reader { env };
        let (range, parts) = match (shape.rows, shape.cols) {
            (Size::Lit(1), Size::Lit(1)) => (Range::Once, reader.number(&quantity)?),
            (n, Size::Lit(1)) | (Size::Lit(1), n) => (Range::Each(n), reader.vector(&quantity)?),
            (n, m) if n == m => (Range::Pairs(n), reader.gram(&quantity, Measure::InnerProduct)?),
            _ => return None,
        };
        Some(Meaning { parts: in_order(parts)?, range, exponent })
    }

    /// `For each i = 1, …, h, the squared norm of row i of W₁ minus that of column i of W₂ never changes.`
    pub fn sentence(&self, formulas: &Formulas) -> Prose {
        let [i, j] = free_letters(formulas.model);
        let at = match self.range {
            Range::Once => Prose::default(),
            Range::Each(n) => {
                prose!["for each ", Line::from(i), " = 1, …, ", formulas.size(n), ", "]
            }
            Range::Pairs(n) => {
                prose!["for all ", Line::from(i), " and ", Line::from(j), " from 1 to ", formulas.size(n), ", "]
            }
        };
        let mut said = at;
        let mut last: Option<&'static str> = None;
        for part in &self.parts {
            let sign = match (last, part.coefficient.is_negative()) {
                (None, _) => "",
                (Some(_), true) => " minus ",
                (Some(_), false) => " plus ",
            };
            said = said.then(sign);
            let factor = part.coefficient.abs();
            said = match factor {
                one if one.is_one() => said,
                two if two == Rational::from_integer(2.into()) => said.then("twice "),
                factor => said.then(&format!("{factor} times ")),
            };
            let noun = part.noun();
            let repeated = last == Some(noun) && !noun.is_empty();
            said = match noun {
                "" => said,
                _ if repeated => said.then("that of "),
                noun => said.then(&format!("the {noun} of ")),
            };
            said = said.glue(self.place(part, formulas, i, j));
            last = Some(noun);
        }
        let said = match &self.exponent {
            None => said.then(" never changes"),
            Some(exponent) => {
                let decay = call_elementwise("exp".into(), &neg(exponent));
                said.then(" changes as ").glue(Prose::math(formulas.formula(&decay)))
            }
        };
        said.sentence().then(".")
    }

    fn place(&self, part: &Part, formulas: &Formulas, i: &str, j: &str) -> Prose {
        let names = Prose::enumerated(part.of.iter().map(|name| Prose::math(formulas.name(*name))).collect());
        let at = |one: &str, many: &str| match self.range {
            Range::Pairs(_) => prose![many, " ", Line::from(i), " and ", Line::from(j), " of "],
            Range::Once | Range::Each(_) => prose![one, " ", Line::from(i), " of "],
        };
        match (part.place, part.measure) {
            (Place::Row, _) => at("row", "rows").glue(names),
            (Place::Column, _) => at("column", "columns").glue(names),
            (Place::Entry, Measure::Product) => prose!["the entries ", Line::from(i), " of ", names],
            (Place::Entry, _) => at("entry", "entries").glue(names),
            (Place::Whole, Measure::Sum) => prose!["the entries of ", names],
            (Place::Whole | Place::Number, _) => names,
        }
    }
}

impl Part {
    fn noun(&self) -> &'static str {
        match (self.measure, self.place) {
            (Measure::SquaredNorm, Place::Entry | Place::Number) => "square",
            (Measure::SquaredNorm, _) => "squared norm",
            (Measure::InnerProduct, Place::Entry) | (Measure::Product, _) => "product",
            (Measure::InnerProduct, _) => "inner product",
            (Measure::Sum, _) => "sum",
            (Measure::Value, _) => "",
        }
    }
}

/// e^x Q as x and Q.
fn without_exponential(quantity: &Expr) -> (Option<Expr>, Expr) {
    if let Term::Op(Op::Mul, _) = root(quantity)
        && let [factor, rest] = arguments(quantity).as_slice()
        && let Term::Op(Op::Apply, _) = root(factor)
        && let [function, exponent] = arguments(factor).as_slice()
        && let Term::Fun(name) = root(function)
        && *name == Symbol::from("exp")
    {
        return (Some(exponent.clone()), rest.clone());
    }
    (None, quantity.clone())
}

/// Positive parts first, equal ones collected, a common factor left out.
fn in_order(parts: Vec<Part>) -> Option<Vec<Part>> {
    let mut all: Vec<Part> = Vec::new();
    for part in parts {
        let alike = |p: &&mut Part| (p.measure, p.place, &p.of) == (part.measure, part.place, &part.of);
        match all.iter_mut().find(alike) {
            Some(known) => known.coefficient += &part.coefficient,
            None => all.push(part),
        }
    }
    let first = all.first()?.coefficient.abs();
    if all.iter().all(|part| part.coefficient.abs() == first) {
        all.iter_mut().for_each(|part| part.coefficient /= &first);
    }
    if all.iter().all(|part| part.coefficient.is_negative()) {
        all.iter_mut().for_each(|part| part.coefficient = -part.coefficient.clone());
    }
    all.sort_by_key(|part| part.coefficient.is_negative());
    Some(all)
}

struct Reader<'a> {
    env: &'a Env,
}

impl Reader<'_> {
    fn shape(&self, name: Symbol) -> Option<Shape> {
        Some(self.env.symbol(name)?.shape)
    }

    /// A symbol, or one transposed.
    fn matrix(&self, x: &Expr) -> Option<(Symbol, bool)> {
        match root(x) {
            Term::Sym(name) => Some((*name, false)),
            Term::Op(Op::T, _) => match arguments(x).as_slice() {
                [inside] => self.matrix(inside).map(|(name, turned)| (name, !turned)),
                _ => None,
            },
            _ => None,
        }
    }

    /// A sum of X Xᵀ and XᵀX.
    fn gram(&self, sum: &Expr, measure: Measure) -> Option<Vec<Part>> {
        let part = |(coefficient, product): &(Rational, Expr)| {
            let Term::Op(Op::Mul, _) = root(product) else { return None };
            let [x, y] = <[Expr; 2]>::try_from(arguments(product)).ok()?;
            let ((left, turned), (right, other)) = (self.matrix(&x)?, self.matrix(&y)?);
            if left != right || turned == other {
                return None;
            }
            let shape = self.shape(left)?;
            let place = match turned {
                true if shape.rows == Size::Lit(1) => Place::Entry,
                false if shape.cols == Size::Lit(1) => Place::Entry,
                true => Place::Column,
                false => Place::Row,
            };
            Some(Part { coefficient: coefficient.clone(), measure, place, of: vec![left] })
        };
        summands(sum).iter().map(part).collect()
    }

    fn vector(&self, quantity: &Expr) -> Option<Vec<Part>> {
        let mut out = Vec::new();
        for (coefficient, term) in summands(quantity) {
            let part = |measure, place, of| Part { coefficient: coefficient.clone(), measure, place, of };
            let args = arguments(&term);
            match (root(&term), args.as_slice()) {
                (Term::Op(Op::Diagvec, _), [inside]) => {
                    for mut one in self.gram(inside, Measure::SquaredNorm)? {
                        one.coefficient *= &coefficient;
                        out.push(one);
                    }
                }
                (Term::Op(Op::Had, _), [x, y]) => {
                    let ((x, false), (y, false)) = (self.matrix(x)?, self.matrix(y)?) else { return None };
                    let mut of = vec![x, y];
                    of.sort_by_key(|name| name.as_str());
                    out.push(match x == y {
                        true => part(Measure::SquaredNorm, Place::Entry, vec![x]),
                        false => part(Measure::Product, Place::Entry, of),
                    });
                }
                (Term::Op(Op::Mul, _), [x, y]) => {
                    let ones = |x: &Expr| matches!(root(x), Term::Op(Op::Ones, _));
                    let (x, columns) = match (ones(x), ones(y)) {
                        (false, true) => {
                            let (x, turned) = self.matrix(x)?;
                            (x, turned)
                        }
                        (true, false) => {
                            let (y, turned) = self.matrix(y)?;
                            (y, !turned)
                        }
                        _ => return None,
                    };
                    out.push(part(Measure::Sum, if columns { Place::Column } else { Place::Row }, vec![x]));
                }
                (Term::Sym(name), _) => out.push(part(Measure::Value, Place::Entry, vec![*name])),
                _ => return None,
            }
        }
        Some(out)
    }

    fn number(&self, quantity: &Expr) -> Option<Vec<Part>> {
        let mut out = Vec::new();
        for (coefficient, term) in summands(quantity) {
            let args = arguments(&term);
            let whole = |name: Symbol| match self.shape(name)?.is_scalar() {
                true => Some(Place::Number),
                false => Some(Place::Whole),
            };
            let (measure, place, name) = match (root(&term), args.as_slice()) {
                (Term::Op(Op::Norm2, _), [x]) => {
                    let (x, _) = self.matrix(x)?;
                    (Measure::SquaredNorm, whole(x)?, x)
                }
                (Term::Op(Op::Pow, _), [x, two]) if *root(two) == Term::num(Rational::from_integer(2.into())) => {
                    let (x, _) = self.matrix(x)?;
                    (Measure::SquaredNorm, whole(x)?, x)
                }
                (Term::Op(Op::Inner, _), [x, y]) if matches!(root(y), Term::Op(Op::Ones, _)) => {
                    let (x, _) = self.matrix(x)?;
                    (Measure::Sum, Place::Whole, x)
                }
                (Term::Op(Op::Inner, _), [x, y]) if x == y => {
                    let (x, _) = self.matrix(x)?;
                    (Measure::SquaredNorm, whole(x)?, x)
                }
                (Term::Op(Op::Sum, _), [x]) => {
                    let (x, _) = self.matrix(x)?;
                    (Measure::Sum, Place::Whole, x)
                }
                (Term::Sym(x), _) => (Measure::Value, Place::Number, *x),
                _ => return None,
            };
            out.push(Part { coefficient, measure, place, of: vec![name] });
        }
        Some(out)
    }
}
