//! The shapes at which both sides of a rule have one and the same shape.

use super::instance::{Choice, build};
use super::members::family;
use super::variables::{Assignment, NAMES, Role, Variable, Variables};
use crate::kernel::{Predicate, Rule};
use crate::term::{Facts, Op, Shape, Size, Term, infer};
use egg::{ENodeOrVar, Id, Language, PatternAst};

/// All assignments, up to renaming of the sizes, that satisfy the conditions on shapes and for which both sides have the
/// same shape.
pub(super) fn assignments(rule: &Rule, variables: &Variables, choice: &Choice) -> Vec<Assignment> {
    let shaped: Vec<&Variable> =
        variables.0.iter().filter(|v| matches!(v.role, Role::Matrix | Role::Name | Role::Size)).collect();
    let plane = rule.conditions.iter().any(|c| c.predicate == Predicate::Plane);
    let occurs = |ops: &[Op]| [&rule.lhs, &rule.rhs].iter().any(|side| has_one_of(side, ops));
    let rows = occurs(&[Op::Select, Op::Concat]);
    let columns = occurs(&[Op::Stack, Op::MaxPool, Op::GroupNorm, Op::GroupNormEps]);
    let blocks = rows || columns;
    let mut found = Vec::new();
    let mut open: Vec<Assignment> = vec![Vec::new()];
    while let Some(assignment) = open.pop() {
        if blocks && !may_fit(rule, variables, choice, &assignment) {
            continue;
        }
        let Some(variable) = shaped.get(assignment.len()) else {
            if fits(rule, variables, choice, &assignment) {
                found.push(assignment);
            }
            continue;
        };
        // The members of a family have one shape.
        let same = |(other, _): &&(egg::Var, Shape)| family(*other) == family(variable.var);
        let shapes = match assignment.iter().find(same) {
            Some((_, shape)) => vec![*shape],
            None if rows => block_shapes(variable),
            None if columns => column_block_shapes(variable.role),
            None => shapes(&assignment, variable.role, plane),
        };
        for shape in shapes {
            if allowed(rule, variable, shape) {
                let mut next = assignment.clone();
                next.push((variable.var, shape));
                open.push(next);
            }
        }
    }
    found
}

/// The shapes for the next variable: 1, the names used so far, and one new name; 2 for a rule about the plane.
fn shapes(assignment: &Assignment, role: Role, plane: bool) -> Vec<Shape> {
    let used = |sizes: &[Size]| {
        let mut all = vec![Size::Lit(1)];
        all.extend(plane.then_some(Size::Lit(2)));
        for name in NAMES {
            all.push(Size::Name(name.into()));
            if !sizes.contains(&Size::Name(name.into())) {
                break;
            }
        }
        all
    };
    let mut sizes: Vec<Size> = assignment.iter().flat_map(|(_, shape)| [shape.rows, shape.cols]).collect();
    let mut all = Vec::new();
    for rows in used(&sizes) {
        if role == Role::Size {
            all.push(Shape::column(rows));
            continue;
        }
        sizes.push(rows);
        all.extend(used(&sizes).into_iter().map(|cols| Shape::new(rows, cols)));
        sizes.pop();
    }
    all
}

/// Whether an operator occurs in a pattern.
fn has_one_of(side: &PatternAst<Term>, ops: &[Op]) -> bool {
    side.as_ref().iter().any(|node| matches!(node, ENodeOrVar::ENode(Term::Op(op, _)) if ops.contains(op)))
}

/// The shapes for a variable of a rule about blocks: sums of names as well, and of a group element that moves a block its size.
fn block_shapes(variable: &Variable) -> Vec<Shape> {
    let [m, n, p] = NAMES.map(|name| Size::Name(name.into()));
    let one = Size::Lit(1);
    let sum = |sizes: &[Size]| sizes[1..].iter().try_fold(sizes[0], |sum, size| sum.plus(*size));
    let sums = |all: &[&[Size]]| all.iter().filter_map(|sizes| sum(sizes)).collect::<Vec<Size>>();
    if variable.role == Role::Size {
        let places = sums(&[&[one], &[m], &[m, one], &[m, n], &[m, n, one], &[m, n, p]]);
        return places.into_iter().map(Shape::column).collect();
    }
    let stacked = sums(&[&[one], &[m], &[n], &[m, n]]);
    let tall = stacked.iter().flat_map(|rows| [one, p].map(|cols| Shape::new(*rows, cols)));
    let wide = stacked.iter().map(|cols| Shape::new(p, *cols));
    let moves = !(variable.facts - Facts::ENTRIES).is_empty();
    let square = [m, n].map(Shape::square).into_iter().filter(|_| moves);
    tall.chain(wide).chain(square).collect()
}

