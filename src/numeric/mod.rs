//! A model made concrete: numbers for its sizes, random parameters and data, and the derivatives of its loss at them, all
//! by differentiating the model itself.

mod draw;
mod instance;
mod loss;
mod potential;
mod quantities;
mod residual;
mod spectrum;
pub mod trajectory;

pub use crate::sample::stream;
pub use draw::{draw_algebra_element, draw_group_element, gaussian};
pub use instance::Instance;
pub use potential::metric;
pub use quantities::{Generator, InstanceQuantities};
pub use residual::{Balance, TOLERANCE};
pub use spectrum::{eigenvalues, nullity};

#[cfg(test)]
mod tests;
