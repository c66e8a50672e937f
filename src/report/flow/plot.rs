//! The drifts against time as an SVG: what is conserved lies at the bottom, at the errors of rounding and of the solver; what
//! is broken rises out of it.

use super::{FlowReport, Outcome, decimal};
use crate::check::Drift;
use crate::report::outline::label;
use crate::report::phrase;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Colours that readers with any colour vision tell apart (Okabe and Ito, 2008).
const PALETTE: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(0, 158, 115),
    RGBColor(86, 180, 233),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(110, 110, 110),
    RGBColor(120, 94, 240),
];

/// Of what is broken.
const BROKEN: [RGBColor; 3] = [RGBColor(213, 94, 0), RGBColor(160, 40, 40), RGBColor(230, 120, 60)];

const INK: RGBColor = RGBColor(40, 40, 40);
const PALE: RGBColor = RGBColor(226, 226, 226);
const FONT: &str = "Helvetica, Arial, 'DejaVu Sans', sans-serif";

const WIDTH: u32 = 1000;
/// Title and chart.
const CHART: u32 = 560;
/// One line of the legend.
const LINE: u32 = 27;

/// The smallest drift that is drawn, half a unit in the last place; what is below it is drawn there.
const FLOOR: f64 = 1e-16;

/// The most characters of a formula in the legend.
const FORMULA: usize = 76;

/// What can go wrong when a plot is drawn.
pub type PlotError = Box<dyn std::error::Error + Send + Sync>;

