//! What every derivation needs, and how it proposes: searches whose chains the kernel replays, and inferences that it carries
//! out.

use super::memo::{Asked, Memo, Numbered};
use super::missing::Obstacle;
use crate::kernel::{Checked, Claim, Given, Inference, Origin, Proved, Scope, Setting};
use crate::model::Model;
use crate::rewrite::{Chain, Goal, Interrupt, Limits, Outcome, Purpose, RuleBook, Search, Stopped};
use crate::term::{Env, Expr, Op, Rational, Shape, Symbol, Term, apply, arguments, mentions, num, root, sym, zeros};
use num_traits::One;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The model, the rules and the bounds of a search.
pub struct Context<'a> {
    pub book: &'a RuleBook,
    pub limits: Limits,
    setting: Setting,
    interrupt: Interrupt<'a>,
    /// What searches have found.
    memo: Arc<Memo>,
    /// Whether a search met its limit of time.
    late: AtomicBool,
}

/// An equation with a rational coefficient, to be added to others.
pub(super) type Weighted = (Expr, Proved);

impl<'a> Context<'a> {
    pub fn new(model: &Model, book: &'a RuleBook, limits: Limits) -> Context<'a> {
        Context::interrupted_by(Interrupt::never(), model, book, limits)
    }

    /// The same, for searches that may be ended; [`Context::was_interrupted`] tells whether one was.
    pub fn interrupted_by(interrupt: Interrupt<'a>, model: &Model, book: &'a RuleBook, limits: Limits) -> Context<'a> {
        let setting = Setting::new(Arc::new(model.clone()), book.plain().clone());
        Context { book, limits, setting, interrupt, memo: Arc::default(), late: AtomicBool::new(false) }
    }

