//! The colours of a text.

use anstyle::{AnsiColor, Style};

/// What a piece of text is, which decides its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) enum Look {
    Plain,
    Heading,
    /// Numbers of laws and claims.
    Number,
    /// What may be skipped: remarks, hypotheses, bookkeeping.
    Aside,
    Good,
    Bad,
    Doubtful,
}

impl Look {
    fn style(self) -> Style {
        match self {
            Look::Plain => Style::new(),
            Look::Heading => Style::new().bold(),
            Look::Number => AnsiColor::Cyan.on_default(),
            Look::Aside => Style::new().dimmed(),
            Look::Good => AnsiColor::Green.on_default(),
            Look::Bad => AnsiColor::Red.on_default().bold(),
            Look::Doubtful => AnsiColor::Yellow.on_default(),
        }
    }

    pub fn paint(self, text: &str) -> String {
        let style = self.style();
        if self == Look::Plain { text.to_string() } else { format!("{style}{text}{style:#}") }
    }
}
