//! A spectrum for a terminal.

use super::SpectrumReport;
use crate::check::{Bound, Flat, Groups};
use crate::report::phrase::{self, counted, enumerated};
use crate::report::text::{Cell, Look, Page, TextOptions};

/// How many eigenvalues are shown at either end.
const SHOWN: usize = 8;

/// Eigenvalues closer than this share of ‖H‖ are shown as one.
const EQUAL: f64 = 1e-9;

impl SpectrumReport<'_> {
    pub fn text(&self, options: TextOptions) -> String {
        let mut page = Page::new(self.report, options);
        page.title();
        page.aside(&self.place(), 2, Look::Plain);
        page.unproved();
        self.eigenvalues(&mut page);
        if let Some(flat) = &self.found.flat {
            self.kernel(&mut page, flat);
        }
        if !self.found.bounds.is_empty() {
            page.heading("Bounds", "from the span of the generators, and its angles to as many leading eigenvectors");
            let rows: Vec<Vec<Cell>> = self.found.bounds.iter().map(|bound| self.bound(bound)).collect();
            page.table(&rows);
        }
        if let Some(groups) = &self.found.groups {
            self.groups(&mut page, groups);
        }
        if !self.found.alignment.is_empty() {
            page.heading("Gradient", "its share in the leading eigenvectors");
            let rows: Vec<Vec<Cell>> = (self.found.alignment.iter())
                .map(|(count, share)| {
                    let first = if *count == 1 { "the first".into() } else { format!("the first {count}") };
                    vec![Cell::plain(first), Cell::plain(percent(*share))]
                })
                .collect();
            page.table(&rows);
        }
        page.out
    }

    fn eigenvalues(&self, page: &mut Page) {
        let (found, zero) = (self.found, self.zero());
        let aside = match found.is_complete() {
            true => format!("{} of H", found.dimension),
            false => format!("the {} of largest magnitude of {}", found.eigenvalues.len(), found.dimension),
        };
        page.heading("Eigenvalues", &aside);
        // Equal ones together, each with its number from the largest on.
        let mut groups: Vec<(usize, usize, f64)> = Vec::new();
        for (k, value) in found.eigenvalues.iter().map(|x| if x.abs() <= zero { 0.0 } else { *x }).enumerate() {
            match groups.last_mut() {
                Some((_, count, first)) if (*first - value).abs() <= EQUAL * found.norm => *count += 1,
                _ => groups.push((k + 1, 1, value)),
            }
        }
        let row = |(first, count, value): &(usize, usize, f64)| {
            let times = if *count == 1 { String::new() } else { format!("{count} times") };
            let look = if *value == 0.0 { Look::Aside } else { Look::Plain };
            vec![Cell::plain(format!("{first}")), Cell::new(number(*value), look), Cell::plain(times)]
        };
        let skipped = groups.len().saturating_sub(2 * SHOWN);
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        for (k, group) in groups.iter().enumerate() {
            if skipped > 1 && k == SHOWN {
                rows.push(vec![Cell::plain("…"), Cell::new(format!("{skipped} more"), Look::Aside)]);
            }
            if skipped <= 1 || k < SHOWN || k >= SHOWN + skipped {
                rows.push(row(group));
            }
        }
        page.table(&rows);
    }

    /// What is shown as 0.
    fn zero(&self) -> f64 {
        self.found.flat.as_ref().map_or(0.0, |flat| flat.zero).max(EQUAL * self.found.norm)
    }

    fn kernel(&self, page: &mut Page, flat: &Flat) {
        let dimension = self.found.dimension;
        page.heading("Kernel", &format!("eigenvalues of at most {:.1e}", flat.zero));
        let mut rows = Vec::new();
        let generic = match flat.generic {
            Some(generic) if generic != flat.predicted => format!(", {generic} at generic points"),
            _ => String::new(),
        };
        let size = format!("H = 0 on them, residual {}{generic}", phrase::residual(flat.within));
        rows.push(vec![
            Cell::plain(flat.predicted.to_string()),
            Cell::plain(format!("by {}", enumerated(&flat.actions))),
            Cell::new(size, Look::Aside),
        ]);
        if let (Some((outputs, apart)), Some(rank)) = (flat.outputs, flat.few_data(dimension)) {
            rows.push(vec![
                Cell::plain(rank.to_string()),
                Cell::plain(format!("left by the {} of the output", counted(outputs, "number"))),
                Cell::new(format!("H = J*ℓ″J, residual {}", phrase::residual(apart)), Look::Aside),
            ]);
        }
        match (flat.found, flat.unexplained(dimension)) {
            (Some(found), Some(rest)) => {
                let look = if flat.holds() { Look::Good } else { Look::Bad };
                let words = if rest == 0 { "found".into() } else { format!("found, {rest} of them unexplained") };
                rows.push(vec![Cell::new(found.to_string(), look), Cell::plain(words)]);
            }
            _ => rows.push(vec![Cell::plain("–"), Cell::new("not counted at this size", Look::Aside)]),
        }
        page.table(&rows);
    }

    fn bound(&self, bound: &Bound) -> Vec<Cell> {
        let found = self.found;
        let (zero, shown) = (self.zero(), |x: f64| number(if x.abs() <= self.zero() { 0.0 } else { x }));
        let holds = bound.holds(&found.eigenvalues, found.norm, found.is_complete());
        let slack = match found.eigenvalues.first() {
            Some(most) if holds && most.abs() > zero => {
                format!("slack {}", percent((most - bound.largest) / most.abs()))
            }
            Some(_) if !holds => "VIOLATED".into(),
            _ => String::new(),
        };
        let some: Vec<String> = bound.angles.iter().take(4).map(|angle| format!("{angle:.0}°")).collect();
        let more = if bound.angles.len() > some.len() { " …" } else { "" };
        vec![
            Cell::plain(bound.action.clone()),
            Cell::plain(format!("λ_max ≥ {}", shown(bound.largest))),
            Cell::new(slack, if holds { Look::Plain } else { Look::Bad }),
            Cell::plain(format!("λ_min ≤ {}", shown(bound.smallest))),
            Cell::new(format!("{}{more}", some.join(" ")), Look::Aside),
        ]
    }

    fn groups(&self, page: &mut Page, groups: &Groups) {
        let class = |(multiplicity, count): &(usize, usize)| match multiplicity {
            1 => format!("{count} single"),
            _ => format!("{count} in groups of {multiplicity}"),
        };
        page.heading("Equal eigenvalues", &groups.law);
        let classes: Vec<String> = groups.predicted.iter().map(class).collect();
        let (found, look) = match (&groups.contradiction, groups.spread) {
            (Some(why), _) => (why.clone(), Look::Bad),
            (None, Some(spread)) => (format!("found, residual {}", phrase::residual(spread)), Look::Good),
            (None, None) => ("NOT FOUND".into(), Look::Bad),
        };
        page.table(&[vec![Cell::plain(enumerated(&classes)), Cell::new(found, look)]]);
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

fn number(x: f64) -> String {
    match x.abs() {
        0.0 => "0".into(),
        y if (1e-3..1e5).contains(&y) => format!("{x:.5}"),
        _ => format!("{x:.3e}"),
    }
}
