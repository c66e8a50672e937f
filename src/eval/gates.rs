//! The gates of a formula at a real point: which side of its kink each piecewise function is on there.

use rustc_hash::FxHashMap;
use std::sync::Arc;

/// For the residue of each argument of a piecewise function at a point whether the real argument is positive. Gates are
/// constant near the point, so that derivatives there are those of a formula without kinks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gates(Arc<FxHashMap<u64, bool>>);

impl Gates {
    /// The gates of arguments; `None` where two of different signs have the same residue.
    pub(super) fn new(arguments: impl Iterator<Item = (u64, bool)>) -> Option<Gates> {
        let mut gates = FxHashMap::default();
        for (residue, open) in arguments {
            if gates.insert(residue, open).is_some_and(|other| other != open) {
                return None;
            }
        }
        Some(Gates(Arc::new(gates)))
    }

    /// Whether the gate with that argument is open; `None` where the argument does not occur at the point.
    pub(super) fn open(&self, residue: u64) -> Option<bool> {
        self.0.get(&residue).copied()
    }
}
