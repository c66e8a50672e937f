//! The groups: what an element is, its Lie algebra, and how "for every A in the algebra" is eliminated. A group is a row of
//! [`ALL`] and knows nothing about models.

mod algebra;
mod constraint;
mod instance;
mod row;
mod table;

#[cfg(test)]
mod tests;

pub use algebra::{Algebra, Family, Part, Projection, Range, Stabilizer};
pub use constraint::Constraint;
pub use instance::{GroupInstance, by_name};
pub use row::{Discovered, Draw, Finite, Group, GroupId};
pub use table::ALL;
