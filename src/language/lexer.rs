//! Text → tokens, with comments set aside and line ends that only continue a statement removed.

use super::diagnostic::Diagnostic;
use super::names::KEYWORDS;
use super::source::{Source, Span};
use std::sync::Arc;
use winnow::ascii::digit1;
use winnow::combinator::{alt, delimited, fail, opt, preceded};
use winnow::prelude::*;
use winnow::stream::{LocatingSlice, Location};
use winnow::token::{any, one_of, take_till, take_while};

/// What a token is; its text is the source under its span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters, digits, `_`.
    Name,
    /// `?name`.
    Variable,
    /// `2`, `0.25`, `1e-5`.
    Number,
    /// `"…"`.
    Text,
    Symbol(&'static str),
    /// A line end or `;`.
    Break,
    End,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub kind: Kind,
    pub span: Span,
    /// Whether only blanks stand before it on its line.
    pub first: bool,
}

/// A comment that has its line for itself, without `#`.
#[derive(Clone, Debug)]
pub(super) struct Comment {
    pub line: usize,
    pub text: String,
}

/// The longest first, so that a prefix never hides a symbol.
const SYMBOLS: &[&str] = &[
    "<=>", "=>", "->", "..", ".*", "./", ".^", "+", "-", "*", "/", "^", "'", "(", ")", "[", "]", "{", "}", ",", ":",
    "=", "×",
];

/// Symbols after which a statement goes on in the next line.
const CONTINUES: &[&str] = &["+", "-", "*", ".*", "./", "/", "^", ".^", "..", ",", "=", "->", ":", "×"];

/// Whether a statement goes on in the next line after this symbol.
pub(super) fn continues(symbol: &str) -> bool {
    CONTINUES.contains(&symbol)
}

/// What somebody who types this character probably means.
const MEANT: &[(char, &str)] = &[
    ('ᵀ', "write `X'` for the transpose"),
    ('⊤', "write `X'` for the transpose"),
    ('−', "write `-`"),
    ('·', "write `*`"),
    ('⊙', "write `.*` for the elementwise product"),
    ('∘', "write `.*` for the elementwise product"),
    ('→', "write `->`"),
    ('↦', "write `->`"),
    ('∈', "write `in`"),
    ('²', "write `X ^ 2`"),
    ('⁻', "write `X ^ -1`, or `inv(X)` for a matrix"),
    ('@', "write `*` for the matrix product"),
    ('%', "write `#` for a comment"),
    ('.', "a number starts with a digit: `0.5`; elementwise operators are `.*`, `./` and `.^`"),
];

type Input<'a> = LocatingSlice<&'a str>;

fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || (matches!(c, '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}') && c.is_alphabetic())
}

fn is_name_part(c: char) -> bool {
    is_letter(c) || c.is_ascii_digit() || c == '_'
}

fn name(input: &mut Input<'_>, primes: bool) -> ModalResult<()> {
    let part = |c: char| is_name_part(c) || primes && c == '′';
    (any.verify(|&c| is_letter(c) || c == '_'), take_while(0.., part)).void().parse_next(input)
}

fn symbol(input: &mut Input<'_>) -> ModalResult<&'static str> {
    match SYMBOLS.iter().find(|symbol| input.starts_with(**symbol)) {
        Some(&symbol) => symbol.value(symbol).parse_next(input),
        None => fail.parse_next(input),
    }
}

fn token(input: &mut Input<'_>, primes: bool) -> ModalResult<Kind> {
    alt((
        (|input: &mut Input<'_>| name(input, primes)).value(Kind::Name),
        preceded('?', take_while(1.., is_name_part)).value(Kind::Variable),
        (digit1, opt(('.', digit1)), opt(power_of_ten)).value(Kind::Number),
        delimited('"', take_till(0.., ['"', '\n']), '"').value(Kind::Text),
        alt((';', '\n')).value(Kind::Break),
        symbol.map(Kind::Symbol),
    ))
    .parse_next(input)
}

fn power_of_ten<'a>(input: &mut Input<'a>) -> ModalResult<&'a str> {
    (one_of(['e', 'E']), opt(one_of(['+', '-'])), digit1).take().parse_next(input)
}

