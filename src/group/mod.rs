//! The groups: what an element is, its Lie algebra, and how "for every A in the algebra" is eliminated. A group is a row of
//! [`ALL`] and knows nothing about models.

mod algebra;
mod table;

#[cfg(test)]
mod tests;

pub use algebra::{Algebra, Family, Part, Projection, Range};
pub use table::ALL;

use crate::term::{Expr, Facts, Op, Shape, Size, Symbol, add, apply, int, mul, size, zeros};
use algebra::Space;
use std::fmt;
use std::ops::RangeInclusive;

/// Which group it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GroupId {
    /// The invertible n×n matrices.
    GeneralLinear,
    /// Those of determinant 1.
    SpecialLinear,
    /// The orthogonal n×n matrices.
    Orthogonal,
    /// The rotations of n-space.
    SpecialOrthogonal,
    /// The diagonal n×n matrices with positive diagonal.
    PositiveDiagonal,
    /// The positive reals under multiplication.
    Scale,
    /// A number, a vector or a matrix under addition.
    Translate,
    /// The n×n permutation matrices.
    Permutation,
    /// The powers of the cyclic shift of n coordinates.
    Cyclic,
    /// The diagonal n×n matrices with entries ±1.
    Sign,
    /// The n×n matrices with one entry ±1 in each row and column.
    SignedPermutation,
    /// A single map that is its own inverse; it names no element.
    Z2,
}

/// A group that may act on parameters: a row of [`ALL`].
#[derive(Debug)]
pub struct Group {
    id: GroupId,
    name: &'static str,
    symbol: (&'static str, &'static str),
    /// The least and the largest number of sizes.
    sizes: (usize, usize),
    element: Element,
    operation: Operation,
    families: &'static [(Part, Space)],
    finite: Option<Finite>,
    draw: Draw,
    signs: Signs,
    stabilizer: Stabilizer,
    discovered: Option<Discovered>,
}

/// What an element is.
#[derive(Clone, Copy, Debug)]
enum Element {
    /// The action names none.
    None,
    /// A square matrix of the size the group is written with.
    Square(Facts),
    Number(Facts),
    /// A number, a column or a matrix, by the number of sizes.
    Anything,
}

/// The group law.
#[derive(Clone, Copy, Debug)]
enum Operation {
    Multiplication,
    Addition,
}

/// The finite groups, by what an element does to n coordinates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finite {
    Permutations,
    Shifts,
    Signs,
    SignedPermutations,
    /// One map that is its own inverse, without coordinates.
    Involution,
}

/// How a random element of a group is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draw {
    /// A random matrix with the element's facts.
    Facts,
    /// A power of the cyclic shift.
    Cyclic,
    /// A random matrix scaled to determinant 1.
    UnitDeterminant,
    /// A random orthogonal matrix of determinant 1.
    Rotation,
}

/// Whether diag(±1) acts wherever a continuous group does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signs {
    No,
    /// They are elements of it.
    Inside,
    /// They are not, but what is invariant under the group and polynomial may be invariant under them too.
    Beside,
}

/// Of which kind the stabilizer of a generic point is when a generator acts by products.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stabilizer {
    /// All A with A M = 0 and N A = 0.
    General,
    /// Those of trace 0.
    TraceFree,
    /// The diagonal ones: none but 0.
    Diagonal,
    /// The skew ones.
    Skew,
    /// Of no such kind.
    Other,
}

/// How discovery names what it proposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Discovered {
    /// The beginning of an action's name.
    pub stem: &'static str,
    /// The name of an element.
    pub letter: &'static str,
    /// The name of an element that is a number.
    pub number: &'static str,
    /// Whether the permutations and the signs of its size are elements, so that they need not be proposed beside it.
    pub contains_finite: bool,
}

impl Discovered {
    const fn as_(stem: &'static str, letter: &'static str) -> Discovered {
        Discovered { stem, letter, number: letter, contains_finite: false }
    }

