//! Indices as they are written: `i in 1..H` where one is declared, `W[l, i]` where a member of a family is named.

use super::cursor::{Cursor, Name, Parsed};
use super::lexer::Kind;
use super::size::{SizeSyntax, size};

/// `i in 1..H`, or `i` where it was declared before.
#[derive(Clone, Debug)]
pub(super) struct IndexSyntax {
    pub name: Name,
    pub range: Option<SizeSyntax>,
}

/// `[l, i]` behind a name: the indices of a member, and the permutation that is applied to one.
#[derive(Clone, Debug)]
pub(super) struct MemberIndex {
    pub name: Name,
    /// The p of `p(i)`.
    pub moved_by: Option<Name>,
}

/// `i in 1..H`.
pub(super) fn index(cursor: &mut Cursor<'_>) -> Parsed<IndexSyntax> {
    let name = cursor.name("an index")?;
    if cursor.eat_word("in").is_none() {
        return Ok(IndexSyntax { name, range: None });
    }
    Ok(IndexSyntax { name, range: Some(range(cursor)?) })
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
    size(cursor, None)
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

/// `[l, i]` behind the name of a family, if it is there.
pub(super) fn member(cursor: &mut Cursor<'_>) -> Parsed<Vec<MemberIndex>> {
    let mut out = Vec::new();
    let Some(open) = cursor.eat("[") else { return Ok(out) };
    loop {
        let first = cursor.name("an index").map_err(|error| {
            Box::new(error.with_help("a formula is about a generic member: write the index as it was declared, `W[i]`"))
        })?;
        out.push(match cursor.eat("(") {
            None => MemberIndex { name: first, moved_by: None },
            Some(open) => {
                let name = cursor.name("an index")?;
                cursor.close(")", open)?;
                MemberIndex { name, moved_by: Some(first) }
            }
        });
        if cursor.eat(",").is_none() {
            break;
        }
    }
    let help = "a formula is about a generic member of a family: other members are reached by `sum(i in 1..H) …`";
    cursor.close("]", open).map_err(|error| Box::new(error.with_help(help)))?;
    Ok(out)
}
