//! What a law says of one member of each family: the law at one value of its indices, in the symbols of the model that is
//! written out. Of a model without families it is the law itself.

use super::CheckError;
use crate::eval::{EvalError, Sizes, mix};
use crate::kernel::{
    Case, Condition, Form, Generator, Hyperparameters, Law, Multiplicity, Slopes, Statement, Structure, When,
    cotangent, direction,
};
use crate::model::{Action, Dynamics, Model, Values, Variable, WrittenOut};
use crate::term::{Env, Expr, Facts, Op, Symbol, Term, sym, zeros};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// At how many values of its indices a law, or an action, is measured at most and, where the model that is written out is large, at
/// least.
pub(super) const MEASURED: usize = 8;
const AT_LEAST: usize = 2;

/// The most parameters of a model that is written out of which all [`MEASURED`] are: of twice as many half of them, since each costs
/// derivatives of all.
const PARAMETERS: usize = 512;

/// A law at one value of its indices.
pub(super) struct Member<'a> {
    law: &'a Law,
    /// Which value it is; none where the law has no indices.
    place: String,
    statement: Cow<'a, Statement>,
    env: Arc<Env>,
    action: Option<Symbol>,
    dynamics: Option<Cow<'a, Dynamics>>,
    /// How many values its indices have.
    alike: u64,
    /// How many components the law has, for all members together, and the dimension of a kernel that it states.
    components: Cow<'a, Expr>,
    dimension: Option<Cow<'a, Expr>>,
}

impl<'a> Member<'a> {
    /// A statement about the action, the dynamics and the symbols of a law at the values of its indices, all of them or as many
    /// as are measured, in the symbols of the model that is written out; and how many values there are.
    pub fn all(
        written: &'a Model,
        law: &'a Law,
        statement: &'a Statement,
        sizes: &Sizes,
        seed: Option<u64>,
    ) -> Result<(Vec<Member<'a>>, usize), CheckError> {
        let model = law.claim().setting().model();
        if !model.has_families() {
            return Ok((vec![Member::plain(law, statement)], 1));
        }
        let family = Family::new(model, written, law, sizes)?;
        let all = family.values(statement);
        let count = all.len();
        let drawn = seed.map_or_else(|| (0..count).collect(), |seed| drawn(written, count, seed));
        let members = drawn.into_iter().map(|k| family.member(law, statement, &all[k])).collect::<Result<_, _>>()?;
        Ok((members, count))
    }

    /// A statement about the action of a law of a model without families.
    pub fn plain(law: &'a Law, statement: &'a Statement) -> Member<'a> {
        let (dynamics, statement) = (law.dynamics().map(Cow::Borrowed), Cow::Borrowed(statement));
        Member {
            law,
            place: String::new(),
            statement,
            env: law.env().clone(),
            action: law.action(),
            dynamics,
            alike: 1,
            components: Cow::Borrowed(law.components()),
            dimension: dimension(law).map(Cow::Borrowed),
        }
    }

    /// Of the generators of a kernel all, or of families as many as are measured.
    pub fn few<'b>(&self, written: &Model, generators: &'b [Generator], seed: u64) -> Vec<&'b Generator> {
        match self.law.claim().setting().model().has_families() {
            false => generators.iter().collect(),
            true => drawn(written, generators.len(), seed).into_iter().map(|k| &generators[k]).collect(),
        }
    }

    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// The id of the law, with the values of its indices.
    pub fn id(&self) -> String {
        format!("{}{}", self.law.id(), self.place)
    }

    pub fn env(&self) -> &Arc<Env> {
        &self.env
    }

    pub fn action(&self) -> Option<Symbol> {
        self.action
    }

    pub fn dynamics(&self) -> Option<&Dynamics> {
        self.dynamics.as_deref()
    }

    /// How many values the indices of the law have.
    pub fn alike(&self) -> u64 {
        self.alike
    }

    /// How many components the law has, for all members together.
    pub fn components(&self) -> &Expr {
        &self.components
    }

    /// Whether each member has as many of them as any other.
    pub fn is_even(&self) -> bool {
        !self.law.components().as_ref().iter().any(|node| matches!(node, Term::Op(Op::Over, _)))
    }

    pub fn independent(&self) -> Option<usize> {
        self.law.independent()
    }

    /// The dimension of a kernel that the law states.
    pub fn dimension(&self) -> Option<&Expr> {
        self.dimension.as_deref()
    }
}

fn dimension(law: &Law) -> Option<&Expr> {
    match law.statement() {
        Statement::Kernel { dimension, .. } => dimension.as_ref(),
        _ => None,
    }
}

