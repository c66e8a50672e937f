//! From a rule as the language states it to something that can be applied, to an e-graph or to plain terms.

use super::analysis::{Graph, Knowledge, is_plainly, shown};
use super::condition::{Bound, holds, number_of, variable};
use super::form::Wanted;
use crate::kernel::{Predicate, Rule, RuleCondition as Condition, computed_size, computed_sizes};
use crate::term::{
    Argument, Data, Env, Exponent, Expr, Facts, Head, Indices, Op, Rational, Symbol, Term, infer_node, num, size,
};
use egg::{Applier, ENodeOrVar, Id, Language, Pattern, PatternAst, Subst, Var};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// One direction of a rule, ready to apply.
#[derive(Debug)]
pub(super) struct Compiled {
    pub name: Symbol,
    pub lhs: PatternAst<Term>,
    /// The right side, in which every computed part is a fresh variable.
    pub rhs: PatternAst<Term>,
    computed: Vec<Computed>,
    conditions: Vec<Condition>,
    variables: Vec<Var>,
    /// The facts that a form of a variable's class must show: those the rule asks for, and those a power needs.
    shown: Vec<(Var, Facts)>,
    /// The variables that may not depend on an index, and those that stand for it.
    independent: Vec<(Var, Var)>,
    /// The operators and function names the left side needs, and those the right side introduces.
    pub needs: Vec<Need>,
    pub makes: Vec<Need>,
    /// Whether the left side is made of ring operations on variables only, as associativity and distributivity are.
    structural: bool,
}

/// A part of a right side that is computed, and the variable in its place.
#[derive(Debug)]
struct Computed {
    var: Var,
    part: PatternAst<Term>,
    /// Whether it is a size, not a number.
    size: bool,
}

/// Something that must occur in a formula before a rule can match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Need {
    Head(Head),
    Fun(Symbol),
}

pub(super) fn needs_of(node: &Term) -> Need {
    match node {
        Term::Fun(name) => Need::Fun(*name),
        // Numbers and sizes can appear at any time (by arithmetic, or as the size of a matrix).
        node => Need::Head(node.discriminant()),
    }
}

impl Compiled {
    /// Both directions of a rule.
    pub fn from_rule(rule: &Rule) -> Vec<Compiled> {
        let mut all = vec![Compiled::new(rule, &rule.lhs, &rule.rhs)];
        if rule.bidirectional {
            all.push(Compiled::new(rule, &rule.rhs, &rule.lhs));
        }
        all
    }

    fn new(rule: &Rule, lhs: &PatternAst<Term>, rhs: &PatternAst<Term>) -> Compiled {
        let numbers = number_variables(rule);
        let (rhs, computed) = separate_computed(rhs, &numbers);
        let collect = |ast: &PatternAst<Term>| {
            let mut seen = HashSet::new();
            ast.as_ref()
                .iter()
                .filter_map(|node| match node {
                    ENodeOrVar::ENode(Term::Num(_) | Term::Size(_)) | ENodeOrVar::Var(_) => None,
                    ENodeOrVar::ENode(node) => Some(needs_of(node)),
                })
                .filter(|need| seen.insert(*need))
                .collect()
        };
        Compiled {
            name: rule.name.as_str().into(),
            needs: collect(lhs),
            makes: collect(&rhs),
            variables: variables(lhs, &rhs),
            lhs: lhs.clone(),
            rhs,
            computed,
            conditions: rule.conditions.clone(),
            shown: facts_shown(rule),
            independent: independent_of(rule),
            structural: lhs.as_ref().iter().all(|node| match node {
                ENodeOrVar::Var(_) => true,
                ENodeOrVar::ENode(Term::Op(op, _)) => matches!(op, Op::Add | Op::Mul | Op::Had | Op::Pow),
                ENodeOrVar::ENode(_) => false,
            }),
        }
    }

    /// The e-graph rewrite of this rule.
    pub fn rewrite(self: &Arc<Self>) -> egg::Rewrite<Term, Knowledge> {
        let searcher = Pattern::new(self.lhs.clone());
        egg::Rewrite::new(self.name, searcher, GraphApplier(self.clone()))
            .expect("an applier without declared variables binds")
    }

