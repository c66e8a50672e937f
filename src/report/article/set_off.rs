//! Formulas that are too long for a line of text.

use super::block::Block;
use crate::report::display::equation;
use crate::report::prose::{Inline, Prose};
use crate::term::print::Sign;

/// The points of a formula that stays in its line of text.
const INLINE: f64 = 260.0;

/// Formulas too long for a line of text as displays; the punctuation behind them goes with them.
pub fn set_off(blocks: Vec<Block>) -> Vec<Block> {
    let each = |block| match block {
        Block::Paragraph(prose) => paragraph(prose),
        Block::Claim { kind, title, label, body } => vec![Block::Claim { kind, title, label, body: set_off(body) }],
        Block::Proof(body) => vec![Block::Proof(set_off(body))],
        Block::Argument { of, body } => vec![Block::Argument { of, body: set_off(body) }],
        block => vec![block],
    };
    blocks.into_iter().flat_map(each).collect()
}

fn paragraph(prose: Prose) -> Vec<Block> {
    let mut out = Vec::new();
    let mut line = Prose::default();
    let mut inlines = prose.0.into_iter().peekable();
    while let Some(inline) = inlines.next() {
        let Inline::Math(formula) = &inline else {
            line.0.push(inline);
            continue;
        };
        if formula.points() <= INLINE {
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
        out.push(Block::Display(equation(std::slice::from_ref(formula), None, end)));
    }
    if !line.is_empty() {
        out.push(Block::Paragraph(line));
    }
    out
}
