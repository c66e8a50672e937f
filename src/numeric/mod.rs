//! A model made concrete: numbers for its sizes, random parameters and data, and the derivatives of its loss at them, all
//! by differentiating the model itself.

mod draw;
mod instance;
mod largest;
mod loss;
mod minimize;
mod potential;
mod quantities;
mod real;
mod residual;
mod rounded;
mod spectrum;
pub mod trajectory;

pub use crate::sample::stream;
pub use draw::{draw_algebra_element, draw_group_element, gaussian};
pub use instance::Instance;
pub use largest::{MOST, largest};
pub use minimize::{Minimized, minimize};
pub use potential::metric;
pub use quantities::{Generator, InstanceQuantities};
pub use real::Real;
pub use residual::{Balance, Combination, TOLERANCE, apart, distance, is_rounding, norm, relative, residual, rounding};
pub use rounded::Rounded;
pub use spectrum::{Eigen, eigen, eigenvalues, nullity, rank, split_alike};
