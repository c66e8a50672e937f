//! The shapes at which both sides of a rule have one and the same shape.

use super::instance::{Choice, build};
use super::variables::{Assignment, NAMES, Role, Variable, Variables};
use crate::kernel::{Predicate, Rule};
use crate::term::{Facts, Shape, Size, infer};
use egg::ENodeOrVar;

/// All assignments, up to renaming of the sizes, that satisfy the conditions on shapes and for which both sides have the
/// same shape.
pub(super) fn assignments(rule: &Rule, variables: &Variables, choice: &Choice) -> Vec<Assignment> {
    let shaped: Vec<&Variable> =
        variables.0.iter().filter(|v| matches!(v.role, Role::Matrix | Role::Name | Role::Size)).collect();
    let plane = rule.conditions.iter().any(|c| c.predicate == Predicate::Plane);
    let mut found = Vec::new();
    let mut open: Vec<Assignment> = vec![Vec::new()];
    while let Some(assignment) = open.pop() {
        let Some(variable) = shaped.get(assignment.len()) else {
            if fits(rule, variables, choice, &assignment) {
                found.push(assignment);
            }
            continue;
        };
        for shape in shapes(&assignment, variable.role, plane) {
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

/// Whether a shape suits the facts and the conditions on one variable.
fn allowed(rule: &Rule, variable: &Variable, shape: Shape) -> bool {
    if variable.role == Role::Size {
        return true;
    }
    if (variable.base || !(variable.facts - Facts::ANYWHERE).is_empty()) && !shape.is_square() {
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
    shape(&rule.lhs).is_some_and(|lhs| shape(&rule.rhs) == Some(lhs))
}