/// The tokens of a text, the last one [`Kind::End`], and its comments.
pub(super) fn lex(source: &Arc<Source>, errors: &mut Vec<Diagnostic>) -> (Vec<Token>, Vec<Comment>) {
    lexed(source, errors, false)
}

/// The tokens of a formula of a law, where names that a model has already got a prime: `A′`.
pub(super) fn lex_law(source: &Arc<Source>, errors: &mut Vec<Diagnostic>) -> Vec<Token> {
    lexed(source, errors, true).0
}

fn lexed(source: &Arc<Source>, errors: &mut Vec<Diagnostic>, primes: bool) -> (Vec<Token>, Vec<Comment>) {
    let text = source.text();
    let mut tokens = Vec::new();
    let mut comments = Vec::new();
    if let Some((at, c)) = text.char_indices().find(|&(_, c)| c.is_control() && c != '\n' && c != '\t') {
        let span = Span { start: at, end: at + c.len_utf8() };
        let message = "this is not a text file";
        errors.push(Diagnostic::new(source, span, message, format!("control character U+{:04X}", u32::from(c))));
        return (vec![Token { kind: Kind::End, span: Span::at(0), first: true }], comments);
    }
    let mut input = LocatingSlice::new(text);
    let mut first = true;
    let mut line = 1;
    let blanks = |input: &mut Input<'_>| -> ModalResult<()> { take_while(0.., [' ', '\t']).void().parse_next(input) };
    let comment = |input: &mut Input<'_>| -> ModalResult<String> {
        preceded('#', take_till(0.., '\n')).map(|text: &str| comment_text(text)).parse_next(input)
    };
    while blanks(&mut input).is_ok() && !input.is_empty() {
        let start = input.current_token_start();
        if let Ok(Some(text)) = opt(comment).parse_next(&mut input) {
            if first {
                comments.push(Comment { line, text });
            }
            continue;
        }
        match opt(|input: &mut Input<'_>| token(input, primes)).parse_next(&mut input) {
            Ok(Some(kind)) => {
                let span = Span { start, end: input.current_token_start() };
                tokens.push(Token { kind, span, first });
                first = kind == Kind::Break && source.slice(span) == "\n";
                line += usize::from(first);
            }
            _ => {
                let span = skip_unknown(&mut input, start);
                errors.push(unknown(source, span));
                first = false;
            }
        }
    }
    // An error at the end of the file points behind the last word, not at the blank line after it.
    let end = tokens.iter().rev().find(|token| token.kind != Kind::Break).map_or(0, |token| token.span.end);
    tokens.push(Token { kind: Kind::End, span: Span::at(end), first: true });
    (tokens, comments)
}

fn comment_text(text: &str) -> String {
    text.strip_prefix(' ').unwrap_or(text).trim_end().to_string()
}

/// Skips an unclosed string to the end of its line, else a run of characters no token starts with.
fn skip_unknown(input: &mut Input<'_>, start: usize) -> Span {
    let rest: &str = input.as_ref();
    let length = if rest.starts_with('"') {
        rest.find('\n').unwrap_or(rest.len())
    } else {
        let known = |c: char| {
            c.is_whitespace()
                || is_name_part(c)
                || c == '"'
                || c == '#'
                || c == ';'
                || SYMBOLS.iter().any(|s| s.starts_with(c))
        };
        rest.char_indices().skip(1).find(|&(_, c)| known(c)).map_or(rest.len(), |(i, _)| i)
    };
    let skipped: ModalResult<&str> = winnow::token::take(rest[..length].chars().count()).parse_next(input);
    Span { start, end: start + skipped.map_or(length, str::len) }
}

