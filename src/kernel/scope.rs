//! What formulas of a proof are about: the model and the rules, and the further symbols a claim holds for all values of.

use super::hyperparameters::Hyperparameters;
use super::refusal::Refusal;
use super::rule::Rules;
use crate::group::{Algebra, Constraint, Family};
use crate::model::{Action, Loss, Model, Variable};
use crate::term::{Env, Expr, Facts, Shape, Symbol, SymbolInfo, mentions, substitute, sym};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// The model and the rules of an argument.
#[derive(Clone, Debug)]
pub struct Setting {
    model: Arc<Model>,
    rules: Arc<Rules>,
    plain: Scope,
    /// The same with cotangent and direction of every parameter.
    tangent: Scope,
    /// With the numbers and the noise of dynamics as well, and with parameters that stay where they are.
    flow: Scope,
    still: Scope,
    names: Arc<Names>,
    output_of_loss: Option<Symbol>,
    /// The action whose neighbours it is written out around, and the whole model.
    around: Option<(Arc<Action>, Arc<Model>)>,
}

/// The symbols that proofs use beside those of the model.
#[derive(Debug)]
struct Names {
    hyper: Hyperparameters,
    /// The gradient noise on every parameter.
    noise: HashMap<Symbol, Symbol>,
}

impl Names {
    fn of(model: &Model) -> Names {
        Names { hyper: Hyperparameters::of(model), noise: Hyperparameters::noises(model) }
    }

    fn noise(&self, model: &Model, param: Symbol) -> Symbol {
        let known = self.noise.get(&param).copied();
        known.unwrap_or_else(|| super::hyperparameters::free(model, &format!("N_{param}")))
    }

    /// A scope with the numbers of dynamics and with noise on every parameter.
    fn beside(&self, model: &Model, scope: &Scope) -> Scope {
        let constant = || SymbolInfo::new(Shape::SCALAR, Facts::POSITIVE | Facts::CONSTANT);
        let constants = self.hyper.values().map(|(name, _)| (name, constant()));
        let noise = model.params.iter().map(|p| (self.noise(model, p.name), like(model, p, Facts::empty())));
        scope.with_all(constants.into_iter().chain(noise))
    }
}

impl Setting {
    pub fn new(model: Arc<Model>, rules: Arc<Rules>) -> Setting {
        let plain = Scope { constraints: vec![], env: Arc::new(Env::over(Arc::new(model.env.clone()))) };
        let output_of_loss = model.output.as_ref().map(|o| o.name).filter(|_| loss_factors(&model));
        let names = Arc::new(Names::of(&model));
        let both =
            |p: &Variable| [cotangent(p.name), direction(p.name)].map(|name| (name, like(&model, p, Facts::CONSTANT)));
        let tangent = plain.with_all(model.params.iter().flat_map(both)).shared();
        let (flow, still) = (names.beside(&model, &tangent).shared(), held(&model, &tangent).shared());
        Setting { model, rules, plain, tangent, flow, still, names, output_of_loss, around: None }
    }

    /// Another model, with the same rules.
    pub fn with_model(&self, model: Arc<Model>) -> Setting {
        Setting::new(model, self.rules.clone())
    }

    /// The same around the members that an action moves: theirs are the blocks that are written out, the values that these take are
    /// arbitrary, and so is the function of what they give. What holds there of these members holds of those at every value of the
    /// index, since nothing else of the model depends on them.
    ///
    /// # Errors
    /// Where something else does.
    pub fn around(&self, action: &Action) -> Result<Setting, Refusal> {
        if self.model.action(action.name) != Some(action) || self.around.is_some() {
            return Err(Refusal("the model declares no such action"));
        }
        let model = self.model.window(action).map_err(Refusal)?;
        let around = Some((Arc::new(action.clone()), self.model.clone()));
        Ok(Setting { around, ..Setting::new(Arc::new(model), self.rules.clone()) })
    }

    /// The same, where the model declares an action.
    pub fn declaring(&self, action: &Action) -> Setting {
        let mut model = (*self.model).clone();
        model.actions.push(action.clone());
        Setting::new(Arc::new(model), self.rules.clone())
    }

    /// The action whose neighbours it is written out around.
    pub fn window(&self) -> Option<Symbol> {
        self.around.as_ref().map(|(action, _)| action.name)
    }

    /// The model with all members of its families.
    pub fn whole(&self) -> &Model {
        self.around.as_ref().map_or(&self.model, |(_, whole)| whole)
    }

