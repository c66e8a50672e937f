//! Formulas that are too long for a line of text.

use super::block::Block;
use crate::report::display::{Measure, equation};
use crate::report::prose::{Inline, Prose};
use crate::term::print::Sign;

/// Formulas too long for a line of text as displays; the punctuation behind them goes with them.
pub fn set_off(blocks: Vec<Block>, measure: Measure) -> Vec<Block> {
    let each = |block| match block {
        Block::Paragraph(prose) => paragraph(prose, measure),
        Block::Claim { kind, title, label, body } => {
            vec![Block::Claim { kind, title, label, body: set_off(body, measure) }]
        }
        Block::Proof(body) => vec![Block::Proof(set_off(body, measure))],
        Block::Argument { of, body } => vec![Block::Argument { of, body: set_off(body, measure) }],
        block => vec![block],
    };
    blocks.into_iter().flat_map(each).collect()
}

fn paragraph(prose: Prose, measure: Measure) -> Vec<Block> {
    let mut out = Vec::new();
    let mut line = Prose::default();
    let mut inlines = prose.0.into_iter().peekable();
    while let Some(inline) = inlines.next() {
        let Inline::Math(formula) = &inline else {
            line.0.push(inline);
            continue;
        };
        if formula.points() <= measure.inline {
            line.0.push(inline);
            continue;
        }
        let mut end = None;
        if let Some(Inline::Text(after)) = inlines.peek_mut() {
            let marks = [(',', Sign::Comma), ('.', Sign::Stop), (';', Sign::Semicolon)];
            if let Some((mark, sign)) = marks.into_iter().find(|(mark, _)| after.starts_with(*mark)) {
                after.drain(..mark.len_utf8());
                end = Some(sign);
            }
            *after = after.trim_start().to_string();
        }
        if !line.is_empty() {
            out.push(Block::Paragraph(std::mem::take(&mut line)));
        }
        out.push(Block::Display(equation(std::slice::from_ref(formula), None, end, measure)));
    }
    if !line.is_empty() {
        out.push(Block::Paragraph(line));
    }
    out
}
