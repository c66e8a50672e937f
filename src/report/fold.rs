//! Breaking a formula into lines: before signs and relations, after commas, between factors; outside of brackets first.

use unicode_width::UnicodeWidthStr;

const DEPTH: u32 = 4;

/// A place where a line may end.
struct Gap {
    /// Where the line ends and where the next begins.
    end: usize,
    next: usize,
    /// How reluctantly it is taken: `DEPTH` for each bracket it is in; 0 between statements, 1 before a sign or after a
    /// comma, 2 elsewhere.
    rank: u32,
}

/// A Unicode formula in lines of that many columns, those after the first `hang` narrower.
pub(super) fn unicode(formula: &str, width: usize, hang: usize) -> Vec<&str> {
    let measure = |text: &str| text.width() as f64;
    lines(formula, &unicode_gaps(formula), width as f64, hang as f64, measure)
}

/// A LaTeX formula in lines of that many points, those after the first `hang` narrower.
pub(super) fn latex(formula: &str, width: f64, hang: f64) -> Vec<&str> {
    lines(formula, &latex_gaps(formula), width, hang, points)
}

fn lines<'t>(text: &'t str, gaps: &[Gap], width: f64, hang: f64, measure: impl Fn(&str) -> f64) -> Vec<&'t str> {
    let mut out = Vec::new();
    let (mut from, mut room) = (0, width);
    while measure(&text[from..]) > room {
        let ahead = || gaps.iter().filter(|g| g.end > from);
        // A line that is not even a third full is taken only rather than a break two brackets deeper.
        let cost = |g: &Gap| g.rank + if measure(&text[from..g.end]) < room / 3.0 { DEPTH + 2 } else { 0 };
        let fitting = ahead().filter(|g| measure(&text[from..g.end]) <= room);
        let Some(gap) = fitting.min_by_key(|g| (cost(g), usize::MAX - g.end)).or_else(|| ahead().next()) else { break };
        out.push(&text[from..gap.end]);
        from = gap.next;
        room = width - hang;
    }
    out.push(&text[from..]);
    out
}

fn unicode_gaps(text: &str) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let (mut depth, mut norm) = (0u32, 0u32);
    let mut before = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '(' | '[' | '⟨' => depth += 1,
            ')' | ']' | '⟩' => depth = depth.saturating_sub(1),
            '‖' => norm = 1 - norm,
            ' ' => {
                let wide = chars.next_if(|(_, c)| *c == ' ').is_some();
                while chars.next_if(|(_, c)| *c == ' ').is_some() {}
                let Some(&(next, sign)) = chars.peek() else { break };
                let spaced = text[next..].chars().nth(1) == Some(' ');
                let good = matches!(before, Some(',' | ';')) || spaced && "+−=≥≤".contains(sign);
                // What follows a sign belongs to it.
                if !before.is_some_and(|b| "+−=≥≤".contains(b)) {
                    gaps.push(Gap {
                        end: at,
                        next,
                        rank: DEPTH * (depth + norm) + if good { u32::from(!wide) } else { 2 },
                    });
                }
            }
            _ => {}
        }
        before = Some(c);
    }
    gaps
}

const OPENING: [&str; 4] = ["(", "[", "\\langle", "\\lVert"];
const CLOSING: [&str; 4] = [")", "]", "\\rangle", "\\rVert"];
const SIGNS: [&str; 6] = [" + ", " - ", " = ", " \\circ ", " \\ge ", " \\le "];

fn latex_gaps(text: &str) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let (mut braces, mut depth) = (0u32, 0u32);
    let mut at = 0;
    // Whether what was read last ends a factor.
    let mut factor = false;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let mut taken = c.len_utf8();
        let mut ends = true;
        if OPENING.iter().any(|b| rest.starts_with(b)) {
            depth += 1;
            ends = false;
        } else if CLOSING.iter().any(|b| rest.starts_with(b)) {
            depth = depth.saturating_sub(1);
        }
        match c {
            '{' => braces += 1,
            '}' => braces = braces.saturating_sub(1),
            '\\' => {
                let name = rest[1..].chars().take_while(char::is_ascii_alphabetic).count();
                taken += name.max(1);
                ends = rest.starts_with("\\rangle") || rest.starts_with("\\rVert");
            }
            ',' if braces == 0 => {
                let space = ["\\;", "\\quad", "\\qquad"].iter().find(|s| rest[1..].starts_with(**s));
                let skip = 1 + space.map_or(0, |s| s.len());
                if space.is_some() || rest[1..].starts_with(' ') {
                    let next = at + skip + rest[skip..].len() - rest[skip..].trim_start().len();
                    let wide = space.is_some_and(|s| s.starts_with("\\q"));
                    gaps.push(Gap { end: at + 1, next, rank: DEPTH * depth + u32::from(!wide) });
                    taken = next - at;
                }
                ends = false;
            }
            ' ' if braces == 0 => {
                if SIGNS.iter().any(|s| rest.starts_with(s)) {
                    if factor {
                        let product = rest.starts_with(" \\circ ");
                        gaps.push(Gap { end: at, next: at + 1, rank: DEPTH * depth + 1 + u32::from(product) });
                    }
                    // The sign itself is read with its space, so that nothing is broken after it.
                    let sign = rest[1..].find(' ').map_or(rest.len(), |s| s + 2);
                    taken = sign;
                    ends = false;
                } else if factor && taken < rest.len() {
                    gaps.push(Gap { end: at, next: at + 1, rank: DEPTH * depth + 2 });
                }
            }
            _ => {}
        }
        factor = ends;
        at += taken;
    }
    gaps
}