/// Which of some values are taken where they are many: the first, the last, and others by a seed.
pub(super) fn drawn(written: &Model, count: usize, seed: u64) -> Vec<usize> {
    let most = (MEASURED * PARAMETERS / written.params.len().max(1)).clamp(AT_LEAST, MEASURED);
    if count <= most {
        return (0..count).collect();
    }
    let mut order: Vec<usize> = (1..count - 1).collect();
    order.sort_by_key(|&k| mix(seed, k as u64));
    let mut out: Vec<usize> = order.into_iter().take(most - 2).chain([0, count - 1]).collect();
    out.sort_unstable();
    out
}

/// A law of a model with families.
struct Family<'a> {
    model: &'a Model,
    out: WrittenOut<'a>,
    env: Arc<Env>,
    written: &'a Model,
    law_env: &'a Env,
    action: Option<&'a Action>,
    /// Whether it is about members beside each other.
    is_window: bool,
    indices: Vec<Symbol>,
    /// What the symbols of a parameter beyond the model's are of, and which of the kinds of [`of_parameters`].
    own: HashMap<Symbol, (Symbol, usize)>,
    /// Such symbols of the members.
    of_members: [HashMap<Symbol, Symbol>; 4],
}

/// The symbols that there is one of for each parameter of a model, by the parameter.
fn of_parameters(model: &Model) -> [HashMap<Symbol, Symbol>; 4] {
    let each = |of: fn(Symbol) -> Symbol| model.params.iter().map(|p| (p.name, of(p.name))).collect();
    [Hyperparameters::noises(model), Hyperparameters::batches(model), each(cotangent), each(direction)]
}

