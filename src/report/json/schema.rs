//! The shape of the JSON output, schema 1. A field is only ever added.

use super::assumption::Assumption;
use super::structure::Structure;
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

#[derive(Serialize)]
pub struct Document {
    pub schema: u32,
    /// The version of equilaw that wrote it.
    pub version: &'static str,
    pub model: Model,
    pub actions: Vec<Action>,
    pub laws: Vec<Law>,
    pub missing: Vec<Missing>,
    /// The limit of time that a search met, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_limit_met: Option<f64>,
    pub checks: Vec<Check>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub flows: Vec<Flow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completeness: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discovery: Option<serde_json::Value>,
    /// Everything that is needed to replay the proofs.
    pub certificate: Box<RawValue>,
}

#[derive(Serialize)]
pub struct Model {
    pub name: String,
    pub title: Option<String>,
    /// The citations in its header.
    pub sources: Vec<String>,
    pub dims: BTreeMap<String, u64>,
    pub params: Vec<Param>,
    /// The number of parameters at these sizes.
    pub size: u64,
}

#[derive(Serialize)]
pub struct Param {
    pub name: String,
    pub shape: [String; 2],
    /// The indices of a family.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub index: Vec<Index>,
}

/// An index, which runs from 1 to a size.
#[derive(Serialize)]
pub struct Index {
    pub name: String,
    pub range: String,
}

#[derive(Serialize)]
pub struct Action {
    pub name: String,
    pub group: String,
    pub kind: &'static str,
    pub status: &'static str,
    pub source: &'static str,
    pub algebra_dim: String,
    /// The indices whose every value has an action of its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub index: Vec<Index>,
    /// The rules of the user's own that the proof assumes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hypotheses: Option<Vec<String>>,
    pub proof: Vec<Step>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counterexample: Option<Counterexample>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unproved: Option<Unproved>,
}

#[derive(Serialize)]
pub struct Counterexample {
    pub claim: String,
    pub seed: u64,
    pub residual: f64,
}

#[derive(Serialize)]
pub struct Unproved {
    pub claim: String,
    pub reason: String,
}

/// One rewriting step: the term before equals `term`.
#[derive(Serialize)]
pub struct Step {
    pub rule: String,
    pub reason: String,
    pub term: String,
}

#[derive(Serialize)]
pub struct Law {
    pub id: String,
    pub theorem: &'static str,
    pub action: Option<String>,
    pub dynamics: Option<&'static str>,
    pub order: u8,
    pub kind: &'static str,
    /// The indices for each of whose values it holds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub index: Vec<Index>,
    pub statement: Statement,
    pub quantity: Option<Quantity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generators: Option<Vec<Generator>>,
    /// What it says that is no equation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub structure: Option<Structure>,
    /// For a kernel: how large it is, at a point and generically.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bound: Option<String>,
    pub components: String,
    pub independent: Option<usize>,
    pub hypotheses: Vec<String>,
    /// The same as data.
    pub assumptions: Vec<Assumption>,
    pub premises: Vec<String>,
    pub remarks: Vec<String>,
    pub steps: Vec<Claim>,
}

#[derive(Serialize)]
pub struct Statement {
    pub text: String,
    pub latex: String,
}

#[derive(Serialize)]
pub struct Quantity {
    pub text: String,
    pub latex: String,
    pub numpy: Option<String>,
    /// The names in the NumPy expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Vec<String>>,
}

/// ξ_A of one action, on the parameters it moves.
#[derive(Serialize)]
pub struct Generator {
    pub action: String,
    pub element: String,
    pub range: String,
    pub components: BTreeMap<String, String>,
}

/// A claim of a derivation; `premises` are positions in the list of steps, and `chain` is there for a rewriting.
#[derive(Serialize)]
pub struct Claim {
    pub claim: String,
    pub reason: String,
    pub premises: Vec<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theorem: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chain: Option<Vec<Step>>,
}

#[derive(Serialize)]
pub struct Missing {
    pub id: String,
    pub obstacle: &'static str,
    pub reason: String,
}

#[derive(Serialize)]
pub struct Check {
    pub law: String,
    pub residual: f64,
    pub tolerance: f64,
    pub passed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measured: Option<bool>,
    pub instance: Instance,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

#[derive(Serialize)]
pub struct Flow {
    pub law: String,
    pub dynamics: &'static str,
    pub drift: f64,
    pub tolerance: f64,
    pub passed: bool,
    pub reached: Option<f64>,
    pub instance: Instance,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

#[derive(Serialize)]
pub struct Instance {
    pub seed: u64,
}
