//! Rules on families, written out for two members: a plain rule that is true at every instance if the rule is. A variable that is
//! not the same for all values of an index becomes one for each of them.

use super::variables::{Role, Variables};
use crate::kernel::{Predicate, Rule, RuleCondition as Condition};
use crate::term::{Op, Term};
use egg::{ENodeOrVar, Id, Language, PatternAst, Var};
use std::collections::BTreeMap;

/// The values that an index takes.
const VALUES: [usize; 2] = [1, 2];

/// The values of the indices of the sums around a place; the first one for an index that no sum is over.
type Place = BTreeMap<Var, usize>;

/// The rule for two members; none for one that is about no family.
pub(super) fn written_out(rule: &Rule) -> Option<Rule> {
    let variables = Variables::of(rule);
    let indices: Vec<Var> = variables.with_role(Role::Index).map(|v| v.var).collect();
    if indices.is_empty() {
        return None;
    }
    let writer = Writer { rule, variables: &variables, indices: &indices };
    let first: Place = indices.iter().map(|index| (*index, VALUES[0])).collect();
    let side = |ast: &PatternAst<Term>| {
        let mut out = PatternAst::default();
        writer.write(ast, ast.root(), &first, &mut out);
        out
    };
    Some(Rule {
        lhs: side(&rule.lhs),
        rhs: side(&rule.rhs),
        conditions: rule.conditions.iter().flat_map(|condition| writer.condition(condition)).collect(),
        ..rule.clone()
    })
}

/// What a variable is a copy of: `X` for `X.1.2`.
pub(super) fn family(var: Var) -> String {
    var.to_string().split('.').next().unwrap_or_default().to_string()
}

struct Writer<'a> {
    rule: &'a Rule,
    variables: &'a Variables,
    indices: &'a [Var],
}

impl Writer<'_> {
    /// Writes what is below a node at a place.
    fn write(&self, ast: &PatternAst<Term>, id: Id, place: &Place, out: &mut PatternAst<Term>) -> Id {
        match &ast[id] {
            ENodeOrVar::Var(var) => out.add(ENodeOrVar::Var(self.member(*var, place))),
            ENodeOrVar::ENode(Term::Op(Op::Over, args)) => {
                let mut sum = None;
                for value in VALUES {
                    let mut inside = place.clone();
                    if let ENodeOrVar::Var(index) = &ast[args[0]] {
                        inside.insert(*index, value);
                    }
                    let member = self.write(ast, args[1], &inside, out);
                    sum = Some(match sum {
                        None => member,
                        Some(before) => out.add(ENodeOrVar::ENode(Term::op(Op::Add, &[before, member]))),
                    });
                }
                sum.unwrap_or(id)
            }
            ENodeOrVar::ENode(node) => {
                let node = node.clone().map_children(|child| self.write(ast, child, place, out));
                out.add(ENodeOrVar::ENode(node))
            }
        }
    }

    /// `X.1.2`, the member of a matrix at the indices it depends on.
    fn member(&self, var: Var, place: &Place) -> Var {
        let matrix = self.variables.get(var).is_some_and(|v| v.role == Role::Matrix);
        let depends = |index: &&Var| matrix && !self.rule.conditions.iter().any(|c| is_independent(c, var, **index));
        let own =
            self.indices.iter().filter(depends).map(|index| format!(".{}", place.get(index).unwrap_or(&VALUES[0])));
        format!("{var}{}", own.collect::<String>()).parse().unwrap_or(var)
    }

    /// A condition on every member; that something is the same for all of them is used up.
    fn condition(&self, condition: &Condition) -> Vec<Condition> {
        if condition.predicate == Predicate::Independent {
            return vec![];
        }
        let mut places: Vec<Place> = vec![Place::new()];
        for index in self.indices {
            let at =
                |place: &Place, value: usize| place.iter().map(|(i, v)| (*i, *v)).chain([(*index, value)]).collect();
            places = places.iter().flat_map(|place| VALUES.map(|value| at(place, value))).collect();
        }
        let at = |place: &Place| Condition {
            arguments: (condition.arguments.iter())
                .map(|ast| {
                    let mut out = PatternAst::default();
                    self.write(ast, ast.root(), place, &mut out);
                    out
                })
                .collect(),
            ..condition.clone()
        };
        places.iter().map(at).collect()
    }
}

/// Whether a condition says that a variable is the same for all values of an index.
fn is_independent(condition: &Condition, var: Var, index: Var) -> bool {
    let is = |argument: Option<&PatternAst<Term>>, var: Var| {
        argument.is_some_and(|argument| argument.as_ref() == [ENodeOrVar::Var(var)])
    };
    condition.predicate == Predicate::Independent
        && !condition.negated
        && is(condition.arguments.first(), var)
        && is(condition.arguments.get(1), index)
}
