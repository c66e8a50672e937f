//! Running text with formulas and references in it.

use super::words;

/// A sentence or a part of one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::report) struct Prose(pub Vec<Inline>);

#[derive(Clone, Debug, PartialEq)]
pub(in crate::report) enum Inline {
    /// Plain Unicode text.
    Text(String),
    /// A LaTeX formula.
    Math(String),
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

impl Prose {
    pub fn text(text: impl Into<String>) -> Prose {
        Prose(vec![Inline::Text(text.into())])
    }

    pub fn math(latex: impl Into<String>) -> Prose {
        Prose(vec![Inline::Math(latex.into())])
    }

    /// A sentence with Unicode mathematics in it; runs of mathematical words become one formula.
    pub fn words(text: &str) -> Prose {
        words::prose(text)
    }

    /// A sentence that has LaTeX formulas between dollars and Unicode mathematics in it.
    pub fn marked(text: &str) -> Prose {
        let parts = text.split('$').enumerate().map(|(i, part)| {
            if i % 2 == 1 {
                return Prose::math(part);
            }
            let start = if part.starts_with(' ') { " " } else { "" };
            let end = if part.ends_with(' ') && part.len() > 1 { " " } else { "" };
            Prose::text(start).join(words::prose(part)).then(end)
        });
        parts.fold(Prose::default(), Prose::glue)
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
            *text = words::sentence(text);
        }
        self
    }
}
