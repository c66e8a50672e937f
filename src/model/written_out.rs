//! Families written out: the plain model of an instance, in which every member of a family is a matrix of its own and a block
//! stands as often as it is repeated.

use super::{Action, Definition, Dynamics, Loss, Model, Repeat, SizeError, Variable};
use crate::group::{GroupId, GroupInstance};
use crate::term::{
    Builder, Env, Expr, Index, Indices, Neighbour, Op, Rational, Shape, Signature, Size, Sizes, Symbol, Term,
    TypeError, add, apply, infer_expr, mul, size, sym, transpose,
};
use egg::{Id, Language};
use num_traits::ToPrimitive;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A value of each of some indices.
pub(crate) type Values = Vec<(Symbol, u64)>;

/// The most nodes of the formulas of a model that is written out.
const NODES: u64 = 1 << 20;

/// A model with families, and how far their indices run at an instance.
pub(crate) struct WrittenOut<'a> {
    model: &'a Model,
    ranges: Vec<(Symbol, u64)>,
    /// The indices of parameters and data, in the order in which their members are named; of members beside the generic one those
    /// that are open.
    indices: HashMap<Symbol, Cow<'a, [Symbol]>>,
}

/// What a symbol that is none of the model's is called for a value of its indices.
pub(crate) type Renamed<'a> = &'a dyn Fn(Symbol, &Values) -> Symbol;

impl Model {
    pub(crate) fn has_families(&self) -> bool {
        !self.indices.is_empty()
    }

    /// A dynamics in the symbols of the plain model of an instance.
    pub(crate) fn written_dynamics(&self, dynamics: &Dynamics, sizes: &Sizes) -> Result<Dynamics, SizeError> {
        match self.has_families() {
            false => Ok(dynamics.clone()),
            true => Ok(WrittenOut::new(self, sizes)?.dynamics(dynamics)),
        }
    }

    /// The number that a formula in sizes and constants has at an instance; `None` where it mentions anything else.
    pub(crate) fn number(&self, formula: &Expr, sizes: &Sizes) -> Option<Rational> {
        if !self.has_families() {
            return sizes.formula(formula);
        }
        let written = WrittenOut::new(self, sizes).ok()?;
        sizes.formula(&written.formula(&self.env, formula, &vec![], &|name, _| name).ok()?)
    }

    /// The same where it is a count: a whole number that is not negative.
    pub(crate) fn count(&self, formula: &Expr, sizes: &Sizes) -> Option<usize> {
        let value = self.number(formula, sizes)?;
        value.is_integer().then(|| value.to_integer().to_usize()).flatten()
    }

    /// The plain model of an instance; the model itself where it has no families.
    ///
    /// # Errors
    /// When it would be too large.
    pub(crate) fn written_out(&self, sizes: &Sizes) -> Result<Cow<'_, Model>, SizeError> {
        match self.has_families() {
            false => Ok(Cow::Borrowed(self)),
            true => Ok(Cow::Owned(WrittenOut::new(self, sizes)?.model())),
        }
    }
}

