//! A position in the tokens of a file, and the errors of not finding there what was expected.

use super::diagnostic::Diagnostic;
use super::lexer::{Kind, Token};
use super::source::{Source, Span};
use std::sync::Arc;

/// What a parser gives: its result or the one error that ends the statement.
pub(super) type Parsed<T> = Result<T, Box<Diagnostic>>;

/// A word of the source.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub text: String,
    pub span: Span,
}

pub(super) struct Cursor<'a> {
    pub source: &'a Arc<Source>,
    tokens: &'a [Token],
    at: usize,
}

impl<'a> Cursor<'a> {
    /// `tokens` ends with [`Kind::End`].
    pub fn new(source: &'a Arc<Source>, tokens: &'a [Token]) -> Cursor<'a> {
        Cursor { source, tokens, at: 0 }
    }

    pub fn peek(&self) -> Token {
        self.tokens[self.at]
    }

    pub fn peek_text(&self) -> &'a str {
        self.source.slice(self.peek().span)
    }

    /// The token after the next one.
    pub fn peek_second(&self) -> Token {
        self.tokens[(self.at + 1).min(self.tokens.len() - 1)]
    }

    /// The text of the token after that.
    pub fn peek_third_text(&self) -> &'a str {
        self.source.slice(self.tokens[(self.at + 2).min(self.tokens.len() - 1)].span)
    }

    /// The kinds of the tokens from the next one on.
    pub fn ahead(&self) -> impl Iterator<Item = Kind> {
        self.tokens[self.at..].iter().map(|token| token.kind)
    }

    pub fn advance(&mut self) -> Token {
        let token = self.peek();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    /// The span of the token before.
    pub fn last_span(&self) -> Span {
        self.at.checked_sub(1).map_or(Span::at(0), |i| self.tokens[i].span)
    }

    /// Whether the token before is this symbol, without a blank between.
    pub fn follows(&self, symbol: &str) -> bool {
        let before = self.at.checked_sub(1).map(|i| self.tokens[i]);
        before.is_some_and(|t| self.source.slice(t.span) == symbol && t.span.end == self.peek().span.start)
    }

    pub fn position(&self) -> usize {
        self.at
    }

    /// The words from a position up to here.
    pub fn words_since(&self, position: usize) -> impl Iterator<Item = &'a str> {
        let tokens = &self.tokens[position..self.at];
        tokens.iter().filter(|token| token.kind == Kind::Name).map(|token| self.source.slice(token.span))
    }

    pub fn at_end(&self) -> bool {
        self.peek().kind == Kind::End
    }

    /// Whether the statement ends here.
    pub fn at_break(&self) -> bool {
        matches!(self.peek().kind, Kind::Break | Kind::End)
    }

    pub fn skip_breaks(&mut self) {
        while self.peek().kind == Kind::Break {
            self.advance();
        }
    }

    pub fn at_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek().kind, Kind::Symbol(found) if found == symbol)
    }

    pub fn at_word(&self, word: &str) -> bool {
        self.peek().kind == Kind::Name && self.peek_text() == word
    }

    pub fn eat(&mut self, symbol: &str) -> Option<Span> {
        self.at_symbol(symbol).then(|| self.advance().span)
    }

    pub fn eat_word(&mut self, word: &str) -> Option<Span> {
        self.at_word(word).then(|| self.advance().span)
    }

    /// Requires a symbol; `expected` says what stands there otherwise.
    pub fn expect(&mut self, symbol: &str, expected: &str) -> Parsed<Span> {
        match self.eat(symbol) {
            Some(span) => Ok(span),
            None => Err(self.unexpected(expected).into()),
        }
    }

    /// Requires the bracket that closes the one at `open`.
    pub fn close(&mut self, bracket: &str, open: Span) -> Parsed<Span> {
        match self.eat(bracket) {
            Some(span) => Ok(span),
            None => Err(self.unexpected(&format!("`{bracket}`")).also(open, "opened here").into()),
        }
    }

    /// Requires a name; `what` says of what.
    pub fn name(&mut self, what: &str) -> Parsed<Name> {
        if self.peek().kind != Kind::Name {
            return Err(self.unexpected(what).into());
        }
        let text = self.peek_text().to_string();
        Ok(Name { text, span: self.advance().span })
    }

    /// An optional string, without its quotes.
    pub fn text(&mut self) -> Option<String> {
        (self.peek().kind == Kind::Text).then(|| {
            let quoted = self.peek_text();
            self.advance();
            quoted[1..quoted.len() - 1].to_string()
        })
    }

    /// Requires the end of the statement; `or` says what else could stand here.
    pub fn finish(&mut self, or: &str) -> Parsed<()> {
        if self.at_break() { Ok(()) } else { Err(self.unexpected(&format!("{or}the end of the statement")).into()) }
    }

    /// "expected …, found …" at the next token; at the end of a statement, after the last one.
    pub fn unexpected(&self, expected: &str) -> Diagnostic {
        let found = match self.peek().kind {
            Kind::End => "the end of the file".to_string(),
            Kind::Break if self.peek_text() == "\n" => "the end of the line".to_string(),
            _ => format!("`{}`", self.peek_text()),
        };
        let message = format!("expected {expected}, found {found}");
        if self.at_break() {
            self.error(self.last_span(), message, format!("expected {expected} after this"))
        } else {
            self.error(self.peek().span, message, format!("expected {expected}"))
        }
    }

    pub fn error(&self, span: Span, message: impl Into<String>, label: impl Into<String>) -> Diagnostic {
        Diagnostic::new(self.source, span, message, label)
    }
}
