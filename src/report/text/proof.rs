//! Every step of every derivation.

use super::look::Look;
use super::page::Page;
use crate::report::formulas::Formulas;
use crate::report::ledger::{Entry, Ledger, Subject};
use crate::report::narrative::{ClaimStatement, Proof, Reason};
use crate::report::outline::{Section, label};

impl Page<'_> {
    /// The claims of all derivations, numbered, each with its chain of steps.
    pub(super) fn derivations(&mut self, sections: &[Section]) {
        let report = self.report;
        let laws = sections.iter().flat_map(|s| &s.laws).map(|(n, law)| (*n, *law));
        let ledger = Ledger::new(report, laws);
        let marks = if self.options.bookkeeping { "· marks bookkeeping" } else { "" };
        self.heading("Derivations", marks);
        for chapter in &ledger.chapters {
            let (title, formulas) = match chapter.subject {
                Subject::Action(proved) => {
                    let model = proved.claim.setting().model();
                    let env = crate::law::action::two_element_env(model, &proved.action);
                    (format!("action {}", proved.action.name), Formulas::new(model, &env))
                }
                Subject::Law(number, law) => {
                    let formulas = self.notations.of(law);
                    (format!("({number}) {}", label(law)), formulas)
                }
            };
            let title = self.paint(&title, Look::Heading);
            self.line(&format!("  {title}"));
            for entry in &chapter.entries {
                self.entry(entry, &formulas);
            }
        }
    }

    fn entry(&mut self, entry: &Entry, formulas: &Formulas) {
        let statement = match (&entry.claim.statement, entry.concludes) {
            (_, Some(law)) => format!("the law ({law})"),
            (ClaimStatement::Assumption(words), _) => words.unicode(),
            (claim, _) => formulas.claim(claim).map_or("the law".into(), |claim| claim.unicode()),
        };
        let from = if entry.premises.is_empty() {
            String::new()
        } else {
            let numbers: Vec<String> = entry.premises.iter().map(|n| format!("[{n}]")).collect();
            format!("   from {}", numbers.join(" "))
        };
        let number = self.paint(&format!("[{}]", entry.number), Look::Number);
        let from = self.paint(&from, Look::Aside);
        self.line(&format!("    {number} {statement}{from}"));
        match &entry.claim.reason {
            Reason::Hypothesis => self.aside("assumed", 8, Look::Aside),
            Reason::Theorem { theorem, words } => {
                // The words of a potential stand before it in a sentence.
                let of = if matches!(entry.claim.statement, ClaimStatement::Potential { .. }) { " Q" } else { "" };
                self.aside(&format!("{}: {}{of}", theorem.number(), words.unicode()), 8, Look::Aside);
            }
            Reason::Rewriting(proof) => self.chain(proof, formulas),
        }
    }

    fn chain(&mut self, proof: &Proof, formulas: &Formulas) {
        let mut before = formulas.formula(&proof.start);
        self.line(&format!("          {before}"));
        for step in &proof.steps {
            let after = formulas.formula(&step.term);
            // A product that is bracketed in another way reads as it did.
            if after == before && !self.options.bookkeeping {
                continue;
            }
            let mark = if step.silent && self.options.bookkeeping { "·" } else { " " };
            let reason = self.paint(&format!("{}  [{}]", step.reason.unicode(), step.rule), Look::Aside);
            self.line(&format!("      {mark} = {after}   {reason}"));
            before = after;
        }
    }
}
