//! Lemmas of an action, and the claims of a law's proof.

use super::block::{Block, Claimed};
use super::paper::Paper;
use crate::kernel::{Law, LawRow, Theorem};
use crate::law::ProvedAction;
use crate::report::display::{Reasons, chain, chains, changes, equation};
use crate::report::formulas::Formulas;
use crate::report::ledger::{Chapter, Entry, Subject};
use crate::report::narrative::{self, ClaimStatement, Reason};
use crate::report::prose::{Inline, Prose, prose};
use crate::term::print::Sign;
use crate::term::{Expr, Symbol, sym};

impl Paper<'_> {
    /// Why the map is a group action.
    pub(super) fn group_laws(&self, proved: &ProvedAction, formulas: &Formulas) -> Vec<Block> {
        let mut reasons = Reasons::default();
        let (identity, composition) = narrative::group_laws(proved);
        let mut all = |proofs: &[(crate::term::Expr, narrative::Proof)]| -> Vec<_> {
            let told = proofs.iter().filter_map(|(rhs, proof)| chain(proof, rhs, formulas, false, &mut reasons));
            told.map(|c| c.briefly()).collect()
        };
        let (identity, composition) = (all(&identity), all(&composition));
        let lead = match (proved.action.element, identity.is_empty()) {
            (None, _) => "The map is its own inverse:",
            (Some(_), _) => "The identity moves nothing, and products act one after the other:",
        };
        let identities = identity.len();
        let every: Vec<_> = identity.into_iter().chain(composition).collect();
        if every.is_empty() {
            return vec![];
        }
        if !self.silent {
            let said: Vec<Prose> = every.iter().skip(identities).map(|chain| Prose::math(chain.line())).collect();
            let lead = Prose::text(lead.trim_end_matches(':'));
            let told = if said.is_empty() { lead } else { lead.then(": ").glue(Prose::enumerated(said)) };
            return vec![Block::Paragraph(told.then("."))];
        }
        let mut out = vec![Block::Paragraph(Prose::text(lead))];
        out.extend(chains(&every, None, self.measure).into_iter().map(Block::Display));
        out.extend(reasons.explained().map(Block::Paragraph));
        out
    }

    /// A lemma for each quantity that the action is carried through.
    pub(super) fn lemmas(&self, chapter: &Chapter, formulas: &Formulas) -> Vec<Block> {
        match chapter.subject {
            Subject::Action(proved) if self.is_one_lemma(chapter) => {
                self.one_lemma(proved.action.name, chapter, formulas)
            }
            Subject::Action(_) | Subject::Law(..) => {
                chapter.entries.iter().flat_map(|entry| self.lemma(entry, formulas)).collect()
            }
        }
    }

    fn lemma(&self, entry: &Entry, formulas: &Formulas) -> Vec<Block> {
        let ClaimStatement::Transport { name, image } = &entry.claim.statement else { return vec![] };
        if let Reason::Hypothesis = entry.claim.reason {
            let shown =
                equation(&[formulas.maps(*name, image)], Some(self.place(entry)), Some(Sign::Stop), self.measure);
            let lead = match arbitrary(self.report, image) {
                None => "For an induction over the blocks suppose that".into(),
                Some(by) => {
                    let lead = Prose::text("For an induction over the blocks suppose that, for some ");
                    lead.join(Prose::math(formulas.name(by))).then(",")
                }
            };
            return vec![Block::Paragraph(lead), Block::Display(shown)];
        }
        let data: Vec<Prose> = formulas.model.data.iter().map(|d| Prose::math(formulas.name(d.name))).collect();
        let every =
            if data.is_empty() { Prose::default() } else { Prose::text(" for every ").join(Prose::enumerated(data)) };
        let statement = if *image == sym(*name) {
            Prose::math(formulas.name(*name)).then(" is invariant under the action,").join(every)
        } else {
            Prose::text("Under the action ").join(Prose::math(formulas.maps(*name, image))).then(",").join(every)
        };
        // Within the step of an induction it says what it assumes.
        let assumed = self.references(None, false, &self.assumed(entry));
        let statement = if assumed == Prose::default() {
            statement
        } else {
            trimmed(statement).then(", where ").join(assumed).then(" holds")
        };
        let body = vec![Block::Paragraph(trimmed(statement).then("."))];
        let mut argument = Vec::new();
        let from = self.references(None, false, &entry.premises);
        let mut reasons = Reasons::default();
        let told = match &entry.claim.reason {
            Reason::Rewriting(proof) => chain(proof, image, formulas, self.silent, &mut reasons),
            Reason::Theorem { words, .. } => {
                argument.push(Block::Paragraph(self.induction(entry, words)));
                let claim = Block::Claim { kind: Claimed::Lemma, title: None, label: self.place(entry), body };
                return vec![claim, Block::Proof(argument)];
            }
            Reason::Hypothesis => None,
        };
        match told {
            Some(chain) => {
                let lead =
                    if from.is_empty() { Prose::text("One has") } else { Prose::text("By ").join(from).then(",") };
                argument.push(Block::Paragraph(lead));
                argument.extend(chains(&[chain], None, self.measure).into_iter().map(Block::Display));
            }
            None => {
                let nothing = Prose::text("Nothing in ").join(Prose::math(formulas.name(*name))).then(" moves.");
                argument.push(Block::Paragraph(nothing));
            }
        }
        argument.extend(reasons.explained().map(Block::Paragraph));
        let claim = Block::Claim { kind: Claimed::Lemma, title: None, label: self.place(entry), body };
        vec![claim, Block::Proof(merged(argument))]
    }

    /// The base and the step of an induction.
    fn induction(&self, entry: &Entry, words: &Prose) -> Prose {
        let entry_of = |number: &usize| self.ledger.entry(*number).map(|(_, e)| e);
        let within = |number: &usize| entry_of(number).is_some_and(|e| !self.assumed(e).is_empty());
        // What holds however the last block's value is moved.
        let end = |number: &usize| entry_of(number).is_some_and(|e| e.claim.statement == entry.claim.statement);
        let (ends, others): (Vec<usize>, Vec<usize>) = entry.premises.iter().partition(|number| end(number));
        let (steps, bases): (Vec<usize>, Vec<usize>) = others.iter().partition(|number| within(number));
        let [bases, steps, ends] = [bases, steps, ends].map(|numbers| self.references(None, false, &numbers));
        let (is, are) =
            (" is the base, what the first block takes;", " is the step, from what a block takes to what it gives.");
        let told = words.clone().sentence().then(":").join(bases).then(is).join(steps);
        match ends.is_empty() {
            true => told.then(are),
            false => {
                let are = " is the step, from what a block takes to what it gives, however the former is moved; so what the last block gives is moved in that way, and ";
                told.then(are).join(ends).then(" holds however it is.")
            }
        }
    }

    /// The assumptions of inductions that a claim rests on; none of those whose induction is complete.
    fn assumed(&self, entry: &Entry) -> Vec<usize> {
        match (&entry.claim.statement, &entry.claim.reason) {
            (ClaimStatement::Transport { .. }, Reason::Hypothesis) => vec![entry.number],
            (ClaimStatement::Transport { .. }, Reason::Rewriting(_)) => {
                let premises = entry.premises.iter().filter_map(|number| self.ledger.entry(*number));
                let mut all: Vec<usize> = premises.flat_map(|(_, premise)| self.assumed(premise)).collect();
                all.sort_unstable();
                all.dedup();
                all
            }
            _ => vec![],
        }
    }

    /// The proof of a law from the claims that were not made before.
    pub(super) fn proof(&self, chapter: &Chapter, formulas: &Formulas) -> Vec<Block> {
        let mut out = Vec::new();
        let mut reasons = Reasons::default();
        let mut runs = 0;
        let mut i = 0;
        while let Some(entry) = chapter.entries.get(i) {
            // Equations that follow each other are displayed together.
            let run = run(&chapter.entries, i);
            if !run.is_empty() {
                i += run.len();
                let shown: Vec<_> = (run.iter())
                    .filter_map(|entry| match (&entry.claim.statement, &entry.claim.reason) {
                        (ClaimStatement::Equation { rhs, .. }, Reason::Rewriting(proof)) => {
                            chain(proof, rhs, formulas, self.silent, &mut reasons)
                        }
                        _ => None,
                    })
                    .collect();
                if !shown.is_empty() {
                    out.push(Block::Paragraph(Prose::text(["We have", "Moreover"][usize::from(runs > 0)])));
                    let label = self.is_cited(chapter, run).then(|| self.place(&run[0]));
                    out.extend(chains(&shown, label, self.measure).into_iter().map(Block::Display));
                    runs += 1;
                }
                continue;
            }
            i += 1;
            // The generator stands with its action.
            if !matches!(entry.claim.statement, ClaimStatement::Generator { .. }) {
                out.extend(self.argument(chapter, entry, formulas));
            }
        }
        out.extend(reasons.explained().map(Block::Paragraph));
        merged(out)
    }

    /// What the lemma that a law is an instance of is applied to, and what that gives; nothing where that is only what the action is.
    pub(super) fn briefly(&self, chapter: &Chapter, law: &Law, formulas: &Formulas) -> Option<Prose> {
        let mut said: Vec<Prose> = Vec::new();
        for entry in &chapter.entries {
            let (statement, reason) = (&entry.claim.statement, &entry.claim.reason);
            let equation = match (statement, reason) {
                (ClaimStatement::Equation { rhs, .. }, Reason::Rewriting(proof))
                    if entry.concludes.is_none() && !is_routine(law.row()) =>
                {
                    (!crate::term::is_zero(&proof.start) && changes(proof, rhs, formulas))
                        .then(|| formulas.equation(&proof.start, rhs))
                }
                (ClaimStatement::Potential { .. }, _) => formulas.claim(statement),
                _ => None,
            };
            said.extend(equation.map(Prose::math));
        }
        // What several actions give together names the laws of each.
        let combined = law.action().is_none();
        let from = if combined { self.laws_cited(chapter) } else { vec![] };
        let rows = [LawRow::Gradient, LawRow::FlowConstraint];
        let end = chapter.entries.last().and_then(|entry| match &entry.claim.reason {
            Reason::Theorem { words, .. } if rows.contains(&law.row()) || combined => Some(words.clone()),
            _ => None,
        });
        if said.is_empty() && from.is_empty() && end.is_none() {
            return None;
        }
        let by = [self.lemma_of(law.row())].into_iter().chain(from).filter(|one| !one.is_empty()).collect();
        let by = Prose::text("By ").glue(Prose::enumerated(by));
        let told = if said.is_empty() { by } else { by.then(", with ").glue(Prose::enumerated(said)) };
        Some(match end {
            Some(end) => told.then("; ").glue(end).then("."),
            None => told.then("."),
        })
    }

    /// The laws whose claims a law rests on.
    fn laws_cited(&self, here: &Chapter) -> Vec<Prose> {
        let mut out: Vec<Prose> = Vec::new();
        for number in here.entries.iter().flat_map(|entry| &entry.premises) {
            let Some((Some(law), entry)) = self.ledger.entry(*number).map(|(chapter, entry)| (chapter.law(), entry))
            else {
                continue;
            };
            let reference = Prose::reference("Theorem", self.label("law", law.id()));
            if entry.concludes.is_some() && !out.contains(&reference) {
                out.push(reference);
            }
        }
        out
    }

    /// Where it stands what an action does to the output or the loss.
    pub(super) fn transported(&self, chapter: &Chapter) -> Option<Prose> {
        match chapter.subject {
            Subject::Action(proved) if self.is_one_lemma(chapter) => {
                Some(Prose::reference("Lemma", self.label("action", proved.action.name.as_str())))
            }
            Subject::Action(_) => Some(Prose::reference("Lemma", self.place(chapter.entries.last()?))),
            Subject::Law(..) => None,
        }
    }

    /// Whether an action is carried through all definitions by rewriting alone, so that one lemma says it.
    fn is_one_lemma(&self, chapter: &Chapter) -> bool {
        !self.silent && chapter.entries.iter().all(|entry| matches!(entry.claim.reason, Reason::Rewriting(_)))
    }

    /// What an action does to each quantity that it is carried through, in one lemma. What is its definition with the images put
    /// in is not said.
    fn one_lemma(&self, name: Symbol, chapter: &Chapter, formulas: &Formulas) -> Vec<Block> {
        let mut reasons = Reasons::default();
        let (mut images, mut shown) = (Vec::new(), Vec::new());
        for (i, entry) in chapter.entries.iter().enumerate() {
            let (ClaimStatement::Transport { name, image }, Reason::Rewriting(proof)) =
                (&entry.claim.statement, &entry.claim.reason)
            else {
                continue;
            };
            let told = chain(proof, image, formulas, false, &mut reasons);
            if told.is_none() && i + 1 < chapter.entries.len() {
                continue;
            }
            images.push(match *image == sym(*name) {
                true => Prose::math(formulas.name(*name)).then(" is invariant"),
                false => Prose::math(formulas.maps(*name, image)),
            });
            shown.extend(told);
        }
        let data: Vec<Prose> = formulas.model.data.iter().map(|d| Prose::math(formulas.name(d.name))).collect();
        let every =
            if data.is_empty() { Prose::default() } else { Prose::text(", for every ").join(Prose::enumerated(data)) };
        // What reads nothing that moves is not carried through.
        let ends = |name: Symbol| matches!(chapter.entries.last().map(|e| &e.claim.statement), Some(ClaimStatement::Transport { name: last, .. }) if *last == name);
        let every = match formulas.model.output.as_ref().filter(|output| !ends(output.name)) {
            Some(output) if !ends(crate::model::Model::loss_symbol()) => {
                prose![every, "; so ", formulas.name(output.name), " is invariant"]
            }
            _ => every,
        };
        let body = vec![Block::Paragraph(
            Prose::text("Under the action ").join(Prose::enumerated(images)).glue(every).then("."),
        )];
        let claim =
            Block::Claim { kind: Claimed::Lemma, title: None, label: self.label("action", name.as_str()), body };
        let mut argument: Vec<Block> = Vec::new();
        if shown.is_empty() {
            argument.push(Block::Paragraph("The images of the parameters give the same formula.".into()));
        } else {
            argument.push(Block::Paragraph("One has".into()));
            argument.extend(chains(&shown, None, self.measure).into_iter().map(Block::Display));
            argument.extend(reasons.explained().map(Block::Paragraph));
        }
        vec![claim, Block::Proof(argument)]
    }

    /// A claim that follows by a theorem or is assumed.
    fn argument(&self, chapter: &Chapter, entry: &Entry, formulas: &Formulas) -> Vec<Block> {
        let (statement, reason) = (&entry.claim.statement, &entry.claim.reason);
        let summing = matches!(statement, ClaimStatement::ForAll { .. });
        let from = self.references(Some(chapter), summing, &entry.premises);
        let sourced = |prose: Prose| {
            if from.is_empty() {
                prose.sentence()
            } else {
                Prose::text("By ").join(from.clone()).then(", ").join(prose)
            }
        };
        if let ClaimStatement::Assumption(said) = statement {
            if *reason == Reason::Hypothesis {
                return vec![];
            }
            // What was displayed just before is the reason.
            let hence = if entry.premises.is_empty() { Prose::default() } else { Prose::text("hence") };
            return vec![Block::Paragraph(hence.join(said.clone()).sentence().then("."))];
        }
        let why = match reason {
            Reason::Hypothesis => Prose::text("by assumption"),
            Reason::Theorem { words, .. } => words.clone(),
            Reason::Rewriting(_) => Prose::text("by rewriting"),
        };
        match (statement, formulas.claim(statement)) {
            (ClaimStatement::Conclusion(_), _) | (_, None) => {
                let end = match chapter.law() {
                    // What vanishes for every A is what the law's display says.
                    Some(law)
                        if law.theorem() == Theorem::GradientIdentity
                            && law.dynamics().is_none()
                            && formulas.count(law.components()) != "1".into()
                            && entry.premises.iter().any(|p| self.is_for_every(*p)) =>
                    {
                        let label = self.label("law", law.id());
                        Prose::text(", which is the claim of ").join(Prose::reference("Theorem", label)).then(".")
                    }
                    _ => Prose::text("."),
                };
                vec![Block::Paragraph(sourced(why).join(end))]
            }
            (_, Some(claim)) => {
                let lead = sourced(why);
                let label = Some(self.place(entry));
                vec![Block::Paragraph(lead), Block::Display(equation(&[claim], label, Some(Sign::Stop), self.measure))]
            }
        }
    }

    /// Whether a claim holds for every element of an algebra.
    fn is_for_every(&self, number: usize) -> bool {
        let claim = self.ledger.entry(number).map(|(_, entry)| &entry.claim.statement);
        matches!(claim, Some(ClaimStatement::ForAll { .. }))
    }

    /// The label of a claim.
    pub(super) fn place(&self, entry: &Entry) -> String {
        self.label("claim", &entry.number.to_string())
    }

    /// Whether a later proof uses one of some equations.
    fn is_cited(&self, chapter: &Chapter, run: &[Entry]) -> bool {
        let uses = |c: &&Chapter| {
            c.entries.iter().any(|e| e.premises.iter().any(|p| run.iter().any(|shown| shown.number == *p)))
        };
        let own = chapter.entries.first().map(|e| e.number);
        self.ledger.chapters.iter().filter(|c| c.entries.first().map(|e| e.number) != own).any(|c| uses(&c))
    }

    /// `Lemma 1, (3) and Theorem 2`: the claims that have a place in the text and are not made just here.
    fn references(&self, here: Option<&Chapter>, summing: bool, numbers: &[usize]) -> Prose {
        let mut out: Vec<Prose> = Vec::new();
        for number in numbers {
            let Some((chapter, entry)) = self.ledger.entry(*number) else { continue };
            let inside = here.is_some_and(|c| c.entries.iter().any(|e| e.number == *number));
            let equation = |label: String| Some(Prose(vec![Inline::Equation(label)]));
            let reference = match (&entry.claim.statement, &entry.claim.reason, entry.concludes) {
                (_, _, Some(_)) => chapter.law().map(|l| Prose::reference("Theorem", self.label("law", l.id()))),
                (ClaimStatement::Transport { .. }, Reason::Hypothesis, _) => equation(self.place(entry)),
                (ClaimStatement::Transport { .. }, ..) => Some(Prose::reference("Lemma", self.place(entry))),
                (ClaimStatement::Generator { .. }, ..) => {
                    chapter.law().and_then(|l| l.action()).and_then(|a| equation(self.label("generator", a.as_str())))
                }
                (ClaimStatement::Equation { .. }, Reason::Rewriting(_), _) if !inside => {
                    self.run_label(chapter, *number).and_then(equation)
                }
                // The terms of the equation displayed last are what is summed up.
                (ClaimStatement::ForAll { .. }, ..) if inside && summing => None,
                (
                    ClaimStatement::ForAll { .. } | ClaimStatement::Potential { .. } | ClaimStatement::Equation { .. },
                    Reason::Theorem { .. },
                    _,
                ) => equation(self.place(entry)),
                _ => None,
            };
            if let Some(reference) = reference.filter(|r| !out.contains(r)) {
                out.push(reference);
            }
        }
        Prose::enumerated(out)
    }

    /// The label of the display in which an equation of a law's proof stands.
    fn run_label(&self, chapter: &Chapter, number: usize) -> Option<String> {
        let law = chapter.law()?;
        let formulas = self.notations.of(law);
        let at = chapter.entries.iter().position(|e| e.number == number)?;
        let first = (0..=at).rev().take_while(|i| !run(&chapter.entries, *i).is_empty()).last()?;
        let shown = run(&chapter.entries, first).iter().any(|e| match (&e.claim.statement, &e.claim.reason) {
            (ClaimStatement::Equation { rhs, .. }, Reason::Rewriting(proof)) => {
                !crate::term::is_zero(&proof.start) && changes(proof, rhs, &formulas)
            }
            _ => false,
        });
        shown.then(|| self.place(&chapter.entries[first]))
    }
}

