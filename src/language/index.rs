//! Indices as they are declared: `i in 1..H`.

use super::cursor::{Cursor, Name, Parsed};
use super::lexer::Kind;
use super::member::number;
use super::size::{self, SizeSyntax};
use super::source::Span;

/// `i in 1..H`, or `i` where it was declared before.
#[derive(Clone, Debug)]
pub(super) struct IndexSyntax {
    pub name: Name,
    pub range: Option<SizeSyntax>,
    /// The k of `l in 1..L-k`, and where it stands.
    pub less: Option<(u64, Span)>,
}

/// `l in 0..L`, between the brackets of a family of sizes.
pub(super) fn of_sizes(cursor: &mut Cursor<'_>) -> Parsed<IndexSyntax> {
    let name = cursor.name("an index")?;
    let help = "the sizes of layers 0 to L are `d[l in 0..L]`";
    let expected = |cursor: &mut Cursor<'_>, what: &str| match cursor.peek_text() == what {
        true => Ok(cursor.advance()),
        false => Err(Box::new(cursor.unexpected(&format!("`{what}`")).with_help(help))),
    };
    expected(cursor, "in")?;
    expected(cursor, "0")?;
    expected(cursor, "..")?;
    Ok(IndexSyntax { name, range: Some(size::size(cursor, None)?), less: None })
}

/// `i in 1..H`.
pub(super) fn index(cursor: &mut Cursor<'_>) -> Parsed<IndexSyntax> {
    let name = cursor.name("an index")?;
    if cursor.eat_word("in").is_none() {
        return Ok(IndexSyntax { name, range: None, less: None });
    }
    let range = Some(range(cursor)?);
    let Some(minus) = cursor.eat("-") else { return Ok(IndexSyntax { name, range, less: None }) };
    let less = number(cursor)?.unsigned_abs();
    Ok(IndexSyntax { name, range, less: Some((less, minus.to(cursor.last_span()))) })
}

/// `1..H`.
pub(super) fn range(cursor: &mut Cursor<'_>) -> Parsed<SizeSyntax> {
    let help = "an index runs from 1 to a size: `i in 1..H`";
    if cursor.peek().kind != Kind::Number || cursor.peek_text() != "1" {
        return Err(cursor.unexpected("`1`").with_help(help).into());
    }
    cursor.advance();
    cursor.expect("..", "`..` and a size").map_err(|error| Box::new(error.with_help(help)))?;
    if !matches!(cursor.peek().kind, Kind::Name | Kind::Number) {
        return Err(cursor.unexpected("a size").with_help(help).into());
    }
    size::range(cursor)
}

/// `[i in 1..H, …]` behind a declared name, if it is there.
pub(super) fn declared(cursor: &mut Cursor<'_>) -> Parsed<Vec<IndexSyntax>> {
    let mut out = Vec::new();
    let Some(open) = cursor.eat("[") else { return Ok(out) };
    out.push(index(cursor)?);
    while cursor.eat(",").is_some() {
        out.push(index(cursor)?);
    }
    cursor.close("]", open)?;
    Ok(out)
}
