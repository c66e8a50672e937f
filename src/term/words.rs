//! Words with formulas among them: what stands between backticks is mathematics, in Unicode.

use std::fmt;

/// A sentence or a part of one: `` `f` is odd ``.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words(pub Vec<Word>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    Text(String),
    /// Mathematics in Unicode.
    Formula(String),
}

impl Words {
    /// A text with its formulas between backticks; `None` where one of them is not closed.
    pub fn marked(text: &str) -> Option<Words> {
        let parts: Vec<&str> = text.split('`').collect();
        let words = parts.iter().enumerate().filter(|(_, part)| !part.is_empty()).map(|(i, part)| match i % 2 {
            0 => Word::Text(part.to_string()),
            _ => Word::Formula(part.to_string()),
        });
        (parts.len() % 2 == 1).then(|| Words(words.collect()))
    }

    /// A text without formulas.
    pub fn plain(text: impl Into<String>) -> Words {
        Words(vec![Word::Text(text.into())])
    }

    /// The text that [`Words::marked`] reads.
    pub fn source(&self) -> String {
        let word = |word: &Word| match word {
            Word::Text(text) => text.clone(),
            Word::Formula(text) => format!("`{text}`"),
        };
        self.0.iter().map(word).collect()
    }
}

/// Without the backticks.
impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|word| match word {
            Word::Text(text) | Word::Formula(text) => f.write_str(text),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_backticks_is_a_formula() {
        let words = Words::marked("`f` is odd on `X∘Y`").unwrap();
        let (formula, text) = (|f: &str| Word::Formula(f.into()), |t: &str| Word::Text(t.into()));
        assert_eq!(words.0, [formula("f"), text(" is odd on "), formula("X∘Y")]);
        assert_eq!(words.to_string(), "f is odd on X∘Y");
        assert_eq!(Words::marked("softmax of Z"), Some(Words::plain("softmax of Z")));
        assert_eq!(Words::marked("`f is odd"), None);
    }
}
