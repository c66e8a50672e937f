//! LaTeX for math mode, with the commands of amsmath.

use super::layout::Bracket;
use super::symbols::{latex_escape, latex_text, latex_word};
use super::token::{Class, Group, Space, Spacing, Token};
use num_traits::Signed;

/// Tokens in LaTeX.
pub(super) fn render(tokens: &[Token]) -> String {
    let mut page = Page { out: String::new(), open: Vec::new(), unit: 0 };
    for (i, token) in tokens.iter().enumerate() {
        page.token(token, i.checked_sub(1).map(|i| &tokens[i]), tokens.get(i + 1));
    }
    // What a line was broken inside of is closed.
    while let Some((group, _)) = page.open.pop() {
        if !matches!(group, Group::Unit | Group::Member | Group::Declared(_)) {
            page.out.push('}');
        }
    }
    page.out.trim().to_string()
}

struct Page<'t> {
    out: String,
    /// The open groups, and where the symbol begins that each is or is attached to.
    open: Vec<(&'t Group, usize)>,
    /// Where what a script would be attached to begins.
    unit: usize,
}

impl<'t> Page<'t> {
    fn token(&mut self, token: &'t Token, before: Option<&Token>, next: Option<&Token>) {
        // What stands for a declared name where LaTeX is not at hand.
        if self.open.iter().any(|(group, _)| matches!(group, Group::Declared(_))) {
            match token {
                Token::Begin(group) => self.open.push((group, self.unit)),
                Token::End => self.unit = self.open.pop().map_or(self.unit, |(_, unit)| unit),
                _ => {}
            }
            return;
        }
        let starts = self.out.len();
        match token {
            Token::Symbol(text) => self.put(&latex_word(text)),
            Token::Upright(text) => self.put(&format!("\\mathrm{{{text}}}")),
            Token::Bold(text) => self.put(&format!("\\mathbf{{{text}}}")),
            Token::Function(name) => self.put(&format!("\\operatorname{{{}}}", latex_escape(name))),
            Token::Number(value) if value.is_integer() => self.put(&value.to_string()),
            Token::Number(value) if self.open.iter().any(|(g, _)| **g == Group::Sup) => self.put(&value.to_string()),
            Token::Number(value) => self.put(&format!("\\tfrac{{{}}}{{{}}}", value.numer().abs(), value.denom())),
            Token::Sign(sign, spacing) => match (sign.class(), spacing) {
                (Class::Prefix | Class::Ordinary, _) | (_, Spacing::Tight) => self.put(sign.latex()),
                (Class::Punctuation, Spacing::Spaced) => self.put(&format!("{} ", sign.latex())),
                (_, Spacing::Spaced) => self.put(&format!(" {} ", sign.latex())),
            },
            Token::Because(letters) if letters.is_empty() => self.put(" = "),
            Token::Because(letters) => self.put(&format!(" \\overset{{({})}}{{=}} ", letters.join(","))),
            Token::Prime(n) => self.put(&"'".repeat(usize::from(*n))),
            Token::Words(text) => {
                if !matches!(before, Some(Token::Words(_))) {
                    self.put("\\text{");
                }
                self.out.push_str(&latex_text(text));
                if !matches!(next, Some(Token::Words(_))) {
                    self.out.push('}');
                }
            }
            Token::Space(space) => self.put(match space {
                Space::Word => " ",
                Space::Thick => "\\; ",
                Space::Item | Space::Quad => "\\quad ",
                Space::Wide => "\\qquad ",
            }),
            Token::Summation(indices) => {
                for (index, range) in indices {
                    self.put(&match range {
                        Some(range) => format!("\\sum_{{{}=1}}^{{{}}}", render(index), render(range)),
                        None => format!("\\sum_{{{}}}", render(index)),
                    });
                }
            }
            Token::Juxtaposition => self.put(match next {
                Some(Token::Number(value)) if value.is_integer() => " \\cdot ",
                Some(Token::Symbol(text)) if latex_word(text).starts_with("\\mathrm") => " \\, ",
                Some(Token::Begin(Group::Unit) | Token::Upright(_)) => " \\, ",
                _ => " ",
            }),
            Token::Open(Bracket::Linear, _) | Token::Close(Bracket::Linear, _) => {}
            Token::Open(bracket, size) => self.put(&opening(*bracket, *size)),
            Token::Close(bracket, size) => self.put(&closing(*bracket, *size)),
            Token::Begin(group) => self.begin(group, before),
            Token::Over => self.out.push_str("}{"),
            Token::End => {
                if let Some((group, unit)) = self.open.pop() {
                    if !matches!(group, Group::Unit | Group::Member | Group::Declared(_)) {
                        self.out.push('}');
                    }
                    self.unit = unit;
                }
            }
        }
        if !matches!(token, Token::Begin(_) | Token::End | Token::Prime(_)) {
            self.unit = starts;
        }
    }

    fn begin(&mut self, group: &'t Group, before: Option<&Token>) {
        let attached = matches!(group, Group::Sub | Group::At | Group::Sup | Group::Raised | Group::On);
        let unit = if attached { self.unit } else { self.out.len() };
        match group {
            Group::Unit | Group::Member => {}
            Group::Declared(latex) => self.put(latex),
            Group::Sub | Group::At => {
                // A second subscript needs the first one in braces.
                if *before.unwrap_or(&Token::Juxtaposition) == Token::End && self.out[self.unit..].contains('_') {
                    self.out.insert(self.unit, '{');
                    self.out.push('}');
                }
                self.out.push_str("_{");
            }
            Group::Sup | Group::Raised => {
                // A second superscript needs the first one in braces.
                let raised =
                    matches!(before, Some(Token::Prime(_) | Token::End)) && self.out[self.unit..].contains(['^', '\'']);
                if raised {
                    self.out.insert(self.unit, '{');
                    self.out.push('}');
                }
                self.out.push_str("^{");
            }
            Group::On => self.out.push_str("|_{"),
            Group::Fraction | Group::Ratio => self.put("\\frac{"),
            Group::Small => self.put("\\tfrac{"),
            Group::Root => self.put("\\sqrt{"),
            Group::Dot(1) => self.put("\\dot{"),
            Group::Dot(_) => self.put("\\ddot{"),
        }
        self.open.push((group, unit));
    }

    /// Appends; the name of a command ends before a letter, and reads better so before a digit.
    fn put(&mut self, text: &str) {
        let word = self.out.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        if word.len() < self.out.len() && word.ends_with('\\') && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        {
            self.out.push(' ');
        }
        // One space is enough.
        let text = if self.out.ends_with(' ') { text.trim_start_matches(' ') } else { text };
        self.out.push_str(text);
    }
}

const SIZES: [(&str, &str); 4] = [("", ""), ("\\bigl", "\\bigr"), ("\\Bigl", "\\Bigr"), ("\\biggl", "\\biggr")];

fn opening(bracket: Bracket, size: u8) -> String {
    let glyph = match bracket {
        Bracket::Round | Bracket::Linear => "(",
        Bracket::Square => "[",
        Bracket::Angle => "\\langle ",
        Bracket::Norm => "\\lVert ",
        Bracket::Brace => "\\{",
    };
    format!("{}{glyph}", SIZES[usize::from(size.min(3))].0)
}

fn closing(bracket: Bracket, size: u8) -> String {
    let glyph = match bracket {
        Bracket::Round | Bracket::Linear => ")",
        Bracket::Square => "]",
        Bracket::Angle => "\\rangle",
        Bracket::Norm => "\\rVert",
        Bracket::Brace => "\\}",
    };
    format!("{}{glyph}", SIZES[usize::from(size.min(3))].1)
}