    /// The name of an action on what has a name, e.g. `permute_h`, or on several things together.
    pub fn name(&self, of: Option<Symbol>) -> Symbol {
        of.map_or_else(|| self.stem.into(), |of| format!("{}_{of}", self.stem).into())
    }
}

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

impl Group {
    /// What most groups are: multiplicative, of n×n matrices, finite until a row says otherwise. No group of its own.
    const MATRICES: Group = Group {
        id: GroupId::GeneralLinear,
        name: "",
        symbol: ("", ""),
        sizes: (1, 1),
        element: Element::None,
        operation: Operation::Multiplication,
        families: &[],
        finite: None,
        draw: Draw::Facts,
        signs: Signs::No,
        stabilizer: Stabilizer::Other,
        discovered: None,
    };

    pub fn id(&self) -> GroupId {
        self.id
    }

    /// The name in the language, e.g. `Diag+`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The name in Unicode and in LaTeX, e.g. `Diag⁺` and `\mathrm{Diag}^{+}`.
    pub fn symbol(&self) -> (&'static str, &'static str) {
        self.symbol
    }

    /// How many sizes it takes.
    pub fn sizes(&self) -> RangeInclusive<usize> {
        self.sizes.0..=self.sizes.1
    }

    /// The group law.
    pub fn compose(&self, g: &Expr, h: &Expr) -> Expr {
        match self.operation {
            Operation::Multiplication => mul(g, h),
            Operation::Addition => add(g, h),
        }
    }

    /// Which finite group it is; `None` for a continuous one.
    pub fn finite(&self) -> Option<Finite> {
        self.finite
    }

    /// How a random element is drawn.
    pub fn draw(&self) -> Draw {
        self.draw
    }

    /// Whether diag(±1) acts where it does.
    pub fn signs(&self) -> Signs {
        self.signs
    }

    /// How discovery names it; `None` when it proposes another group in its place.
    pub fn discovered(&self) -> Option<Discovered> {
        self.discovered
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
            Element::Square(facts) | Element::Number(facts) => facts,
            Element::Anything => Facts::empty(),
        };
        Some((self.shape(), facts))
    }

    fn shape(&self) -> Shape {
        match (self.group.element, self.sizes.as_slice()) {
            (Element::None | Element::Number(_), _) | (_, []) => Shape::SCALAR,
            (Element::Square(_), [n, ..]) => Shape::square(*n),
            (Element::Anything, [n]) => Shape::column(*n),
            (Element::Anything, [m, n, ..]) => Shape::new(*m, *n),
        }
    }

    /// The identity element.
    pub fn identity(&self) -> Expr {
        let shape = self.shape();
        match (self.group.operation, self.group.element) {
            (Operation::Addition, _) if shape.is_scalar() => int(0),
            (Operation::Addition, _) => zeros(shape),
            (Operation::Multiplication, Element::Square(_)) => apply(Op::Eye, &[&size(shape.rows)]),
            (Operation::Multiplication, _) => int(1),
        }
    }

    /// The Lie algebra; `None` for a finite group, and where it is 0.
    pub fn algebra(&self) -> Option<Algebra> {
        let shape = self.shape();
        let family = |(part, space): &(Part, Space)| space.family(*part, shape, self.sizes.len());
        // O(1) is ±1: written with a literal 1 it is finite.
        let spaces = self.group.families.iter().filter(|(_, space)| !space.is_zero(shape));
        let families: Vec<Family> = spaces.map(family).collect();
        (!families.is_empty()).then_some(Algebra { shape, families, stabilizer: self.group.stabilizer })
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
            [m, n] => write!(f, "({m} x {n})"),
            more => write!(f, "({})", more.iter().map(Size::to_string).collect::<Vec<_>>().join(", ")),
        }
    }
}

/// The group of that name.
pub fn by_name(name: &str) -> Option<&'static Group> {
    ALL.iter().find(|g| g.name == name)
}