    /// Completes a match: checks the conditions, binds the variables they bind, and computes the computed parts.
    /// Returns the extra bindings, or `None` when the rule does not apply.
    pub fn complete<'a>(&self, bound: &dyn Fn(Var) -> Option<Bound<'a>>) -> Option<Vec<(Var, Expr)>> {
        let mut extra: Vec<(Var, Expr)> = Vec::new();
        for condition in &self.conditions {
            if condition.predicate.number().is_some() && !condition.negated {
                let (value, outcome) = number_of(condition, bound)?;
                if let Some(var) = outcome.ok()? {
                    extra.push((var, num(value)));
                }
            } else if !holds(condition, bound) {
                return None;
            }
        }
        for Computed { var, part, size: is_size } in &self.computed {
            let value = if *is_size {
                let data = |v: Var| bound(v).map(|b| b.data);
                size(computed_size(part, part.root(), &|v| data(v)?.size, &|v| Some(data(v)?.shape))?)
            } else {
                let known = |v: Var| extra.iter().find(|(w, _)| *w == v).map(|(_, e)| e);
                let value = |v: Var| match known(v) {
                    Some(expr) => match crate::term::root(expr) {
                        Term::Num(c) => Some(Exponent::number(Rational::clone(c))),
                        _ => None,
                    },
                    None => bound(v)?.data.exponent(),
                };
                computed_number(part, part.root(), &value)?.expr()
            };
            extra.push((*var, value));
        }
        Some(extra)
    }

    /// The terms that some variables stand for in a step: an exact constant for a class that has one, and a form that shows the
    /// facts asked for where the class is not plainly known to have them, so that a replay can see both. `None` where no form does.
    fn forms(&self, graph: &mut Graph, subst: &Subst) -> Option<Vec<(Var, Expr)>> {
        let mut out = Vec::new();
        for (var, class) in self.variables.iter().filter_map(|var| Some((*var, *subst.get(*var)?))) {
            let class = graph.find(class);
            let facts = self.shown.iter().find(|(v, _)| *v == var).map_or(Facts::empty(), |(_, facts)| *facts);
            let indices = self.independent.iter().filter(|(v, _)| *v == var).filter_map(|(_, of)| subst.get(*of));
            let without = indices.fold(Indices::default(), |all, of| all.union(graph[*of].data.data.indices));
            let wanted = Wanted { facts, without };
            if let Some(value) = &graph[class].data.data.constant {
                out.push((var, num(Rational::clone(value))));
            } else if !is_plainly(graph, class, wanted) {
                out.push((var, shown(graph, class, wanted)?));
            }
        }
        Some(out)
    }

    /// Whether the right side has a shape, the left side's, under the given bindings.
    pub fn well_typed(&self, env: &Env, data: &dyn Fn(Var) -> Data, shape: crate::term::Shape) -> bool {
        let mut all: Vec<Data> = Vec::with_capacity(self.rhs.len());
        for node in self.rhs.as_ref() {
            let next = match node {
                ENodeOrVar::Var(var) => Ok(data(*var)),
                ENodeOrVar::ENode(node) => infer_node(env, node, |id| &all[usize::from(id)]),
            };
            match next {
                Ok(next) => all.push(next),
                Err(_) => return false,
            }
        }
        all.last().is_some_and(|d| d.shape == shape)
    }
}

struct GraphApplier(Arc<Compiled>);

impl GraphApplier {
    /// Whether a structural rule would only rearrange zeros and units, or take a constant matrix apart. Zeros and units are left to the rules
    /// that remove them: expanding X = I X = (g g⁻¹) X never shortens a proof and never ends, nor does J = g J gᵀ.
    fn is_idle(&self, graph: &Graph, subst: &Subst) -> bool {
        if !self.0.structural {
            return false;
        }
        let mut classes: Vec<Id> = Vec::with_capacity(self.0.lhs.len());
        for node in self.0.lhs.as_ref() {
            let class = match node {
                ENodeOrVar::Var(var) => subst[*var],
                ENodeOrVar::ENode(node) => {
                    let node = node.clone().map_children(|c| classes[usize::from(c)]);
                    if let Term::Op(op @ (Op::Mul | Op::Pow), args) = &node
                        && (graph[args[0]].data.unit || (*op == Op::Mul && graph[args[1]].data.unit))
                    {
                        return true;
                    }
                    match graph.lookup(node) {
                        Some(class) => class,
                        None => return false,
                    }
                }
            };
            let is_product = matches!(node, ENodeOrVar::ENode(Term::Op(Op::Mul, _)));
            if graph[class].data.zero || is_product && graph[class].data.given {
                return true;
            }
            classes.push(class);
        }
        false
    }
}

