//! Rules on plain terms: an equation between two patterns, with the conditions that make it true.

use crate::term::{Facts, Function, Rational, Symbol, Term, Words};
use egg::PatternAst;
use std::collections::HashMap;

/// One rewrite rule: `lhs => rhs`, or both ways.
#[derive(Clone, Debug)]
pub struct Rule {
    pub name: String,
    /// What a derivation prints for the step.
    pub reason: Words,
    /// Bookkeeping a printed derivation folds into the next step.
    pub silent: bool,
    /// Whether it is about normalizations with ε = 0 and false with another ε: what is proved with it says so.
    pub ideal: bool,
    pub lhs: PatternAst<Term>,
    pub rhs: PatternAst<Term>,
    pub bidirectional: bool,
    pub conditions: Vec<Condition>,
    /// Whether it is one a user added, which the library does not vouch for: what is proved with it assumes it.
    pub assumed: bool,
    /// The comment lines directly above the rule.
    pub comment: String,
    pub file: String,
    pub line: usize,
}

impl Rule {
    /// The topic: the file's name without `.rules`.
    pub fn topic(&self) -> &str {
        let name = self.file.rsplit('/').next().unwrap_or(&self.file);
        name.strip_suffix(".rules").unwrap_or(name)
    }
}

/// `positive_diagonal(?D)`, `not scalar(?X)`, `homogeneous(?f, ?k)`.
#[derive(Clone, Debug)]
pub struct Condition {
    pub predicate: Predicate,
    pub negated: bool,
    pub arguments: Vec<PatternAst<Term>>,
}

/// What a condition asks of the matrix its first argument is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Predicate {
    Scalar,
    Square,
    Column,
    Row,
    /// A 2×2 matrix.
    Plane,
    /// An exact constant.
    Number,
    /// The size 1, or the number 1.
    Unit,
    /// The name of an elementwise function.
    Function,
    /// `homogeneous(?f, ?k)`: f(cx) = c^k f(x) for every c > 0; binds ?k.
    Homogeneous,
    /// `slanted(?f, ?c)`: f(−x) = f(x) − cx; binds ?c.
    Slanted,
    Odd,
    Even,
    /// `independent(?X, ?i)`: ?X is the same for all values of the index ?i.
    Independent,
    /// `below(?a, ?b)`: the size a is less than the size b, whatever their names stand for.
    Below,
    /// Whether the symbol that a search isolates occurs. It steers the search and is no condition of truth.
    Mentions,
    Fact(Facts),
}

impl Predicate {
    /// Predicates that are no fact, with their names and the numbers of arguments they take.
    const TABLE: &'static [(&'static str, Predicate, &'static [usize])] = &[
        ("scalar", Predicate::Scalar, &[1]),
        ("square", Predicate::Square, &[1]),
        ("column", Predicate::Column, &[1]),
        ("row", Predicate::Row, &[1]),
        ("plane", Predicate::Plane, &[1]),
        ("number", Predicate::Number, &[1]),
        ("unit", Predicate::Unit, &[1]),
        ("function", Predicate::Function, &[1]),
        ("homogeneous", Predicate::Homogeneous, &[2]),
        ("slanted", Predicate::Slanted, &[2]),
        ("odd", Predicate::Odd, &[1]),
        ("even", Predicate::Even, &[1]),
        ("independent", Predicate::Independent, &[2]),
        ("below", Predicate::Below, &[2]),
        ("mentions", Predicate::Mentions, &[1, 2]),
    ];

    /// The predicate of that name, and how many arguments it may have.
    pub fn named(name: &str) -> Option<(Predicate, &'static [usize])> {
        let own =
            Predicate::TABLE.iter().find(|(n, ..)| *n == name).map(|(_, predicate, arities)| (*predicate, *arities));
        let fact = || Facts::NAMED.iter().find(|(n, _)| *n == name).map(|(_, fact)| (Predicate::Fact(*fact), &[1][..]));
        own.or_else(fact)
    }

    /// The number that a property of a function binds to the second argument, for the properties that have one.
    pub fn number(self) -> Option<fn(&Function) -> Option<&Rational>> {
        match self {
            Predicate::Homogeneous => Some(|f| f.homogeneous.as_ref()),
            Predicate::Slanted => Some(|f| f.slant.as_ref()),
            _ => None,
        }
    }

    /// The name in rule files.
    pub fn name(self) -> &'static str {
        let fact = |(_, fact): &&(&'static str, Facts)| Predicate::Fact(*fact) == self;
        let own = Predicate::TABLE.iter().find(|(_, predicate, _)| *predicate == self).map(|(name, ..)| *name);
        own.or_else(|| Facts::NAMED.iter().find(fact).map(|(name, _)| *name)).unwrap_or("?")
    }

    /// The names of all predicates.
    pub fn names() -> impl Iterator<Item = &'static str> + Clone {
        Facts::NAMED.iter().map(|(fact, _)| *fact).chain(Predicate::TABLE.iter().map(|(name, ..)| *name))
    }
}

/// The rules that proofs may use, found by name.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    all: Vec<Rule>,
    by_name: HashMap<Symbol, usize>,
}

impl Rules {
    /// A set of rules; of two with one name the first counts.
    pub fn new(all: Vec<Rule>) -> Rules {
        let mut by_name = HashMap::new();
        for (i, rule) in all.iter().enumerate() {
            by_name.entry(Symbol::from(rule.name.as_str())).or_insert(i);
        }
        Rules { all, by_name }
    }

    /// The rules in the order of their files.
    pub fn all(&self) -> &[Rule] {
        &self.all
    }

    pub fn get(&self, name: Symbol) -> Option<&Rule> {
        self.by_name.get(&name).map(|i| &self.all[*i])
    }
}