    /// The same with what another context of the model has found, and will find: neither depends on the actions that a model declares.
    pub fn recalling(self, memo: &Arc<Memo>) -> Context<'a> {
        Context { memo: memo.clone(), ..self }
    }

    /// Does something in a setting around the members that an action moves beside the generic one.
    pub fn within<T>(&self, setting: &Setting, work: impl FnOnce(&Context) -> T) -> T {
        if setting.is(&self.setting) {
            return work(self);
        }
        let (memo, late) = (Arc::default(), AtomicBool::new(false));
        let (setting, interrupt) = (setting.clone(), self.interrupt.again());
        let own = Context { book: self.book, limits: self.limits, setting, interrupt, memo, late };
        let out = work(&own);
        self.interrupt.share(&own.interrupt);
        self.late.fetch_or(own.late.load(Ordering::Relaxed), Ordering::Relaxed);
        out
    }

    /// Whether a search was ended before its bounds, so that what was found is no answer.
    pub fn was_interrupted(&self) -> bool {
        self.interrupt.was_raised()
    }

    /// The limit of time that a search met, if one did. What was derived then depends on the machine.
    pub fn late(&self) -> Option<Duration> {
        self.limits.time.filter(|_| self.late.load(Ordering::Relaxed))
    }

    fn note(&self, stopped: Stopped) {
        self.late.fetch_or(matches!(stopped, Stopped::Time(_)), Ordering::Relaxed);
    }

    pub fn setting(&self) -> &Setting {
        &self.setting
    }

    pub fn model(&self) -> &Model {
        self.setting.model()
    }

    /// The given equations, and those that the symbols in some formulas satisfy as elements of their groups.
    fn known(&self, scope: &Scope, given: &[Given], formulas: &[&Expr]) -> Vec<Given> {
        let mut out = given.to_vec();
        for (name, constraint) in scope.constraints() {
            if formulas.iter().any(|f| mentions(f, *name)) {
                let told = |lhs: &Expr, rhs: &Expr| {
                    let [lhs, rhs] = [lhs, rhs].map(crate::term::print::text);
                    Symbol::from(format!("{lhs} = {rhs}"))
                };
                let equations = constraint.equations(&sym(*name)).into_iter();
                out.extend(equations.map(|(lhs, rhs)| Given {
                    name: told(&lhs, &rhs),
                    lhs,
                    rhs,
                    origin: Origin::Membership,
                }));
            }
        }
        out
    }

    fn search<'b>(&'b self, scope: &Scope, purpose: Purpose, given: &'b [Given]) -> Search<'b> {
        Search {
            book: self.book,
            env: scope.env().clone(),
            purpose,
            given,
            limits: self.limits,
            interrupt: &self.interrupt,
        }
    }

    /// A chain as a claim.
    fn replayed(&self, scope: &Scope, given: &[Given], chain: &Chain) -> Result<Proved, Obstacle> {
        let checked = Checked::replay(&self.setting, scope, given, &chain.start, &chain.steps)?;
        Ok(Claim::rewriting(&self.setting, checked)?)
    }

    /// Proves that two formulas are equal.
    pub(super) fn prove(
        &self,
        scope: &Scope,
        purpose: Purpose,
        given: &[Given],
        lhs: &Expr,
        rhs: &Expr,
    ) -> Result<Proved, Obstacle> {
        let given = &self.known(scope, given, &[lhs, rhs]);
        let asked = Asked { scope, purpose, goal: None, given, formulas: &[lhs, rhs] };
        let search = |n: &Numbered| self.search(&n.scope, purpose, &n.given).prove(&n.formulas[0], &n.formulas[1]);
        match self.memo.proof(asked, search) {
            Outcome::Proved(chain) => self.replayed(scope, given, &chain),
            Outcome::NotProved(stopped) => {
                self.note(stopped);
                Err(stopped.into())
            }
        }
    }

    /// The best form of a formula for a goal.
    pub(super) fn best(
        &self,
        scope: &Scope,
        purpose: Purpose,
        given: &[Given],
        expr: &Expr,
        goal: &Goal,
    ) -> Result<Proved, Obstacle> {
        let given = &self.known(scope, given, &[expr]);
        let asked = Asked { scope, purpose, goal: Some(goal), given, formulas: &[expr] };
        let search = |n: &Numbered| {
            let goal = n.goal.as_ref().unwrap_or(goal);
            self.search(&n.scope, purpose, &n.given).best(&n.formulas[0], goal)
        };
        let (found, stopped) = match self.memo.form(asked, search) {
            Ok((chain, stopped)) => (Ok(chain), stopped),
            Err(stopped) => (Err(Obstacle::from(stopped)), Some(stopped)),
        };
        stopped.into_iter().for_each(|stopped| self.note(stopped));
        self.replayed(scope, given, &found?)
    }

    /// The shortest form of a formula.
    pub(super) fn simplify(&self, scope: &Scope, expr: &Expr) -> Result<Proved, Obstacle> {
        self.best(scope, Purpose::Simplify, &[], expr, &Goal::Simplest)
    }

    /// The differential of a formula along directions of some symbols.
    pub(super) fn differentiate(
        &self,
        scope: &Scope,
        along: &[(Symbol, Expr)],
        expr: &Expr,
    ) -> Result<Proved, Obstacle> {
        let given: Vec<Given> = along
            .iter()
            .map(|(symbol, direction)| Given {
                name: Symbol::from(format!("d{symbol} = {}", crate::term::print::text(direction))),
                lhs: apply(Op::Diff, &[&sym(*symbol)]),
                rhs: direction.clone(),
                origin: Origin::Differential,
            })
            .collect();
        let differential = apply(Op::Diff, &[expr]);
        self.best(scope, Purpose::Differentiate, &given, &differential, &Goal::Simplest)
    }

    /// Brings a scalar form linear in a symbol to ⟨M, symbol⟩; M and the equation.
    pub(super) fn isolate(&self, scope: &Scope, symbol: Symbol, form: &Expr) -> Result<(Expr, Proved), Obstacle> {
        let found = self.best(scope, Purpose::Isolate, &[], form, &Goal::Isolate(symbol))?;
        let end = end_of(&found);
        match (root(end), arguments(end).as_slice()) {
            (Term::Op(Op::Inner, _), [matrix, a]) if *a == sym(symbol) => Ok((matrix.clone(), found)),
            (Term::Op(Op::Zeros, _) | Term::Num(_), _) => {
                let shape = scope.env().symbol(symbol).map_or(Shape::SCALAR, |info| info.shape);
                Ok((zeros(shape), found))
            }
            _ => Err(Obstacle::NotIsolated(end.clone())),
        }
    }

    /// Carries out an inference.
    pub(super) fn infer(&self, by: Inference, premises: Vec<Proved>) -> Result<Proved, Obstacle> {
        Ok(Claim::infer(&self.setting, by, premises)?)
    }

    /// lhs = rhs as a combination of equations.
    pub(super) fn linear(&self, scope: &Scope, lhs: &Expr, rhs: &Expr, of: &[Weighted]) -> Result<Proved, Obstacle> {
        let by = Inference::Linear {
            scope: scope.clone(),
            lhs: lhs.clone(),
            rhs: rhs.clone(),
            coefficients: of.iter().map(|(c, _)| c.clone()).collect(),
        };
        self.infer(by, of.iter().map(|(_, p)| p.clone()).collect())
    }

    /// The same, with more equations where these do not suffice: those that a search has shortened something by.
    pub(super) fn linear_or(
        &self,
        scope: &Scope,
        (lhs, rhs): (&Expr, &Expr),
        mut of: Vec<Weighted>,
        more: impl FnOnce() -> Result<Vec<Weighted>, Obstacle>,
    ) -> Result<Proved, Obstacle> {
        self.linear(scope, lhs, rhs, &of).or_else(|_| {
            of.extend(more()?);
            self.linear(scope, lhs, rhs, &of)
        })
    }

    /// An equation with its right side in other words, equal in normal form.
    pub(super) fn reworded(&self, equation: Proved, rhs: &Expr) -> Result<Proved, Obstacle> {
        let lhs = start_of(&equation).clone();
        if end_of(&equation) == rhs {
            return Ok(equation);
        }
        let scope = equation.scope().clone();
        self.linear(&scope, &lhs, rhs, &[(num(Rational::one()), equation)])
    }

    /// An equation with formulas in place of symbols.
    pub(super) fn instance(
        &self,
        scope: &Scope,
        equation: &Proved,
        images: &[(Symbol, Expr)],
    ) -> Result<Proved, Obstacle> {
        let sides = [start_of(equation), end_of(equation)];
        let mentioned: HashSet<Symbol> = sides.into_iter().flat_map(crate::term::symbols).collect();
        let images: Vec<(Symbol, Expr)> = images.iter().filter(|(name, _)| mentioned.contains(name)).cloned().collect();
        if images.is_empty() {
            return Ok(equation.clone());
        }
        self.infer(Inference::Instance { scope: scope.clone(), images }, vec![equation.clone()])
    }
}

/// The left side of an equation.
pub(super) fn start_of(claim: &Proved) -> &Expr {
    match claim.judgement() {
        crate::kernel::Judgement::Equation { lhs, .. } => lhs,
        _ => unreachable!("the claim is an equation"),
    }
}

/// The right side of an equation.
pub(super) fn end_of(claim: &Proved) -> &Expr {
    match claim.judgement() {
        crate::kernel::Judgement::Equation { rhs, .. } => rhs,
        _ => unreachable!("the claim is an equation"),
    }
}

/// Whether an equation says something.
pub(super) fn is_trivial(claim: &Proved) -> bool {
    start_of(claim) == end_of(claim)
}

/// A name that no symbol of the environment has.
pub(super) fn fresh(env: &Env, base: &str) -> Symbol {
    let mut name = base.to_string();
    while env.symbol(Symbol::from(name.as_str())).is_some() {
        name.push('′');
    }
    Symbol::from(name)
}
