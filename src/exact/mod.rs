//! Linear algebra over 𝔽_p, p = 2⁶¹ − 1: ranks and multiplicities that are exact for all but a vanishing share of random
//! points.

mod multiplicity;
mod rank;

pub use multiplicity::eigenvalue_multiplicities;
pub use rank::Echelon;
