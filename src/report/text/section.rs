//! The laws under one heading.

use super::look::Look;
use super::page::Page;
use super::table::{Cell, table};
use crate::Report;
use crate::kernel::{Kind, Law};
use crate::report::meaning::meaning;
use crate::report::outline::{Section, label};
use crate::report::{literature, phrase, words};
use crate::term::print::Line;
use unicode_width::UnicodeWidthStr;

/// The widest number of laws that stands beside its law.
const BESIDE: usize = 26;

impl Page<'_> {
    pub(super) fn section(&mut self, section: &Section) {
        // A heading that names the dynamics need not be told again which it is.
        let hypotheses: Vec<String> = section.hypotheses.iter().map(|told| told.brief.unicode()).collect();
        let mut hypotheses = hypotheses.join(", ");
        match self.told.contains(&hypotheses) {
            // Conditions that several sections share are told once where they are long.
            true if section.hypotheses.len() > 1 => hypotheses = "as above".into(),
            true => {}
            false => self.told.push(hypotheses.clone()),
        }
        self.heading(&section.heading, &hypotheses);
        let names = section.laws.iter().map(|(_, law)| label(law).width()).max().unwrap_or(0);
        // A number of laws that is a long formula stands below the law and not beside it.
        let count = |law: &Law| law_count(self.report, law);
        let beside = |law: &Law| Some(count(law)).filter(|c| c.width() <= BESIDE).unwrap_or_default();
        let counts = section.laws.iter().map(|(_, law)| beside(law).width()).max().unwrap_or(0);
        let width = self.options.width.saturating_sub(2 + 5 + 2 + names + 2 + counts + 2).max(40);
        let shared = self.shared_remarks(section);
        // Remarks stand between rows, so the rows are laid out together and the remarks put in after.
        let mut rows = Vec::new();
        let mut notes: Vec<Vec<(String, Look)>> = Vec::new();
        for (number, law) in &section.laws {
            let formulas = self.notations.of(law);
            let stated = formulas.statement(law);
            let mut lines = stated.lines;
            let mut below: Vec<String> = section.own_hypotheses(law).iter().map(|told| told.words.unicode()).collect();
            if let Some(words) = stated.quantifier {
                let fits = |line: &&mut Line| line.unicode().width() + 3 + words.unicode().width() <= width;
                match lines.last_mut().filter(fits) {
                    Some(line) => line.push(Line::words("   ").then(words.line())),
                    None => below.insert(0, words.unicode()),
                }
            }
            below.extend(Some(count(law)).filter(|c| c.width() > BESIDE));
            below.extend(self.remarks(law).into_iter().filter(|r| !shared.iter().any(|(s, _)| s == r)));
            let meant = meaning(law).map(|read| (read.sentence(&formulas).unicode(), Look::Plain));
            let below = meant.into_iter().chain(below.into_iter().map(|note| (note, Look::Aside))).collect();
            rows.push(vec![
                Cell::new(format!("({number})"), Look::Number),
                Cell::plain(label(law)),
                Cell::formulas(&lines, width),
                Cell::new(beside(law), Look::Aside),
            ]);
            notes.push(below);
        }
        let heights: Vec<usize> =
            rows.iter().map(|row| table(std::slice::from_ref(row), 2, 2, &|t, _| t.into()).len()).collect();
        let lines = table(&rows, 2, 2, &|text, look| self.paint(text, look));
        let numbers = section.laws.iter().map(|(n, _)| n.to_string().len() + 2).max().unwrap_or(0);
        let mut lines = lines.into_iter();
        for (height, below) in heights.into_iter().zip(notes) {
            for line in lines.by_ref().take(height) {
                self.line(&line);
            }
            for (note, look) in below {
                self.aside(&note, 2 + numbers + 2 + names + 2 + 2, look);
            }
        }
        for (remark, told) in shared {
            let of = whose(section, &told).map_or(String::new(), |numbers| format!("{numbers}: "));
            self.aside(&format!("{of}{remark}"), 2, Look::Aside);
        }
    }

    /// Who stated laws of these forms.
    pub(super) fn sources(&mut self, section: &Section) {
        for (sources, told) in literature::cited(&section.laws) {
            let of = whose(section, &told).map_or(String::new(), |numbers| format!("{numbers} "));
            self.aside(&format!("{of}of a form known from {}", sources.join("; ")), 2, Look::Aside);
        }
    }

    fn remarks(&self, law: &Law) -> Vec<String> {
        let told = law.remarks().iter().filter(|remark| self.options.all || !words::is_detail(remark));
        let own = told.map(|remark| words::remark(law, remark).unicode());
        phrase::everywhere(self.report, law).map(|said| said.unicode()).into_iter().chain(own).collect()
    }

    /// The remarks that several laws of a section have, with the numbers of these laws.
    fn shared_remarks(&self, section: &Section) -> Vec<(String, Vec<usize>)> {
        let mut all: Vec<(String, Vec<usize>)> = Vec::new();
        for (number, law) in &section.laws {
            for remark in self.remarks(law) {
                match all.iter_mut().find(|(known, _)| *known == remark) {
                    Some((_, numbers)) => numbers.push(*number),
                    None => all.push((remark, vec![*number])),
                }
            }
        }
        all.retain(|(_, numbers)| numbers.len() > 1 || section.laws.len() == 1);
        all
    }
}

/// `(1) and (3)`, where these are not all laws of a section.
fn whose(section: &Section, numbers: &[usize]) -> Option<String> {
    let all: Vec<String> = numbers.iter().map(|n| format!("({n})")).collect();
    (numbers.len() < section.laws.len()).then(|| phrase::enumerated(&all))
}

/// `h laws`, `h(h+1)/2 equations, 12 independent here`, `dim ker H ≥ h`.
pub(in crate::report) fn law_count(report: &Report, law: &Law) -> String {
    let count = Line::count(law.components()).unicode();
    let one = count == "1";
    let noun = match law.kind() {
        // The statement says it.
        Kind::Kernel => return String::new(),
        Kind::Conserved | Kind::Rate => "law",
        Kind::Identity | Kind::Constraint | Kind::Subspace | Kind::Multiplicity | Kind::Bound | Kind::Equilibrium => {
            "equation"
        }
    };
    if law.order() > 1 || (one && law.kind() != Kind::Conserved) {
        return String::new();
    }
    let mut words = if one { format!("1 {noun}") } else { format!("{count} {noun}s") };
    if let Some(n) = phrase::fewer(report, law) {
        words.push_str(&format!(", {n} independent at these sizes"));
    }
    words
}