    /// Whether an action moves nothing that an arbitrary value may depend on.
    pub(super) fn admits(&self, action: &Action) -> bool {
        let moved = |whole: &Action, name: Symbol| whole.images.iter().any(|(known, _)| *known == name);
        self.around.as_ref().is_none_or(|(whole, _)| action.images.iter().all(|(name, _)| moved(whole, *name)))
    }

    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Whether it is the same model with the same rules.
    pub fn is(&self, other: &Setting) -> bool {
        Arc::ptr_eq(&self.model, &other.model) && Arc::ptr_eq(&self.rules, &other.rules)
    }

    /// The output, where the parameters enter the loss through it alone, L = ℓ(F).
    pub fn output_of_loss(&self) -> Option<Symbol> {
        self.output_of_loss
    }

    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The scope of the model itself.
    pub fn plain(&self) -> &Scope {
        &self.plain
    }

    /// What there is one of for each value of the indices of an action.
    fn one_for_each(&self, action: &Action, info: SymbolInfo) -> SymbolInfo {
        info.of(self.model.env.indices_of(&action.indices))
    }

    /// The scope of an action: with its element, and a second one.
    pub fn of_action(&self, action: &Action) -> Scope {
        match (action.element, action.group.element()) {
            (Some(g), Some((shape, facts))) => {
                let element = self.one_for_each(action, SymbolInfo::new(shape, facts | Facts::CONSTANT));
                let names = [g, second_element(&self.model, g)];
                let mut scope = self.plain.with_all(names.map(|name| (name, element.clone())));
                let constraint = action.group.constraint();
                scope.constraints.extend(names.into_iter().filter_map(|name| Some((name, constraint?))));
                scope
            }
            _ => self.plain.clone(),
        }
    }

    /// The scope of a tangent: with an element A of the Lie algebra.
    pub fn of_algebra(&self, action: &Action, element: Symbol, algebra: &Algebra, family: &Family) -> Scope {
        let info = SymbolInfo::new(algebra.shape, family.facts | Facts::CONSTANT);
        let mut scope = self.plain.with_all([(element, self.one_for_each(action, info))]);
        scope.constraints.extend(family.constraint.map(|constraint| (element, constraint)));
        scope
    }

    /// The scope in which an image is differentiated along exp(tA): only the group element moves.
    pub fn moving(&self, action: &Action, tangent: &Scope) -> Scope {
        let mut scope = self.still(tangent);
        if let (Some(g), Some((shape, facts))) = (action.element, action.group.element()) {
            scope = scope.with_all([(g, self.one_for_each(action, SymbolInfo::new(shape, facts - Facts::CONSTANT)))]);
        }
        scope
    }

    /// A scope in which parameters, output and loss stay where they are.
    pub fn still(&self, scope: &Scope) -> Scope {
        scope.rebased(&self.tangent, &self.still).unwrap_or_else(|| held(&self.model, scope))
    }

    /// A scope in which nothing moves but one symbol.
    pub fn moving_only(&self, symbol: Symbol, scope: &Scope) -> Scope {
        let out = self.still(scope);
        match scope.env.symbol(symbol).cloned() {
            Some(info) => out.with_all([(symbol, SymbolInfo { facts: info.facts - Facts::CONSTANT, ..info })]),
            None => out,
        }
    }

    /// A matrix of the shape of a parameter, one for each of its members.
    pub fn like(&self, param: &Variable, facts: Facts) -> SymbolInfo {
        like(&self.model, param, facts)
    }

    /// A scope with a cotangent and a direction for every parameter.
    pub fn tangent(&self, scope: &Scope) -> Scope {
        // Those of the scope are few: they are declared beside the others.
        let known = self.tangent.env.declared();
        let own = known.differing(scope.env.declared()).filter(|name| known.get(*name).is_none());
        let out = self.tangent.with_all(own.filter_map(|name| Some((name, scope.own(name)?.clone()))));
        out.constrained(scope.constraints.clone())
    }

    /// A scope with the numbers of dynamics and with noise on every parameter.
    pub fn flowing(&self, scope: &Scope) -> Scope {
        scope.rebased(&self.tangent, &self.flow).unwrap_or_else(|| self.names.beside(&self.model, scope))
    }

    /// λ, γ, η and t.
    pub fn hyper(&self) -> Hyperparameters {
        self.names.hyper
    }

    /// The symbol of the gradient noise on a parameter.
    pub fn noise(&self, param: Symbol) -> Symbol {
        self.names.noise(&self.model, param)
    }
}

/// A scope in which parameters, output and loss stay where they are.
fn held(model: &Model, scope: &Scope) -> Scope {
    let params = model.params.iter().map(|p| p.name);
    let names = params.chain(model.output.as_ref().map(|o| o.name)).chain([Model::loss_symbol()]);
    let declared = names.filter_map(|name| Some((name, model.env.symbol(name)?.clone())));
    scope.with_all(declared.map(|(name, info)| (name, SymbolInfo { facts: info.facts | Facts::CONSTANT, ..info })))
}