impl Applier<Term, Knowledge> for GraphApplier {
    fn apply_one(
        &self,
        graph: &mut Graph,
        class: Id,
        subst: &Subst,
        searcher_ast: Option<&PatternAst<Term>>,
        rule_name: Symbol,
    ) -> Vec<Id> {
        let rule = &self.0;
        if self.is_idle(graph, subst) {
            return vec![];
        }
        let extra = {
            let bound = |var: Var| {
                subst.get(var).map(|&id| {
                    let known = &graph[id].data;
                    Bound { data: &known.data, mentions: known.mentions }
                })
            };
            match rule.complete(&bound) {
                Some(extra) => extra,
                None => return vec![],
            }
        };
        let mut subst = subst.clone();
        for (var, expr) in &extra {
            let id = graph.add_expr(expr);
            subst.insert(*var, id);
        }
        let env = graph.analysis.env.clone();
        let shape = graph[class].data.data.shape;
        if !rule.well_typed(&env, &|var| graph[subst[var]].data.data.clone(), shape) {
            return vec![];
        }
        let (Some(ast), Some(forms)) = (searcher_ast, rule.forms(graph, &subst)) else { return vec![] };
        let (from, to) = (stated(ast, &forms), stated(&rule.rhs, &forms));
        let (id, changed) = graph.union_instantiations(&from, &to, &subst, rule_name);
        if changed { vec![id] } else { vec![] }
    }
}

/// A pattern with forms in place of some variables.
fn stated<'a>(ast: &'a PatternAst<Term>, forms: &[(Var, Expr)]) -> Cow<'a, PatternAst<Term>> {
    if forms.is_empty() {
        return Cow::Borrowed(ast);
    }
    let mut out = PatternAst::default();
    let mut ids: Vec<Id> = Vec::with_capacity(ast.len());
    for node in ast.as_ref() {
        let form = match node {
            ENodeOrVar::Var(var) => forms.iter().find(|(v, _)| v == var).map(|(_, form)| form),
            ENodeOrVar::ENode(_) => None,
        };
        ids.push(match form {
            Some(form) => {
                let offset = out.len();
                for node in form.as_ref() {
                    let node = node.clone().map_children(|c| Id::from(usize::from(c) + offset));
                    out.add(ENodeOrVar::ENode(node));
                }
                out.root()
            }
            None => out.add(node.clone().map_children(|c| ids[usize::from(c)])),
        });
    }
    Cow::Owned(out)
}

/// The variables of both sides.
fn variables(lhs: &PatternAst<Term>, rhs: &PatternAst<Term>) -> Vec<Var> {
    let all = lhs.as_ref().iter().chain(rhs.as_ref()).filter_map(|node| match node {
        ENodeOrVar::Var(var) => Some(*var),
        ENodeOrVar::ENode(_) => None,
    });
    let mut seen = HashSet::new();
    all.filter(|var| seen.insert(*var)).collect()
}

/// The facts that must be seen of the terms in the places of a rule's variables.
fn facts_shown(rule: &Rule) -> Vec<(Var, Facts)> {
    let mut out: Vec<(Var, Facts)> = Vec::new();
    let mut show = |var: Var, fact: Facts| match out.iter_mut().find(|(v, _)| *v == var) {
        Some((_, facts)) => *facts |= fact,
        None => out.push((var, fact)),
    };
    for condition in rule.conditions.iter().filter(|c| !c.negated) {
        if let (Predicate::Fact(fact), Some(var)) =
            (condition.predicate, condition.arguments.first().and_then(variable))
        {
            show(var, fact);
        }
    }
    for ast in [&rule.lhs, &rule.rhs] {
        for node in ast.as_ref() {
            if let ENodeOrVar::ENode(Term::Op(Op::Pow, args)) = node
                && let ENodeOrVar::Var(base) = &ast[args[0]]
            {
                show(*base, Facts::DIAGONAL);
            }
        }
    }
    out
}

/// Which variables may not depend on which index.
fn independent_of(rule: &Rule) -> Vec<(Var, Var)> {
    let independent = rule.conditions.iter().filter(|c| c.predicate == Predicate::Independent && !c.negated);
    let place = |condition: &Condition, i: usize| condition.arguments.get(i).and_then(variable);
    independent.filter_map(|c| Some((place(c, 0)?, place(c, 1)?))).collect()
}

