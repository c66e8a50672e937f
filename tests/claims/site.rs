//! The library as a site: whole, without anything from elsewhere, and found by what one would type.

use crate::theorems::REPRODUCTIONS;
use equilaw::internals::report::{site, summary};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

static SITE: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| site(&REPRODUCTIONS));

/// The values of an attribute of a page.
fn attributes<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    page.split(&format!(" {name}=\"")).skip(1).filter_map(|rest| Some(rest.split_once('"')?.0)).collect()
}

#[test]
fn links_of_the_site_lead_somewhere() {
    let ids: BTreeMap<&str, BTreeSet<&str>> =
        SITE.iter().map(|(file, page)| (file.as_str(), attributes(page, "id").into_iter().collect())).collect();
    for (file, page) in SITE.iter().filter(|(file, _)| file.ends_with(".html")) {
        let links = attributes(page, "href");
        assert!(links.len() > 5, "{file} has {} links", links.len());
        for link in links {
            let (target, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = target.split('?').next().unwrap_or_default();
            let target = if target.is_empty() { file } else { target };
            let found = ids.get(target).unwrap_or_else(|| panic!("{file} links to {link}, which is not there"));
            assert!(anchor.is_empty() || found.contains(anchor), "{file} links to {link}: no such place");
        }
        assert_eq!(attributes(page, "src"), Vec::<&str>::new(), "{file} loads something");
        assert!(!page.contains("@import") && !page.contains("url("), "{file} loads something");
    }
}

#[test]
fn every_theorem_has_its_page_and_its_model() {
    for reproduction in REPRODUCTIONS.iter() {
        let theorem = reproduction.theorem;
        let page = &SITE[&format!("{}.html", theorem.name())];
        assert_eq!(page.matches("<h1").count(), 1, "{}", theorem.name());
        assert!(page.contains("index.html"), "{}", theorem.name());
        assert_eq!(SITE[&format!("{}.eqv", theorem.name())], theorem.text);
        assert_eq!(
            attributes(&SITE["index.html"], "href")
                .iter()
                .filter(|l| **l == format!("{}.html", theorem.name()))
                .count(),
            1
        );
    }
    assert_eq!(SITE.len(), 1 + 2 * REPRODUCTIONS.len());
}

#[test]
fn the_same_library_gives_the_same_bytes_and_a_small_page() {
    assert_eq!(*SITE, site(&REPRODUCTIONS));
    assert!(SITE["index.html"].len() < 500_000, "{}", SITE["index.html"].len());
}

/// What a reader types, and the theorem it is to find.
#[test]
fn theorems_are_found_by_formula_author_layer_dynamics_and_theorem() {
    let index = &SITE["index.html"];
    let items: Vec<&str> = index.split("<li id=\"").skip(1).collect();
    let found = |attribute: &str, what: &str| -> Vec<&str> {
        let fits = |item: &&&str| attributes(item, attribute).first().is_some_and(|words| words.contains(what));
        items.iter().filter(fits).filter_map(|item| Some(item.split_once('"')?.0)).collect()
    };
    assert!(
        found("data-words", "w_q*w_q&#x27;-w_k*w_k&#x27;").contains(&"attention")
            || found("data-words", "w_q*w_q'-w_k*w_k'").contains(&"attention")
    );
    assert!(found("data-words", "marcotte").contains(&"attention"));
    assert!(found("data-layers", "softmax").contains(&"attention"));
    assert!(!found("data-layers", "softmax").contains(&"relu_mlp"));
    assert!(found("data-dynamics", "mirror flow").contains(&"nmf_mirror"));
    assert!(found("data-theorems", "T12").contains(&"neuron_permutation"));
}

/// What a page of others shows in place of an article says every law that a short report says, and nothing that could be run.
#[test]
fn a_summary_says_the_laws_and_what_their_number_is() {
    for reproduction in REPRODUCTIONS.iter() {
        let all = summary(&reproduction.report, true);
        let laws: Vec<String> = reproduction.report.laws().map(|law| law.id).collect();
        assert_eq!(attributes(&all, "data-law").len(), laws.len(), "{}", reproduction.theorem.name());
        for tag in ["ul", "ol", "li", "section", "p", "span", "math", "mrow", "dl"] {
            let opened = all.matches(&format!("<{tag}>")).count() + all.matches(&format!("<{tag} ")).count();
            assert_eq!(opened, all.matches(&format!("</{tag}>")).count(), "{}: {tag}", reproduction.theorem.name());
        }
        assert!(!all.contains("<script"), "{}", reproduction.theorem.name());
    }
}