fn unknown(source: &Arc<Source>, span: Span) -> Diagnostic {
    let text = source.slice(span);
    if text.starts_with('"') {
        return Diagnostic::new(source, span, "a string is not closed", "no `\"` before the end of the line");
    }
    let shown: String = text.chars().take(20).collect();
    let error = Diagnostic::new(source, span, format!("unexpected `{shown}`"), "not part of the language");
    let mut next = source.text()[span.end..].chars();
    if text == "." && next.next() == Some('T') && !next.next().is_some_and(is_name_part) {
        return error.with_help("write `X'` for the transpose");
    }
    match text.chars().next() {
        Some('?') => error.with_help("a pattern variable is written `?name`"),
        Some(c) => match MEANT.iter().find(|(meant, _)| *meant == c) {
            Some((_, help)) => error.with_help(*help),
            None if c.is_alphanumeric() => error.with_help("a name is made of letters, digits, `_` and Greek letters"),
            None => error,
        },
        None => error,
    }
}

/// Removes line ends inside `( )` and `[ ]`, after a binary operator, and repeated ones. A line that starts with a
/// keyword always starts a statement, so that an unclosed bracket does not swallow the file.
pub(super) fn statements(source: &Source, tokens: Vec<Token>) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut open: Vec<&str> = Vec::new();
    // Where the next token is that is no break; it only moves on, so that many empty lines are read once.
    let mut next = 0;
    for (i, &token) in tokens.iter().enumerate() {
        if token.kind != Kind::Break {
            match token.kind {
                Kind::Symbol(bracket @ ("(" | "[" | "{")) => open.push(bracket),
                Kind::Symbol(")" | "]" | "}") => drop(open.pop()),
                _ => {}
            }
            out.push(token);
            continue;
        }
        next = next.max(i);
        while tokens.get(next).is_some_and(|token| token.kind == Kind::Break) {
            next += 1;
        }
        let keyword = tokens.get(next).is_some_and(|t| t.first && starts_statement(source.slice(t.span), &open));
        let newline = source.slice(token.span) == "\n";
        if keyword {
            open.clear();
        } else if newline && matches!(open.last(), Some(&("(" | "["))) {
            continue;
        }
        match out.last() {
            Some(Token { kind: Kind::Break, .. }) => {}
            Some(Token { kind: Kind::Symbol(symbol), .. }) if newline && !keyword && CONTINUES.contains(symbol) => {}
            Some(_) => out.push(token),
            None => {}
        }
    }
    out
}

fn starts_statement(word: &str, open: &[&str]) -> bool {
    // Inside an action `loss -> …` is one of its lines.
    KEYWORDS.contains(&word) && !(word == "loss" && open.contains(&"{"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tokens of a text, with `|` for the end of a statement.
    fn words(text: &str) -> String {
        let source = Arc::new(Source::new("test", text));
        let (tokens, _) = lex(&source, &mut Vec::new());
        let words = statements(&source, tokens).into_iter().map(|token| match token.kind {
            Kind::Break => "|".to_string(),
            _ => source.slice(token.span).to_string(),
        });
        words.collect::<Vec<_>>().join(" ").trim_end().to_string()
    }

    #[test]
    fn a_symbol_is_the_longest_that_fits() {
        assert_eq!(words("2.*a.^2<=>b=>c->-d"), "2 .* a .^ 2 <=> b => c -> - d");
        assert_eq!(words("2.5.*W_1'"), "2.5 .* W_1 '");
    }

    #[test]
    fn a_line_end_in_brackets_or_after_an_operator_ends_nothing() {
        assert_eq!(words("\n\na +\nb\n\n; c(\nd\n)\n"), "a + b | c ( d ) |");
        assert_eq!(words("{\na\nb }"), "{ | a | b }");
    }

    #[test]
    fn a_keyword_at_the_start_of_a_line_ends_the_statement_even_in_an_open_bracket() {
        assert_eq!(words("let a = f(\nlet b"), "let a = f ( | let b");
        assert_eq!(words("{ a\nloss -> b }"), "{ a | loss -> b }");
    }

    #[test]
    fn comments_that_have_a_line_for_themselves_are_kept() {
        let source = Arc::new(Source::new("test", "# one\na # two\n  #three  "));
        let (_, comments) = lex(&source, &mut Vec::new());
        let comments: Vec<_> = comments.into_iter().map(|comment| (comment.line, comment.text)).collect();
        assert_eq!(comments, [(1, "one".to_string()), (3, "three".to_string())]);
    }
}
