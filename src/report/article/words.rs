//! Sentences with Unicode mathematics in them, with formulas in LaTeX: `W₁ = ∂L/∂θ` becomes `W_{1} = \partial L/\partial \theta`.

use super::{Inline, Prose};
use crate::report::symbols::{SUBSCRIPTS, SUPERSCRIPTS, symbol};

/// A sentence; runs of mathematical words become one formula.
pub fn prose(text: &str) -> Prose {
    let mut out: Vec<Inline> = Vec::new();
    let mut formula: Vec<&str> = Vec::new();
    let tokens: Vec<&str> = text.split(' ').filter(|t| !t.is_empty()).collect();
    let kinds = kinds(&tokens);
    let push = |out: &mut Vec<Inline>, piece: Inline| match (out.last_mut(), piece) {
        (Some(Inline::Text(last)), Inline::Text(text)) => last.push_str(&format!(" {text}")),
        (Some(Inline::Text(last)), piece) => {
            last.push(' ');
            out.push(piece);
        }
        (Some(_), Inline::Text(text)) => out.push(Inline::Text(format!(" {text}"))),
        (Some(_), piece) => out.extend([Inline::Text(" ".into()), piece]),
        (None, piece) => out.push(piece),
    };
    for (i, (token, math)) in tokens.iter().zip(&kinds).enumerate() {
        if !math {
            push(&mut out, Inline::Text(token.to_string()));
            continue;
        }
        // Punctuation at the end of a formula belongs to the sentence.
        let body = token.trim_end_matches([',', ';', ':', '.']);
        let body = if open(&formula) + balance(body) > 0 { token } else { &body };
        formula.push(body);
        let tail = &token[body.len()..];
        if !tail.is_empty() || !kinds.get(i + 1).copied().unwrap_or(false) {
            push(&mut out, Inline::Math(mathematics(&formula.join(" "))));
            if !tail.is_empty() {
                out.push(Inline::Text(tail.to_string()));
            }
            formula.clear();
        }
    }
    Prose(out)
}

/// How many brackets some words leave open.
fn open(words: &[&str]) -> i32 {
    words.iter().map(|w| balance(w)).sum()
}

fn balance(word: &str) -> i32 {
    let count = |brackets: &[char]| word.matches(brackets).count() as i32;
    count(&['(', '[', '⟨']) - count(&[')', ']', '⟩'])
}

/// The first letter of a sentence raised, unless it is mathematics.
pub fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if first.is_ascii_lowercase() => first.to_ascii_uppercase().to_string() + chars.as_str(),
        _ => text.to_string(),
    }
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
        [_] => letters.iter().any(|c| symbol(*c).is_some()),
        _ => {
            let plain_word = letters.iter().all(|c| c.is_alphabetic() || matches!(c, '-' | '–' | '\'' | '’'));
            let greek_only = letters.iter().any(|c| symbol(*c).is_some() && *c != '–');
            greek_only && !(plain_word && letters.iter().all(char::is_ascii))
                || letters.iter().any(|c| matches!(c, '[' | '^' | '*' | '\u{307}' | '\u{308}'))
                || (body.contains(['(', '/']) && letters.iter().any(char::is_ascii_uppercase) && letters.len() < 12)
                || (letters.last() == Some(&'\'') && letters.len() == 2)
        }
    }
}

