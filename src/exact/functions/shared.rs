//! Generators that are functions of the shared variables alone. All fields have their values in common, so that where each
//! region has relations of its own, those of one region must be independent of those of the others.

use super::character::ORDER;
use super::lattice::Lattice;
use super::points::FIELD;
use crate::eval::Residue;
use std::collections::BTreeSet;

/// The values of a quantity at the points.
type Column = Vec<u64>;

/// Such generators of all regions, told apart by their values at the points.
#[derive(Debug, Default)]
pub struct Shared {
    /// The exponents, and the characters of the values.
    real: BTreeSet<(Column, Column)>,
    angles: BTreeSet<Column>,
}

impl Shared {
    pub fn insert_real(&mut self, exponents: &[Residue<FIELD>], characters: &[Residue<ORDER>]) {
        self.real.insert((column(exponents), column(characters)));
    }

    pub fn insert_angle(&mut self, angles: &[Residue<FIELD>]) {
        self.angles.insert(column(angles));
    }

    pub fn is_empty(&self) -> bool {
        self.real.is_empty() && self.angles.is_empty()
    }

    pub fn extend(&mut self, more: Shared) {
        self.real.extend(more.real);
        self.angles.extend(more.angles);
    }

    /// Whether they are all independent modulo constants, as sums and as products.
    pub fn are_independent(&self) -> bool {
        independent::<FIELD>(self.real.iter().map(|(exponents, _)| exponents))
            && independent::<ORDER>(self.real.iter().map(|(_, characters)| characters))
            && independent::<FIELD>(self.angles.iter())
    }
}

fn column<const P: u64>(values: &[Residue<P>]) -> Column {
    values.iter().map(|x| x.residue()).collect()
}

fn independent<'a, const P: u64>(mut columns: impl Iterator<Item = &'a Column>) -> bool {
    let mut lattice: Option<Lattice<P>> = None;
    columns.all(|column| {
        let lattice = lattice.get_or_insert_with(|| Lattice::new(column.len(), 1));
        let values: Vec<[Residue<P>; 2]> = column.iter().map(|x| [Residue::new(*x); 2]).collect();
        lattice.insert(0, &values)
    })
}