impl<'a> Family<'a> {
    fn new(model: &'a Model, written: &'a Model, law: &'a Law, sizes: &Sizes) -> Result<Family<'a>, CheckError> {
        let out = WrittenOut::new(model, sizes)?;
        let law_env: &Env = law.env();
        let mut env = law_env.clone();
        for name in law_env.names() {
            // An element of the algebra is one for each value too, but there is one value now.
            if let Some(info) = law_env.symbol(name).filter(|_| model.env.symbol(name).is_none()) {
                env.declare(name, info.shape, info.facts);
            }
        }
        for variable in written.params.iter().chain(&written.data) {
            env.declare(variable.name, variable.shape, variable.facts);
        }
        for definition in &written.lets {
            if let Some(info) = written.env.symbol(definition.name) {
                env.declare(definition.name, info.shape, info.facts);
            }
        }
        let mut own = HashMap::new();
        let of_members = of_parameters(written);
        for (kind, of) in of_parameters(model).iter().enumerate() {
            let mut known = None;
            for param in &model.params {
                let name = of[&param.name];
                let Some(info) = law_env.symbol(name) else { continue };
                own.insert(name, (param.name, kind));
                known = Some(info.facts & Facts::CONSTANT);
            }
            // Of all parameters, since those that a law does not name stay where they are.
            for member in written.params.iter().filter(|_| known.is_some()) {
                env.declare(of_members[kind][&member.name], member.shape, known.unwrap_or_default());
            }
        }
        let action = law.action().and_then(|name| model.action(name));
        let mut indices: Vec<Symbol> = action.map_or(vec![], |action| action.indices.clone());
        let more: Vec<Symbol> = law.indices().iter().map(|index| index.name).filter(|i| !indices.contains(i)).collect();
        indices.extend(more);
        let (env, is_window) = (env.into(), law.claim().setting().window().is_some());
        Ok(Family { model, out, env, written, law_env, action, is_window, indices, own, of_members })
    }

    /// The values of the indices of a statement; a kernel is stated of all members together, but for those beside each other.
    fn values(&self, statement: &Statement) -> Vec<Values> {
        match statement {
            Statement::Kernel { .. } if !self.is_window => vec![vec![]],
            _ => self.out.values(&self.indices),
        }
    }

    fn member(&self, law: &'a Law, statement: &Statement, at: &Values) -> Result<Member<'a>, CheckError> {
        let action = self.action.map(|action| self.out.action(action, at));
        let numbers: Vec<String> = at.iter().map(|(index, k)| format!("{index}={k}")).collect();
        let place = if numbers.is_empty() { String::new() } else { format!(" at {}", numbers.join(" ")) };
        Ok(Member {
            law,
            place,
            statement: Cow::Owned(self.statement(statement, at)?),
            env: self.env_at(at),
            action,
            dynamics: law.dynamics().map(|dynamics| Cow::Owned(self.out.dynamics(dynamics))),
            alike: self.out.values(&self.indices).len().max(1) as u64,
            components: Cow::Owned(self.formula(law.components(), at)?),
            dimension: dimension(law).map(|n| self.formula(n, at)).transpose()?.map(Cow::Owned),
        })
    }

    /// What is known where the symbols of the law have the shapes that they have at a value.
    fn env_at(&self, at: &Values) -> Arc<Env> {
        let of = |name: Symbol| self.law_env.symbol(name).filter(|_| self.model.env.symbol(name).is_none());
        let depends = |name: &Symbol| of(*name).is_some_and(|info| self.out.shape(info.shape, at) != info.shape);
        let moving: Vec<Symbol> = self.law_env.names().into_iter().filter(depends).collect();
        if moving.is_empty() {
            return self.env.clone();
        }
        let mut env = (*self.env).clone();
        for name in moving.into_iter().filter(|name| !self.own.contains_key(name)) {
            if let Some(info) = of(name) {
                env.declare(name, self.out.shape(info.shape, at), info.facts);
            }
        }
        env.into()
    }

    fn formula(&self, x: &Expr, at: &Values) -> Result<Expr, CheckError> {
        self.formula_in(self.law_env, x, at)
    }

    fn formula_in(&self, env: &Env, x: &Expr, at: &Values) -> Result<Expr, CheckError> {
        let renamed = |name: Symbol, at: &Values| match self.own.get(&name) {
            Some((param, kind)) => self.of_members[*kind].get(&self.out.member(*param, at)).copied().unwrap_or(name),
            None => name,
        };
        Ok(self.out.formula(env, x, at, &renamed).map_err(EvalError::from)?)
    }

    fn statement(&self, statement: &Statement, at: &Values) -> Result<Statement, CheckError> {
        let of = |x: &Expr| self.formula(x, at);
        Ok(match statement {
            Statement::Equations { element, equations } => {
                let sides = |(lhs, rhs): &(Expr, Expr)| Ok((of(lhs)?, of(rhs)?));
                let equations = equations.iter().map(sides).collect::<Result<_, CheckError>>()?;
                Statement::Equations { element: element.clone(), equations }
            }
            Statement::Conserved { quantity } => Statement::Conserved { quantity: of(quantity)? },
            Statement::Rate { quantity, rate } => Statement::Rate { quantity: of(quantity)?, rate: of(rate)? },
            Statement::Damped { quantity, friction, force } => {
                Statement::Damped { quantity: of(quantity)?, friction: of(friction)?, force: of(force)? }
            }
            Statement::Step { quantity, factor, change } => Statement::Step {
                quantity: of(quantity)?,
                factor: factor.as_ref().map(of).transpose()?,
                change: of(change)?,
            },
            Statement::Expected { quantity, continuous, change } => {
                Statement::Expected { quantity: of(quantity)?, continuous: *continuous, change: of(change)? }
            }
            Statement::Kernel { generators, dimension } => {
                let generators = generators.iter().map(|g| self.generators(g, at)).collect::<Result<Vec<_>, _>>()?;
                Statement::Kernel { generators: generators.concat(), dimension: dimension.clone() }
            }
            Statement::Structure(Structure::Sharpness { element, form, image, length, radial }) => {
                Statement::Structure(Structure::Sharpness {
                    element: element.clone(),
                    form: of(form)?,
                    image: of(image)?,
                    length: of(length)?,
                    radial: *radial,
                })
            }
            Statement::Structure(Structure::Alignment { element, factor }) => {
                Statement::Structure(Structure::Alignment { element: element.clone(), factor: of(factor)? })
            }
            Statement::Structure(Structure::Transport { adjoint, shift, response }) => {
                let slopes = Slopes { first: of(&response.first)?, second: of(&response.second)? };
                Statement::Structure(Structure::Transport {
                    adjoint: self.adjoint(adjoint, at)?,
                    shift: self.on_members(shift, at, &|p| zeros(p.shape))?,
                    response: slopes,
                })
            }
            Statement::Structure(Structure::FixedSpace { conditions, found }) => {
                let conditions = self.conditions(conditions, at)?;
                Statement::Structure(Structure::FixedSpace { conditions, found: self.found(found.as_deref(), at) })
            }
            Statement::Structure(Structure::Breaking { conditions, found }) => {
                let conditions = self.conditions(conditions, at)?;
                Statement::Structure(Structure::Breaking { conditions, found: self.found(found.as_deref(), at) })
            }
            Statement::Structure(Structure::Multiplicities { cases, found }) => {
                let cases = cases.iter().map(|case| self.case(case, at)).collect::<Result<_, _>>()?;
                Statement::Structure(Structure::Multiplicities { cases, found: self.found(found.as_deref(), at) })
            }
            Statement::Structure(Structure::Flattest { element, trace, response, condition }) => {
                let response = Slopes { first: of(&response.first)?, second: of(&response.second)? };
                let sides = |(lhs, rhs): &(Expr, Expr)| Ok::<_, CheckError>((of(lhs)?, of(rhs)?));
                Statement::Structure(Structure::Flattest {
                    element: element.clone(),
                    trace: of(trace)?,
                    response,
                    condition: condition.as_ref().map(sides).transpose()?,
                })
            }
            Statement::Structure(Structure::Third { element, derivative, response }) => {
                let response = Slopes { first: of(&response.first)?, second: of(&response.second)? };
                let derivative = self.on_members(derivative, at, &|p| zeros(p.shape))?;
                Statement::Structure(Structure::Third { element: element.clone(), derivative, response })
            }
        })
    }

    /// K* on every member; those that the action does not move stay.
    fn adjoint(&self, adjoint: &[(Symbol, Expr)], at: &Values) -> Result<Vec<(Symbol, Expr)>, CheckError> {
        self.on_members(adjoint, at, &|p| sym(cotangent(p.name)))
    }

    /// A formula for every member, of those that are not named what others have.
    fn on_members(
        &self,
        named: &[(Symbol, Expr)],
        at: &Values,
        others: &dyn Fn(&Variable) -> Expr,
    ) -> Result<Vec<(Symbol, Expr)>, CheckError> {
        let mut moved: HashMap<Symbol, Expr> = HashMap::new();
        for (param, formula) in named {
            for (member, at) in self.out.members(*param, at) {
                moved.insert(member, self.formula(formula, &at)?);
            }
        }
        let of = |p: &Variable| (p.name, moved.remove(&p.name).unwrap_or_else(|| others(p)));
        Ok(self.written.params.iter().map(of).collect())
    }

    fn conditions(&self, conditions: &[Condition], at: &Values) -> Result<Vec<Condition>, CheckError> {
        let mut out = Vec::new();
        for condition in conditions {
            for (member, at) in self.out.members(condition.param, at) {
                let form = match &condition.form {
                    Form::Equals(value) => Form::Equals(self.formula(value, &at)?),
                    // Each is equal to the first one.
                    Form::MembersEqual(index, _) => {
                        let first = at.iter().map(|(name, k)| (*name, if name == index { 1 } else { *k })).collect();
                        match self.out.member(condition.param, &first) {
                            first if first == member => continue,
                            first => Form::Equals(sym(first)),
                        }
                    }
                    Form::RowsEqual(n) => Form::RowsEqual(self.out.size(*n, &at)),
                    Form::ColumnsEqual(n) => Form::ColumnsEqual(self.out.size(*n, &at)),
                    Form::Multiple(n) => Form::Multiple(self.out.size(*n, &at)),
                    form => form.clone(),
                };
                out.push(Condition { param: member, form });
            }
        }
        Ok(out)
    }

    fn case(&self, case: &Case, at: &Values) -> Result<Case, CheckError> {
        let when = case.when.map(|when| match when {
            When::AtLeast(n, k) => When::AtLeast(self.out.size(n, at), k),
            When::Odd(n) => When::Odd(self.out.size(n, at)),
            When::Even(n) => When::Even(self.out.size(n, at)),
        });
        let class = |class: &Multiplicity| {
            let (count, multiplicity) = (self.formula(&class.count, at)?, self.formula(&class.multiplicity, at)?);
            Ok(Multiplicity { count, multiplicity })
        };
        Ok(Case { when, classes: case.classes.iter().map(class).collect::<Result<_, CheckError>>()? })
    }

    /// The action that a law of a finite group is about, where the model that is written out has it in another form: one found
    /// inside a continuous group, and an exchange of members, which is written out as exchanges of two.
    fn found(&self, found: Option<&Action>, at: &Values) -> Option<Box<Action>> {
        let found = found.map(|action| self.out.action_at(action, at));
        found.or_else(|| self.out.exchange_at(self.action?, at)).map(Box::new)
    }

    /// The generator of one action for each value of its indices.
    fn generators(&self, generator: &Generator, at: &Values) -> Result<Vec<Generator>, CheckError> {
        let unknown = || CheckError::UnknownAction(generator.action.to_string());
        let action = self.model.action(generator.action).ok_or_else(unknown)?;
        // Elements of different actions may have one name: each is bound in its own generator.
        let mut env = self.law_env.clone();
        if let Some(algebra) = action.group.algebra() {
            let own = self.model.env.indices_of(&action.indices);
            env.declare_member(generator.element.symbol, algebra.shape, algebra.whole().facts, own);
        }
        let one = |at: Values| {
            let mut components = Vec::new();
            for (param, value) in &generator.components {
                for (member, at) in self.out.members(*param, &at) {
                    components.push((member, self.formula_in(&env, value, &at)?));
                }
            }
            Ok(Generator { action: self.out.action(action, &at), components, ..generator.clone() })
        };
        match self.is_window {
            true => Ok(vec![one(at.clone())?]),
            false => self.out.values_of(action).into_iter().map(one).collect(),
        }
    }
}
