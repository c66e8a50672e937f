//! The data of a certificate.

use serde::{Deserialize, Serialize};

/// Formulas are positions in `terms`, scopes in `scopes`, actions in `actions`; a claim rests on claims before it.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    pub format: u32,
    /// The model in its language.
    pub model: String,
    /// The shapes of parameters, data, `let`s, output and loss.
    pub shapes: Vec<(String, String)>,
    /// The rules of the user's own that steps use. The others come from the book of whoever verifies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    pub terms: Vec<Node>,
    pub scopes: Vec<Scope>,
    pub actions: Vec<Action>,
    pub claims: Vec<Claim>,
    /// The claims that actions are what they are declared to be.
    pub proved: Vec<(String, usize)>,
    pub laws: Vec<Law>,
}

/// A rule that is assumed.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub name: String,
    pub reason: String,
    /// Whether it is about normalizations with ε = 0.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ideal: bool,
    /// Whether it is bookkeeping.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub silent: bool,
    pub lhs: String,
    pub rhs: String,
    /// Whether it is stated both ways.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub both: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<String>,
}

/// A node of a formula.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, Hash)]
#[serde(rename_all = "lowercase")]
pub enum Node {
    Num(String),
    Sym(String),
    Size(String),
    Fun(String),
    Op(String, Vec<usize>),
}

/// Symbols beyond the model's, with rows, columns and facts, and those of trace 0.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, Hash)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    pub symbols: Vec<(String, String, String, Vec<String>)>,
    /// What some satisfy beyond their facts, and the sizes that it takes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub constraints: Vec<(String, String, Vec<String>)>,
    /// The indices of those that are members of families.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indices: Vec<(String, Vec<String>)>,
}

#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Action {
    pub name: String,
    pub group: String,
    pub sizes: Vec<String>,
    pub element: Option<String>,
    pub images: Vec<(String, usize)>,
    pub output: Option<usize>,
    pub loss: Option<usize>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indices: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    pub by: By,
    /// The declared action around whose neighbouring members the model is written out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<usize>,
    /// What it states.
    pub states: String,
    pub scope: usize,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hypotheses: Vec<String>,
    /// How many scalar statements it is, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<(String, String)>,
}

#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Law {
    pub id: String,
    /// Its row in the catalogue of laws.
    pub row: String,
    /// The declared action it is found inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    pub claim: usize,
}

/// The adjoint of a linear map of parameters, and what is added behind it.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Transported {
    pub adjoint: Vec<(String, usize)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shift: Vec<(String, usize)>,
}

/// An inference.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[serde(tag = "inference", rename_all = "kebab-case", deny_unknown_fields)]
pub enum By {
    Rewriting { given: Vec<Given>, start: usize, steps: Vec<Step> },
    Instance { images: Vec<(String, usize)> },
    Linear { lhs: usize, rhs: usize, coefficients: Vec<usize> },
    Paired { with: usize },
    Separation { element: String, parts: Vec<(String, usize, usize)> },
    Projection { symbol: String, action: Option<usize>, part: Option<String>, lhs: usize, rhs: usize },
    GroupAction { action: usize, side: String },
    Transport { action: usize, name: String },
    Relabelling { action: usize, name: String },
    MembersEqual {},
    Carried { action: usize, before: String, image: usize },
    Induction { action: usize, last: String, images: Vec<usize> },
    Moved { action: usize, name: String, image: usize, by: String },
    Onward { action: usize, index: String, maps: Vec<Onward> },
    Summed { over: Vec<String> },
    Equivariance {},
    Generator { element: String, name: String },
    Tangent {},
    GradientIdentity {},
    Derivative {},
    Symmetry { part: String, symmetry: String },
    MirrorField { potentials: Vec<(String, String)> },
    Integration {},
    Flow { law: String },
    Restated { factor: String, quantity: usize, change: usize, coefficients: Vec<(usize, usize)> },
    ProjectedFlow { symbol: String, action: usize, part: String, quantity: usize, change: usize },
    DecayUndone { degree: String, change: usize },
    Combination { coefficients: Vec<String> },
    BatchStep {},
    Velocity {},
    Equations { element: Option<String> },
    HessianImage {},
    HessianForm { second: String },
    Kernel {},
    JointKernel {},
    Alignment { factor: usize },
    Sharpness { form: usize, image: usize, length: usize },
    TransportLaw(Transported),
    FlattestPoint {},
    Flattest { trace: usize },
    ThirdOrder {},
    FixedSpace {},
    Breaking {},
    Multiplicities {},
}

/// A family of maps of a value that blocks carry on, and by what it is moved before the first block and behind each.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Onward {
    pub image: usize,
    pub by: String,
    pub last_by: String,
    pub first: usize,
    pub after: usize,
    /// Rows, columns and facts of `by`.
    pub matrix: (String, String, Vec<String>),
}

/// An equation a chain may use.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Given {
    pub name: String,
    pub lhs: usize,
    pub rhs: usize,
    pub origin: String,
}

/// A step: the rule, its direction, the place, what its variables stand for, the conditions met, and the term it leads to.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub rule: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<String>,
    pub at: Vec<usize>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<(String, usize)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    pub term: usize,
}

/// A condition of a rule, as rule files write it, and what it rests on: the shape, the function, or facts of symbols.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    pub holds: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub since: Vec<String>,
}