/// Unicode mathematics in math mode.
pub fn mathematics(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::new();
    let mut i = 0;
    while i < chars.len() {
        let c = chars[i];
        let dots = [('\u{307}', "\\dot"), ('\u{308}', "\\ddot")];
        if let Some((_, accent)) = dots.iter().find(|(mark, _)| chars.get(i + 1) == Some(mark)) {
            out.push_str(&format!("{accent}{{{}}}", one(c).trim_end()));
            i += 2;
            continue;
        }
        if let Some((open, table)) = script(c) {
            let run: String =
                chars[i..].iter().map_while(|c| table.iter().find(|(s, _)| s == c).map(|(_, p)| *p)).collect();
            i += run.chars().count();
            let run = if run == "T" { "\\top".to_string() } else { run };
            out.push_str(&format!("{open}{{{run}}}"));
            continue;
        }
        if c.is_ascii_uppercase() && chars.get(i + 1) == Some(&'\'') {
            out.push_str(&format!("{c}^{{\\top}}"));
            i += 2;
            continue;
        }
        if c == '_' && i + 1 < chars.len() {
            let run: String = chars[i + 1..].iter().take_while(|c| c.is_ascii_alphanumeric()).collect();
            let index = match run.chars().count() {
                0 | 1 => one(chars[i + 1]).trim().to_string(),
                _ if run.chars().all(|c| c.is_ascii_digit()) => run.clone(),
                _ => format!("\\mathrm{{{run}}}"),
            };
            out.push_str(&format!("_{{{index}}}"));
            i += 1 + run.chars().count().max(1);
            continue;
        }
        // An exponent: `e^{γt}`, `ℝ^d`, `R^(n)`.
        if c == '^' && i + 1 < chars.len() {
            let close = match chars[i + 1] {
                '{' => chars[i..].iter().position(|c| *c == '}'),
                '(' => chars[i..].iter().position(|c| *c == ')'),
                _ => None,
            };
            let (inner, taken): (String, usize) = match close {
                Some(n) => (chars[i + 2..i + n].iter().collect(), n + 1),
                None => (chars[i + 1..=i + 1].iter().collect(), 2),
            };
            out.push_str(&format!("^{{{}}}", mathematics(&inner)));
            i += taken;
            continue;
        }
        if c.is_ascii_lowercase() {
            let word: String = chars[i..].iter().take_while(|c| c.is_ascii_lowercase()).collect();
            i += word.len();
            match word.as_str() {
                "exp" | "log" | "ker" | "dim" | "min" | "max" | "det" => out.push_str(&format!("\\{word}")),
                "tr" => out.push_str("\\operatorname{tr}"),
                _ if word.len() >= 3 => out.push_str(&format!("\\operatorname{{{word}}}")),
                _ => out.push_str(&word),
            }
            if out.ends_with(|c: char| c.is_ascii_alphabetic()) && word.len() >= 3 {
                out.push(' ');
            }
            continue;
        }
        out.push_str(&one(c));
        i += 1;
    }
    out.trim().to_string()
}

/// One character in math mode.
fn one(c: char) -> String {
    match c {
        '*' => "^{*}".into(),
        '#' | '$' | '%' | '&' | '_' | '{' | '}' => format!("\\{c}"),
        '\\' => "\\backslash ".into(),
        '~' => "\\sim ".into(),
        '^' => "\\wedge ".into(),
        '⊥' => "^{\\perp}".into(),
        c if c.is_ascii() => c.to_string(),
        c => symbol(c).map_or_else(
            || format!("\\text{{{}}}", crate::report::latex::escape(&c.to_string())),
            |s| if s.starts_with('\\') { format!("{s} ") } else { s.into() },
        ),
    }
}

fn script(c: char) -> Option<(&'static str, &'static [(char, char)])> {
    let within = |table: &[(char, char)]| table.iter().any(|(s, _)| *s == c);
    if within(SUPERSCRIPTS) {
        Some(("^", SUPERSCRIPTS))
    } else if within(SUBSCRIPTS) {
        Some(("_", SUBSCRIPTS))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mathematical_words_of_a_sentence_become_formulas() {
        let check = |text: &str, latex: &str| assert_eq!(crate::report::latex::inline(&prose(text)), latex);
        check("gradient flow θ̇ = −∇L", "gradient flow $\\dot{\\theta} = -\\nabla L$");
        check("wherever L is differentiable", "wherever $L$ is differentiable");
        check("a diagonal matrix", "a diagonal matrix");
        check("at a stationary point, ∇L = 0", "at a stationary point, $\\nabla L = 0$");
        check("D = exp(t A) at t = 0", "$D = \\exp (t A)$ at $t = 0$");
        check("H[ξ] = −(Dξ)*∇L", "$H[\\xi ] = -(D\\xi )^{*}\\nabla L$");
        check("100% of W_1 & more", "100\\% of W\\_1 \\& more");
        check("⟨Z, X Y⟩ = ⟨Z Y', X⟩", "$\\langle Z, X Y\\rangle  = \\langle Z Y^{\\top}, X\\rangle$");
        check("insert V = ξ_B", "insert $V = \\xi _{B}$");
        check("the friction is undone by e^{γt}", "the friction is undone by $e^{\\gamma t}$");
        check("every d_model×d_k matrix", "every $d_{\\mathrm{model}}\\times d_{k}$ matrix");
        check("H on V⊥ is ≥ 0", "$H$ on $V^{\\perp}$ is $\\ge  0$");
        check("every diagonal h×h matrix", "every diagonal $h\\times h$ matrix");
    }
}
