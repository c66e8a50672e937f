//! Indices as they are written: `i in 1..H` where one is declared, `W[l, i]` where a member of a family is named.

use super::cursor::{Cursor, Name, Parsed};
use super::lexer::Kind;
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

/// `[l, i]` behind a name: the indices of a member, and the permutation that is applied to one.
#[derive(Clone, Debug)]
pub(super) struct MemberIndex {
    pub name: Name,
    pub at: MemberAt,
}

/// Which value of an index is meant.
#[derive(Clone, Debug)]
pub(super) enum MemberAt {
    /// The one of its place.
    Here,
    /// The p of `p(i)`.
    Moved(Name),
    /// The k of `l+k`, negative for `l-k`.
    After(i64),
    /// The name is the number.
    Number(u64),
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

/// `[l, i]` behind the name of a family, if it is there.
pub(super) fn member(cursor: &mut Cursor<'_>) -> Parsed<Vec<MemberIndex>> {
    let mut out = Vec::new();
    let Some(open) = cursor.eat("[") else { return Ok(out) };
    loop {
        out.push(one(cursor)?);
        if cursor.eat(",").is_none() {
            break;
        }
    }
    let help = "a formula is about a generic member of a family: other members are reached by `sum(i in 1..H) …`";
    cursor.close("]", open).map_err(|error| Box::new(error.with_help(help)))?;
    Ok(out)
}

/// `l`, `p(l)`, `l+1`, `1`.
fn one(cursor: &mut Cursor<'_>) -> Parsed<MemberIndex> {
    if cursor.peek().kind == Kind::Number
        && let Some(n) = cursor.peek_text().parse().ok().filter(|n| *n <= 1)
    {
        let text = cursor.peek_text().to_string();
        return Ok(MemberIndex { name: Name { text, span: cursor.advance().span }, at: MemberAt::Number(n) });
    }
    let first = cursor.name("an index").map_err(|error| {
        Box::new(error.with_help("a formula is about a generic member: write the index as it was declared, `W[i]`"))
    })?;
    if let Some(open) = cursor.eat("(") {
        let name = cursor.name("an index")?;
        cursor.close(")", open)?;
        return Ok(MemberIndex { name, at: MemberAt::Moved(first) });
    }
    let at = if cursor.eat("+").is_some() {
        MemberAt::After(number(cursor)?)
    } else if cursor.eat("-").is_some() {
        MemberAt::After(-number(cursor)?)
    } else {
        MemberAt::Here
    };
    Ok(MemberIndex { name: first, at })
}

/// The most blocks that an action reaches over.
pub(super) const REACH: i64 = 8;

/// How many blocks further, or fewer.
fn number(cursor: &mut Cursor<'_>) -> Parsed<i64> {
    let span = cursor.peek().span;
    let number = if cursor.peek().kind == Kind::Number { cursor.peek_text().parse().ok() } else { None };
    let Some(number) = number.filter(|n| (1..=REACH).contains(n)) else {
        let message = format!("a neighbour is 1 to {REACH} blocks away");
        return Err(cursor.error(span, message, "expected such a number").with_help("write `W[l+1]`").into());
    };
    cursor.advance();
    Ok(number)
}