/// Whether the equations that a law of this kind rests on are those of the gradient identity with other letters, adjoints of
/// left and right factors, which the lemmas say once.
fn is_routine(row: LawRow) -> bool {
    use LawRow::*;
    match row {
        Gradient | FlowConserved | FlowRate | MirrorConserved | MirrorRate | HessianImage | HessianForm | Alignment
        | Sharpness | Kernel | Flattest | Third => false,
        FlowConstraint | DecayConserved | DecayRate | DescentStep | DescentDecayedStep | SgdStep | SgdMean
        | SgdDrift | SgdEquilibrium | BallConserved | BallConservedSum | BallRate | BallBroken | Transport
        | FixedSpace | Breaking | Multiplicities => true,
    }
}

/// Sentences that follow each other as one paragraph.
fn merged(blocks: Vec<Block>) -> Vec<Block> {
    let mut out: Vec<Block> = Vec::new();
    for block in blocks {
        match (out.last_mut(), block) {
            (Some(Block::Paragraph(last)), Block::Paragraph(more)) => *last = std::mem::take(last).join(more),
            (_, block) => out.push(block),
        }
    }
    out
}

/// The equations by rewriting from position `i` on.
fn run(entries: &[Entry], i: usize) -> &[Entry] {
    let is_equation = |e: &&Entry| {
        matches!(e.claim.statement, ClaimStatement::Equation { .. })
            && matches!(e.claim.reason, Reason::Rewriting(_))
            && e.concludes.is_none()
    };
    let count = entries[i..].iter().take_while(is_equation).count();
    &entries[i..i + count]
}

/// Without a comma at the end.
fn trimmed(mut prose: Prose) -> Prose {
    if let Some(Inline::Text(text)) = prose.0.last_mut() {
        let kept = text.trim_end_matches([',', ' ']).len();
        text.truncate(kept);
    }
    prose
}

/// The value by which what blocks carry on is moved, where the induction says of it only that there is one.
fn arbitrary(report: &crate::job::Report, image: &Expr) -> Option<Symbol> {
    let element = |name: Symbol| report.model.actions.iter().any(|action| action.element == Some(name));
    crate::term::symbols(image).find(|name| report.model.env.symbol(*name).is_none() && !element(*name))
}
