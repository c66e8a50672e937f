//! What a count over a finite field supposes and does not prove.

/// What a count supposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Assumption {
    /// Values of the normal distribution function at arguments that differ, also in sign, are algebraically independent of one
    /// another and of the other functions.
    NormalDistribution,
    /// Constants such as e^√2, log 2 and log 3 are algebraically independent: a case of Schanuel's conjecture.
    Constants,
    /// Values of exp and log that are not known to be related are algebraically independent: there are too many for their
    /// relations to be decided, or the coefficients of one are not small rational numbers.
    Relations,
}
