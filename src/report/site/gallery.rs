//! The theorem library as one page of Markdown: what the site says of each theorem, with its laws as a terminal shows them.

use super::entry::Entry;
use crate::job::{Origin, Reproduction};
use crate::report::text::gist;

const INTRODUCTION: &str = "\
# Gallery

What equilaw derives of each theorem of its library: what gradient flow conserves or changes at a known rate, whether these are all such laws, and the actions they follow from, each
proved. Every model has more laws than stand here, on the gradient, the Hessian and other dynamics: `equilaw theorems NAME --all` prints them, `--format latex --standalone` and
`--format html` prove them, and `equilaw theorems --html DIR` writes all as pages with a search. This page is what `equilaw theorems --markdown FILE` writes.
";

/// The theorems one after the other.
pub fn gallery(reproductions: &[Reproduction]) -> String {
    let mut out = INTRODUCTION.to_string();
    for reproduction in reproductions {
        let entry = Entry::new(reproduction);
        let directory = match entry.origin {
            Origin::Literature => "examples/theorems",
            Origin::New => "examples/new",
        };
        let (name, about) = (&entry.name, marked(&entry.about.unicode()));
        out += &format!("\n## {name}\n\n**{}.** {about}\n", marked(&entry.title));
        for source in &entry.sources {
            out += &format!("\n*{}*\n", marked(source));
        }
        let gist = gist(&reproduction.report);
        out +=
            &format!("\n[`{directory}/{name}.eqv`](../{directory}/{name}.eqv)\n\n```text\n{}\n```\n", gist.trim_end());
    }
    out
}

/// Text that Markdown takes as it stands.
fn marked(text: &str) -> String {
    let escaped = |c: char| if "*_`[]<>|\\".contains(c) { format!("\\{c}") } else { c.to_string() };
    text.chars().map(escaped).collect()
}
