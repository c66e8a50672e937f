//! A group with its sizes: its elements, its identity, its algebra.

use super::algebra::{Algebra, Family, Part, Space};
use super::constraint::Constraint;
use super::row::{Element, Group, GroupId, Operation};
use super::table::ALL;
use crate::term::{Expr, Facts, Op, Shape, Size, apply, int, size, zeros};
use std::fmt;

impl GroupId {
    /// The row of the group.
    pub fn row(self) -> &'static Group {
        // A test holds the order of the rows to that of the names.
        &ALL[self as usize]
    }

    /// The group with its sizes.
    pub fn of(self, sizes: &[Size]) -> GroupInstance {
        GroupInstance { group: self.row(), sizes: sizes.to_vec() }
    }
}

/// A group with its sizes, e.g. `Diag+(h)`; as many as [`Group::sizes`] allows.
#[derive(Clone)]
pub struct GroupInstance {
    pub group: &'static Group,
    pub sizes: Vec<Size>,
}

impl GroupInstance {
    /// Shape and facts of an element; `None` when the action names no element.
    pub fn element(&self) -> Option<(Shape, Facts)> {
        let facts = match self.group.element {
            Element::None => return None,
            Element::Square(facts) | Element::Number(facts) | Element::Anything(facts) => facts,
            Element::Isometry => Facts::INVERTIBLE,
        };
        Some((self.shape(), facts))
    }

    /// What an element satisfies beyond its facts.
    pub fn constraint(&self) -> Option<Constraint> {
        match (self.group.element, self.sizes.as_slice()) {
            (Element::Isometry, [p, q]) => Some(Constraint::Isometry(*p, *q)),
            _ => None,
        }
    }

    fn shape(&self) -> Shape {
        match (self.group.element, self.sizes.as_slice()) {
            (Element::None | Element::Number(_), _) | (_, []) => Shape::SCALAR,
            // Sizes of which there is no sum are refused where they are read.
            (Element::Isometry, [p, q, ..]) => Shape::square(p.plus(*q).unwrap_or(*p)),
            (Element::Square(_) | Element::Isometry, [n, ..]) => Shape::square(*n),
            (Element::Anything(_), [n]) => Shape::column(*n),
            (Element::Anything(_), [m, n, ..]) => Shape::new(*m, *n),
        }
    }

    /// The identity element.
    pub fn identity(&self) -> Expr {
        let shape = self.shape();
        match (self.group.operation, self.group.element) {
            (Operation::Addition, _) if shape.is_scalar() => int(0),
            (Operation::Addition, _) => zeros(shape),
            (Operation::Multiplication, Element::Square(_) | Element::Isometry) => apply(Op::Eye, &[&size(shape.rows)]),
            (Operation::Multiplication, _) => int(1),
        }
    }

    /// The Lie algebra; `None` for a finite group, and where it is 0.
    pub fn algebra(&self) -> Option<Algebra> {
        let shape = self.shape();
        let family = |(part, space): &(Part, Space)| space.family(*part, shape, &self.sizes);
        // O(1) is ±1: written with a literal 1 it is finite.
        let spaces = self.group.families.iter().filter(|(_, space)| !space.is_zero(shape));
        let families: Vec<Family> = spaces.map(family).collect();
        (!families.is_empty()).then_some(Algebra { shape, families, stabilizer: self.group.stabilizer })
    }
}

impl GroupInstance {
    /// Whether the identity is its only element, as of SL(1), O1(1) or Perm(1), written with a literal 1.
    pub fn is_trivial(&self) -> bool {
        let one = self.sizes.first() == Some(&Size::Lit(1));
        one && match self.group.id() {
            GroupId::SpecialLinear
            | GroupId::SpecialOrthogonal
            | GroupId::OrthogonalFixingOnes
            | GroupId::Permutation
            | GroupId::Cyclic => true,
            GroupId::GeneralLinear
            | GroupId::Orthogonal
            | GroupId::PseudoOrthogonal
            | GroupId::PositiveDiagonal
            | GroupId::ComplexDiagonal
            | GroupId::Torus
            | GroupId::Scale
            | GroupId::Translate
            | GroupId::Integers
            | GroupId::Sign
            | GroupId::SignedPermutation
            | GroupId::Z2 => false,
        }
    }
}

impl fmt::Debug for GroupInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl PartialEq for GroupInstance {
    fn eq(&self, other: &Self) -> bool {
        self.group.id == other.group.id && self.sizes == other.sizes
    }
}

impl fmt::Display for GroupInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.group.name())?;
        match self.sizes.as_slice() {
            [] => Ok(()),
            [n] => write!(f, "({n})"),
            [m, n] if matches!(self.group.element, Element::Anything(_)) => write!(f, "({m} x {n})"),
            more => write!(f, "({})", more.iter().map(Size::to_string).collect::<Vec<_>>().join(", ")),
        }
    }
}

/// The group of that name which takes that many sizes; where none does, the first of that name.
pub fn by_name(name: &str, sizes: usize) -> Option<&'static Group> {
    let mut named = ALL.iter().filter(|g| g.name == name);
    named.clone().find(|g| g.sizes().contains(&sizes)).or_else(|| named.next())
}
