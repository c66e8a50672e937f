//! The theorem library as a site: a page of all theorems with a search, and a page for each with its article. Static files that load nothing from elsewhere.

mod entry;
mod gallery;

use super::html::html;
use super::phrase;
use crate::job::{Origin, Reproduction};
use crate::report::summary::inline;
use crate::term::print::xml_text as escape;
use entry::Entry;
pub use gallery::gallery;
use std::collections::BTreeMap;

const STYLE: &str = include_str!("site.css");
const SCRIPT: &str = include_str!("search.js");

/// The files of the site by their names.
pub fn site(reproductions: &[Reproduction]) -> BTreeMap<String, String> {
    let entries: Vec<Entry> = reproductions.iter().map(Entry::new).collect();
    let mut files = BTreeMap::new();
    files.insert("index.html".to_string(), index(&entries));
    for (entry, reproduction) in entries.iter().zip(reproductions) {
        files.insert(format!("{}.html", entry.name), page(entry, &entries, reproduction));
        files.insert(format!("{}.eqv", entry.name), reproduction.theorem.text.to_string());
    }
    files
}

/// All theorems. Without scripts it is a list; with them it is searched.
fn index(entries: &[Entry]) -> String {
    let mut out = head("Theorems of equilaw");
    out.push_str("<body>\n<header>\n<h1>Theorems</h1>\n");
    out.push_str(&format!(
        "<p>{} models with the laws of training that equilaw derives and proves of them, each counted and measured.</p>\n",
        entries.len()
    ));
    out.push_str("<form id=\"search\" role=\"search\" hidden>\n<input id=\"words\" type=\"search\" aria-label=\"Search by formula, author, layer\" placeholder=\"formula, author, layer: W1*W1', Marcotte, softmax\">\n");
    out.push_str(&select("dynamics", "Any dynamics", entries.iter().flat_map(|entry| &entry.dynamics)));
    out.push_str(&select("layers", "Any layer", entries.iter().flat_map(|entry| &entry.layers)));
    out.push_str(&select("theorems", "Any theorem", entries.iter().flat_map(|entry| &entry.theorems)));
    out.push_str("<p id=\"found\" role=\"status\"></p>\n</form>\n</header>\n<main>\n");
    for (origin, heading) in [
        (Origin::Literature, "Theorems of the literature"),
        (Origin::New, "Models of which we know no complete list of laws elsewhere; the sources state the model"),
    ] {
        out.push_str(&format!("<section>\n<h2>{heading}</h2>\n<ul>\n"));
        out.extend(entries.iter().filter(|entry| entry.origin == origin).map(item));
        out.push_str("</ul>\n</section>\n");
    }
    out.push_str("</main>\n");
    out.push_str(&format!("<script>\n{SCRIPT}</script>\n</body>\n</html>\n"));
    out
}

fn select<'a>(id: &str, any: &str, values: impl Iterator<Item = &'a String>) -> String {
    let mut values: Vec<&String> = values.collect();
    // T2 before T10.
    values.sort_by_key(|value| (value.strip_prefix('T').and_then(|n| n.parse::<u32>().ok()), value.as_str()));
    values.dedup();
    let options: String = values.iter().map(|value| format!("<option>{}</option>", escape(value))).collect();
    format!("<select id=\"{id}\" aria-label=\"{any}\"><option value=\"\">{any}</option>{options}</select>\n")
}

fn item(entry: &Entry) -> String {
    let formulas: String = entry.formulas.iter().map(|formula| format!("<li>{formula}</li>")).collect();
    let formulas = if formulas.is_empty() { formulas } else { format!("<ul class=\"formulas\">{formulas}</ul>") };
    let sources: String =
        entry.sources.iter().map(|source| format!("<p class=\"source\">{}</p>", escape(source))).collect();
    let joined = |values: &[String]| escape(&values.join("|"));
    format!(
        "<li id=\"{name}\" data-dynamics=\"{}\" data-layers=\"{}\" data-theorems=\"{}\" data-words=\"{}\"><h3><a href=\"{name}.html\">{}</a> <code>{name}</code></h3>\n<p>{}</p>{formulas}{sources}</li>\n",
        joined(&entry.dynamics),
        joined(&entry.layers),
        joined(&entry.theorems),
        escape(&entry.words),
        escape(&entry.title),
        inline(&entry.about),
        name = escape(&entry.name),
    )
}

/// The article of a theorem, with its place in the library above it.
fn page(entry: &Entry, entries: &[Entry], reproduction: &Reproduction) -> String {
    let article = html(&reproduction.report, false);
    let used = |theorem: &String| {
        let others =
            entries.iter().filter(|other| other.name != entry.name && other.theorems.contains(theorem)).count();
        let others = phrase::counted(others, "other model");
        format!(
            "<li><a href=\"index.html?theorems={0}\">{0}</a>, used by {others} of the library</li>\n",
            escape(theorem)
        )
    };
    let used: String = entry.theorems.iter().map(used).collect();
    let place = format!(
        "<nav class=\"library\" aria-label=\"Library\" style=\"font: .9rem/1.5 system-ui, sans-serif\">\n<p><a href=\"index.html#{name}\">All theorems</a> · <a href=\"{name}.eqv\" download>{name}.eqv</a></p>\n\
         <details><summary>The model</summary><pre style=\"overflow: auto\">{}</pre></details>\n\
         <details><summary>The theorems that its laws are instances of, and who else uses them</summary><ul>\n{used}</ul></details>\n</nav>\n",
        escape(reproduction.theorem.text),
        name = escape(&entry.name),
    );
    // After the tag that begins the body.
    let begins = article.find("<body").and_then(|at| Some(at + article[at..].find('>')? + 1)).unwrap_or_default();
    format!("{}\n{place}{}", &article[..begins], &article[begins..])
}

fn head(title: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n"
    )
}
