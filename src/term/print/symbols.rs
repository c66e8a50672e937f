//! The characters of mathematics: Greek letters, raised and lowered characters, and the LaTeX of each.

/// A word safe in math mode: one letter or a number as it is, more letters upright.
pub(super) fn latex_word(word: &str) -> String {
    let mut chars = word.chars();
    let command = match (greek(word), chars.next(), chars.next()) {
        (Some((_, command)), ..) => Some(command),
        (None, Some(c), None) => symbol(c),
        _ => None,
    };
    if let Some(command) = command {
        return command.to_string();
    }
    let single = word.chars().count() == 1 && word.chars().all(|c| c.is_ascii_alphanumeric());
    if single || word.chars().all(|c| c.is_ascii_digit()) {
        word.to_string()
    } else {
        format!("\\mathrm{{{}}}", latex_escape(word))
    }
}

/// A name in math mode, without characters that mean something to LaTeX.
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
pub(super) fn greek(name: &str) -> Option<(char, &'static str)> {
    let found = GREEK
        .iter()
        .find(|(command, letter)| &command[1..] == name || (name.chars().count() == 1 && name.starts_with(*letter)))?;
    Some((found.1, found.0))
}

/// What a subscript letter or digit stands for.
pub(super) fn unlowered(c: char) -> Option<char> {
    SUBSCRIPTS.iter().find(|(_, low)| *low == c).map(|(full, _)| *full)
}

/// Whether a character is a subscript letter or digit.
pub(super) fn is_subscript(c: char) -> bool {
    SUBSCRIPTS.iter().any(|(_, low)| *low == c)
}

/// The LaTeX of a character of mathematics that is no Greek letter.
fn symbol(c: char) -> Option<&'static str> {
    SYMBOLS.iter().find(|(s, _)| *s == c).map(|(_, command)| *command)
}

/// The Latin letter without serifs.
pub(super) fn without_serifs(letter: char) -> Option<char> {
    let (first, from) = match letter {
        'A'..='Z' => ('A', 0x1d5a0),
        'a'..='z' => ('a', 0x1d5ba),
        _ => return None,
    };
    char::from_u32(from + (letter as u32 - first as u32))
}

/// Whether a character is one of mathematics: a Greek letter, a sign, a raised or lowered character.
pub fn is_mathematical(c: char) -> bool {
    math_mode(c).is_some()
}

/// Text in the text mode of LaTeX.
pub fn latex_text(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '_' | '#' | '$' | '%' | '&' | '{' | '}' => out.extend(['\\', c]),
            '\\' => out.push_str("\\textbackslash{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '<' | '>' => out.push_str(&format!("${c}$")),
            '–' => out.push_str("--"),
            '—' => out.push_str("---"),
            '…' => out.push_str("\\dots{}"),
            '’' => out.push('\''),
            '“' => out.push_str("``"),
            '”' => out.push_str("''"),
            c if c.is_control() => {}
            c if c.is_ascii() || ('\u{c0}'..='\u{17f}').contains(&c) => out.push(c),
            c => match math_mode(c) {
                Some(formula) => out.push_str(&format!("${formula}$")),
                // A script pdfLaTeX has no letters for; the code point says which letter it was.
                None => out.push_str(&format!("[U+{:04X}]", c as u32)),
            },
        }
    }
    out
}

