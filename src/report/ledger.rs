//! Every claim of every derivation of a report, once, in an order in which premises come first.

use super::narrative::{self, Claim, ClaimStatement, Told};
use crate::kernel::Law;
use crate::law::ProvedAction;
use crate::term::Symbol;
use crate::{Report, Status};

/// The claims of a report.
pub(super) struct Ledger<'a> {
    pub chapters: Vec<Chapter<'a>>,
}

/// The claims a proved action or a law adds to those before it.
pub(super) struct Chapter<'a> {
    pub subject: Subject<'a>,
    pub entries: Vec<Entry>,
}

/// What is derived.
#[derive(Clone, Copy)]
pub(super) enum Subject<'a> {
    Action(&'a ProvedAction),
    /// A law and its number.
    Law(usize, &'a Law),
}

/// A claim and what it rests on.
pub(super) struct Entry {
    /// Counted from 1 through all chapters.
    pub number: usize,
    pub claim: Claim,
    pub premises: Vec<usize>,
    /// The number of the law whose conclusion it is.
    pub concludes: Option<usize>,
}

impl<'a> Ledger<'a> {
    /// The claims of the proved actions, then of the laws in the order of their numbers.
    pub fn new(report: &'a Report, laws: impl Iterator<Item = (usize, &'a Law)>) -> Ledger<'a> {
        let mut ledger = Ledger { chapters: Vec::new() };
        for action in &report.actions {
            if let Status::Proved(proved) = &action.status {
                ledger.add(Subject::Action(proved), narrative::of_action(&proved.claim));
            }
        }
        let laws: Vec<(usize, &Law)> = laws.collect();
        let all: Vec<&Law> = laws.iter().map(|(_, law)| *law).collect();
        for (number, law) in laws {
            ledger.add(Subject::Law(number, law), narrative::of_law(law, &all));
        }
        ledger
    }

    fn add(&mut self, subject: Subject<'a>, claims: Told) {
        let mut entries: Vec<Entry> = Vec::new();
        let mut numbers: Vec<usize> = Vec::new();
        let last = claims.len().saturating_sub(1);
        let first = 1 + self.chapters.iter().map(|c| c.entries.len()).sum::<usize>();
        for (i, (claim, premises)) in claims.into_iter().enumerate() {
            let mut premises: Vec<usize> = premises.iter().map(|&p| numbers[p]).collect();
            premises.sort_unstable();
            let known = self.chapters.iter().flat_map(|c| &c.entries).chain(&entries);
            let known = known.into_iter().find(|e| e.claim == claim && e.premises == premises).map(|e| e.number);
            let concludes = match (subject, i == last && matches!(claim.statement, ClaimStatement::Conclusion(_))) {
                (Subject::Law(number, _), true) => Some(number),
                _ => None,
            };
            let number = match known {
                Some(number) if concludes.is_none() => number,
                _ => {
                    let number = first + entries.len();
                    entries.push(Entry { number, claim, premises, concludes });
                    number
                }
            };
            numbers.push(number);
        }
        self.chapters.push(Chapter { subject, entries });
    }

    /// The claim of that number and where it is derived.
    pub fn entry(&self, number: usize) -> Option<(&Chapter<'a>, &Entry)> {
        let all = self.chapters.iter().flat_map(|c| c.entries.iter().map(move |e| (c, e)));
        all.into_iter().find(|(_, e)| e.number == number)
    }
}

impl<'a> Chapter<'a> {
    pub fn law(&self) -> Option<&'a Law> {
        match self.subject {
            Subject::Law(_, law) => Some(law),
            Subject::Action(_) => None,
        }
    }

    /// Whether it derives a law of that action.
    pub fn is_about(&self, action: Symbol) -> bool {
        self.law().is_some_and(|law| law.action() == Some(action))
    }

    /// Whether it derives a law of several actions together.
    pub fn is_joint(&self) -> bool {
        self.law().is_some_and(|law| law.action().is_none())
    }
}
