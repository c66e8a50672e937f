//! The spectrum of the Hessian at one point beside what the laws of a model say of it. Nothing is predicted here: the laws say
//! which directions are flat, which subspace bounds the spectrum and how often eigenvalues are repeated.

mod point;
mod predicted;
mod run;

pub use point::{Asked, Point};
pub use predicted::{Bound, Flat, Groups};
pub use run::{DENSE, Spectral, spectrum};
