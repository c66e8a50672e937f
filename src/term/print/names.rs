//! Names as mathematics: `W1` is W with subscript 1, `W_Q` W with subscript Q, `gamma` a Greek letter. A word that more follows is a name of
//! a program, `linear1_weight`, which is not taken apart.

use super::symbols::{SUBSCRIPTS, greek};
use super::token::{Group, Sign, Spacing, Token};

/// A name taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub base: String,
    pub subscript: String,
    pub primes: u8,
}

impl Name {
    /// Splits at the first `_`, or before the digits at the end; primes at the end are the name's.
    pub fn new(name: &str) -> Name {
        let unprimed = name.trim_end_matches('′');
        let primes = ((name.len() - unprimed.len()) / '′'.len_utf8()).min(255) as u8;
        let whole = || Name { base: unprimed.to_string(), subscript: String::new(), primes };
        let (stem, tail) = match unprimed.split_once('_') {
            Some((stem, tail)) if !stem.is_empty() && !tail.is_empty() => (stem, tail),
            _ => (unprimed, ""),
        };
        let base = stem.trim_end_matches(|c: char| c.is_ascii_digit());
        if base.is_empty() || base.ends_with('_') || !tail.is_empty() && !is_letter(base) {
            return whole();
        }
        let digits = &stem[base.len()..];
        let comma = if digits.is_empty() || tail.is_empty() { "" } else { "," };
        Name { base: base.to_string(), subscript: format!("{digits}{comma}{tail}"), primes }
    }

    /// A letter with a subscript: `G₁`.
    pub fn indexed(letter: &str, index: &str) -> Name {
        Name { base: letter.to_string(), subscript: index.to_string(), primes: 0 }
    }

    /// Whether the base is one letter, so that the name reads as a symbol and not as a word.
    pub fn is_symbol(&self) -> bool {
        is_letter(&self.base)
    }

    /// The name as a symbol.
    pub fn tokens(&self) -> Vec<Token> {
        self.around(vec![Token::Symbol(letter(&self.base))])
    }

    /// Its derivative in time; the dot stands over the letter.
    pub fn time_derivative(&self) -> Vec<Token> {
        self.around(vec![Token::Begin(Group::Dot(1)), Token::Symbol(letter(&self.base)), Token::End])
    }

    /// The base, however it is written, with subscript and primes.
    fn around(&self, base: Vec<Token>) -> Vec<Token> {
        let mut out = base;
        if !self.subscript.is_empty() {
            out.push(Token::Begin(Group::Sub));
            for (i, part) in self.subscript.split(',').enumerate() {
                if i > 0 {
                    out.push(Token::Sign(Sign::Comma, Spacing::Tight));
                }
                out.push(Token::Symbol(letter(part)));
            }
            out.push(Token::End);
        }
        if self.primes > 0 {
            out.push(Token::Prime(self.primes));
        }
        out
    }
}

/// The name of a function: a symbol, or a word.
pub(super) fn function(name: &str) -> Vec<Token> {
    let parts = Name::new(name);
    if parts.is_symbol() { parts.tokens() } else { vec![Token::Function(name.to_string())] }
}

fn is_letter(base: &str) -> bool {
    base.chars().count() == 1 || greek(base).is_some()
}

/// A letter or the Greek letter it names.
fn letter(base: &str) -> String {
    greek(base).map_or_else(|| base.to_string(), |(letter, _)| letter.to_string())
}

/// A subscript in subscript letters where each of its characters has one.
pub(super) fn lowered(subscript: &str) -> Option<String> {
    let low = |c: char| match c {
        '×' => Some('ₓ'),
        c => SUBSCRIPTS.iter().find(|(full, _)| *full == c).map(|(_, low)| *low),
    };
    subscript.chars().map(low).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_at_the_end_and_what_follows_an_underscore_are_subscripts() {
        let check = |name: &str, unicode: &str, latex: &str| {
            let tokens = Name::new(name).tokens();
            assert_eq!(super::super::unicode::render(&tokens), unicode);
            assert_eq!(super::super::latex::render(&tokens), latex);
        };
        check("W1", "W₁", "W_{1}");
        check("W_Q", "W_Q", "W_{Q}");
        check("W_up", "Wᵤₚ", "W_{\\mathrm{up}}");
        check("gamma", "γ", "\\gamma");
        check("γ2", "γ₂", "\\gamma_{2}");
        check("W_alpha", "W_α", "W_{\\alpha}");
        check("W1_Q", "W_1,Q", "W_{1,Q}");
        check("W1′", "W₁′", "W_{1}'");
        check("gain", "gain", "\\mathrm{gain}");
        check("gain1", "gain₁", "\\mathrm{gain}_{1}");
        check("linear1_weight", "linear1_weight", "\\mathrm{linear1\\_weight}");
        check("a_b_c", "a_b_c", "a_{\\mathrm{b\\_c}}");
        check("_", "_", "\\mathrm{\\_}");
        check("__1", "__1", "\\mathrm{\\_\\_1}");
    }
}
