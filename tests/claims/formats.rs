//! What holds of every article and every page, whatever its laws: it is well formed, its references lead somewhere, and no law is left out.

use crate::REPORTS;
use equilaw::internals::model::Inside;
use equilaw::internals::report::{LatexOptions, html, json, latex, numpy};
use pulldown_latex::{Parser, Storage};
use rayon::prelude::*;
use std::collections::BTreeSet;

/// The arguments of a command, in order.
fn named<'a>(text: &'a str, command: &str) -> Vec<&'a str> {
    text.split(command).skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name)).collect()
}

#[test]
fn braces_and_environments_of_every_article_are_balanced() {
    for (name, report) in REPORTS.iter() {
        let article = latex(report, LatexOptions { standalone: true, proof: true });
        let (mut depth, mut escaped) = (0, false);
        for c in article.chars() {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            assert!(depth >= 0, "{name}: a brace is closed that is not open");
        }
        assert_eq!(depth, 0, "{name}: braces");
        let mut open: Vec<&str> = Vec::new();
        for rest in article.split('\\').skip(1) {
            if let Some(environment) = rest.strip_prefix("begin{").and_then(|r| r.split_once('}')) {
                open.push(environment.0);
            } else if let Some(environment) = rest.strip_prefix("end{").and_then(|r| r.split_once('}')) {
                assert_eq!(open.pop(), Some(environment.0), "{name}: environments");
            }
        }
        assert!(open.is_empty(), "{name}: {open:?}");
        assert_eq!(
            article.replace("\\leftmargin", "").matches("\\left").count(),
            article.replace("\\rightskip", "").matches("\\right").count(),
            "{name}: delimiters"
        );
        let dollars = article.replace("\\$", "").matches('$').count();
        assert_eq!(dollars % 2, 0, "{name}: a formula is not closed");
    }
}

#[test]
fn every_reference_of_an_article_has_its_label_and_every_citation_its_source() {
    for (name, report) in REPORTS.iter() {
        let article = latex(report, LatexOptions::default());
        let labels = [named(&article, "\\label{"), named(&article, "\\equilawlaw{")].concat();
        assert_eq!(labels.iter().collect::<BTreeSet<_>>().len(), labels.len(), "{name}: a label is given twice");
        for reference in [named(&article, "\\ref{"), named(&article, "\\eqref{")].concat() {
            assert!(labels.contains(&reference), "{name}: {reference}");
        }
        let sources = named(&article, "\\equilawsource{");
        for citation in named(&article, "\\equilawcite{") {
            assert!(sources.contains(&citation), "{name}: {citation}");
        }
    }
}

#[test]
fn a_fragment_brings_no_commands_of_its_own_and_labels_that_name_its_model() {
    let style = LatexOptions::style();
    assert!(style.starts_with("\\NeedsTeXFormat"));
    for (name, report) in REPORTS.iter() {
        let fragment = latex(report, LatexOptions { standalone: false, proof: true });
        for defining in
            ["\\newcommand", "\\renewcommand", "\\providecommand", "\\def", "\\newtheorem", "\\usepackage{a"]
        {
            assert!(!fragment.contains(defining), "{name}: {defining}");
        }
        for piece in fragment.split("\\equilaw").skip(1) {
            let word: String = piece.chars().take_while(char::is_ascii_alphabetic).collect();
            assert!(style.contains(&format!("\\newcommand{{\\equilaw{word}}}")), "{name}: {word}");
        }
        for environment in named(&fragment, "\\begin{equilaw") {
            assert!(style.contains(&format!("\\newenvironment{{equilaw{environment}}}")), "{name}: {environment}");
        }
        let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_string() } else { format!(".{:x}", u32::from(c)) };
        let model: String = report.inside().model.name().chars().map(plain).collect();
        for label in [named(&fragment, "\\label{"), named(&fragment, "\\equilawlaw{")].concat() {
            assert_eq!(label.split(':').nth(1), Some(model.as_str()), "{name}: {label}");
        }
    }
}

#[test]
fn an_article_states_every_law() {
    for (name, report) in REPORTS.iter() {
        let article = latex(report, LatexOptions::default());
        let labels = named(&article, "\\equilawlaw{law:").into_iter().filter_map(|label| label.split_once(':'));
        let stated: BTreeSet<&str> = labels.map(|(_, id)| id).collect();
        // What a label may not have is written as the number of the character.
        let plain = |c: char| match c.is_ascii_alphanumeric() || "/-".contains(c) {
            true => c.to_string(),
            false => format!(".{:x}", u32::from(c)),
        };
        let laws: Vec<String> = report.inside().laws.iter().map(|law| law.id().chars().map(plain).collect()).collect();
        assert_eq!(stated, laws.iter().map(String::as_str).collect(), "{name}");
    }
}