/// Variables that stand for exact numbers: exponents, and what `number`, `homogeneous` or `slanted` bind.
fn number_variables(rule: &Rule) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for ast in [&rule.lhs, &rule.rhs] {
        for node in ast.as_ref() {
            let ENodeOrVar::ENode(Term::Op(op, args)) = node else { continue };
            for place in op.places(|argument| argument == Argument::Exponent) {
                if let ENodeOrVar::Var(var) = &ast[args[place]] {
                    out.insert(var.to_string());
                }
            }
        }
    }
    for condition in rule.conditions.iter().filter(|c| !c.negated) {
        let index = match condition.predicate {
            Predicate::Number => 0,
            Predicate::Homogeneous | Predicate::Slanted => 1,
            _ => continue,
        };
        if let Some([ENodeOrVar::Var(var)]) = condition.arguments.get(index).map(|a| a.as_ref()) {
            out.insert(var.to_string());
        }
    }
    out
}

/// Replaces the parts of a right side that are computed when the rule is applied – arithmetic in numbers or sizes, `rows(?X)`,
/// `cols(?X)` – by fresh variables.
fn separate_computed(ast: &PatternAst<Term>, numbers: &BTreeSet<String>) -> (PatternAst<Term>, Vec<Computed>) {
    #[derive(Clone, Copy, PartialEq)]
    enum Kind {
        Number,
        /// Arithmetic in numbers.
        Arithmetic,
        /// `rows(?X)` or `cols(?X)`, and arithmetic of these where a size stands.
        Size,
        Other,
    }
    let mut kinds: Vec<Kind> = Vec::with_capacity(ast.len());
    let sizes = computed_sizes(ast);
    for (i, node) in ast.as_ref().iter().enumerate() {
        kinds.push(match node {
            _ if sizes.contains(&Id::from(i)) => Kind::Size,
            ENodeOrVar::Var(var) if numbers.contains(&var.to_string()) => Kind::Number,
            ENodeOrVar::ENode(Term::Num(_)) => Kind::Number,
            ENodeOrVar::ENode(Term::Op(Op::Rows | Op::Cols, _)) => Kind::Size,
            ENodeOrVar::ENode(Term::Op(Op::Add | Op::Mul | Op::Pow, args))
                if args.iter().all(|a| matches!(kinds[usize::from(*a)], Kind::Number | Kind::Arithmetic)) =>
            {
                Kind::Arithmetic
            }
            _ => Kind::Other,
        });
    }
    let mut out = PatternAst::default();
    let mut computed = Vec::new();
    let mut done: HashMap<Id, Id> = HashMap::new();
    /// Whether a part is computed, and then whether it is a size.
    type IsComputed<'a> = &'a dyn Fn(Id) -> Option<bool>;
    fn go(
        ast: &PatternAst<Term>,
        id: Id,
        is_computed: IsComputed<'_>,
        out: &mut PatternAst<Term>,
        computed: &mut Vec<Computed>,
        done: &mut HashMap<Id, Id>,
    ) -> Id {
        if let Some(&new) = done.get(&id) {
            return new;
        }
        let new = if let Some(size) = is_computed(id) {
            let var: Var = format!("?computed{}", computed.len()).parse().expect("a well-formed variable");
            computed.push(Computed { var, part: pattern_subterm(ast, id), size });
            out.add(ENodeOrVar::Var(var))
        } else {
            let node = ast[id].clone();
            let node = node.map_children(|c| go(ast, c, is_computed, out, computed, done));
            out.add(node)
        };
        done.insert(id, new);
        new
    }
    let is_computed = |id: Id| match kinds[usize::from(id)] {
        Kind::Arithmetic => Some(false),
        Kind::Size => Some(true),
        Kind::Number | Kind::Other => None,
    };
    go(ast, ast.root(), &is_computed, &mut out, &mut computed, &mut done);
    (out, computed)
}

fn pattern_subterm(ast: &PatternAst<Term>, id: Id) -> PatternAst<Term> {
    let mut out = PatternAst::default();
    fn go(ast: &PatternAst<Term>, id: Id, out: &mut PatternAst<Term>) -> Id {
        let node = ast[id].clone().map_children(|c| go(ast, c, out));
        out.add(node)
    }
    go(ast, id, &mut out);
    out
}

/// The value of arithmetic in numbers, of exponents in sizes and values of indices too.
fn computed_number(ast: &PatternAst<Term>, id: Id, value: &dyn Fn(Var) -> Option<Exponent>) -> Option<Exponent> {
    match &ast[id] {
        ENodeOrVar::Var(var) => value(*var),
        ENodeOrVar::ENode(Term::Num(c)) => Some(Exponent::number(Rational::clone(c))),
        ENodeOrVar::ENode(Term::Op(op, args)) => {
            let x = computed_number(ast, args[0], value)?;
            let y = computed_number(ast, *args.get(1)?, value)?;
            Exponent::by(*op, &x, &y)
        }
        ENodeOrVar::ENode(_) => None,
    }
}
