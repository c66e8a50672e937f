//! Columns aligned by the width characters have in a terminal.

use super::look::Look;
use crate::term::print::Line;
use unicode_width::UnicodeWidthStr;

/// What the lines of a formula after the first are moved in by.
const HANG: usize = 4;

/// A cell: its lines and how they look.
pub struct Cell {
    lines: Vec<String>,
    look: Look,
}

impl Cell {
    pub fn new(text: impl Into<String>, look: Look) -> Cell {
        Cell { lines: vec![text.into()], look }
    }

    pub fn plain(text: impl Into<String>) -> Cell {
        Cell::new(text, Look::Plain)
    }

    /// Lines, each broken where it is wider than `width`.
    pub fn lines(lines: &[String], width: usize, look: Look) -> Cell {
        let lines = lines.iter().flat_map(|line| wrap(line, width, "    ")).collect();
        Cell { lines, look }
    }

    /// Formulas, each broken before a sign or after a comma where it is wider than `width`.
    pub fn formulas(formulas: &[Line], width: usize) -> Cell {
        let folded = formulas.iter().flat_map(|formula| {
            let lines = formula.folded(width, HANG).into_iter().enumerate();
            let indented = |(i, line): (usize, Line)| {
                format!("{}{}", " ".repeat(if i == 0 { 0 } else { HANG }), line.unicode().trim())
            };
            lines.map(indented).collect::<Vec<_>>()
        });
        Cell { lines: folded.collect(), look: Look::Plain }
    }

    /// Further to the right.
    pub fn indented(mut self, columns: usize) -> Cell {
        for line in &mut self.lines {
            line.insert_str(0, &" ".repeat(columns));
        }
        self
    }

    fn width(&self) -> usize {
        self.lines.iter().map(|l| l.width()).max().unwrap_or(0)
    }
}

/// Rows of cells as lines, the columns `gap` apart.
pub fn table(rows: &[Vec<Cell>], indent: usize, gap: usize, paint: &dyn Fn(&str, Look) -> String) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |c: usize| rows.iter().filter_map(|r| r.get(c)).map(Cell::width).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = Vec::new();
    for row in rows {
        let height = row.iter().map(|c| c.lines.len()).max().unwrap_or(0);
        for i in 0..height {
            let mut line = String::new();
            // Spaces are written only before something that stands after them.
            let mut pending = indent;
            for (cell, width) in row.iter().zip(&widths) {
                if *width == 0 {
                    continue;
                }
                let text = cell.lines.get(i).map_or("", String::as_str);
                if !text.is_empty() {
                    line.push_str(&" ".repeat(pending));
                    line.push_str(&paint(text, cell.look));
                    pending = 0;
                }
                pending += width - text.width() + gap;
            }
            out.push(line);
        }
    }
    out
}

/// Breaks a line at spaces; what follows the first line is indented by `hang`.
pub fn wrap(text: &str, width: usize, hang: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut line = String::new();
    let mut words = 0;
    for word in text.split(' ') {
        if words > 0 && line.width() + 1 + word.width() > width {
            out.push(std::mem::replace(&mut line, hang.to_string()));
            words = 0;
        }
        if words > 0 {
            line.push(' ');
        }
        line.push_str(word);
        words += 1;
    }
    out.push(line);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_by_display_width() {
        let rows = vec![vec![Cell::plain("W₁ẇ"), Cell::plain("a")], vec![Cell::plain("漢字漢字"), Cell::plain("b")]];
        let lines = table(&rows, 1, 2, &|text, _| text.to_string());
        assert_eq!(lines, [" W₁ẇ       a", " 漢字漢字  b"]);
    }

    #[test]
    fn a_word_wider_than_the_line_stands_alone() {
        assert_eq!(wrap("aa bbbbbb c", 4, "  "), ["aa", "  bbbbbb", "  c"]);
    }
}
