//! Sentences that come as plain text: the header of a model, the reasons of rules, and what laws still say in words. Runs of
//! words that read as mathematics become formulas. Whatever is data elsewhere should not pass through here.

use super::prose::Prose;
use crate::term::print::is_mathematical;

/// A sentence; runs of mathematical words become one formula each.
pub(super) fn prose_of_plain(text: &str) -> Prose {
    let mut out = Prose::default();
    let mut formula: Vec<&str> = Vec::new();
    let tokens: Vec<&str> = text.split(' ').filter(|t| !t.is_empty()).collect();
    let kinds = kinds(&tokens);
    let spaced = |out: Prose| if out.is_empty() { out } else { out.then(" ") };
    for (i, (token, math)) in tokens.iter().zip(&kinds).enumerate() {
        if !math {
            out = spaced(out).then(token);
            continue;
        }
        // Punctuation at the end of a formula belongs to the sentence.
        let body = token.trim_end_matches([',', ';', ':', '.']);
        let body = if open(&formula) + balance(body) > 0 { token } else { &body };
        formula.push(body);
        let tail = &token[body.len()..];
        if !tail.is_empty() || !kinds.get(i + 1).copied().unwrap_or(false) {
            out = spaced(out).glue(Prose::math(formula.join(" ").as_str())).then(tail);
            formula.clear();
        }
    }
    out
}

/// How many brackets some words leave open.
fn open(words: &[&str]) -> i32 {
    words.iter().map(|w| balance(w)).sum()
}

fn balance(word: &str) -> i32 {
    let count = |brackets: &[char]| word.matches(brackets).count() as i32;
    count(&['(', '[', '⟨']) - count(&[')', ']', '⟩'])
}

/// Which words are mathematics: those with a mathematical character, capital letters by themselves, and what joins two.
fn kinds(tokens: &[&str]) -> Vec<bool> {
    let mut kinds: Vec<bool> = tokens.iter().enumerate().map(|(i, t)| is_formula(t, i == 0)).collect();
    for i in 0..tokens.len() {
        let joins = matches!(tokens[i], "=" | "+" | "-" | "<" | ">" | "/");
        let number = tokens[i].chars().all(|c| c.is_ascii_digit());
        let before = i > 0 && kinds[i - 1];
        let after = kinds.get(i + 1).copied().unwrap_or(false);
        kinds[i] |= joins || (number && (before || after));
    }
    // What stands right of a relation is mathematics too: `t = 0`, `x = y`.
    for i in 0..tokens.len() {
        if matches!(tokens[i], "=" | "+" | "<" | ">") {
            if let Some(next) = kinds.get_mut(i + 1) {
                *next = true;
            }
            if i > 0 && !tokens[i - 1].ends_with([',', ';', ':']) {
                kinds[i - 1] = true;
            }
        }
    }
    // What a formula's bracket has opened is mathematics until it closes.
    let mut depth = 0;
    for (token, kind) in tokens.iter().zip(&mut kinds) {
        *kind |= depth > 0;
        depth = if *kind { (depth + balance(token)).max(0) } else { 0 };
    }
    kinds
}

fn is_formula(token: &str, first: bool) -> bool {
    let body = token.trim_matches(|c: char| matches!(c, ',' | ';' | ':' | '.' | '(' | ')'));
    let letters: Vec<char> = body.chars().collect();
    match letters.as_slice() {
        [] => false,
        ['A'] if first => false,
        [c] if c.is_ascii_uppercase() => true,
        [c] if c.is_ascii_lowercase() => *c != 'a',
        [_] => letters.iter().any(|c| is_mathematical(*c)),
        _ => {
            let plain_word = letters.iter().all(|c| c.is_alphabetic() || matches!(c, '-' | '–' | '\'' | '’'));
            let greek_only = letters.iter().any(|c| is_mathematical(*c) && *c != '–');
            greek_only && !(plain_word && letters.iter().all(char::is_ascii))
                || letters.iter().any(|c| matches!(c, '[' | '^' | '*' | '\u{307}' | '\u{308}'))
                || (body.contains(['(', '/']) && letters.iter().any(char::is_ascii_uppercase) && letters.len() < 12)
                || (letters.last() == Some(&'\'') && letters.len() == 2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::prose::Inline;

    /// The sentence with its formulas in LaTeX.
    fn latex(prose: &Prose) -> String {
        let one = |inline: &Inline| match inline {
            Inline::Math(formula) => format!("${}$", formula.latex()),
            Inline::Text(text) => text.clone(),
            other => panic!("{other:?}"),
        };
        prose.0.iter().map(one).collect()
    }

    #[test]
    fn mathematical_words_of_a_sentence_become_formulas() {
        let check = |text: &str, expected: &str| {
            assert_eq!(latex(&prose_of_plain(text)), expected);
            assert_eq!(prose_of_plain(text).unicode(), text);
        };
        check("gradient flow θ̇ = −∇L", "gradient flow $\\dot{\\theta} = -\\nabla L$");
        check("wherever L is differentiable", "wherever $L$ is differentiable");
        check("a diagonal matrix", "a diagonal matrix");
        check("at a stationary point, ∇L = 0", "at a stationary point, $\\nabla L = 0$");
        check("D = exp(t A) at t = 0", "$D = \\operatorname{exp}(t A)$ at $t = 0$");
        check("H[ξ] = −(Dξ)*∇L", "$H[\\xi] = -(D\\xi)^{*}\\nabla L$");
        check("100% of W_1 & more", "100% of W_1 & more");
        check("⟨Z, X Y⟩ = ⟨Z Yᵀ, X⟩", "$\\langle Z, X Y\\rangle = \\langle Z Y^{\\top}, X\\rangle$");
        check("insert V = ξ_B", "insert $V = \\xi_{B}$");
        check("H on V⊥ is ≥ 0", "$H$ on $V^{\\perp}$ is $\\ge 0$");
        check("every diagonal h×h matrix", "every diagonal $h\\times h$ matrix");
        let braces = prose_of_plain("the friction is undone by e^{γt}");
        assert_eq!(latex(&braces), "the friction is undone by $e^{\\gamma t}$");
    }
}