fn like(model: &Model, param: &Variable, facts: Facts) -> SymbolInfo {
    SymbolInfo::new(param.shape, facts).of(model.env.indices_of(&param.indices))
}

/// Whether the parameters enter the loss through the output alone, L = ℓ(F). Otherwise, as with a penalty on the weights, a
/// claim about the output says nothing about the loss.
fn loss_factors(model: &Model) -> bool {
    let Loss::Explicit(loss) = &model.loss else { return true };
    let mut reached = loss.clone();
    for definition in model.computed().rev() {
        if mentions(&reached, definition.name) {
            reached = substitute(&reached, &HashMap::from([(definition.name, definition.expr.clone())]));
        }
    }
    // What a block takes depends on parameters that are not seen in it.
    !super::members::takes(model, &reached) && model.params.iter().all(|p| !mentions(&reached, p.name))
}

/// The symbol of a cotangent on a parameter.
pub fn cotangent(param: Symbol) -> Symbol {
    named_after(param).0
}

/// The symbol of a tangent direction on a parameter.
pub fn direction(param: Symbol) -> Symbol {
    named_after(param).1
}

/// Both: each equation names those of all parameters, and to write a name takes longer than to look it up.
fn named_after(param: Symbol) -> (Symbol, Symbol) {
    thread_local! {
        static KNOWN: RefCell<FxHashMap<Symbol, (Symbol, Symbol)>> = RefCell::default();
    }
    let made = || (format!("U[{param}]").into(), format!("V[{param}]").into());
    KNOWN.with_borrow_mut(|known| *known.entry(param).or_insert_with(made))
}

/// The name of a second group element beside `g`, which nothing in the model has.
pub fn second_element(model: &Model, g: Symbol) -> Symbol {
    super::hyperparameters::free(model, &format!("{g}_2"))
}

/// The symbols of a claim beyond the model's, or in place of them, with their shapes and facts. The claim holds for all their
/// values.
#[derive(Clone, Debug)]
pub struct Scope {
    /// What some satisfy beyond their facts.
    constraints: Vec<(Symbol, Constraint)>,
    /// What is declared there are the symbols; underneath is the model.
    env: Arc<Env>,
}

impl PartialEq for Scope {
    fn eq(&self, other: &Scope) -> bool {
        let same = || self.env.declared() == other.env.declared();
        (Arc::ptr_eq(&self.env, &other.env) || same()) && self.constraints == other.constraints
    }
}

impl Scope {
    /// With one more symbol; a later declaration replaces an earlier one.
    pub fn with(&self, name: Symbol, shape: Shape, facts: Facts) -> Scope {
        self.with_all([(name, SymbolInfo::new(shape, facts))])
    }

    /// With some more symbols.
    pub fn with_all(&self, symbols: impl IntoIterator<Item = (Symbol, SymbolInfo)>) -> Scope {
        let mut out = self.clone();
        for (name, info) in symbols {
            let info = SymbolInfo { facts: info.facts.closed(info.shape.is_scalar()), ..info };
            if out.own(name) != Some(&info) {
                Arc::make_mut(&mut out.env).declare_member(name, info.shape, info.facts, info.indices);
            }
        }
        out
    }

    /// Without some symbols of its own.
    pub fn without(&self, gone: &[Symbol]) -> Scope {
        let mut out = self.clone();
        if gone.iter().any(|name| self.own(*name).is_some()) {
            out.env = Arc::new((*self.env).clone().without(gone));
        }
        out.constraints.retain(|(name, _)| !gone.contains(name));
        out
    }

    /// The same, all of whose symbols are shared with what is made of it.
    fn shared(&self) -> Scope {
        let mut symbols = self.env.declared().clone();
        symbols.share();
        Scope { env: Arc::new((*self.env).clone().declaring(symbols)), constraints: self.constraints.clone() }
    }

    /// The same beside the symbols of another scope in place of those of one, where nothing else comes of it.
    fn rebased(&self, from: &Scope, to: &Scope) -> Option<Scope> {
        let symbols = self.env.declared().rebased(from.env.declared(), to.env.declared())?;
        Some(Scope { env: Arc::new((*to.env).clone().declaring(symbols)), constraints: self.constraints.clone() })
    }

    /// The meaning of every symbol.
    pub fn env(&self) -> &Arc<Env> {
        &self.env
    }

