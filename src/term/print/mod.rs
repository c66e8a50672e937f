//! Printing formulas.
