//! A spectrum as an SVG: the magnitude of every eigenvalue against its number, negative ones in another colour, with the bound
//! below which an eigenvalue is 0 and the number of those that laws predict.

use super::SpectrumReport;
use crate::report::PlotError;
use plotters::prelude::*;

const SIZE: (u32, u32) = (1000, 560);
const INK: RGBColor = RGBColor(40, 40, 40);
const PALE: RGBColor = RGBColor(226, 226, 226);
const POSITIVE: RGBColor = RGBColor(0, 114, 178);
const NEGATIVE: RGBColor = RGBColor(213, 94, 0);
const FONT: &str = "Helvetica, Arial, 'DejaVu Sans', sans-serif";

/// What is smaller, relative to ‖H‖, is drawn there.
const FLOOR: f64 = 1e-18;

impl SpectrumReport<'_> {
    /// An SVG document.
    ///
    /// # Errors
    /// When the backend refuses to draw.
    pub fn plot(&self) -> Result<String, PlotError> {
        let found = self.found;
        let top = if found.norm > 0.0 { found.norm } else { 1.0 };
        let mut values = found.eigenvalues.clone();
        values.sort_by(|x, y| y.abs().total_cmp(&x.abs()));
        let count = values.len().max(1) as f64;
        let mut svg = String::new();
        {
            let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
            root.fill(&WHITE)?;
            let model = &self.report.model;
            let title = model.title.clone().unwrap_or_else(|| model.name.to_string());
            let style = |size: i32| (FONT, size).into_font().color(&INK);
            root.draw_text(&format!("{title}: spectrum of the Hessian"), &style(23), (24, 16))?;
            root.draw_text(&self.place(), &style(14), (24, 48))?;
            let (low, high) = (top * FLOOR / 10.0, top * 10.0);
            let mut chart = ChartBuilder::on(&root)
                .margin_top(76)
                .margin_right(28)
                .margin_left(18)
                .x_label_area_size(56)
                .y_label_area_size(84)
                .build_cartesian_2d(0.0..count + 1.0, (low..high).log_scale())?;
            chart
                .configure_mesh()
                .disable_x_mesh()
                .light_line_style(TRANSPARENT)
                .bold_line_style(PALE)
                .axis_style(INK)
                .label_style(style(15))
                .axis_desc_style(style(17))
                .x_desc("number, by magnitude")
                .y_desc("|λ|")
                .y_label_formatter(&|y| format!("{y:.0e}"))
                .x_label_formatter(&|x| format!("{x:.0}"))
                .draw()?;
            if let Some(flat) = &found.flat {
                let line = |points: [(f64, f64); 2]| DashedLineSeries::new(points, 3, 5, INK.stroke_width(1));
                let zero = flat.zero.clamp(low, high);
                chart.draw_series(line([(0.0, zero), (count + 1.0, zero)]))?;
                if found.is_complete() {
                    let first = count - flat.predicted as f64 + 0.5;
                    chart.draw_series(line([(first, low), (first, high)]))?;
                }
            }
            let point = |(k, x): (usize, &f64)| {
                let colour = if *x < 0.0 { NEGATIVE } else { POSITIVE };
                Circle::new(((k + 1) as f64, x.abs().max(top * FLOOR)), 3, colour.filled())
            };
            chart.draw_series(values.iter().enumerate().map(point))?;
            root.present()?;
        }
        svg.push('\n');
        Ok(svg)
    }
}
