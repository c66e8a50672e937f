//! LaTeX for math mode, with the commands of amsmath.

use super::super::{Expr, Rational, Symbol};
use super::layout::{Bracket, Level, Piece, Token};
use super::math::{Marks, Script, print};
use super::names::{Name, latex_escape, latex_subscript, latex_word};
use super::notation::Notation;
use egg::Id;
use num_traits::Signed;

/// A formula in LaTeX.
pub fn latex(expr: &Expr, notation: &Notation) -> String {
    print::<Latex>(expr, notation)
}

pub(super) struct Latex;

impl Script for Latex {
    const MARKS: Marks = Marks {
        minus: "-",
        transpose: "^{\\top}",
        next: "^{+}",
        hadamard: " \\circ ",
        prime: "'",
        differential: "\\mathrm{d}",
        pull_back: "J^{*}",
        loss_hessian: "\\ell''",
        nabla: "\\nabla",
        loss: " L",
    };

    fn number(value: &Rational) -> String {
        if value.is_integer() {
            value.to_string()
        } else {
            format!("\\tfrac{{{}}}{{{}}}", value.numer(), value.denom())
        }
    }

    fn exponent(value: &Rational, elementwise: bool) -> String {
        let circle = if elementwise { "\\circ " } else { "" };
        let sign = if value.is_negative() { "-" } else { "" };
        let value = value.abs();
        if value.is_integer() {
            format!("^{{{circle}{sign}{value}}}")
        } else {
            format!("^{{{circle}{sign}{}/{}}}", value.numer(), value.denom())
        }
    }

    fn superscript(exponent: Id, elementwise: bool) -> Vec<Piece> {
        let open = if elementwise { "^{\\circ " } else { "^{" };
        vec![Piece::text(open), Piece::Node(exponent, Level::Sum), Piece::text("}")]
    }

    fn root(radicand: Id) -> Vec<Piece> {
        vec![Piece::text("\\sqrt{"), Piece::Node(radicand, Level::Sum), Piece::text("}")]
    }

    fn quotient(numerator: Vec<Piece>, divisor: Vec<Piece>, short: bool) -> Vec<Piece> {
        if short {
            return fraction("\\frac{", numerator, divisor);
        }
        let mut out = numerator;
        out.push(Piece::text("/"));
        out.extend(divisor);
        out
    }

    fn small_quotient(numerator: Vec<Piece>, divisor: Vec<Piece>, _several: bool) -> Vec<Piece> {
        fraction("\\tfrac{", numerator, divisor)
    }

    fn symbol(notation: &Notation, name: Symbol) -> String {
        notation.declared_latex(name).map_or_else(|| Name::new(name.as_str()).latex(), str::to_string)
    }

    fn function(name: &str) -> String {
        let parts = Name::new(name);
        if parts.is_symbol() { parts.latex() } else { format!("\\operatorname{{{}}}", latex_escape(name)) }
    }

    fn indexed(letter: &str, index: &str) -> String {
        format!("{letter}{}", latex_subscript(index))
    }

    fn at(letter: &str, symbol: &str) -> String {
        format!("{letter}_{{{symbol}}}")
    }

    fn time_derivative(notation: &Notation, name: Symbol) -> String {
        match notation.declared_latex(name) {
            Some(declared) => format!("\\dot{{{declared}}}"),
            None => {
                let name = Name::new(name.as_str());
                format!("\\dot{{{}}}{}", latex_word(&name.base), latex_subscript(&name.subscript))
            }
        }
    }

    fn generator(symbol: &str) -> String {
        format!("\\xi_{{{symbol}}}")
    }

    fn ones(rows: &str, cols: Option<&str>) -> String {
        match cols {
            None => format!("\\mathbf{{1}}_{{{rows}}}"),
            Some(cols) => format!("\\mathbf{{1}}_{{{rows}\\times {cols}}}"),
        }
    }

    fn base(symbol: String) -> String {
        if symbol.contains(['^', '\'']) { format!("{{{symbol}}}") } else { symbol }
    }

    fn render(tokens: &[Token]) -> String {
        let sizes = bracket_sizes(tokens);
        let mut out = String::new();
        for (i, token) in tokens.iter().enumerate() {
            match token {
                Token::Text(text) => out.push_str(text),
                Token::Open(bracket) => out.push_str(&opening(*bracket, sizes[i])),
                Token::Close(bracket) => out.push_str(&closing(*bracket, sizes[i])),
                Token::Juxtaposition => out.push_str(match tokens.get(i + 1) {
                    Some(Token::Text(next)) if next.starts_with(|c: char| c.is_ascii_digit()) => " \\cdot ",
                    Some(Token::Text(next)) if next.starts_with("\\mathrm") => " \\, ",
                    _ => " ",
                }),
            }
        }
        out
    }
}

fn fraction(command: &'static str, numerator: Vec<Piece>, divisor: Vec<Piece>) -> Vec<Piece> {
    let mut out = vec![Piece::text(command)];
    out.extend(numerator);
    out.push(Piece::text("}{"));
    out.extend(divisor);
    out.push(Piece::text("}"));
    out
}

/// How many brackets deep the contents of each bracket are.
fn bracket_sizes(tokens: &[Token]) -> Vec<usize> {
    let mut sizes = vec![0; tokens.len()];
    // The open brackets and the depth found inside them so far.
    let mut open: Vec<(usize, usize)> = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        match token {
            Token::Open(_) => open.push((i, 0)),
            Token::Close(_) => {
                if let Some((start, depth)) = open.pop() {
                    (sizes[start], sizes[i]) = (depth, depth);
                    if let Some((_, outer)) = open.last_mut() {
                        *outer = (*outer).max(depth + 1);
                    }
                }
            }
            _ => {}
        }
    }
    sizes
}

const SIZES: [(&str, &str); 4] = [("", ""), ("\\bigl", "\\bigr"), ("\\Bigl", "\\Bigr"), ("\\biggl", "\\biggr")];

fn opening(bracket: Bracket, size: usize) -> String {
    let glyph = match bracket {
        Bracket::Round => "(",
        Bracket::Square => "[",
        Bracket::Angle => "\\langle ",
        Bracket::Norm => "\\lVert ",
    };
    format!("{}{glyph}", SIZES[size.min(3)].0)
}

fn closing(bracket: Bracket, size: usize) -> String {
    let glyph = match bracket {
        Bracket::Round => ")",
        Bracket::Square => "]",
        Bracket::Angle => "\\rangle ",
        Bracket::Norm => "\\rVert ",
    };
    format!("{}{}", SIZES[size.min(3)].1, if glyph.starts_with('\\') { glyph.trim_end() } else { glyph })
}
