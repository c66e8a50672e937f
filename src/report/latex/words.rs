//! Sentences with Unicode mathematics in them, as LaTeX: `W₁ = ∂L/∂θ` becomes `$W_{1} = \partial L/\partial \theta$`.

use super::symbols::{SUBSCRIPTS, SUPERSCRIPTS, SYMBOLS};

/// A sentence in text mode; runs of mathematical words become one formula.
pub fn words(text: &str) -> String {
    let mut out = String::new();
    let mut formula: Vec<&str> = Vec::new();
    let tokens: Vec<&str> = text.split(' ').filter(|t| !t.is_empty()).collect();
    let kinds = kinds(&tokens);
    let push = |out: &mut String, piece: &str| {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(piece);
    };
    for (i, (token, math)) in tokens.iter().zip(&kinds).enumerate() {
        if !math {
            push(&mut out, &escape(token));
            continue;
        }
        // Punctuation at the end of a formula belongs to the sentence.
        let body = token.trim_end_matches([',', ';', ':', '.']);
        let body = if open(&formula) + balance(body) > 0 { token } else { &body };
        formula.push(body);
        let tail = &token[body.len()..];
        if !tail.is_empty() || !kinds.get(i + 1).copied().unwrap_or(false) {
            push(&mut out, &format!("${}${}", mathematics(&formula.join(" ")), escape(tail)));
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

/// A sentence that has LaTeX formulas between dollars in it already.
pub fn around(text: &str) -> String {
    let parts = text.split('$').enumerate();
    let parts = parts.map(|(i, part)| {
        if i % 2 == 1 {
            return format!("${part}$");
        }
        let (start, end) = (part.starts_with(' '), part.ends_with(' ') && part.len() > 1);
        format!("{}{}{}", if start { " " } else { "" }, words(part), if end { " " } else { "" })
    });
    parts.collect()
}

/// The first letter of a sentence raised, unless it is mathematics.
pub fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if first.is_ascii_lowercase() => first.to_ascii_uppercase().to_string() + chars.as_str(),
        _ => text.to_string(),
    }
}

/// Text in text mode.
pub fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '_' | '#' | '$' | '%' | '&' | '{' | '}' => out.extend(['\\', c]),
            '\\' => out.push_str("\\textbackslash{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '–' => out.push_str("--"),
            '—' => out.push_str("---"),
            '…' => out.push_str("\\dots{}"),
            '’' => out.push('\''),
            '“' => out.push_str("``"),
            '”' => out.push_str("''"),
            c if c.is_control() => {}
            c if c.is_ascii() || ('\u{c0}'..='\u{17f}').contains(&c) => out.push(c),
            c => match symbol(c) {
                Some(command) => out.push_str(&format!("$ {command} $").replace(' ', "")),
                // A script pdfLaTeX has no letters for; the code point says which letter it was.
                None => out.push_str(&format!("[U+{:04X}]", c as u32)),
            },
        }
    }
    out
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
                || letters.iter().any(|c| matches!(c, '[' | '^' | '*'))
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
            out.push_str(&format!("_{{{}}}", one(chars[i + 1]).trim()));
            i += 2;
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
        c if c.is_ascii() => c.to_string(),
        c => symbol(c).map_or_else(
            || format!("\\text{{{}}}", escape(&c.to_string())),
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

fn symbol(c: char) -> Option<&'static str> {
    let script = script(c).map(|_| "\\cdot");
    SYMBOLS.iter().find(|(s, _)| *s == c).map(|(_, command)| *command).or(script)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mathematical_words_of_a_sentence_become_formulas() {
        let check = |text: &str, latex: &str| assert_eq!(words(text), latex);
        check("gradient flow θ̇ = −∇L", "gradient flow $\\dot{\\theta} = -\\nabla L$");
        check("wherever L is differentiable", "wherever $L$ is differentiable");
        check("a diagonal matrix", "a diagonal matrix");
        check("at a stationary point, ∇L = 0", "at a stationary point, $\\nabla L = 0$");
        check("D = exp(t A) at t = 0", "$D = \\exp (t A)$ at $t = 0$");
        check("H[ξ] = −(Dξ)*∇L", "$H[\\xi ] = -(D\\xi )^{*}\\nabla L$");
        check("100% of W_1 & more", "100\\% of W\\_1 \\& more");
        check("⟨Z, X Y⟩ = ⟨Z Y', X⟩", "$\\langle Z, X Y\\rangle  = \\langle Z Y^{\\top}, X\\rangle$");
        check("insert V = ξ_B", "insert $V = \\xi _{B}$");
        check("every diagonal h×h matrix", "every diagonal $h\\times h$ matrix");
    }
}
