//! Whether a document is what its certificate proves: every inference carried out again, and everything the document says of
//! laws and proved actions written anew and compared.

use super::{index, law, params, proof_of};
use crate::certificate::{self, Certificate, Failure};
use crate::kernel::{Judgement, Proved, Rule, Rules};
use crate::report::notations::Notations;
use crate::report::words::hypotheses_of_action;
use crate::term::print::text;
use serde_json::{Value, json};
use std::fmt;
use std::sync::Arc;

/// What was verified.
#[derive(Clone, Debug)]
pub struct Verified {
    pub model: String,
    pub actions: usize,
    pub laws: usize,
    pub claims: usize,
    pub steps: usize,
    /// The rules beyond the library's that it assumes.
    pub assumed: Vec<Rule>,
}

/// Why a document is not accepted.
#[derive(Clone, Debug, PartialEq)]
pub enum Rejected {
    /// It is no document of this tool.
    Unreadable(String),
    /// Something in it does not follow.
    Refused(String),
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rejected::Unreadable(why) | Rejected::Refused(why) => write!(f, "{why}"),
        }
    }
}

impl From<Failure> for Rejected {
    fn from(failure: Failure) -> Rejected {
        Rejected::Refused(failure.to_string())
    }
}

/// Verifies a document of `derive --format json` from the document alone, with the rules that proofs may use.
///
/// # Errors
/// When it cannot be read, or the first thing in it that does not follow.
pub fn replay(document: &str, rules: &Arc<Rules>) -> Result<Verified, Rejected> {
    let unreadable = |why: String| Rejected::Unreadable(why);
    let document: Value = serde_json::from_str(document).map_err(|e| unreadable(format!("it is no JSON: {e}")))?;
    let written = document.get("certificate").ok_or_else(|| {
        unreadable("it has no certificate: write one with `equilaw derive MODEL --format json`".into())
    })?;
    let certificate: Certificate = serde_json::from_value(written.clone())
        .map_err(|e| unreadable(format!("its certificate cannot be read: {e}")))?;
    let replayed = certificate::replay(&certificate, rules)?;
    let refused = |why: String| Rejected::Refused(why);
    let list = |key: &str| {
        document.get(key).and_then(Value::as_array).ok_or_else(|| unreadable(format!("it has no list of {key}")))
    };
    let model = &replayed.model;
    let about = document.get("model").cloned().unwrap_or_default();
    let params = serde_json::to_value(params(model)).unwrap_or_default();
    if about["name"] != json!(model.name.to_string())
        || about["title"] != json!(model.title)
        || about["params"] != params
    {
        return Err(refused("what it says of the model is not the model of the certificate".into()));
    }
    let laws = list("laws")?;
    if laws.len() != replayed.laws.len() {
        return Err(refused(format!("it lists {} laws, {} are proved", laws.len(), replayed.laws.len())));
    }
    let notations = Notations::default();
    for (written, proved) in laws.iter().zip(&replayed.laws) {
        let mut proved = proved.clone();
        // Measured, not proved: it is as the document says, also where the bound of a kernel is told with it.
        if let Some(n) = written["independent"].as_u64().and_then(|n| usize::try_from(n).ok()) {
            proved.set_independent(n);
        }
        let anew = serde_json::to_value(law(&proved, &notations.of(&proved))).map_err(|e| unreadable(e.to_string()))?;
        if let Some(at) = differs(written, &anew, "") {
            let why = format!("the law {} is not what is proved: {at}", proved.id());
            return Err(refused(why));
        }
    }
    let proved = list("actions")?.iter().filter(|a| a["status"] == json!("proved"));
    let mut actions = 0;
    for written in proved {
        actions += 1;
        let name = written["name"].as_str().unwrap_or_default();
        let claim = replayed.proved.iter().find(|(known, _)| known == name).map(|(_, claim)| claim);
        let claim = claim.ok_or_else(|| refused(format!("nothing proves the action {name}")))?;
        let anew = action(claim).map_err(|e| unreadable(e.to_string()))?;
        for (key, value) in anew.as_object().into_iter().flatten() {
            // What is not written is null.
            if written.get(key).unwrap_or(&Value::Null) != value {
                return Err(refused(format!("the action {name} is not what is proved: its {key}")));
            }
        }
    }
    Ok(Verified {
        model: model.name.to_string(),
        actions,
        laws: laws.len(),
        claims: replayed.claims,
        steps: replayed.steps,
        assumed: replayed.assumed,
    })
}

/// What a document says of a proved action.
fn action(claim: &Proved) -> Result<Value, serde_json::Error> {
    let Judgement::Equivariance { action, kind, .. } = claim.judgement() else { return Ok(json!({})) };
    Ok(json!({
        "group": action.group.to_string(),
        "kind": kind.name(),
        "index": (!action.indices.is_empty()).then(|| index(&claim.setting().model().indices_of_action(action))),
        "algebra_dim": action.group.algebra().map_or("0".into(), |a| text(&a.whole().dimension)),
        "hypotheses": hypotheses_of_action(claim),
        "proof": serde_json::to_value(proof_of(claim))?,
    }))
}

/// The first place where two values differ.
fn differs(written: &Value, anew: &Value, at: &str) -> Option<String> {
    let short = |value: &Value| {
        let text = value.to_string();
        let end = text.char_indices().nth(120).map_or(text.len(), |(i, _)| i);
        format!("{}{}", &text[..end], if end < text.len() { "…" } else { "" })
    };
    match (written, anew) {
        (Value::Object(x), Value::Object(y)) => {
            let keys = y.keys().chain(x.keys().filter(|k| !y.contains_key(*k)));
            let null = Value::Null;
            keys.into_iter().find_map(|key| {
                let (a, b) = (x.get(key).unwrap_or(&null), y.get(key).unwrap_or(&null));
                differs(a, b, &format!("{at}/{key}"))
            })
        }
        (Value::Array(x), Value::Array(y)) if x.len() == y.len() => {
            x.iter().zip(y).enumerate().find_map(|(i, (a, b))| differs(a, b, &format!("{at}/{i}")))
        }
        _ if written == anew => None,
        _ => Some(format!("{at} says {}, it is {}", short(written), short(anew))),
    }
}