/// Roughly how wide a formula is, in points at 11 pt.
pub(super) fn points(latex: &str) -> f64 {
    let mut total = 0.0;
    // The scale of each open group, and of what comes next.
    let mut scales = vec![1.0f64];
    let mut script = false;
    let mut upright = false;
    let mut at = 0;
    while let Some(c) = latex[at..].chars().next() {
        let scale = scales.last().copied().unwrap_or(1.0) * if script { 0.72 } else { 1.0 };
        let mut taken = c.len_utf8();
        let mut kept = false;
        match c {
            '^' | '_' => {
                script = true;
                kept = true;
            }
            '{' => {
                scales.push(scale);
                script = false;
            }
            '}' => {
                if scales.len() > 1 {
                    scales.pop();
                }
                upright = false;
            }
            '\\' => {
                let name: String = latex[at + 1..].chars().take_while(char::is_ascii_alphabetic).collect();
                taken = 1 + if name.is_empty() {
                    latex[at + 1..].chars().next().map_or(0, char::len_utf8)
                } else {
                    name.len()
                };
                if matches!(name.as_str(), "operatorname" | "text" | "mathrm" | "texttt") {
                    upright = true;
                }
                total += scale * command(&name);
            }
            ' ' if upright => total += 3.3 * scale,
            ' ' => kept = true,
            '+' | '-' | '=' | '<' | '>' => total += 14.0 * scale,
            'a'..='z' => total += if upright { 5.2 } else { 5.7 } * scale,
            'A'..='Z' => total += 8.8 * scale,
            '0'..='9' => total += 5.5 * scale,
            '(' | ')' | '[' | ']' | '/' => total += 4.6 * scale,
            ',' | '.' | '\'' => total += 4.6 * scale,
            _ => total += 5.5 * scale,
        }
        if !kept && c != '{' {
            script = false;
        }
        at += taken;
    }
    total
}

fn command(name: &str) -> f64 {
    match name {
        "quad" => 11.0,
        "qquad" => 22.0,
        "" => 2.5,
        "bigl" | "bigr" | "Bigl" | "Bigr" | "biggl" | "biggr" => 2.0,
        "operatorname" | "tfrac" | "frac" => 4.0,
        "text" | "mathrm" | "mathbf" | "mathbb" | "mathfrak" | "dot" | "ddot" | "overset" | "texttt" => 0.0,
        "langle" | "rangle" | "lVert" | "rVert" => 4.8,
        "ge" | "le" | "in" | "mapsto" | "to" | "times" | "circ" | "cdot" | "supseteq" => 14.0,
        "nabla" | "Delta" | "top" => 9.0,
        "sqrt" => 9.5,
        "min" | "max" | "ker" | "dim" | "log" | "exp" => 19.0,
        _ => 6.8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_break_before_signs_outside_of_brackets() {
        assert_eq!(unicode("d/dt (a + b) = f(x + y) + g(x + y)", 24, 2), ["d/dt (a + b) = f(x + y)", "+ g(x + y)"]);
        let part = "\\operatorname{abcdefghijklmnop}(x + y)";
        let sum = [part; 4].join(" + ");
        let folded = latex(&sum, 400.0, 20.0);
        assert_eq!(folded.len(), 2);
        assert!(folded[1].starts_with("+ \\operatorname"), "{folded:?}");
    }

    #[test]
    fn lists_break_after_commas_and_products_between_factors() {
        assert_eq!(unicode("A W on W, B V on V", 12, 0), ["A W on W,", "B V on V"]);
        assert_eq!(unicode("(aaaa + bbbb)(cccc) (dddd)", 20, 0), ["(aaaa + bbbb)(cccc)", "(dddd)"]);
        let factor = "\\operatorname{abcdefghijklmnopqrstuvwxyz}(x)";
        assert_eq!(latex(&[factor; 3].join(" "), 400.0, 0.0).len(), 2);
    }

    #[test]
    fn a_group_of_tex_is_never_broken() {
        let deep = format!("\\frac{{{}}}{{x}}", ["abcdefgh"; 20].join(" + "));
        assert_eq!(latex(&deep, 100.0, 0.0), [deep.as_str()]);
    }
}
