//! A spectrum as JSON.

use super::SpectrumReport;
use serde_json::{Map, Value, json};

impl SpectrumReport<'_> {
    pub fn json(&self) -> String {
        let (report, found) = (self.report, self.found);
        let dims: Map<String, Value> = report.dims.iter().map(|(name, n)| (name.clone(), json!(n))).collect();
        let trained = found.point.trained.as_ref();
        let kernel = found.flat.as_ref().map(|flat| {
            json!({
                "actions": flat.actions,
                "predicted": flat.predicted,
                "generic": flat.generic,
                "within": flat.within,
                "outputs": flat.outputs.map(|(entries, apart)| json!({ "entries": entries, "within": apart })),
                "found": flat.found,
                "zero": flat.zero,
                "unexplained": flat.unexplained(found.dimension),
            })
        });
        let bounds: Vec<Value> = (found.bounds.iter())
            .map(|bound| {
                json!({
                    "law": bound.law,
                    "action": bound.action,
                    "largest": bound.largest,
                    "smallest": bound.smallest,
                    "dimension": bound.dimension,
                    "angles": bound.angles,
                    "holds": bound.holds(&found.eigenvalues, found.norm, found.is_complete()),
                })
            })
            .collect();
        let groups = found.groups.as_ref().map(|groups| {
            let class =
                |(multiplicity, count): &(usize, usize)| json!({ "multiplicity": multiplicity, "count": count });
            json!({
                "law": groups.law,
                "predicted": groups.predicted.iter().map(class).collect::<Vec<_>>(),
                "spread": groups.spread,
                "holds": groups.holds(),
            })
        });
        let alignment: Vec<Value> =
            found.alignment.iter().map(|(count, share)| json!({ "eigenvectors": count, "share": share })).collect();
        let document = json!({
            "schema": 1,
            "model": { "name": report.model.name.as_str(), "dims": dims, "size": report.size },
            "seed": report.seed,
            "point": {
                "given": self.given,
                "planted": found.point.planted,
                "symmetric": found.point.symmetric,
                "steps": trained.map(|(steps, ..)| steps),
                "loss": found.point.loss,
                "gradient": found.point.gradient,
            },
            "complete": found.is_complete(),
            "eigenvalues": found.eigenvalues,
            "kernel": kernel,
            "bounds": bounds,
            "groups": groups,
            "alignment": alignment,
        });
        // Every key is a string and every value plain data, which always serializes.
        let mut out = serde_json::to_string_pretty(&document).unwrap_or_default();
        out.push('\n');
        out
    }
}