/// Text between the tags of a page and in attributes.
pub fn xml_text(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Whether a character is a letter that mathematics sets in italics.
pub(super) fn is_italic(c: char) -> bool {
    c.is_ascii_alphabetic() || (greek(c.encode_utf8(&mut [0; 4])).is_some() && c.is_lowercase())
}

/// A character in math mode.
fn math_mode(c: char) -> Option<String> {
    let letter = greek(c.encode_utf8(&mut [0; 4])).map(|(_, command)| command.to_string());
    letter.or_else(|| symbol(c).map(String::from)).or_else(|| {
        let index = |mark: &str, plain: char| match plain {
            'T' => format!("{mark}{{\\top}}"),
            '−' => format!("{mark}{{-}}"),
            plain => format!("{mark}{{{plain}}}"),
        };
        raised(c).map(|plain| index("^", plain)).or_else(|| unlowered(c).map(|plain| index("_", plain)))
    })
}

/// The raised form of a character.
pub(super) fn superscript(c: char) -> Option<char> {
    SUPERSCRIPTS.iter().find(|(_, plain)| *plain == c).map(|(raised, _)| *raised)
}

/// What a raised character stands for.
pub(super) fn raised(c: char) -> Option<char> {
    SUPERSCRIPTS.iter().find(|(raised, _)| *raised == c).map(|(_, plain)| *plain)
}

#[rustfmt::skip]
const GREEK: &[(&str, char)] = &[
    ("\\alpha", 'α'), ("\\beta", 'β'), ("\\gamma", 'γ'), ("\\delta", 'δ'), ("\\epsilon", 'ε'), ("\\zeta", 'ζ'),
    ("\\eta", 'η'), ("\\theta", 'θ'), ("\\iota", 'ι'), ("\\kappa", 'κ'), ("\\lambda", 'λ'), ("\\mu", 'μ'),
    ("\\nu", 'ν'), ("\\xi", 'ξ'), ("\\pi", 'π'), ("\\rho", 'ρ'), ("\\sigma", 'σ'), ("\\tau", 'τ'),
    ("\\upsilon", 'υ'), ("\\phi", 'φ'), ("\\chi", 'χ'), ("\\psi", 'ψ'), ("\\omega", 'ω'), ("\\Gamma", 'Γ'),
    ("\\Delta", 'Δ'), ("\\Theta", 'Θ'), ("\\Lambda", 'Λ'), ("\\Xi", 'Ξ'), ("\\Pi", 'Π'), ("\\Sigma", 'Σ'),
    ("\\Upsilon", 'Υ'), ("\\Phi", 'Φ'), ("\\Psi", 'Ψ'), ("\\Omega", 'Ω'),
];

#[rustfmt::skip]
pub(super) const SUBSCRIPTS: &[(char, char)] = &[
    ('0', '₀'), ('1', '₁'), ('2', '₂'), ('3', '₃'), ('4', '₄'), ('5', '₅'), ('6', '₆'), ('7', '₇'), ('8', '₈'),
    ('9', '₉'), ('a', 'ₐ'), ('e', 'ₑ'), ('h', 'ₕ'), ('i', 'ᵢ'), ('j', 'ⱼ'), ('k', 'ₖ'), ('l', 'ₗ'), ('m', 'ₘ'),
    ('n', 'ₙ'), ('o', 'ₒ'), ('p', 'ₚ'), ('r', 'ᵣ'), ('s', 'ₛ'), ('t', 'ₜ'), ('u', 'ᵤ'), ('v', 'ᵥ'), ('x', 'ₓ'),
    ('β', 'ᵦ'), ('γ', 'ᵧ'), ('ρ', 'ᵨ'), ('φ', 'ᵩ'), ('χ', 'ᵪ'),
];

#[rustfmt::skip]
const SYMBOLS: &[(char, &str)] = &[
    ('∇', "\\nabla"), ('∂', "\\partial"), ('−', "-"), ('×', "\\times"), ('·', "\\cdot"), ('∘', "\\circ"),
    ('⊙', "\\odot"), ('⟨', "\\langle"), ('⟩', "\\rangle"), ('‖', "\\Vert"), ('≥', "\\ge"), ('≤', "\\le"),
    ('≠', "\\ne"), ('∈', "\\in"), ('↦', "\\mapsto"), ('→', "\\to"), ('½', "\\tfrac12"), ('⅓', "\\tfrac13"),
    ('¼', "\\tfrac14"), ('√', "\\surd"), ('∞', "\\infty"), ('ℝ', "\\mathbb{R}"), ('ℓ', "\\ell"), ('′', "'"),
    ('″', "''"), ('±', "\\pm"), ('⊕', "\\oplus"), ('⊂', "\\subset"), ('⊇', "\\supseteq"), ('≅', "\\cong"),
    ('∪', "\\cup"), ('∀', "\\forall"), ('≈', "\\approx"), ('∑', "\\sum"), ('∫', "\\int"), ('∝', "\\propto"),
    ('⇒', "\\Rightarrow"), ('≡', "\\equiv"), ('∧', "\\wedge"), ('⊗', "\\otimes"), ('𝔨', "\\mathfrak{k}"),
    ('𝔭', "\\mathfrak{p}"), ('𝔬', "\\mathfrak{o}"), ('𝔤', "\\mathfrak{g}"), ('⊥', "\\perp"), ('𝔼', "\\mathbb{E}"), ('∖', "\\setminus"),
    ('Ĝ', "\\hat{G}"),
];

#[rustfmt::skip]
const SUPERSCRIPTS: &[(char, char)] = &[
    ('⁻', '−'), ('⁺', '+'), ('⁰', '0'), ('¹', '1'), ('²', '2'), ('³', '3'), ('⁴', '4'), ('⁵', '5'), ('⁶', '6'),
    ('⁷', '7'), ('⁸', '8'), ('⁹', '9'), ('ᵀ', 'T'), ('ʰ', 'h'), ('ᵏ', 'k'), ('ⁿ', 'n'), ('ᵐ', 'm'), ('ᵗ', 't'),
    ('⁽', '('), ('⁾', ')'), ('ᵈ', 'd'), ('ᵖ', 'p'), ('ʳ', 'r'), ('ˢ', 's'), ('ᵛ', 'v'), ('ᶜ', 'c'), ('ᵇ', 'b'), ('ᵉ', 'e'),
    ('ˡ', 'l'), ('ᵃ', 'a'),
];
