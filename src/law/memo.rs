//! Searches in names of their own, each carried out once: a model of many equal blocks asks the same of each, and what is
//! found does not depend on how somebody calls a matrix.
//!
//! The symbols of a question are numbered in the order in which they occur. What is found for the numbers is said in the
//! names again; whether it follows, the kernel says, which replays it.

use crate::kernel::{Given, Scope};
use crate::rewrite::{Chain, Goal, Outcome, Purpose, Stopped};
use crate::term::{Expr, Facts, Indices, Shape, Symbol, SymbolInfo, Term, root, substitute, sym, symbols};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// What was found in formulas of one model by one book of rules, within the same bounds, by what was asked.
#[derive(Default, Debug)]
pub struct Memo {
    proofs: Mutex<HashMap<Question, Outcome>>,
    forms: Mutex<HashMap<Question, Form>>,
}

/// The best form of a formula, as [`crate::rewrite::Search::best`] gives it.
pub(super) type Form = Result<(Chain, Option<Stopped>), Stopped>;

/// A search as it is asked.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub scope: &'a Scope,
    pub purpose: Purpose,
    pub goal: Option<&'a Goal>,
    pub given: &'a [Given],
    pub formulas: &'a [&'a Expr],
}

/// A search in numbers, with what is known of each.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Question {
    purpose: Purpose,
    goal: Option<Goal>,
    formulas: Vec<Expr>,
    given: Vec<(Expr, Expr)>,
    known: Vec<Option<(Shape, Facts, Indices)>>,
}

/// What a search is carried out with.
pub(super) struct Numbered {
    pub scope: Scope,
    pub goal: Option<Goal>,
    pub given: Vec<Given>,
    pub formulas: Vec<Expr>,
}

impl Memo {
    /// The outcome of a search for a proof.
    pub(super) fn proof(&self, asked: Asked, search: impl FnOnce(&Numbered) -> Outcome) -> Outcome {
        let names = Names::of(&asked);
        let renewable = |o: &Outcome| matches!(o, Outcome::NotProved(stopped) if is_of_the_clock(*stopped));
        match found(&self.proofs, &asked, &names, search, renewable) {
            Outcome::Proved(chain) => Outcome::Proved(names.back(&chain)),
            Outcome::NotProved(stopped) => Outcome::NotProved(stopped),
        }
    }

    /// The outcome of a search for the best form.
    pub(super) fn form(&self, asked: Asked, search: impl FnOnce(&Numbered) -> Form) -> Form {
        let names = Names::of(&asked);
        let renewable = |form: &Form| match form {
            Ok((_, stopped)) => stopped.is_some_and(is_of_the_clock),
            Err(stopped) => is_of_the_clock(*stopped),
        };
        let (chain, stopped) = found(&self.forms, &asked, &names, search, renewable)?;
        Ok((names.back(&chain), stopped))
    }
}

/// What is known, or what a search finds; it is kept unless another search might find more.
fn found<T: Clone>(
    known: &Mutex<HashMap<Question, T>>,
    asked: &Asked,
    names: &Names,
    search: impl FnOnce(&Numbered) -> T,
    renewable: impl Fn(&T) -> bool,
) -> T {
    let question = names.question(asked);
    let known = || known.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(answer) = known().get(&question) {
        return answer.clone();
    }
    let answer = search(&names.numbered(asked, &question));
    if !renewable(&answer) {
        known().insert(question, answer.clone());
    }
    answer
}

/// Whether a slower machine would have been stopped there earlier.
fn is_of_the_clock(stopped: Stopped) -> bool {
    matches!(stopped, Stopped::Time(_) | Stopped::Interrupted)
}

/// The symbols of a question in the order in which they occur, and their numbers.
struct Names {
    all: Vec<Symbol>,
    numbers: HashMap<Symbol, Expr>,
    names: HashMap<Symbol, Expr>,
    given: HashMap<Symbol, Symbol>,
}

fn number(i: usize) -> Symbol {
    Symbol::from(format!("‹{i}›"))
}

fn nth_given(i: usize) -> Symbol {
    Symbol::from(format!("‹given {i}›"))
}

impl Names {
    /// Indices keep their names, by which it is known how far they run.
    fn of(asked: &Asked) -> Names {
        let given = asked.given.iter().flat_map(|given| [&given.lhs, &given.rhs]);
        let wanted: Vec<Symbol> = match asked.goal {
            Some(Goal::Avoiding(symbols)) => symbols.clone(),
            Some(Goal::Isolate(symbol)) => vec![*symbol],
            Some(Goal::Simplest) | None => vec![],
        };
        let mut numbers: HashMap<Symbol, Expr> = HashMap::new();
        let mut all = Vec::new();
        for name in asked.formulas.iter().copied().chain(given).flat_map(symbols).chain(wanted) {
            if !numbers.contains_key(&name) && asked.scope.env().index(name).is_none() {
                numbers.insert(name, sym(number(all.len())));
                all.push(name);
            }
        }
        let names = all.iter().enumerate().map(|(i, name)| (number(i), sym(*name))).collect();
        let given = asked.given.iter().enumerate().map(|(i, given)| (nth_given(i), given.name)).collect();
        Names { all, numbers, names, given }
    }

    fn infos<'a>(&'a self, asked: &'a Asked) -> impl Iterator<Item = Option<&'a SymbolInfo>> {
        self.all.iter().map(|name| asked.scope.env().symbol(*name))
    }

    fn question(&self, asked: &Asked) -> Question {
        let at = |formula: &Expr| substitute(formula, &self.numbers);
        let numbered = |name: &Symbol| match self.numbers.get(name).map(root) {
            Some(Term::Sym(number)) => *number,
            _ => *name,
        };
        let goal = asked.goal.map(|goal| match goal {
            Goal::Simplest => Goal::Simplest,
            Goal::Avoiding(symbols) => Goal::Avoiding(symbols.iter().map(numbered).collect()),
            Goal::Isolate(symbol) => Goal::Isolate(numbered(symbol)),
        });
        Question {
            purpose: asked.purpose,
            goal,
            formulas: asked.formulas.iter().map(|formula| at(formula)).collect(),
            given: asked.given.iter().map(|given| (at(&given.lhs), at(&given.rhs))).collect(),
            known: self.infos(asked).map(|info| info.map(|info| (info.shape, info.facts, info.indices))).collect(),
        }
    }

    fn numbered(&self, asked: &Asked, question: &Question) -> Numbered {
        let infos = self.infos(asked).enumerate().filter_map(|(i, info)| Some((number(i), info?.clone())));
        let given = asked.given.iter().zip(&question.given).enumerate();
        let given = given.map(|(i, (given, (lhs, rhs)))| Given {
            name: nth_given(i),
            lhs: lhs.clone(),
            rhs: rhs.clone(),
            origin: given.origin,
        });
        Numbered {
            scope: asked.scope.with_all(infos),
            goal: question.goal.clone(),
            given: given.collect(),
            formulas: question.formulas.clone(),
        }
    }

    /// A chain in the names again.
    fn back(&self, chain: &Chain) -> Chain {
        let by = |name: &Symbol| self.given.get(name).copied().unwrap_or(*name);
        let steps = chain.steps.iter().map(|(name, term)| (by(name), substitute(term, &self.names)));
        Chain { start: substitute(&chain.start, &self.names), steps: steps.collect() }
    }
}