/// The shapes for a variable of a rule about blocks of columns or rows: products of names as well.
fn column_block_shapes(role: Role) -> Vec<Shape> {
    let [m, n, p] = NAMES.map(|name| Size::Name(name.into()));
    let one = Size::Lit(1);
    if role == Role::Size {
        return [one, m, n].map(Shape::column).to_vec();
    }
    let product = m.times(n).unwrap_or(one);
    let wide = [one, m, n, p, product].into_iter().flat_map(|cols| [one, m, n, p].map(|rows| Shape::new(rows, cols)));
    let tall = [one, m, p].map(|cols| Shape::new(product, cols));
    wide.chain(tall).collect()
}

/// Whether every part of the left side that the last variable completes has a shape.
fn may_fit(rule: &Rule, variables: &Variables, choice: &Choice, assignment: &Assignment) -> bool {
    let Some((last, _)) = assignment.last() else { return true };
    let known = |var: &egg::Var| {
        let shaped = |v: &Variable| matches!(v.role, Role::Matrix | Role::Name | Role::Size);
        !variables.get(*var).is_some_and(shaped) || assignment.iter().any(|(v, _)| v == var)
    };
    // Whether all variables of a part have a shape, and whether the last one is among them.
    let mut parts: Vec<(bool, bool)> = Vec::with_capacity(rule.lhs.len());
    for node in rule.lhs.as_ref() {
        parts.push(match node {
            ENodeOrVar::Var(var) => (known(var), var == last),
            ENodeOrVar::ENode(node) => {
                let of = |c: &Id| parts[usize::from(*c)];
                (node.children().iter().all(|c| of(c).0), node.children().iter().any(|c| of(c).1))
            }
        });
    }
    let env = choice.env(variables, assignment);
    (0..parts.len()).filter(|i| parts[*i] == (true, true)).all(|i| {
        let part: PatternAst<Term> = rule.lhs.as_ref()[..=i].to_vec().into();
        let operation = matches!(rule.lhs[Id::from(i)], ENodeOrVar::ENode(Term::Op(..)));
        !operation || infer(&env, &build(&part, variables, choice, assignment)).is_ok()
    })
}

/// Whether a shape suits the facts and the conditions on one variable.
fn allowed(rule: &Rule, variable: &Variable, shape: Shape) -> bool {
    if variable.role == Role::Size {
        return true;
    }
    if (variable.base || !(variable.facts - Facts::ENTRIES).is_empty()) && !shape.is_square() {
        return false;
    }
    if variable.facts.contains(Facts::SKEW) && shape.is_scalar() {
        return false;
    }
    let about = |ast: &egg::PatternAst<crate::term::Term>| ast.as_ref() == [ENodeOrVar::Var(variable.var)];
    rule.conditions.iter().filter(|c| c.arguments.first().is_some_and(about)).all(|condition| {
        let holds = match condition.predicate {
            Predicate::Scalar => shape.is_scalar(),
            Predicate::Square => shape.is_square(),
            Predicate::Column => shape.cols == Size::Lit(1),
            Predicate::Row => shape.rows == Size::Lit(1),
            Predicate::Plane => shape == Shape::square(Size::Lit(2)),
            _ => return true,
        };
        holds != condition.negated
    })
}

fn fits(rule: &Rule, variables: &Variables, choice: &Choice, assignment: &Assignment) -> bool {
    let env = choice.env(variables, assignment);
    let shape = |side| infer(&env, &build(side, variables, choice, assignment)).ok().map(|data| data.shape);
    let size = |pattern: &PatternAst<Term>| match pattern.as_ref() {
        [ENodeOrVar::Var(var)] => assignment.iter().find(|(v, _)| v == var).map(|(_, shape)| shape.rows),
        _ => None,
    };
    let below = rule.conditions.iter().filter(|c| c.predicate == Predicate::Below).all(|condition| {
        let sizes: Vec<Option<Size>> = condition.arguments.iter().map(size).collect();
        matches!(sizes[..], [Some(x), Some(y)] if y.minus(x).is_some() != condition.negated)
    });
    below && shape(&rule.lhs).is_some_and(|lhs| shape(&rule.rhs) == Some(lhs))
}
