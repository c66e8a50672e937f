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
    }
}

impl Facts {
    /// Facts a user may write after a shape or in a rule's condition, with their names.
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
        ("constant", Facts::CONSTANT),
    ];

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

    /// What implies what, in an order in which one pass is enough.
    const IMPLICATIONS: &'static [(Facts, Facts)] = &[
        (Facts::POSITIVE, Facts::NONNEGATIVE),
        (Facts::PERMUTATION, Facts::SIGNED_PERMUTATION.union(Facts::NONNEGATIVE)),
        (Facts::ROTATION, Facts::ORTHOGONAL),
        (Facts::SIGNED_PERMUTATION, Facts::ORTHOGONAL),
        (Facts::ORTHOGONAL, Facts::INVERTIBLE),
        (Facts::POSITIVE_DIAGONAL, Facts::DIAGONAL.union(Facts::INVERTIBLE).union(Facts::NONNEGATIVE)),
        (Facts::DIAGONAL, Facts::SYMMETRIC),
        (Facts::DIAGONAL.union(Facts::INVERTIBLE).union(Facts::NONNEGATIVE), Facts::POSITIVE_DIAGONAL),
        (Facts::DIAGONAL.union(Facts::ORTHOGONAL), Facts::SIGNED_PERMUTATION),
        (Facts::NONNEGATIVE.union(Facts::ORTHOGONAL), Facts::PERMUTATION.union(Facts::SIGNED_PERMUTATION)),
    ];

    /// Adds everything the facts imply, for a matrix of which `scalar` says whether it is 1×1.
    pub fn closed(mut self, scalar: bool) -> Facts {
        if scalar {
            self |= Facts::DIAGONAL;
            // The only rotation of a line is 1.
            if self.contains(Facts::ROTATION) {
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
            for scalar in [false, true] {
                let once = Facts::from_bits_truncate(bits).closed(scalar);
                assert_eq!(once.closed(scalar), once, "{}", once.words());
            }
        }
    }
}
