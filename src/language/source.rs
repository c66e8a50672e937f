//! A source text with its name, and places in it.

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use std::ops::Range;

/// A stretch of a source text, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    pub(super) fn at(offset: usize) -> Span {
        Span { start: offset, end: offset }
    }

    /// From the start of one span to the end of another.
    pub(super) fn to(self, end: Span) -> Span {
        Span { start: self.start, end: end.end }
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Span {
        Span { start: range.start, end: range.end }
    }
}

/// How many bytes of a line are shown before and after what an error is about.
const NEAR: usize = 200;

/// A named text, without byte order mark and with `\n` line ends.
#[derive(Debug)]
pub struct Source {
    name: String,
    text: String,
    /// The text with a stand-in as long for every control character, which a terminal would obey, where there are some.
    shown: Option<String>,
    /// Where each line starts.
    lines: Vec<usize>,
}

impl Source {
    pub(super) fn new(name: &str, text: &str) -> Source {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(i, _)| i + 1)).collect();
        let control = |c: char| c.is_control() && c != '\n' && c != '\t';
        let shown = |c: char| match c.len_utf8() {
            _ if !control(c) => c,
            1 => '?',
            _ => '·',
        };
        let shown = text.contains(control).then(|| text.chars().map(shown).collect());
        Source { name: name.to_string(), text, shown, lines }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn slice(&self, span: Span) -> &str {
        &self.text[span.start..span.end]
    }

    /// The last boundary of a character up to an offset.
    pub(super) fn boundary(&self, offset: usize) -> usize {
        (0..=offset.min(self.text.len())).rev().find(|&at| self.text.is_char_boundary(at)).unwrap_or(0)
    }

    /// Line and column (in characters) of a byte offset, both from 1.
    pub(super) fn position(&self, offset: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|&start| start <= offset);
        let start = self.lines[line - 1];
        (line, self.text[start..offset].chars().count() + 1)
    }
}

/// Shows exactly the lines a span touches, and counts columns in characters where miette counts bytes.
impl SourceCode for Source {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        _: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (start, end) = (span.offset(), span.offset() + span.len());
        if end > self.text.len() || !self.text.is_char_boundary(start) || !self.text.is_char_boundary(end) {
            return Err(MietteError::OutOfBounds);
        }
        let (line, column) = self.position(start);
        let first = self.lines[line - 1];
        // Without context miette only asks where the span starts.
        let (from, column) = if lines_before == 0 { (start, column - 1) } else { (first, 0) };
        let last = self.text[end..].find('\n').map_or(self.text.len(), |i| end + i);
        // Of a line that no terminal holds only what is near the span.
        let (near, last) = (start.saturating_sub(NEAR), if last - end > NEAR { end + NEAR } else { last });
        let (near, last) = (self.boundary(near), self.boundary(last).max(end));
        let (from, column) = match lines_before > 0 && near > first {
            true => (near, self.text[first..near].chars().count()),
            false => (from, column),
        };
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            &self.shown.as_ref().unwrap_or(&self.text).as_bytes()[from..last],
            (from, last - from).into(),
            line - 1,
            column,
            self.text[from..last].matches('\n').count() + 1,
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let source = Source::new("name", "a\r\nγθ = 1");
        let equals = source.text().find('=').unwrap_or_default();
        assert_eq!(source.position(equals), (2, 4));
        assert_eq!(source.position(source.text().len()), (2, 7));
    }
}
