//! What a count over a finite field supposes of the values of functions and does not prove.

/// Values that are supposed to be algebraically independent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Independence {
    /// Those of the normal distribution function, at arguments that differ also in sign, of one another and of those of all
    /// other functions.
    NormalDistribution,
    /// Constants such as e^√2, log 2 and log 3: a case of Schanuel's conjecture.
    Constants,
    /// Those of exp, log, sin and cos whose relations were not decided: there are too many, or the coefficients of a relation
    /// are no small rational numbers.
    Undecided,
    /// Signs: roots are taken of what are squares, so that they have gates, which are not those of a real point.
    Signs,
}
