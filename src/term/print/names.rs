//! Names as mathematics: `W1` is W with subscript 1, `W_Q` W with subscript Q, `gamma` a Greek letter.

/// A name taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub base: String,
    pub subscript: String,
}

impl Name {
    /// Splits at the first `_`, or before the digits at the end.
    pub fn new(name: &str) -> Name {
        let (stem, tail) = match name.split_once('_') {
            Some((stem, tail)) if !stem.is_empty() && !tail.is_empty() => (stem, tail),
            _ => (name, ""),
        };
        let base = stem.trim_end_matches(|c: char| c.is_ascii_digit());
        if base.is_empty() || base.ends_with('_') {
            return Name { base: name.to_string(), subscript: String::new() };
        }
        let digits = &stem[base.len()..];
        let comma = if digits.is_empty() || tail.is_empty() { "" } else { "," };
        Name { base: base.to_string(), subscript: format!("{digits}{comma}{tail}") }
    }

    /// Whether the base is one letter, so that the name reads as a symbol and not as a word.
    pub fn is_symbol(&self) -> bool {
        self.base.chars().count() == 1 || greek(&self.base).is_some()
    }

    /// `W₁`, `W_Q`, `γ`.
    pub fn unicode(&self) -> String {
        format!("{}{}", unicode_base(&self.base), unicode_subscript(&self.subscript))
    }

    /// `W_{1}`, `W_{Q}`, `\gamma`, `\mathrm{gain}_{1}`.
    pub fn latex(&self) -> String {
        format!("{}{}", latex_word(&self.base), latex_subscript(&self.subscript))
    }
}

/// A letter or the Greek letter it names.
pub(super) fn unicode_base(base: &str) -> String {
    greek(base).map_or_else(|| base.to_string(), |(letter, _)| letter.to_string())
}

/// `₁` where every character has a subscript form, `_Q` otherwise.
pub(super) fn unicode_subscript(subscript: &str) -> String {
    if subscript.is_empty() {
        return String::new();
    }
    let subscript = unicode_base(subscript);
    let lowered = subscript.chars().map(|c| SUBSCRIPTS.iter().find(|(full, _)| *full == c).map(|(_, low)| *low));
    lowered.collect::<Option<String>>().unwrap_or_else(|| format!("_{subscript}"))
}

/// `_{1}`, `_{\mathrm{up}}`.
pub(super) fn latex_subscript(subscript: &str) -> String {
    if subscript.is_empty() {
        return String::new();
    }
    let parts: Vec<String> = subscript.split(',').map(latex_word).collect();
    format!("_{{{}}}", parts.join(","))
}

/// A word safe in math mode: one letter or a number as it is, more letters upright.
pub(super) fn latex_word(word: &str) -> String {
    if let Some((_, command)) = greek(word) {
        return command.to_string();
    }
    let single = word.chars().count() == 1 && word.chars().all(|c| c.is_ascii_alphanumeric());
    if single || word.chars().all(|c| c.is_ascii_digit()) {
        word.to_string()
    } else {
        format!("\\mathrm{{{}}}", latex_escape(word))
    }
}

/// Text without characters that mean something to LaTeX.
pub(super) fn latex_escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '_' | '#' | '$' | '%' | '&' | '{' | '}' => out.extend(['\\', c]),
            '\\' => out.push_str("\\backslash "),
            '^' => out.push_str("\\wedge "),
            '~' => out.push_str("\\sim "),
            c if c.is_ascii() => out.push(c),
            c => match greek(c.encode_utf8(&mut [0; 4])) {
                Some((_, command)) => out.push_str(&format!("{command} ")),
                None => out.push_str(&format!("\\text{{{c}}}")),
            },
        }
    }
    out
}

/// The Greek letter of that name, or that letter itself, and its LaTeX.
fn greek(name: &str) -> Option<(char, &'static str)> {
    let found = GREEK
        .iter()
        .find(|(command, letter)| &command[1..] == name || (name.chars().count() == 1 && name.starts_with(*letter)))?;
    Some((found.1, found.0))
}

