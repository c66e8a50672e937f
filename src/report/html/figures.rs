//! The figures of a page: the drifts along a trajectory, and a spectrum.

use crate::job::Figures;
use crate::report::article::{Article, Block};
use crate::report::prose::Prose;
use crate::report::{FlowReport, SpectrumReport};
use crate::term::print::xml_text as escape;

const DRIFTS: &str = "The laws along one trajectory: how far each quantity has moved, relative to its size. What is conserved stays at the errors of \
                      rounding and of the solver.";
const SPECTRUM: &str = "The eigenvalues of the Hessian by magnitude, negative ones in orange.";
const KERNEL: &str = "Below the level line an eigenvalue is 0 up to rounding; as many as stand right of the upright line are so by the laws of the kernel.";

/// The article with its figures before its sources.
pub(super) fn added(mut article: Article, figures: Option<&Figures>) -> Article {
    let sources = |block: &Block| matches!(block, Block::References(_));
    let at = article.blocks.iter().position(sources).unwrap_or(article.blocks.len());
    article.blocks.splice(at..at, figures.into_iter().flat_map(blocks));
    article
}

/// The section that has them; none where nothing was drawn.
fn blocks(figures: &Figures) -> Vec<Block> {
    let flow = figures.flow.as_ref().and_then(|flow| {
        let drawn = FlowReport { report: &flow.report, run: &flow.run, found: &flow.found, given: flow.given };
        Some((drawn.plot().ok()?, DRIFTS.to_string()))
    });
    let spectrum = figures.spectrum.as_ref().and_then(|spectrum| {
        let found = &spectrum.found;
        let drawn = SpectrumReport { report: &spectrum.report, found, given: spectrum.given };
        let kernel = found.flat.is_some() && found.is_complete();
        let said = if kernel { format!("{SPECTRUM} {KERNEL}") } else { SPECTRUM.to_string() };
        Some((drawn.plot().ok()?, said))
    });
    let figure = |(svg, said): (String, String)| Block::Figure { svg: within(&svg, &said), caption: said.into() };
    let drawn: Vec<Block> = [flow, spectrum].into_iter().flatten().map(figure).collect();
    let heading = (!drawn.is_empty()).then(|| Block::Heading(Prose::text("At an instance")));
    heading.into_iter().chain(drawn).collect()
}

/// A document of SVG as an element of a page, as wide as this allows.
fn within(svg: &str, said: &str) -> String {
    let (head, rest) = svg.trim().split_once('>').unwrap_or_default();
    let view = head.split_once("viewBox=\"").and_then(|(_, rest)| rest.split_once('"')).map_or("", |(view, _)| view);
    format!("<svg class=\"plot\" viewBox=\"{view}\" role=\"img\" aria-label=\"{}\">{rest}", escape(said))
}
