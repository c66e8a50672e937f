//! A law against numbers: the residual of a statement at concrete parameters, and the verdict.

/// The outcome of checking one law at one instance.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// The id of the law.
    pub law: String,
    /// ‖lhs − rhs‖ / (‖lhs‖ + ‖rhs‖).
    pub residual: f64,
    pub tolerance: f64,
    pub passed: bool,
    /// The seed of the instance.
    pub seed: u64,
    /// What else was measured: `2 further flat directions not explained by the declared actions`.
    pub remark: Option<String>,
}

/// Concrete parameters at which a claimed equation fails.
#[derive(Clone, Debug, PartialEq)]
pub struct Counterexample {
    /// The claim, in words: `the output is equivariant`.
    pub claim: String,
    pub seed: u64,
    pub residual: f64,
}
