//! What is known of a matrix beyond its shape. A set bit is a proved fact; an unset bit says nothing.

bitflags::bitflags! {
    /// Facts about a matrix, closed under their implications by [`Facts::closed`].
    #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
    pub struct Facts: u16 {
        const SYMMETRIC = 1;
        const SKEW = 1 << 1;
        const DIAGONAL = 1 << 2;
        /// Square with XᵀX = I.
        const ORTHOGONAL = 1 << 3;
        const INVERTIBLE = 1 << 4;
        /// Every entry is positive.
        const POSITIVE = 1 << 5;
        /// Diagonal with positive diagonal entries.
        const POSITIVE_DIAGONAL = 1 << 6;
        const PERMUTATION = 1 << 7;
        /// One entry ±1 in each row and column.
        const SIGNED_PERMUTATION = 1 << 8;
        /// Does not depend on the parameters, hence not on time.
        const CONSTANT = 1 << 9;
        /// Orthogonal of determinant 1.
        const ROTATION = 1 << 10;
        /// No entry is negative.
        const NONNEGATIVE = 1 << 11;
        /// Square with X 1 = 1 and 1ᵀ X = 1ᵀ.
        const FIXES_ONES = 1 << 12;
        /// Square with X 1 = 0 and 1ᵀ X = 0ᵀ: doubly centred.
        const CENTRED = 1 << 13;
        /// Block diagonal with 2×2 blocks a I + b J for the quarter turn J: one complex number for each plane.
        const PLANES = 1 << 14;
        /// Every entry is an integer. Said of elements of groups and by conditions of rules only.
        const INTEGER = 1 << 15;
    }
}

impl Facts {
    /// Facts that a rule's condition may ask for, with their names.
    pub const NAMED: &'static [(&'static str, Facts)] = &[
        ("symmetric", Facts::SYMMETRIC),
        ("skew", Facts::SKEW),
        ("diagonal", Facts::DIAGONAL),
        ("orthogonal", Facts::ORTHOGONAL),
        ("rotation", Facts::ROTATION),
        ("invertible", Facts::INVERTIBLE),
        ("positive", Facts::POSITIVE),
        ("nonnegative", Facts::NONNEGATIVE),
        ("positive_diagonal", Facts::POSITIVE_DIAGONAL),
        ("permutation", Facts::PERMUTATION),
        ("signed_permutation", Facts::SIGNED_PERMUTATION),
        ("fixes_ones", Facts::FIXES_ONES),
        ("centred", Facts::CENTRED),
        ("planes", Facts::PLANES),
        ("integer", Facts::INTEGER),
        ("constant", Facts::CONSTANT),
    ];

    /// The facts that may be declared of a matrix, with their names.
    pub fn declared() -> impl Iterator<Item = &'static (&'static str, Facts)> + Clone {
        Facts::NAMED.iter().filter(|(_, fact)| *fact != Facts::INTEGER)
    }

    /// The names of the facts: `skew and orthogonal`.
    pub fn words(self) -> String {
        let names = Facts::NAMED.iter().filter(|(_, fact)| self.contains(*fact)).map(|(name, _)| *name);
        let names: Vec<&str> = names.collect();
        match names.split_last() {
            Some((last, [])) => last.to_string(),
            Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
            None => String::new(),
        }
    }

    /// Facts of a matrix of any shape.
    pub const ANYWHERE: Facts = Facts::POSITIVE.union(Facts::NONNEGATIVE).union(Facts::CONSTANT);

    /// Facts of the entries of a matrix that their sums and products have too, among them those above.
    pub const ENTRIES: Facts = Facts::ANYWHERE.union(Facts::INTEGER);

    /// What implies what, in an order in which one pass is enough.
    const IMPLICATIONS: &'static [(Facts, Facts)] = &[
        (Facts::POSITIVE, Facts::NONNEGATIVE),
        (Facts::POSITIVE_DIAGONAL, Facts::DIAGONAL.union(Facts::INVERTIBLE).union(Facts::NONNEGATIVE)),
        // Row sums a − b and column sums a + b of a block are 1 for a = 1 and b = 0 only.
        (Facts::PLANES.union(Facts::FIXES_ONES), Facts::PERMUTATION.union(Facts::DIAGONAL)),
        (Facts::PERMUTATION, Facts::SIGNED_PERMUTATION.union(Facts::NONNEGATIVE).union(Facts::FIXES_ONES)),
        // Both b and −b are entries of a block.
        (Facts::PLANES.union(Facts::NONNEGATIVE), Facts::DIAGONAL),
        (Facts::PLANES.union(Facts::SYMMETRIC), Facts::DIAGONAL),
        (Facts::ROTATION, Facts::ORTHOGONAL),
        (Facts::SIGNED_PERMUTATION, Facts::ORTHOGONAL),
        // The determinant of a block is a² + b².
        (Facts::PLANES.union(Facts::ORTHOGONAL), Facts::ROTATION),
        (Facts::PLANES.union(Facts::ORTHOGONAL).union(Facts::SKEW), Facts::SIGNED_PERMUTATION),
        (Facts::DIAGONAL.union(Facts::FIXES_ONES), Facts::NONNEGATIVE.union(Facts::ORTHOGONAL)),
        (Facts::SIGNED_PERMUTATION.union(Facts::FIXES_ONES), Facts::NONNEGATIVE),
        (Facts::ORTHOGONAL, Facts::INVERTIBLE),
        (Facts::DIAGONAL, Facts::SYMMETRIC),
        (Facts::DIAGONAL.union(Facts::INVERTIBLE).union(Facts::NONNEGATIVE), Facts::POSITIVE_DIAGONAL),
        (Facts::DIAGONAL.union(Facts::ORTHOGONAL), Facts::SIGNED_PERMUTATION),
        (
            Facts::NONNEGATIVE.union(Facts::ORTHOGONAL),
            Facts::PERMUTATION.union(Facts::SIGNED_PERMUTATION).union(Facts::FIXES_ONES),
        ),
    ];

    /// Adds everything the facts imply, for a matrix of which `scalar` says whether it is 1×1.
    pub fn closed(mut self, scalar: bool) -> Facts {
        if scalar {
            self |= Facts::DIAGONAL;
            // The only rotation of a line is 1, as is the only number that fixes 1.
            if self.intersects(Facts::ROTATION | Facts::FIXES_ONES) {
                self |= Facts::POSITIVE;
            }
            if self.contains(Facts::POSITIVE) {
                self |= Facts::POSITIVE_DIAGONAL;
            }
        }
        for (premise, conclusion) in Facts::IMPLICATIONS {
            if self.contains(*premise) {
                self |= *conclusion;
            }
        }
        if scalar && self.contains(Facts::POSITIVE_DIAGONAL) {
            self |= Facts::POSITIVE;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_implications_are_closed_in_one_pass() {
        for bits in 0..=Facts::all().bits() {
            let facts = Facts::from_bits_truncate(bits);
            // No 1×1 matrix is made of planes.
            for scalar in [false, true].into_iter().take(if facts.contains(Facts::PLANES) { 1 } else { 2 }) {
                let once = facts.closed(scalar);
                assert_eq!(once.closed(scalar), once, "{}", once.words());
            }
        }
    }
}
