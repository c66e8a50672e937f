//! Linear algebra over 𝔽_p, p = 2⁶¹ − 1: ranks that are exact for all but a vanishing share of random points.

mod rank;

pub use rank::Echelon;
