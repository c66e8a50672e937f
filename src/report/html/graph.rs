//! The lemmas of an article as a graph: each to the right of those it rests on.

use crate::report::article::Node;
use crate::term::print::xml_text as escape;

/// The room of a lemma, and the box in it.
const COLUMN: usize = 250;
const LINE: usize = 34;
const BOX: (usize, usize) = (222, 26);

/// The graph as a drawing whose boxes are links; nothing for a single lemma.
pub(super) fn svg(nodes: &[Node], number: &dyn Fn(&str) -> String) -> String {
    if nodes.len() < 2 {
        return String::new();
    }
    // Premises stand before what rests on them.
    let mut places: Vec<(usize, usize)> = Vec::new();
    for node in nodes {
        let column = node.rests.iter().map(|i| places[*i].0 + 1).max().unwrap_or(0);
        let line = places.iter().filter(|(known, _)| *known == column).count();
        places.push((column, line));
    }
    let corner = |i: usize| (places[i].0 * COLUMN + 2, places[i].1 * LINE + 2);
    let columns = places.iter().map(|(column, _)| column + 1).max().unwrap_or(1);
    let lines = places.iter().map(|(_, line)| line + 1).max().unwrap_or(1);
    let (width, height) = (columns * COLUMN, lines * LINE);
    let mut out = format!(
        "<svg class=\"graph\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"Which lemma rests on which\">\n"
    );
    for (i, node) in nodes.iter().enumerate() {
        let (x, y) = corner(i);
        for rest in &node.rests {
            let (from, height) = corner(*rest);
            let (from, start, end) = (from + BOX.0, height + BOX.1 / 2, y + BOX.1 / 2);
            let middle = usize::midpoint(from, x);
            out += &format!("<path d=\"M{from} {start} C{middle} {start} {middle} {end} {x} {end}\"></path>\n");
        }
    }
    for (i, node) in nodes.iter().enumerate() {
        let ((x, y), (w, h)) = (corner(i), BOX);
        let (label, title) = (escape(&node.label), escape(node.title));
        let laws = if node.laws == 1 { "1 law".to_string() } else { format!("{} laws", node.laws) };
        out += &format!(
            "<a href=\"#{label}\"><rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"4\"></rect>\
             <text x=\"{}\" y=\"{}\">{} {title}</text><title>{laws}</title></a>\n",
            x + 8,
            y + 18,
            number(&node.label),
        );
    }
    out + "</svg>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rests_on_another_stands_to_its_right() {
        let node = |label: &str, rests: Vec<usize>| Node { label: label.into(), title: "title", laws: 1, rests };
        let drawn = svg(&[node("a", vec![]), node("b", vec![0]), node("c", vec![0, 1])], &|_| "1".into());
        assert_eq!(drawn.matches("<path").count(), 3);
        assert!(drawn.contains("viewBox=\"0 0 750 34\""), "{drawn}");
        assert_eq!(svg(&[node("a", vec![])], &|_| "1".into()), "");
    }
}
