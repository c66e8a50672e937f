//! Members of families as they are named: `W[l, i]`, `W[l+1]`, `d[l-1]`.

use super::cursor::{Cursor, Name, Parsed};
use super::lexer::Kind;

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
pub(super) fn number(cursor: &mut Cursor<'_>) -> Parsed<i64> {
    let span = cursor.peek().span;
    let number = if cursor.peek().kind == Kind::Number { cursor.peek_text().parse().ok() } else { None };
    let Some(number) = number.filter(|n| (1..=REACH).contains(n)) else {
        let message = format!("a neighbour is 1 to {REACH} blocks away");
        return Err(cursor.error(span, message, "expected such a number").with_help("write `W[l+1]`").into());
    };
    cursor.advance();
    Ok(number)
}