/// Elements of HTML that have no end.
const VOID: [&str; 5] = ["meta", "link", "br", "hr", "col"];

#[test]
fn every_page_is_self_contained_and_well_formed() {
    for (name, report) in REPORTS.iter() {
        let page = html(report, false);
        // Its script filters and copies; all there is to read stands outside of it.
        let (before, rest) = page.split_once("<script>").expect("one script");
        let (script, after) = rest.split_once("</script>").expect("one script");
        assert!(!script.contains('<'), "{name}");
        let page = format!("{before}{after}");
        for forbidden in ["<script", "src=", "http:", "https:", "@import", "url(", "fetch(", "(?)"] {
            assert!(!page.contains(forbidden), "{name}: {forbidden}");
        }
        let mut open: Vec<&str> = Vec::new();
        for tag in page.split('<').skip(2).filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag) {
            let word = tag.split([' ', '\n']).next().unwrap_or_default();
            assert_eq!(tag.matches('"').count() % 2, 0, "{name}: {tag}");
            match word.strip_prefix('/') {
                Some(closed) => assert_eq!(open.pop(), Some(closed), "{name}"),
                None if tag.ends_with('/') || VOID.contains(&word) || word == "mspace" => {}
                None => open.push(word),
            }
        }
        assert!(open.is_empty(), "{name}: {open:?}");
        let anchors: BTreeSet<&str> = page.split("href=\"#").skip(1).filter_map(|r| r.split('"').next()).collect();
        for anchor in anchors {
            assert_eq!(page.matches(&format!("id=\"{anchor}\"")).count(), 1, "{name}: {anchor}");
        }
    }
}

/// The formulas of a LaTeX text.
fn formulas(text: &str) -> BTreeSet<String> {
    // A line break with a length is no display, and where a proof ends is no part of a formula.
    let text = text.replace("\\$", "").replace("\\\\[", "").replace("\\qedhere", "");
    let mut pieces = text.split("\\label{");
    let mut text = pieces.next().unwrap_or_default().to_string();
    pieces.for_each(|piece| text += piece.split_once('}').expect("the end of a label").1);
    let displays =
        [("\\[", "\\]"), ("\\begin{equation}", "\\end{equation}"), ("\\begin{equation*}", "\\end{equation*}")];
    let mut found = BTreeSet::new();
    let mut take = |text: String, open: &str, close: &str, around: &dyn Fn(&str) -> String| {
        let mut pieces = text.split(open);
        let mut rest = pieces.next().unwrap_or_default().to_string();
        for piece in pieces {
            let (body, after) = piece.split_once(close).expect("the end of a display");
            found.insert(around(body));
            rest += after;
        }
        rest
    };
    for (open, close) in displays {
        text = take(text, open, close, &str::to_string);
    }
    let (open, close) = ("\\begin{align*}", "\\end{align*}");
    text = take(text, open, close, &|body| format!("{open}{body}{close}"));
    found.extend(text.split('$').skip(1).step_by(2).map(String::from));
    found
}

#[test]
fn every_formula_of_every_format_parses() {
    REPORTS.par_iter().for_each(|(name, report)| {
        let mut found = formulas(&latex(report, LatexOptions { standalone: true, proof: true }));
        let document: serde_json::Value = serde_json::from_str(&json(report)).expect("JSON");
        for law in document["laws"].as_array().expect("laws") {
            let written = [&law["statement"]["latex"], &law["quantity"]["latex"]];
            found.extend(written.iter().filter_map(|l| l.as_str()).map(String::from));
        }
        assert!(found.len() > 10, "{name}: {}", found.len());
        for formula in &found {
            let storage = Storage::new();
            for event in Parser::new(formula, &storage) {
                assert!(event.is_ok(), "{name}: {formula}\n{}", event.unwrap_err());
            }
        }
        // A formula that does not parse is shown as code.
        assert!(!html(report, false).contains("<code>\\"), "{name}");
    });
}

#[test]
fn python_names_are_distinct() {
    for (name, report) in REPORTS.iter() {
        let text = numpy(report);
        let names: Vec<&str> =
            text.lines().filter_map(|line| line.strip_prefix("def ")?.split_once('(')).map(|(name, _)| name).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{name}");
        let letter = |c: char| c.is_alphanumeric() || c == '_';
        assert!(names.iter().all(|n| n.chars().all(letter) && !n.starts_with(|c: char| c.is_ascii_digit())), "{name}");
    }
}
