//! A model in one layout: the words stay, in their order and on their lines with their comments, and the blanks between
//! them are set anew. So nothing can change but how it looks.

use super::diagnostic::Diagnostics;
use super::lexer::{Kind, Token, lex};
use super::source::Source;
use crate::model::Model;
use std::sync::Arc;

/// The text of a model in one layout. Laying it out again changes nothing.
///
/// # Errors
/// Every error of the text: what is no model has no layout.
pub fn format(source_name: &str, text: &str) -> Result<String, Diagnostics> {
    Model::parse(source_name, text)?;
    let source = Arc::new(Source::new(source_name, text));
    let (tokens, _) = lex(&source, &mut Vec::new());
    let mut lines = lines(&source, &tokens);
    align(&mut lines);
    Ok(lines.iter().map(|line| format!("{}\n", line.written())).collect())
}

/// A line: what it begins with, the words up to the sign that it is aligned at, the rest and a comment.
#[derive(Default)]
struct Line {
    indentation: usize,
    /// Lines of one column beside each other are aligned.
    column: Option<Column>,
    keyword: String,
    head: String,
    rest: String,
    comment: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    /// `param W : …`, `data X : …`.
    Variable,
    /// `let Z = …`, `output F = …`.
    Definition,
    /// `W -> …`.
    Image,
}

impl Line {
    fn written(&self) -> String {
        let words = [&self.keyword, &self.head, &self.rest, &self.comment];
        let words: Vec<&str> = words.into_iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
        if words.is_empty() {
            return String::new();
        }
        format!("{:indentation$}{}", "", words.join(" "), indentation = self.indentation).trim_end().to_string()
    }
}

/// The lines of a text, of which no two beside each other, nor the first or the last, are empty.
fn lines(source: &Source, tokens: &[Token]) -> Vec<Line> {
    let mut out: Vec<Line> = Vec::new();
    let mut rest = tokens.iter().filter(|token| token.kind != Kind::End).peekable();
    // The brackets that are open, each with whether a statement may begin inside of it.
    let mut open: Vec<bool> = Vec::new();
    let mut goes_on = false;
    let mut start = 0;
    for text in source.text().split('\n') {
        let end = start + text.len();
        let mut words = Vec::new();
        while let Some(token) = rest.next_if(|token| token.span.start < end) {
            words.push(*token);
        }
        // The line end itself.
        rest.next_if(|token| token.span.start == end);
        let from = words.last().map_or(start, |token| token.span.end);
        let comment = comment(&source.text()[from..end]);
        let closing = words.first().is_some_and(|token| source.slice(token.span) == "}");
        let depth = open.iter().filter(|block| **block).count() - usize::from(closing);
        let inside = goes_on || open.last() == Some(&false);
        let indentation = 2 * depth + if inside && !closing { 4 } else { 0 };
        let line = Line { indentation, comment, ..Line::of(source, &words, inside) };
        for token in &words {
            match source.slice(token.span) {
                "{" => open.push(true),
                "(" | "[" => open.push(false),
                "}" | ")" | "]" => drop(open.pop()),
                _ => {}
            }
        }
        goes_on = match words.last().map(|token| token.kind) {
            Some(Kind::Symbol(symbol)) => super::lexer::continues(symbol),
            Some(_) => false,
            None => goes_on,
        };
        let empty = line.written().is_empty();
        if !(empty && out.last().is_none_or(|before| before.written().is_empty())) {
            out.push(line);
        }
        start = end + 1;
    }
    while out.pop_if(|line| line.written().is_empty()).is_some() {}
    out
}

impl Line {
    fn of(source: &Source, words: &[Token], inside: bool) -> Line {
        let whole = || Line { rest: spaced(source, words, None), ..Line::default() };
        let Some(first) = words.first().map(|token| source.slice(token.span)).filter(|_| !inside) else {
            return whole();
        };
        let (column, sign, named) = match first {
            "param" | "data" => (Column::Variable, ":", true),
            "let" | "output" => (Column::Definition, "=", true),
            _ => (Column::Image, "->", false),
        };
        let mut depth = 0usize;
        let at = words.iter().position(|token| {
            match source.slice(token.span) {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                word => return depth == 0 && word == sign,
            }
            false
        });
        // A line of several statements is left as it is.
        let one = !words.iter().any(|token| token.kind == Kind::Break) && first != "function";
        let Some(at) = at.filter(|at| one && *at > usize::from(named)) else {
            return whole();
        };
        let (keyword, head) = words[..at].split_at(usize::from(named));
        Line {
            column: Some(column),
            keyword: spaced(source, keyword, None),
            head: spaced(source, head, None),
            rest: spaced(source, &words[at..], words.get(at.wrapping_sub(1))),
            ..Line::default()
        }
    }
}