impl FlowReport<'_> {
    /// An SVG document.
    ///
    /// # Errors
    /// When the backend refuses to draw, as for a plot without area.
    pub fn plot(&self) -> Result<String, PlotError> {
        let drawn: Vec<(&Drift, RGBColor)> = self.coloured();
        let height = CHART + LINE * drawn.len() as u32 + 24;
        let mut svg = String::new();
        {
            let root = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
            root.fill(&WHITE)?;
            let (upper, lower) = root.split_vertically(CHART);
            self.title(&upper)?;
            self.chart(&upper, &drawn)?;
            self.legend(&lower, &drawn)?;
            root.present()?;
        }
        svg.push('\n');
        Ok(svg)
    }

    /// What was followed, broken quantities last, each with its colour.
    fn coloured(&self) -> Vec<(&Drift, RGBColor)> {
        let broken = |d: &&Drift| matches!(Outcome::of(d), Outcome::Broken | Outcome::Drifts);
        let followed: Vec<&Drift> = self.found.drifts.iter().filter(|d| d.times.len() > 1).collect();
        let (lost, kept): (Vec<&Drift>, Vec<&Drift>) = followed.into_iter().partition(|d| broken(d));
        let kept = kept.into_iter().zip(PALETTE.into_iter().cycle());
        kept.chain(lost.into_iter().zip(BROKEN.into_iter().cycle())).collect()
    }

    fn title(&self, area: &DrawingArea<SVGBackend, Shift>) -> Result<(), PlotError> {
        let model = &self.report.model;
        let title = model.title.clone().unwrap_or_else(|| model.name.to_string());
        let (name, equation) = self.motion();
        area.draw_text(&format!("{title}: laws along {name}"), &text(23, INK, HPos::Left), (24, 16))?;
        let course = format!("{equation};  {}", self.course());
        area.draw_text(&course, &text(15, RGBColor(100, 100, 100), HPos::Left), (24, 48))?;
        Ok(())
    }

    fn chart(&self, area: &DrawingArea<SVGBackend, Shift>, drawn: &[(&Drift, RGBColor)]) -> Result<(), PlotError> {
        let end = self.found.times.last().copied().unwrap_or(1.0);
        let values = || drawn.iter().flat_map(|(d, _)| &d.drifts).filter(|d| d.is_finite() && **d > 0.0);
        let tolerances: Vec<f64> = drawn.iter().map(|(d, _)| d.tolerance).collect();
        let tolerance = tolerances.iter().copied().fold(0.0, f64::max);
        let top = values().copied().fold(tolerance.max(1e-6) * 10.0, f64::max);
        // Whole powers of ten, with room below the lowest line.
        let (low, top) = (FLOOR / 10.0, 10f64.powf(top.log10().ceil()));
        let mut chart = ChartBuilder::on(area)
            .margin_top(76)
            .margin_right(28)
            .margin_left(18)
            .x_label_area_size(56)
            .y_label_area_size(84)
            .build_cartesian_2d(0.0..end, (low..top).log_scale())?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(PALE)
            .axis_style(INK)
            .label_style(text(15, INK, HPos::Left))
            .axis_desc_style(text(17, INK, HPos::Left))
            .x_desc(if self.discrete() { "step" } else { "time t" })
            .y_desc("relative drift")
            .y_label_formatter(&|y| power_of_ten(*y))
            .x_label_formatter(&|x| decimal(*x, 6))
            .y_labels(10)
            .draw()?;
        let pale = RGBColor(150, 150, 150);
        let line = [(0.0, tolerance), (end, tolerance)];
        chart.draw_series(DashedLineSeries::new(line, 3, 5, pale.stroke_width(1)))?;
        let note = text(13, pale, HPos::Right).pos(Pos::new(HPos::Right, VPos::Bottom));
        let caption = format!("tolerance {}", power_of_ten(tolerance));
        chart.draw_series(std::iter::once(Text::new(caption, (end, tolerance), note)))?;
        for (drift, colour) in drawn {
            // At the start there is no drift.
            let points = drift.times.iter().copied().zip(drift.drifts.iter().map(|d| d.clamp(FLOOR, top)));
            let points: Vec<(f64, f64)> = points.filter(|(t, d)| *t > 0.0 && d.is_finite()).collect();
            match Outcome::of(drift) {
                Outcome::Broken | Outcome::Drifts => {
                    chart.draw_series(LineSeries::new(points, colour.stroke_width(3)))?
                }
                _ => chart.draw_series(LineSeries::new(points, colour.stroke_width(2)))?,
            };
        }
        Ok(())
    }

    fn legend(&self, area: &DrawingArea<SVGBackend, Shift>, drawn: &[(&Drift, RGBColor)]) -> Result<(), PlotError> {
        for (i, (drift, colour)) in drawn.iter().enumerate() {
            let y = 12 + LINE as i32 * i as i32;
            let broken = matches!(Outcome::of(drift), Outcome::Broken | Outcome::Drifts);
            let stroke = colour.stroke_width(if broken { 3 } else { 2 });
            area.draw(&PathElement::new([(30, y), (62, y)], stroke))?;
            let name = self.law(drift).map_or_else(|| drift.law.clone(), label);
            let (left, right) = (HPos::Left, HPos::Right);
            let middle = |style: TextStyle<'static>, h: HPos| style.pos(Pos::new(h, VPos::Center));
            area.draw_text(&name, &middle(text(15, INK, left), left), (74, y))?;
            area.draw_text(&shortened(&self.statement(drift)), &middle(text(15, INK, left), left), (190, y))?;
            let verdict = format!("{}  {}", self.verdict(drift), phrase::drift(drift.worst()));
            let colour = if broken { *colour } else { INK };
            area.draw_text(&verdict, &middle(text(15, colour, right), right), (WIDTH as i32 - 28, y))?;
        }
        Ok(())
    }
}

fn text(size: i32, colour: RGBColor, h: HPos) -> TextStyle<'static> {
    (FONT, size).into_font().color(&colour).pos(Pos::new(h, VPos::Top))
}

fn shortened(formula: &str) -> String {
    if formula.chars().count() <= FORMULA {
        return formula.to_string();
    }
    formula.chars().take(FORMULA - 1).chain(['…']).collect()
}

/// `10⁻¹²`.
fn power_of_ten(x: f64) -> String {
    let exponent = x.log10().round() as i32;
    let digits = exponent.unsigned_abs().to_string();
    let raised = |d: char| d.to_digit(10).and_then(|d| "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(d as usize)).unwrap_or(d);
    let sign = if exponent < 0 { "⁻" } else { "" };
    format!("10{sign}{}", digits.chars().map(raised).collect::<String>())
}
