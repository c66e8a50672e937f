//! Members beside the generic one as they are written: `W[l+1]`, `W[1]`, `W[L]`.

use super::member::{MemberAt, MemberIndex};
use super::source::Span;
use crate::term::{At, Index, Neighbour, Size, Symbol};

/// What is wrong with the indices of a member, and what may help.
pub(super) struct Wrong {
    pub span: Span,
    pub message: String,
    pub label: &'static str,
    pub help: String,
}

/// The member that some indices behind the name of a family with these indices mean; none for the generic one.
pub(super) fn neighbour(of: Symbol, own: &[Index], written: &[MemberIndex]) -> Result<Option<Neighbour>, Box<Wrong>> {
    let named: Vec<Symbol> = written.iter().map(|m| Symbol::from(m.name.text.as_str())).collect();
    let left: Vec<&Index> = own.iter().filter(|index| !named.contains(&index.name)).collect();
    let mut found: Option<(Symbol, At)> = None;
    for (member, name) in written.iter().zip(&named) {
        let is_own = own.iter().any(|index| index.name == *name);
        let last = left.iter().find(|index| index.range == Size::Name(*name));
        let at = match (&member.at, last, left.as_slice()) {
            (MemberAt::After(k), ..) if is_own && *k > 0 => (*name, At::After(*k)),
            (MemberAt::Here | MemberAt::Moved(_), ..) if is_own => continue,
            (MemberAt::Here, Some(index), _) => (index.name, At::Last { range: index.range, before: 0 }),
            (MemberAt::Number(1), _, [index]) => (index.name, At::Number(1)),
            _ => {
                let all: Vec<&str> = own.iter().map(|index| index.name.as_str()).collect();
                let help = match all.as_slice() {
                    [] => format!("`{of}` is no family"),
                    all => format!("it is `{of}[{}]`", all.join(", ")),
                };
                let message = format!("`{of}` has no index `{}`", member.name.text);
                return Err(Box::new(Wrong { span: member.name.span, message, label: "no such index", help }));
            }
        };
        if found.replace(at).is_some() {
            return Err(Box::new(Wrong {
                span: member.name.span,
                message: format!("`{of}` is named at another value of two indices"),
                label: "the second one",
                help: "an action moves neighbours along one index".into(),
            }));
        }
    }
    let indices = own.iter().map(|index| index.name).collect();
    Ok(found.map(|(index, at)| Neighbour { of, indices, index, at }))
}

/// The one of a family of sizes that an index in brackets means; none where it means none.
/// Those of `later` layers are there in laws only, which are about blocks that have them.
pub(super) fn size(of: Symbol, own: Index, written: &[MemberIndex], later: bool) -> Option<Neighbour> {
    let [member] = written else { return None };
    let name = Symbol::from(member.name.text.as_str());
    let at = match &member.at {
        MemberAt::Number(n) => At::Number(*n),
        MemberAt::Here if name == own.name => At::After(0),
        MemberAt::After(k) if name == own.name && (later || *k < 0) => At::After(*k),
        MemberAt::Here if own.range == Size::Name(name) => At::Last { range: own.range, before: 0 },
        MemberAt::After(-1) if own.range == Size::Name(name) => At::Last { range: own.range, before: 1 },
        _ => return None,
    };
    Some(Neighbour { of, indices: vec![own.name], index: own.name, at })
}
