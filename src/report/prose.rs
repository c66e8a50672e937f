//! Running text with formulas and references in it.

use crate::term::print::{Line, xml_text as escape};
use crate::term::{Word, Words};

/// A sentence or a part of one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Prose(pub Vec<Inline>);

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Inline {
    /// Plain Unicode text.
    Text(String),
    Math(Line),
    Code(String),
    Emphasis(String),
    Strong(String),
    /// `Theorem 3`: what it is, and its label.
    Reference(&'static str, String),
    /// `(7)`, by the equation's label.
    Equation(String),
    /// `[1]`, by the source's key.
    Citation(String),
}

/// Texts, formulas and sentences one after the other as they stand.
macro_rules! prose {
    ($($piece:expr),* $(,)?) => {{
        let prose = $crate::report::prose::Prose::default();
        $(let prose = prose.glue($crate::report::prose::Prose::from($piece));)*
        prose
    }};
}
pub(super) use prose;

impl From<&str> for Prose {
    fn from(text: &str) -> Prose {
        Prose::text(text)
    }
}

impl From<String> for Prose {
    fn from(text: String) -> Prose {
        Prose::text(text)
    }
}

impl From<Line> for Prose {
    fn from(formula: Line) -> Prose {
        Prose::math(formula)
    }
}

impl From<&Words> for Prose {
    fn from(words: &Words) -> Prose {
        words.0.iter().fold(Prose::default(), |out, word| match word {
            Word::Text(text) => out.then(text),
            Word::Formula(formula) => out.glue(Prose::math(formula.as_str())),
        })
    }
}

impl Prose {
    pub fn text(text: impl Into<String>) -> Prose {
        Prose(vec![Inline::Text(text.into())])
    }

    pub fn math(formula: impl Into<Line>) -> Prose {
        Prose(vec![Inline::Math(formula.into())])
    }

    /// A sentence with mathematics in Unicode between backticks: `` the kernel of `H` ``. A backtick that is not closed is one.
    pub fn marked(text: &str) -> Prose {
        Words::marked(text).map_or_else(|| Prose::text(text), |words| Prose::from(&words))
    }

    /// A text with names of files between backticks; as it stands where one of them is not closed.
    pub fn coded(text: &str) -> Prose {
        let piece = |word| match word {
            Word::Text(text) => Inline::Text(text),
            Word::Formula(code) => Inline::Code(code),
        };
        Words::marked(text).map_or_else(|| Prose::text(text), |words| Prose(words.0.into_iter().map(piece).collect()))
    }

    pub fn reference(what: &'static str, label: String) -> Prose {
        Prose(vec![Inline::Reference(what, label)])
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|inline| matches!(inline, Inline::Text(text) if text.is_empty()))
    }

    /// Followed by plain text as it stands.
    pub fn then(self, text: &str) -> Prose {
        self.glue(Prose::text(text))
    }

    /// Followed by more as it stands.
    pub fn glue(mut self, more: Prose) -> Prose {
        for inline in more.0 {
            match (self.0.last_mut(), inline) {
                (_, Inline::Text(text)) if text.is_empty() => {}
                (Some(Inline::Text(last)), Inline::Text(text)) => last.push_str(&text),
                (_, inline) => self.0.push(inline),
            }
        }
        self
    }

    /// Followed by more, a space between them where one is missing.
    pub fn join(self, more: Prose) -> Prose {
        if self.is_empty() || more.is_empty() {
            return self.glue(more);
        }
        let ends = match self.0.last() {
            Some(Inline::Text(text)) => text.ends_with([' ', '(', '~']),
            _ => false,
        };
        let starts = match more.0.first() {
            Some(Inline::Text(text)) => text.starts_with([' ', ',', ';', '.', ':', ')']),
            _ => false,
        };
        if ends || starts { self.glue(more) } else { self.then(" ").glue(more) }
    }

    /// `a`, `a and b`, `a, b and c`.
    pub fn enumerated(all: Vec<Prose>) -> Prose {
        let last = all.len().saturating_sub(1);
        all.into_iter().enumerate().fold(Prose::default(), |out, (i, one)| match i {
            0 => one,
            i if i == last => out.then(" and ").glue(one),
            _ => out.then(", ").glue(one),
        })
    }

    /// The first letter raised, unless it is mathematics.
    pub fn sentence(mut self) -> Prose {
        if let Some(Inline::Text(text)) = self.0.iter_mut().find(|i| !matches!(i, Inline::Text(t) if t.is_empty())) {
            let mut chars = text.chars();
            if let Some(first) = chars.next().filter(char::is_ascii_lowercase) {
                *text = first.to_ascii_uppercase().to_string() + chars.as_str();
            }
        }
        self
    }

    /// In Unicode, for a terminal.
    pub fn unicode(&self) -> String {
        let one = |inline: &Inline| match inline {
            Inline::Text(text) | Inline::Code(text) | Inline::Emphasis(text) | Inline::Strong(text) => text.clone(),
            Inline::Math(formula) => formula.unicode(),
            Inline::Reference(what, label) => format!("{what} {label}"),
            Inline::Equation(label) => format!("({label})"),
            Inline::Citation(key) => format!("[{key}]"),
        };
        self.0.iter().map(one).collect()
    }

    /// In HTML, each reference as a page writes it.
    pub fn html(&self, refer: impl Fn(&Inline) -> String) -> String {
        let one = |inline: &Inline| match inline {
            Inline::Text(text) => escape(text),
            Inline::Math(formula) => formula.mathml(),
            Inline::Code(text) => format!("<code>{}</code>", escape(text)),
            Inline::Emphasis(text) => format!("<em>{}</em>", escape(text)),
            Inline::Strong(text) => format!("<strong>{}</strong>", escape(text)),
            Inline::Reference(..) | Inline::Equation(_) | Inline::Citation(_) => refer(inline),
        };
        self.0.iter().map(one).collect()
    }

    /// As words among mathematics.
    pub fn line(&self) -> Line {
        let mut out = Line::default();
        for inline in &self.0 {
            out.push(match inline {
                Inline::Math(formula) => formula.clone(),
                other => Line::words(&Prose(vec![other.clone()]).unicode()),
            });
        }
        out
    }
}
