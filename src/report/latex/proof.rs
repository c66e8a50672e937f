//! Lemmas of an action, and the claims of a law's proof.

use super::display::{Reasons, chain, equation};
use super::{Paper, words};
use crate::law::{ClaimStatement, Reason};
use crate::report::formulas::Formulas;
use crate::report::ledger::{Chapter, Entry};
use crate::report::phrase;
use crate::term::sym;

impl Paper<'_> {
    /// A lemma for each quantity that the action is carried through.
    pub(super) fn lemmas(&self, chapter: &Chapter, formulas: &Formulas) -> String {
        chapter.entries.iter().map(|entry| self.lemma(entry, formulas)).collect()
    }

    fn lemma(&self, entry: &Entry, formulas: &Formulas) -> String {
        let (ClaimStatement::Transport { name, image }, Reason::Rewriting(proof)) =
            (&entry.claim.statement, &entry.claim.reason)
        else {
            return String::new();
        };
        let statement = if *image == sym(*name) {
            format!("${}$ is invariant under the action, for all data", formulas.name(*name))
        } else {
            format!("Under the action, ${}$", formulas.maps(*name, image))
        };
        let mut out = format!("\n\\begin{{lemma}}\\label{{{}}}\n{statement}.\n\\end{{lemma}}\n", self.place(entry));
        out.push_str("\\begin{proof}\n");
        let from = self.references(&entry.premises);
        if !from.is_empty() {
            out.push_str(&format!("By {from},\n"));
        }
        let mut reasons = Reasons::default();
        match chain(proof, image, formulas, self.options.proof, &mut reasons) {
            Some(chain) => out.push_str(&chain),
            None => out.push_str(&format!("Nothing in ${}$ moves.\n", formulas.name(*name))),
        }
        out.push_str(&reasons.explained().map_or(String::new(), |words| words + "\n"));
        out.push_str("\\end{proof}\n");
        out
    }

    /// The proof of a law from the claims that were not made before.
    pub(super) fn proof(&self, chapter: &Chapter, formulas: &Formulas) -> String {
        let mut out = String::from("\\begin{proof}\n");
        let mut reasons = Reasons::default();
        let mut chains = 0;
        for entry in &chapter.entries {
            match (&entry.claim.statement, &entry.claim.reason) {
                // The generator stands with its action.
                (ClaimStatement::Generator { .. }, _) => {}
                (ClaimStatement::Equation { rhs, .. }, Reason::Rewriting(proof)) => {
                    if let Some(chain) = chain(proof, rhs, formulas, self.options.proof, &mut reasons) {
                        out.push_str(if chains == 0 { "We have\n" } else { "Likewise\n" });
                        out.push_str(&chain);
                        chains += 1;
                    }
                }
                (statement, reason) => {
                    out.push_str(&self.argument(entry, statement, reason, formulas));
                }
            }
        }
        out.push_str(&reasons.explained().map_or(String::new(), |words| words + "\n"));
        out.push_str("\\end{proof}\n");
        out
    }

    /// A claim that follows by a theorem or is assumed.
    fn argument(&self, entry: &Entry, statement: &ClaimStatement, reason: &Reason, formulas: &Formulas) -> String {
        let why = match reason {
            Reason::Hypothesis => "by assumption".to_string(),
            Reason::Theorem { words: said, .. } => words(said),
            Reason::Rewriting(_) => "by rewriting".to_string(),
        };
        let from = self.references(&entry.premises);
        let from = if from.is_empty() { from } else { format!(" (using {from})") };
        match (statement, formulas.claim(statement)) {
            (ClaimStatement::Assumption(said), _) => format!("{}{from}.\n", super::words::sentence(&words(said))),
            (ClaimStatement::Conclusion, _) | (_, None) => {
                format!("{}{from}.\n", super::words::sentence(&why))
            }
            (_, Some(claim)) => {
                let label = self.place(entry);
                format!("{}{from}:\n{}", super::words::sentence(&why), equation(&[claim], Some(&label), "."))
            }
        }
    }

    /// The label of a claim.
    pub(super) fn place(&self, entry: &Entry) -> String {
        self.label("claim", &entry.number.to_string())
    }

    /// `Lemma 1, (3) and Theorem 2`: the claims that have a place in the text.
    fn references(&self, numbers: &[usize]) -> String {
        let mut out: Vec<String> = Vec::new();
        for number in numbers {
            let Some((chapter, entry)) = self.ledger.entry(*number) else { continue };
            let reference = match (&entry.claim.statement, &entry.claim.reason, entry.concludes) {
                (_, _, Some(_)) => chapter.law().map(|law| format!("Theorem~\\ref{{{}}}", self.label("law", law.id()))),
                (ClaimStatement::Transport { .. }, ..) => Some(format!("Lemma~\\ref{{{}}}", self.place(entry))),
                (ClaimStatement::Generator { .. }, ..) => {
                    let action = chapter.law().and_then(|law| law.action());
                    action.map(|a| format!("\\eqref{{{}}}", self.label("generator", a.as_str())))
                }
                (ClaimStatement::ForAll { .. } | ClaimStatement::Equation { .. }, Reason::Theorem { .. }, _) => {
                    Some(format!("\\eqref{{{}}}", self.place(entry)))
                }
                _ => None,
            };
            if let Some(reference) = reference.filter(|r| !out.contains(r)) {
                out.push(reference);
            }
        }
        phrase::enumerated(&out)
    }
}