    /// What some of them satisfy beyond their facts.
    pub fn constraints(&self) -> &[(Symbol, Constraint)] {
        &self.constraints
    }

    /// With some symbols satisfying more than their facts.
    pub fn constrained(mut self, constraints: Vec<(Symbol, Constraint)>) -> Scope {
        self.constraints = constraints;
        self
    }

    /// Whether two formulas are equal because a symbol satisfies more than its facts.
    pub(super) fn tells(&self, lhs: &Expr, rhs: &Expr) -> bool {
        let equations = self.constraints.iter().flat_map(|(name, constraint)| constraint.equations(&sym(*name)));
        equations.into_iter().any(|(l, r)| l == *lhs && r == *rhs)
    }

    /// The symbols beyond the model's, in the order of their names.
    pub fn symbols(&self) -> Vec<(Symbol, SymbolInfo)> {
        let mut all: Vec<(Symbol, SymbolInfo)> =
            self.env.declared().iter().map(|(n, info)| (n, info.clone())).collect();
        all.sort_by_key(|(name, _)| name.as_str());
        all
    }

    /// What is known of a symbol, if it is one of those.
    pub fn own(&self, name: Symbol) -> Option<&SymbolInfo> {
        self.env.declared().get(name)
    }

    /// Whether what holds for all values of the symbols here holds for those of `other`: every symbol has the same shape there
    /// and at least these facts; one that is not `mentioned` may be missing if there is a matrix with its facts.
    pub fn covers(&self, other: &Scope, mentioned: impl Fn(Symbol) -> bool) -> bool {
        let fits = |name: Symbol| match (self.env.symbol(name), other.env.symbol(name)) {
            (Some(here), Some(there)) => {
                // What is one for all members there may stand for what differs among them here, not the other way.
                here.shape == there.shape && there.facts.contains(here.facts) && here.indices.contains(there.indices)
            }
            (Some(here), None) => !mentioned(name) && is_inhabited(here),
            (None, _) => true,
        };
        let kept = |(name, constraint): &(Symbol, Constraint)| {
            other.env.symbol(*name).is_none() || other.satisfies(*name, *constraint)
        };
        let mut names = self.env.declared().differing(other.env.declared());
        *self == *other || names.all(fits) && self.constraints.iter().all(kept)
    }

    /// What a symbol has to satisfy beyond its facts for a claim here to be about it.
    pub(super) fn constraints_on(&self, name: Symbol) -> impl Iterator<Item = Constraint> {
        self.constraints.iter().filter(move |(known, _)| *known == name).map(|(_, constraint)| *constraint)
    }

    /// Whether every value of a symbol satisfies a constraint.
    pub(super) fn satisfies(&self, name: Symbol, constraint: Constraint) -> bool {
        let facts = self.env.symbol(name).map_or(Facts::empty(), |info| info.facts);
        self.constraints_on(name).any(|own| own == constraint) || constraint.follows(facts)
    }

    /// Both scopes together; none where they disagree about a symbol.
    pub fn joined(&self, other: &Scope) -> Option<Scope> {
        let theirs = other.env.declared();
        let differs =
            |(name, constraint): &(Symbol, Constraint)| other.constraints_on(*name).any(|theirs| theirs != *constraint);
        if self.constraints.iter().any(differs) {
            return None;
        }
        let mut out = self.clone();
        if !Arc::ptr_eq(&self.env, &other.env) {
            let more: Vec<Symbol> =
                self.env.declared().differing(theirs).filter(|name| theirs.get(*name).is_some()).collect();
            if more.iter().any(|name| self.own(*name).is_some_and(|info| theirs.get(*name) != Some(info))) {
                return None;
            }
            out = self.with_all(more.into_iter().filter_map(|name| Some((name, theirs.get(name)?.clone()))));
        }
        out.constraints.extend(other.constraints.iter().filter(|own| !self.constraints.contains(own)));
        Some(out)
    }
}

/// Whether there is a matrix with these facts at every size, for those for which 0, I or a matrix of ones is one.
fn is_inhabited(info: &SymbolInfo) -> bool {
    let facts = info.facts - Facts::CONSTANT;
    let zero = Facts::SYMMETRIC | Facts::SKEW | Facts::DIAGONAL | Facts::NONNEGATIVE | Facts::CENTRED;
    let identity = info.shape.is_square()
        // Complex numbers need an even size.
        && !facts.intersects(Facts::SKEW | Facts::CENTRED | Facts::PLANES)
        && (info.shape.is_scalar() || !facts.contains(Facts::POSITIVE));
    zero.contains(facts) || identity || (Facts::POSITIVE | Facts::NONNEGATIVE | Facts::SYMMETRIC).contains(facts)
}
