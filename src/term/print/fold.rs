//! Breaking a formula into lines: before signs and relations, after commas, between factors; outside of brackets first.

use super::token::{Class, Group, Sign, Space, Spacing, Token, depths};

const DEPTH: u32 = 4;

/// A place where a line may end.
struct Gap {
    /// The token that is the first of the next line.
    next: usize,
    /// How reluctantly it is taken: `DEPTH` for each bracket it is in; 0 between statements, 1 before a sign or after a
    /// comma, 2 elsewhere.
    rank: u32,
}

/// The tokens in lines of that width, those after the first narrower by `hang`, by a measure of what stands in a line.
/// `quotients` says whether a line may end inside a quotient, as it may where that is written in a line.
pub(super) fn lines(
    tokens: &[Token],
    width: f64,
    hang: f64,
    quotients: bool,
    measure: impl Fn(&[Token]) -> f64,
) -> Vec<&[Token]> {
    let gaps = gaps(tokens, quotients);
    let mut out = Vec::new();
    let (mut from, mut room) = (0, width);
    // Most formulas fit.
    let fits_at_once = |rest: &[Token], room: f64| rest.len() as f64 <= 2.0 * room && measure(rest) <= room;
    while !fits_at_once(&tokens[from..], room) {
        // What is far beyond the end of the line is not measured; what closes a bracket may be narrower than what opens it.
        let mut ahead: Vec<(&Gap, f64)> = Vec::new();
        let mut farther = gaps[gaps.partition_point(|g| g.next <= from)..].iter();
        let mut fits = true;
        while fits && let Some(gap) = farther.next() {
            let taken = measure(&tokens[from..gap.next]);
            fits = taken <= 2.0 * room;
            ahead.push((gap, taken));
        }
        if fits && measure(&tokens[from..]) <= room {
            break;
        }
        // A line that is not even a third full is taken only rather than a break two brackets deeper.
        let cost = |(g, taken): &(&Gap, f64)| g.rank + if *taken < room / 3.0 { DEPTH + 2 } else { 0 };
        let fitting = ahead.iter().filter(|(_, taken)| *taken <= room);
        let Some((gap, _)) = fitting.min_by_key(|g| (cost(g), usize::MAX - g.0.next)).or(ahead.first()) else { break };
        out.push(&tokens[from..gap.next]);
        from = gap.next;
        room = width - hang;
    }
    out.push(&tokens[from..]);
    out
}

fn gaps(tokens: &[Token], quotients: bool) -> Vec<Gap> {
    let mut out = Vec::new();
    let depths = depths(tokens);
    let ratios = ratios(tokens);
    for (i, token) in tokens.iter().enumerate().skip(1) {
        let (mut brackets, mut groups) = depths[i];
        if quotients {
            // The sides of a quotient in a line are as good as brackets.
            brackets += ratios[i] - u32::from(*token == Token::Over && ratios[i] > 0);
            groups -= ratios[i].min(groups);
        }
        if groups > 0 {
            continue;
        }
        let before = &tokens[i - 1];
        let rank = match (before, token) {
            (Token::Open(..) | Token::Begin(_) | Token::Over, _) | (_, Token::Close(..)) => None,
            (Token::Space(Space::Quad | Space::Wide), _) => Some(0),
            (Token::Space(space), _)
                if matches!(space, Space::Thick | Space::Item) || i > 1 && is_comma(&tokens[i - 2]) =>
            {
                Some(1)
            }
            (_, Token::Because(_)) => Some(1),
            (_, Token::Sign(sign, Spacing::Spaced)) => match (sign.class(), sign) {
                (Class::Sum, _) => Some(1),
                (Class::Relation, Sign::In | Sign::MapsTo | Sign::SuchThat) => Some(2),
                (Class::Relation, _) => Some(1),
                (Class::Product | Class::Ordinary, _) => Some(2),
                (Class::Prefix | Class::Punctuation, _) => None,
            },
            // The sign between two numbers must not be lost.
            (Token::Juxtaposition, Token::Number(_) | Token::Bold(_)) => None,
            (Token::Juxtaposition, _) => Some(2),
            (_, Token::Over) => Some(2),
            (Token::Space(Space::Word), _) => Some(2),
            (Token::Words(words), _) if words.ends_with(' ') => Some(2),
            _ => None,
        };
        out.extend(rank.map(|rank| Gap { next: i, rank: DEPTH * brackets + rank }));
    }
    out
}

fn is_comma(token: &Token) -> bool {
    matches!(token, Token::Sign(sign, _) if sign.class() == Class::Punctuation)
}

/// How many quotients lie around each token.
fn ratios(tokens: &[Token]) -> Vec<u32> {
    let mut open: Vec<bool> = Vec::new();
    let count = |token: &Token| {
        if *token == Token::End {
            open.pop();
        }
        let here = open.iter().filter(|ratio| **ratio).count() as u32;
        if let Token::Begin(group) = token {
            open.push(*group == Group::Ratio);
        }
        here
    };
    tokens.iter().map(count).collect()
}

/// The first equality outside of all brackets, where it is the only relation of the line.
pub(super) fn relation(tokens: &[Token]) -> Option<usize> {
    let outside = |i: &usize, depths: &[(u32, u32)]| depths[*i] == (0, 0);
    let depths = depths(tokens);
    let at = (0..tokens.len()).filter(|i| outside(i, &depths)).find(|&i| {
        // What stands after a comma is another statement.
        is_comma(&tokens[i]) || matches!(tokens[i], Token::Sign(Sign::Equal, Spacing::Spaced))
    })?;
    (!is_comma(&tokens[at])).then_some(at)
}
