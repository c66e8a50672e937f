//! The laws along a trajectory as JSON.

use super::{FlowReport, Outcome};
use crate::check::Role;
use serde_json::{Map, Value, json};

impl FlowReport<'_> {
    pub fn json(&self) -> String {
        let report = self.report;
        let dims: Map<String, Value> = report.dims.iter().map(|(name, n)| (name.clone(), json!(n))).collect();
        let c = &self.run.coefficients;
        let drifts: Vec<Value> = (self.found.drifts.iter())
            .map(|drift| {
                json!({
                    "law": drift.law,
                    "role": match drift.role { Role::Law => "law", Role::Contrast => "contrast" },
                    "verdict": Outcome::of(drift).name(),
                    "worst": drift.worst(),
                    "tolerance": drift.tolerance,
                    "drift": drift.drifts,
                    "remark": drift.remark,
                })
            })
            .collect();
        let document = json!({
            "schema": 1,
            "model": { "name": report.model.name.as_str(), "dims": dims, "size": report.size },
            "dynamics": self.run.dynamics.name(),
            "coefficients": { "lambda": c.decay, "gamma": c.friction, "eta": c.step },
            "seed": report.seed,
            "discrete": self.discrete(),
            "times": self.found.times,
            "loss": self.found.loss,
            "drifts": drifts,
        });
        // Every key is a string and every value plain data, which always serializes.
        let mut out = serde_json::to_string_pretty(&document).unwrap_or_default();
        out.push('\n');
        out
    }
}
