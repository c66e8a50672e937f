//! What a person reads: the binary run from outside, end to end, and every document of the repository. Text that is meant to be read is a
//! snapshot; accept a change with `INSTA_UPDATE=always cargo test --test pages` and read the difference as a mathematician.

#[path = "../common/mod.rs"]
mod common;
mod run;

mod cli;
mod completeness;
mod docs;
mod examples;
mod files;
mod flow;
mod gallery;
mod refused;
mod spectrum;
mod symmetry;
mod tensors;
mod theorems;