/// Whether a character is a subscript letter or digit.
pub(super) fn is_subscript(c: char) -> bool {
    SUBSCRIPTS.iter().any(|(_, low)| *low == c)
}

const GREEK: &[(&str, char)] = &[
    ("\\alpha", 'α'),
    ("\\beta", 'β'),
    ("\\gamma", 'γ'),
    ("\\delta", 'δ'),
    ("\\epsilon", 'ε'),
    ("\\zeta", 'ζ'),
    ("\\eta", 'η'),
    ("\\theta", 'θ'),
    ("\\iota", 'ι'),
    ("\\kappa", 'κ'),
    ("\\lambda", 'λ'),
    ("\\mu", 'μ'),
    ("\\nu", 'ν'),
    ("\\xi", 'ξ'),
    ("\\pi", 'π'),
    ("\\rho", 'ρ'),
    ("\\sigma", 'σ'),
    ("\\tau", 'τ'),
    ("\\upsilon", 'υ'),
    ("\\phi", 'φ'),
    ("\\chi", 'χ'),
    ("\\psi", 'ψ'),
    ("\\omega", 'ω'),
    ("\\Gamma", 'Γ'),
    ("\\Delta", 'Δ'),
    ("\\Theta", 'Θ'),
    ("\\Lambda", 'Λ'),
    ("\\Xi", 'Ξ'),
    ("\\Pi", 'Π'),
    ("\\Sigma", 'Σ'),
    ("\\Upsilon", 'Υ'),
    ("\\Phi", 'Φ'),
    ("\\Psi", 'Ψ'),
    ("\\Omega", 'Ω'),
];

const SUBSCRIPTS: &[(char, char)] = &[
    ('0', '₀'),
    ('1', '₁'),
    ('2', '₂'),
    ('3', '₃'),
    ('4', '₄'),
    ('5', '₅'),
    ('6', '₆'),
    ('7', '₇'),
    ('8', '₈'),
    ('9', '₉'),
    ('a', 'ₐ'),
    ('e', 'ₑ'),
    ('h', 'ₕ'),
    ('i', 'ᵢ'),
    ('j', 'ⱼ'),
    ('k', 'ₖ'),
    ('l', 'ₗ'),
    ('m', 'ₘ'),
    ('n', 'ₙ'),
    ('o', 'ₒ'),
    ('p', 'ₚ'),
    ('r', 'ᵣ'),
    ('s', 'ₛ'),
    ('t', 'ₜ'),
    ('u', 'ᵤ'),
    ('v', 'ᵥ'),
    ('x', 'ₓ'),
    ('β', 'ᵦ'),
    ('γ', 'ᵧ'),
    ('ρ', 'ᵨ'),
    ('φ', 'ᵩ'),
    ('χ', 'ᵪ'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_at_the_end_and_what_follows_an_underscore_are_subscripts() {
        let both = |name: &str| (Name::new(name).unicode(), Name::new(name).latex());
        let check = |name: &str, unicode: &str, latex: &str| {
            assert_eq!(both(name), (unicode.to_string(), latex.to_string()));
        };
        check("W1", "W₁", "W_{1}");
        check("W_Q", "W_Q", "W_{Q}");
        check("W_up", "Wᵤₚ", "W_{\\mathrm{up}}");
        check("gamma", "γ", "\\gamma");
        check("γ2", "γ₂", "\\gamma_{2}");
        check("W_alpha", "W_α", "W_{\\alpha}");
        check("W1_Q", "W_1,Q", "W_{1,Q}");
        check("gain", "gain", "\\mathrm{gain}");
        check("a_b_c", "a_b_c", "a_{\\mathrm{b\\_c}}");
        check("_", "_", "\\mathrm{\\_}");
        check("__1", "__1", "\\mathrm{\\_\\_1}");
    }
}
