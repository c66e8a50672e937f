//! Translate, Translate(n), Translate(m x n): a scalar, a vector or a matrix under addition.

use super::*;

pub struct Translate;

impl Group for Translate {
    fn name(&self) -> &'static str {
        "Translate"
    }

    fn symbol(&self) -> (&'static str, &'static str) {
        ("Translate", r"\mathrm{T}")
    }

    fn sizes(&self) -> RangeInclusive<usize> {
        0..=2
    }

    fn element(&self, sizes: &[Size]) -> Option<(Shape, Facts)> {
        Some((shape(sizes), Facts::empty()))
    }

    fn identity(&self, sizes: &[Size]) -> Expr {
        let shape = shape(sizes);
        if shape.is_scalar() { int(0) } else { crate::term::zeros(shape) }
    }

    fn compose(&self, g: &Expr, h: &Expr) -> Expr {
        add(g, h)
    }

    fn algebra(&self, sizes: &[Size]) -> Option<Algebra> {
        let shape = shape(sizes);
        let dimension = match sizes {
            [] => int(1),
            [n] => size(*n),
            [n, Size::Lit(1)] | [Size::Lit(1), n, ..] => size(*n),
            _ => mul(&size(shape.rows), &size(shape.cols)),
        };
        let range = match sizes {
            [] => "every number".to_string(),
            [n] => format!("every vector in ℝ^{n}"),
            _ => format!("every {}×{} matrix", shape.rows, shape.cols),
        };
        Some(Algebra { shape, families: vec![whole(range, Facts::empty(), dimension, Projection::Identity)] })
    }
}

fn shape(sizes: &[Size]) -> Shape {
    match *sizes {
        [] => Shape::SCALAR,
        [n] => Shape::column(n),
        [m, n, ..] => Shape::new(m, n),
    }
}