/// `# …`, or nothing.
fn comment(blank: &str) -> String {
    let Some(text) = blank.trim_start_matches([' ', '\t']).strip_prefix('#') else { return String::new() };
    let text = text.trim_end();
    let blank = if text.is_empty() || text.starts_with([' ', '\t', '#', '!']) { "" } else { " " };
    format!("#{blank}{text}")
}

/// Words with the blanks that belong between them.
fn spaced(source: &Source, words: &[Token], before: Option<&Token>) -> String {
    let mut out = String::new();
    let mut brackets: Vec<&str> = Vec::new();
    let mut last = before;
    for (i, token) in words.iter().enumerate() {
        let word = source.slice(token.span);
        // A product has blanks on both sides or on none: `W * X`, and `h*w` in a size.
        let around = |at: usize| {
            let apart = |i: usize| words.get(i + 1).is_some_and(|next| words[i].span.end < next.span.start);
            apart(at) || at > 0 && apart(at - 1)
        };
        let is_product = |at: usize| words.get(at).is_some_and(|token| source.slice(token.span) == "*");
        let product = (i > 0).then(|| [i, i - 1].into_iter().find(|at| is_product(*at))).flatten();
        let apart = match (product, last) {
            (Some(at), _) => around(at),
            (None, Some(last)) => blank(source, last, token, brackets.last().copied()),
            (None, None) => false,
        };
        if i > 0 && apart {
            out.push(' ');
        }
        match word {
            "(" | "[" | "{" => brackets.push(word),
            ")" | "]" | "}" => drop(brackets.pop()),
            _ => {}
        }
        out.push_str(word);
        last = Some(token);
    }
    out
}

/// Whether a blank stands between two words; where no sign says it there is one where there was one.
fn blank(source: &Source, left: &Token, right: &Token, bracket: Option<&str>) -> bool {
    let written = left.span.end < right.span.start;
    let (a, b) = (source.slice(left.span), source.slice(right.span));
    let tight =
        matches!(a, "(" | "[" | ".." | "^" | ".^") || matches!(b, ")" | "]" | "," | ";" | "'" | ".." | "^" | ".^");
    let wide = |sign: &str| matches!(sign, "=" | "->" | ".*" | "./" | "{" | "}");
    match (a, b) {
        _ if tight => false,
        ("," | ";", _) => true,
        _ if bracket == Some("[") && matches!((a, b), ("+" | "-", _) | (_, "+" | "-")) => written,
        _ if wide(a) || wide(b) => true,
        (_, ":") | (":", _) => true,
        _ => written,
    }
}

/// Words are not torn farther apart than this.
const MOST_BLANKS: usize = 8;

/// Fills up keywords and heads of lines of one column beside each other.
fn align(lines: &mut [Line]) {
    let alike = |a: &Line, b: &Line| a.column.is_some() && a.column == b.column && a.indentation == b.indentation;
    for block in lines.chunk_by_mut(alike) {
        let longest = |part: fn(&Line) -> &str| block.iter().map(|line| part(line).chars().count()).max().unwrap_or(0);
        let (keyword, head) = (longest(|line| &line.keyword), longest(|line| &line.head));
        let shortest = block.iter().map(|line| line.head.chars().count()).min().unwrap_or(0);
        let head = if head - shortest <= MOST_BLANKS { head } else { 0 };
        if block.len() > 1 {
            for line in block {
                line.keyword = format!("{:keyword$}", line.keyword);
                line.head = format!("{:head$}", line.head);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::format;

    const UNTIDY: &str = "\n# about it\n\n\n#more\nmodel   m\ndim d=2,n = 3 ; dim h=4\n\nparam W:h  x d\nparam  V2 : d x h   #trailing\n\
        data X:d x n\nlet Z=relu( W *X )\noutput F  =  V2*Z\nloss  any\naction a:D in Diag+(h){\n      W->D* W\n  V2 ->V2 *inv( D )\n}\n\n\n";

    #[test]
    fn a_model_has_one_layout() {
        let tidy = "# about it\n\n# more\nmodel m\ndim d = 2, n = 3; dim h = 4\n\nparam W  : h x d\nparam V2 : d x h # trailing\n\
            data  X  : d x n\nlet    Z = relu(W * X)\noutput F = V2*Z\nloss any\naction a : D in Diag+(h) {\n  W  -> D * W\n  V2 -> V2 * inv(D)\n}\n";
        assert_eq!(format("test", UNTIDY).expect("a model"), tidy);
        assert_eq!(format("test", tidy).expect("a model"), tidy);
    }

    #[test]
    fn what_is_no_model_has_no_layout() {
        assert!(format("test", "model m\nparam W : ").is_err());
    }
}