impl<'a> WrittenOut<'a> {
    pub fn new(model: &'a Model, sizes: &Sizes) -> Result<WrittenOut<'a>, SizeError> {
        let range = |index: &Index| {
            let range = sizes.value(index.range).and_then(|n| u64::try_from(n).ok());
            Ok((index.name, range.ok_or_else(|| SizeError::TooLarge(index.range.to_string()))?))
        };
        let ranges = model.indices.iter().map(range).collect::<Result<_, SizeError>>()?;
        let variables = model.params.iter().chain(&model.data).map(|v| (v.name, Cow::Borrowed(v.indices.as_slice())));
        let mut indices: HashMap<Symbol, Cow<[Symbol]>> = variables.collect();
        for (name, _) in model.actions.iter().flat_map(|action| &action.images) {
            let neighbour = model.env.neighbour(*name).map(|neighbour| Cow::Owned(neighbour.open()));
            indices.extend(neighbour.map(|open| (*name, open)));
        }
        let written = WrittenOut { model, ranges, indices };
        match written.nodes() {
            Some(nodes) if nodes <= NODES => Ok(written),
            _ => Err(SizeError::Members { most: NODES }),
        }
    }

    /// How many nodes the formulas have.
    fn nodes(&self) -> Option<u64> {
        let env = &self.model.env;
        let mut definitions = self.model.definitions();
        definitions.extend(self.model.stopped().cloned());
        let formulas = definitions.iter().map(|d| &d.expr).flat_map(|expr| infer_expr(env, expr).unwrap_or_default());
        let variables = self.model.params.iter().chain(&self.model.data).map(|v| env.indices_of(&v.indices));
        let action = |action: &Action| {
            let indices = env.indices_of(&action.indices);
            let image =
                move |(param, image): &(Symbol, Expr)| (indices.union(self.of(env, *param)), image.len() as u64);
            action.images.iter().map(image).collect::<Vec<_>>()
        };
        let all = formulas.map(|data| (data.indices, 1)).chain(variables.map(|indices| (indices, 1)));
        all.chain(self.model.actions.iter().flat_map(action)).try_fold(0u64, |sum, (indices, nodes)| {
            let members = env.listed(indices).try_fold(nodes, |n, index| n.checked_mul(self.range(index.name)))?;
            sum.checked_add(members)
        })
    }

    /// Every value of the indices of an action; one that reaches later members has none for the last ones.
    pub fn values_of(&self, action: &Action) -> Vec<Values> {
        let short: Vec<(Symbol, u64)> =
            self.model.indices_of_action(action).iter().map(|index| (index.name, index.less)).collect();
        let fits = |(index, k): &(Symbol, u64)| {
            let less = short.iter().find(|(name, _)| name == index).map_or(0, |(_, less)| *less);
            k.saturating_add(less) <= self.range(*index)
        };
        self.values(&action.indices).into_iter().filter(|at| at.iter().all(fits)).collect()
    }

    /// How far an index runs.
    fn range(&self, index: Symbol) -> u64 {
        self.ranges.iter().find(|(name, _)| *name == index).map_or(1, |(_, range)| *range)
    }

    fn of(&self, env: &Env, name: Symbol) -> Indices {
        env.symbol(name).map_or(Indices::NONE, |info| info.indices)
    }

    /// The indices of a symbol, in the order in which its members are named.
    fn indices(&self, env: &Env, name: Symbol) -> Vec<Symbol> {
        match self.indices.get(&name) {
            Some(indices) => indices.to_vec(),
            None => env.listed(self.of(env, name)).map(|index| index.name).collect(),
        }
    }

    /// Every value of some indices, those of the last fastest.
    pub fn values(&self, indices: &[Symbol]) -> Vec<Values> {
        indices.iter().fold(vec![vec![]], |all, &index| {
            let less = self.model.index(index).map_or(0, |known| known.less);
            let last = self.range(index).saturating_sub(less);
            let with = |at: Values| (1..=last).map(move |k| [at.as_slice(), &[(index, k)]].concat());
            all.into_iter().flat_map(with).collect()
        })
    }

    /// A size at a value of the indices that it depends on.
    pub fn size(&self, size: Size, at: &Values) -> Size {
        let of = |name: Symbol| match self.model.env.size(name) {
            Some(Neighbour { of, index, at: place, .. }) => {
                let current = at.iter().rev().find(|(known, _)| known == index).map_or(1, |(_, k)| *k);
                Size::Name(format!("{of}[{}]", place.value(current, self.range(*index))).into())
            }
            None => Size::Name(name),
        };
        size.with(&of).unwrap_or(size)
    }

    pub fn shape(&self, shape: Shape, at: &Values) -> Shape {
        Shape { rows: self.size(shape.rows, at), cols: self.size(shape.cols, at) }
    }

    /// What a parameter or data is called at a value of its indices, which others may stand among: `W[1,2]`.
    pub fn member(&self, name: Symbol, at: &Values) -> Symbol {
        match self.model.env.neighbour(name) {
            Some(Neighbour { of, indices, index, at: place }) => {
                let current = at.iter().rev().find(|(known, _)| known == index).map_or(1, |(_, k)| *k);
                bracketed(*of, indices, &with(at, *index, place.value(current, self.range(*index))))
            }
            None => bracketed(name, self.indices.get(&name).map(|i| &**i).unwrap_or_default(), at),
        }
    }

    /// Every member of a parameter or data of which some indices have a value already: its name, and the value of all of them.
    pub fn members(&self, name: Symbol, at: &Values) -> Vec<(Symbol, Values)> {
        let all = self.completed(self.indices.get(&name).map(|i| &**i).unwrap_or_default(), at).into_iter();
        all.map(|at| (self.member(name, &at), at)).collect()
    }

    /// What an action is called at a value of its indices.
    pub fn action(&self, action: &Action, at: &Values) -> Symbol {
        bracketed(action.name, &action.indices, at)
    }

    /// Some values with every value of those of the indices that have none yet.
    pub fn completed(&self, indices: &[Symbol], at: &Values) -> Vec<Values> {
        let open: Vec<Symbol> = indices.iter().copied().filter(|i| !at.iter().any(|(known, _)| known == i)).collect();
        self.values(&open).into_iter().map(|more| [at.as_slice(), &more].concat()).collect()
    }

    /// What a name of the model means at a value of the indices around it.
    fn named(&self, name: Symbol, at: &Values) -> Symbol {
        let (mut name, mut at) = (name, at.clone());
        // What a block takes is what the block before gives; blocks in blocks are left one after the other.
        while let Some((repeat, carried)) = self.model.carrying(name) {
            let Some((_, k)) = at.iter_mut().find(|(index, _)| *index == repeat.index) else { break };
            if *k == 1 {
                name = carried.first;
            } else {
                (*k, name) = (*k - 1, carried.after);
            }
        }
        if self.indices.contains_key(&name) {
            return self.member(name, &at);
        }
        match self.indices(&self.model.env, name).as_slice() {
            [] => name,
            // No name that is read has round brackets.
            indices => format!("{name}({})", numbers(indices, &at)).into(),
        }
    }

    /// A formula at a value of the indices that are free in it; sums over members are written out.
    ///
    /// # Errors
    /// When the formula has no shape in the environment.
    pub fn formula(&self, env: &Env, x: &Expr, at: &Values, renamed: Renamed) -> Result<Expr, TypeError> {
        let data = infer_expr(env, x)?;
        let own = |id: Id| env.listed(data[usize::from(id)].indices).map(|index| index.name).collect::<Vec<Symbol>>();
        // At which values each node is needed, from the root on: what stands under a sum at each of its index.
        let mut needed: Vec<BTreeSet<Vec<u64>>> = vec![BTreeSet::new(); x.len()];
        needed[usize::from(x.root())].insert(restricted(&own(x.root()), at));
        for i in (0..x.len()).rev() {
            let node = &x[Id::from(i)];
            let here = own(Id::from(i));
            for values in std::mem::take(&mut needed[i]) {
                let at: Values = here.iter().copied().zip(values.iter().copied()).collect();
                let mut need = |id: Id, at: &Values| _ = needed[usize::from(id)].insert(restricted(&own(id), at));
                match summed(x, node) {
                    Some((op, index, body)) => self.run(op, index).for_each(|k| need(body, &with(&at, index, k))),
                    None => node.children().iter().for_each(|&child| need(child, &at)),
                }
                needed[i].insert(values);
            }
        }
        let mut out = Builder::default();
        let mut made: Vec<BTreeMap<Vec<u64>, Id>> = vec![BTreeMap::new(); x.len()];
        for (i, needed) in needed.iter().enumerate() {
            let here = own(Id::from(i));
            for values in needed {
                let at: Values = here.iter().copied().zip(values.iter().copied()).collect();
                let of = |id: Id, at: &Values| made[usize::from(id)][&restricted(&own(id), at)];
                let id = match &x[Id::from(i)] {
                    Term::Sym(name) if env.index(*name).is_some() => {
                        out.add(Term::num(Rational::from_integer(values[0].into())))
                    }
                    Term::Sym(name) if self.model.env.symbol(*name).is_some() => {
                        out.add(Term::Sym(self.named(*name, &at)))
                    }
                    Term::Sym(name) => out.add(Term::Sym(renamed(*name, &at))),
                    Term::Size(size) => out.add(Term::Size(self.size(*size, &at))),
                    node => match summed(x, node) {
                        Some((op, index, body)) => {
                            let members = self.run(op, index).map(|k| of(body, &with(&at, index, k)));
                            sum(&mut out, &members.collect::<Vec<Id>>())
                        }
                        None => out.add(node.clone().map_children(|child| of(child, &at))),
                    },
                };
                made[i].insert(values.clone(), id);
            }
        }
        let id = made[usize::from(x.root())].values().next().copied();
        Ok(id.map_or_else(|| x.clone(), |id| out.finish(id)))
    }

    /// The values at which the body of a sum, or of a last value, is taken.
    fn run(&self, op: Op, index: Symbol) -> std::ops::RangeInclusive<u64> {
        let range = self.range(index);
        if op == Op::Last { range..=range } else { 1..=range }
    }

    /// A formula of the model itself.
    fn own(&self, env: &Env, x: &Expr, at: &Values) -> Expr {
        self.formula(env, x, at, &|name, _| name).expect("the formulas of a model have shapes")
    }

    /// The plain model.
    fn model(&self) -> Model {
        let mut model = self.model.clone();
        (model.indices, model.repeats) = (vec![], vec![]);
        model.params = self.variables(&self.model.params, &mut model.env);
        model.data = self.variables(&self.model.data, &mut model.env);
        model.lets = vec![];
        self.definitions(&self.model.lets, &vec![], &mut model);
        let plain = |x: &Expr| self.own(&self.model.env, x, &vec![]);
        model.output =
            self.model.output.as_ref().map(|output| Definition { expr: plain(&output.expr), ..output.clone() });
        if let Some((name, info)) =
            model.output.as_ref().and_then(|o| Some((o.name, model.env.symbol(o.name)?.clone())))
        {
            model.env.declare(name, self.shape(info.shape, &vec![]), info.facts);
        }
        for function in &mut model.functions {
            let shape = |shape: &Shape| self.shape(*shape, &vec![]);
            let Signature { arguments, result } = &function.signature;
            let signature = Signature { arguments: arguments.iter().map(shape).collect(), result: shape(result) };
            model.env.declare_call(function.name, signature.clone());
            function.signature = signature;
        }
        if let Loss::Explicit(loss) = &self.model.loss {
            model.loss = Loss::Explicit(plain(loss));
        }
        let action = |action| self.members_of(action);
        model.actions = self.model.actions.iter().flat_map(action).collect();
        model.dynamics = self.model.dynamics.iter().map(|dynamics| self.dynamics(dynamics)).collect();
        model
    }

    fn variables(&self, all: &[Variable], env: &mut Env) -> Vec<Variable> {
        let mut out = Vec::new();
        for variable in all {
            for (name, at) in self.members(variable.name, &vec![]) {
                let shape = self.shape(variable.shape, &at);
                env.declare(name, shape, variable.facts);
                // Members have no LaTeX of their own.
                let latex = variable.latex.clone().filter(|_| variable.indices.is_empty());
                out.push(Variable { name, latex, shape, indices: vec![], ..variable.clone() });
            }
        }
        out
    }

    /// Definitions in order; those of a block once for each value of its index.
    fn definitions(&self, lets: &[Definition], at: &Values, out: &mut Model) {
        let mut lets = lets;
        while let Some(definition) = lets.first() {
            let open = |repeat: &&Repeat| {
                repeat.body.contains(&definition.name) && !at.iter().any(|(index, _)| *index == repeat.index)
            };
            // A block stands behind those in it.
            let run = match self.model.repeats.iter().rev().find(open) {
                Some(repeat) => {
                    let run = lets.iter().take_while(|d| repeat.body.contains(&d.name)).count();
                    for k in 1..=self.range(repeat.index) {
                        self.definitions(&lets[..run], &with(at, repeat.index, k), out);
                    }
                    run
                }
                None => {
                    self.definition(definition, at, out);
                    1
                }
            };
            lets = &lets[run..];
        }
    }

    fn definition(&self, definition: &Definition, at: &Values, out: &mut Model) {
        let env = &self.model.env;
        let Some(info) = env.symbol(definition.name).cloned() else { return };
        let indices: Vec<Symbol> = env.listed(info.indices).map(|index| index.name).collect();
        for at in self.completed(&indices, at) {
            let name = self.named(definition.name, &at);
            out.env.declare(name, self.shape(info.shape, &at), info.facts);
            out.lets.push(Definition::new(name, self.own(env, &definition.expr, &at)));
        }
    }

    /// The exchanges of two neighbours, which generate all permutations of the values of an index, each as an action of Z2.
    fn exchanges(&self, action: &Action, index: Symbol, at: &Values) -> Vec<Action> {
        let exchange = |k: u64| {
            let image = |param: Symbol| {
                let members = self.members(param, at).into_iter();
                let moved = members.filter_map(move |(member, at)| {
                    let value = at.iter().find(|(name, _)| *name == index)?.1;
                    let other = [k + 1, k].into_iter().zip([k, k + 1]).find(|(_, from)| *from == value)?.0;
                    Some((member, sym(self.member(param, &with(&at, index, other)))))
                });
                moved.collect::<Vec<_>>()
            };
            Action {
                name: format!("{}({k} {})", self.action(action, at), k + 1).into(),
                group: GroupId::Z2.of(&[]),
                element: None,
                images: action.images.iter().flat_map(|(param, _)| image(*param)).collect(),
                indices: vec![],
                ..action.clone()
            }
        };
        (1..self.range(index)).map(exchange).collect()
    }

    /// An exchange of members at a value of its indices as a linear map with a permutation matrix P: W[k] ↦ ∑ⱼ Pₖⱼ W[j]. None for
    /// an action that moves matrices.
    pub fn exchange_at(&self, action: &Action, at: &Values) -> Option<Action> {
        let (index, element) = (action.exchanged()?, action.element?);
        let range = Size::Lit(self.range(index));
        let unit = |k: u64| {
            let place = size(Size::Lit(k));
            apply(Op::Select, &[&place, &place, &size(range)])
        };
        let image = |(param, _): &(Symbol, Expr)| {
            let moved = self.members(*param, at).into_iter().filter_map(|(member, at)| {
                let own = at.iter().find(|(name, _)| *name == index)?.1;
                let part = |k: u64| {
                    let entry = mul(&mul(&unit(own), &sym(element)), &transpose(&unit(k)));
                    mul(&entry, &sym(self.member(*param, &with(&at, index, k))))
                };
                Some((member, (1..=self.range(index)).map(part).reduce(|x, y| add(&x, &y))?))
            });
            moved.collect::<Vec<_>>()
        };
        Some(Action {
            name: self.action(action, at),
            group: GroupInstance { group: action.group.group, sizes: vec![range] },
            images: action.images.iter().flat_map(image).collect(),
            indices: vec![],
            ..action.clone()
        })
    }

    /// One action for each value of its indices; what has more indices than the action moves with all its members.
    fn members_of(&self, action: &Action) -> Vec<Action> {
        if let Some(index) = action.exchanged() {
            return self.values_of(action).iter().flat_map(|at| self.exchanges(action, index, at)).collect();
        }
        self.values_of(action).iter().map(|at| self.action_at(action, at)).collect()
    }

    /// An action at a value of its indices; what has more indices than the action moves with all its members.
    pub fn action_at(&self, action: &Action, at: &Values) -> Action {
        let env = self.model.action_env(action);
        let written = |x: &Expr, at: &Values| self.own(&env, x, at);
        let images = action.images.iter().flat_map(|(param, image)| {
            let moved = self.members(*param, at).into_iter();
            moved.map(|(member, at)| (member, written(image, &at))).collect::<Vec<_>>()
        });
        let (output, loss) = (action.output.as_ref(), action.loss.as_ref());
        let sizes = action.group.sizes.iter().map(|size| self.size(*size, at)).collect();
        Action {
            name: self.action(action, at),
            group: GroupInstance { group: action.group.group, sizes },
            images: images.collect(),
            output: output.map(|x| written(x, at)),
            loss: loss.map(|x| written(x, at)),
            indices: vec![],
            ..action.clone()
        }
    }

    /// The same dynamics, with a potential for each member.
    pub fn dynamics(&self, dynamics: &Dynamics) -> Dynamics {
        match dynamics {
            Dynamics::Mirror(potentials) => {
                let of = |(param, potential): &(Symbol, Symbol)| {
                    let potential = *potential;
                    self.members(*param, &vec![]).into_iter().map(move |(member, _)| (member, potential))
                };
                Dynamics::Mirror(potentials.iter().flat_map(of).collect())
            }
            plain => plain.clone(),
        }
    }
}

fn bracketed(name: Symbol, indices: &[Symbol], at: &Values) -> Symbol {
    if indices.is_empty() { name } else { format!("{name}[{}]", numbers(indices, at)).into() }
}

/// The values of some indices as they stand between brackets.
fn numbers(indices: &[Symbol], at: &Values) -> String {
    restricted(indices, at).iter().map(u64::to_string).collect::<Vec<_>>().join(",")
}

fn restricted(indices: &[Symbol], at: &Values) -> Vec<u64> {
    let value = |index: &Symbol| at.iter().rev().find(|(name, _)| name == index).map_or(1, |(_, k)| *k);
    indices.iter().map(value).collect()
}

/// One more index with its value; an outer one of the same name is hidden.
fn with(at: &Values, index: Symbol, k: u64) -> Values {
    at.iter().copied().filter(|(name, _)| *name != index).chain([(index, k)]).collect()
}

/// The operator, the index and the body of a sum over members, or of a last value.
fn summed(x: &Expr, node: &Term) -> Option<(Op, Symbol, Id)> {
    let Term::Op(op @ (Op::Over | Op::Last), args) = node else { return None };
    root_symbol(x, args[0]).map(|index| (*op, index, args[1]))
}

fn root_symbol(x: &Expr, id: Id) -> Option<Symbol> {
    match x[id] {
        Term::Sym(name) => Some(name),
        _ => None,
    }
}

/// A sum as a balanced tree, whose depth is the logarithm of the number of summands.
fn sum(out: &mut Builder, terms: &[Id]) -> Id {
    match terms {
        [one] => *one,
        _ => {
            let (left, right) = terms.split_at(terms.len() / 2);
            let sides = [sum(out, left), sum(out, right)];
            out.op(Op::Add, &sides)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::print::text;

    fn model(body: &str) -> Model {
        let read = Model::parse("test.eqv", &format!("model m\n{body}\nloss any"));
        read.unwrap_or_else(|errors| panic!("{}", errors.plain()))
    }

    /// The output in parameters and data, each member under a name that can be written: `W_1_2`.
    fn output(model: &Model) -> String {
        let formula = model.inline(&sym("F".into()));
        text(&formula).replace(']', "").replace(['[', ','], "_").replace("_ ", ", ")
    }

    fn written(model: &Model, dims: &[(&str, u64)]) -> Model {
        let dims: Vec<(String, u64)> = dims.iter().map(|(name, n)| (name.to_string(), *n)).collect();
        let sizes = model.sizes(&dims).expect("sizes");
        let plain = model.written_out(&sizes).expect("a small model").into_owned();
        assert!(!plain.has_families() && plain.repeats.is_empty());
        let entries = plain.dimension(&sizes);
        assert_eq!(model.dimension(&sizes), entries);
        plain
    }

    #[test]
    fn a_model_that_is_written_out_is_the_one_a_person_would_write() {
        let cases = [
            // A sum over members, and a sum beside the member itself.
            (
                "dim H = 3, d = 2
                 data X : d x d
                 param W[i in 1..H] : d x d
                 let T[i in 1..H] = W[i] * sum(i in 1..H) i * W[i]
                 output F = (sum(i in 1..H) T[i]) * X",
                "dim H = 3, d = 2
                 data X : d x d
                 param W_1 : d x d
                 param W_2 : d x d
                 param W_3 : d x d
                 let S = 1 * W_1 + (2 * W_2 + 3 * W_3)
                 output F = (W_1 * S + (W_2 * S + W_3 * S)) * X",
            ),
            // Blocks in blocks, of which each carries a value on, and the outer one a second.
            (
                "dim L = 2, J = 2, d = 2
                 data X : d x d
                 param E : d x d
                 let Y = E * X
                 let Z = X
                 repeat l in 1..L {
                   let Z = Z + Y
                   repeat j in 1..J {
                     param B : d x d
                     let Y = relu(B * Y)
                   }
                   param A : d x d
                   let Y = A * Y + Z
                 }
                 output F = Y + Z",
                "dim L = 2, J = 2, d = 2
                 data X : d x d
                 param E : d x d
                 param A_1 : d x d
                 param A_2 : d x d
                 param B_1_1 : d x d
                 param B_1_2 : d x d
                 param B_2_1 : d x d
                 param B_2_2 : d x d
                 let Y = E * X
                 let Z1 = X + Y
                 let Y1 = A_1 * relu(B_1_2 * relu(B_1_1 * Y)) + Z1
                 let Z2 = Z1 + Y1
                 let Y2 = A_2 * relu(B_2_2 * relu(B_2_1 * Y1)) + Z2
                 output F = Y2 + Z2",
            ),
            // Two blocks one after the other over one index, as far as a number says; data that are one for each value.
            (
                "dim d = 2
                 data X : d x d
                 data M[l in 1..2] : d x d
                 let Y = X
                 repeat l in 1..2 {
                   param V : d x d
                   let Y = V * Y + M[l]
                 }
                 repeat k in 1..1 {
                   param W : d x d
                   let Y = W * Y
                 }
                 output F = Y",
                "dim d = 2
                 data X : d x d
                 data M_1 : d x d
                 data M_2 : d x d
                 param V_1 : d x d
                 param V_2 : d x d
                 param W_1 : d x d
                 output F = W_1 * (V_2 * (V_1 * X + M_1) + M_2)",
            ),
        ];
        for (families, plain) in cases {
            let families = written(&model(families), &[]);
            assert_eq!(output(&families), output(&model(plain)), "{plain}");
        }
    }

    #[test]
    fn there_is_an_action_for_each_value_of_its_indices_and_it_moves_what_has_more_with_all_members() {
        let plain = written(
            &model(
                "dim L = 2, H = 2, d = 2
                 data X : d x d
                 param W[l in 1..L, i in 1..H] : d x d
                 param V[l in 1..L] : d x d
                 output F = sum(l in 1..L) V[l] * sum(i in 1..H) W[l,i] * X
                 action basis[l in 1..L] : g in GL(d) { V[l] -> V[l] * inv(g); W[l,i] -> g * W[l,i] }",
            ),
            &[],
        );
        let actions: Vec<String> = plain.actions.iter().map(|a| a.name.to_string()).collect();
        assert_eq!(actions, ["basis[1]", "basis[2]"]);
        let images: Vec<String> = plain.actions[1].images.iter().map(|(p, x)| format!("{p} -> {}", text(x))).collect();
        assert_eq!(images, ["V[2] -> V[2] * inv(g)", "W[2,1] -> g * W[2,1]", "W[2,2] -> g * W[2,2]"]);
    }

    #[test]
    fn a_model_that_would_be_too_large_is_refused() {
        let deep = "dim L = 2, H = 2, d = 2
                    data X : d x d
                    let Y = X
                    repeat l in 1..L {
                      param W[i in 1..H] : d x d
                      let Y = Y + sum(i in 1..H) W[i] * Y
                    }
                    output F = Y";
        let model = model(deep);
        for (name, n) in [("L", 1 << 20), ("H", u64::from(u32::MAX)), ("L", u64::MAX >> 1)] {
            let sizes = model.sizes(&[(name.to_string(), n), ("d".into(), 1)]).expect("sizes");
            assert!(model.written_out(&sizes).is_err(), "{name} = {n}");
        }
    }
}
