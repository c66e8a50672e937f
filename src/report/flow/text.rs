//! The laws along a trajectory for a terminal: a table of drift.

use super::{FlowReport, Outcome};
use crate::check::{Drift, Role};
use crate::report::outline::label;
use crate::report::phrase;
use crate::report::text::{Cell, Look, Page, TextOptions};

impl FlowReport<'_> {
    pub fn text(&self, options: TextOptions) -> String {
        let mut page = Page::new(self.report, options);
        page.title();
        let (name, equation) = self.motion();
        page.aside(&format!("{equation};  {}", self.course()), 2, Look::Plain);
        if let Some(stopped) = &self.found.stopped {
            page.aside(&format!("{stopped}: nothing is claimed beyond"), 2, Look::Doubtful);
        }
        page.unproved();
        let of = |role: Role| self.found.drifts.iter().filter(move |d| d.role == role).collect::<Vec<&Drift>>();
        let (laws, contrast) = (of(Role::Law), of(Role::Contrast));
        if laws.is_empty() {
            page.heading(&format!("No law of {name} was derived"), "");
        } else {
            page.heading(&format!("Along {name}"), "");
        }
        self.table(&mut page, &laws);
        if !contrast.is_empty() {
            page.heading("For contrast", "conserved by another dynamics");
            self.table(&mut page, &contrast);
        }
        let followed: Vec<&&Drift> = laws.iter().filter(|d| d.followed()).collect();
        if !followed.is_empty() {
            let held = followed.iter().filter(|d| d.holds()).count();
            let worst = followed.iter().fold(0.0f64, |worst, d| worst.max(d.worst()));
            let verdict = format!("{held} of {} laws hold, worst drift {}", followed.len(), phrase::residual(worst));
            let look = if held == followed.len() { Look::Good } else { Look::Bad };
            let line = format!("{}  {}", page.paint("Drift", Look::Heading), page.paint(&verdict, look));
            page.line("");
            page.line(&line);
        }
        page.out
    }

    fn table(&self, page: &mut Page, drifts: &[&Drift]) {
        let width = (page.options.width / 2).max(30);
        let rows: Vec<Vec<Cell>> = (drifts.iter())
            .map(|drift| {
                let look = match Outcome::of(drift) {
                    Outcome::Holds => Look::Good,
                    Outcome::Drifts => Look::Bad,
                    Outcome::Broken | Outcome::NotFollowed => Look::Doubtful,
                    Outcome::Conserved => Look::Plain,
                };
                let measured = if !drift.followed() { String::new() } else { phrase::drift(drift.worst()) };
                vec![
                    Cell::plain(self.law(drift).map_or_else(|| drift.law.clone(), label)),
                    Cell::lines(&[self.statement(drift)], width, Look::Plain),
                    Cell::plain(measured),
                    Cell::new(self.verdict(drift), look),
                ]
            })
            .collect();
        page.table(&rows);
        for drift in drifts {
            let known = self.found.stopped.as_ref().map(ToString::to_string);
            if let Some(remark) = drift.remark.as_ref().filter(|remark| Some(*remark) != known.as_ref()) {
                page.aside(&format!("{}: {remark}", drift.law), 4, Look::Aside);
            }
        }
    }
}
