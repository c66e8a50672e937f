//! Families of matrices of polynomials of the same shape: of each parameter one, with fixed data and with the number 1.

use super::block::Block;
use super::fields::Fields;
use super::polynomial::Polynomial;
use super::summand::{Side, Summand};
use crate::term::{Expr, Rational, Shape, Size, add, scaled};

/// Families of matrices of the same shape, of which conserved quantities are sums: of degree 1 or 2 in the parameters and the fixed
/// data together, and of lower degree in the parameters alone.
pub(super) fn families(fields: &Fields, degree: usize) -> Vec<Vec<Summand>> {
    let blocks: Vec<&Block> = fields.state().iter().chain(fields.fixed()).collect();
    let mut offset = 0;
    let mut sides: Vec<Side> = Vec::new();
    for block in blocks {
        let (name, shape, extent) = (block.name, block.shape, (block.rows, block.cols));
        sides.extend([true, false].map(|rows| Side { name, shape, extent, offset, rows }));
        offset += block.rows * block.cols;
    }
    let fixed = sides.split_off(2 * fields.state().len());
    match degree {
        1 => linear(&sides),
        2 => quadratic(&sides, &fixed),
        _ => Vec::new(),
    }
}

/// The matrices themselves, the sums of their rows and columns, of all their entries.
fn linear(sides: &[Side]) -> Vec<Vec<Summand>> {
    let of_shape = |shape: &Shape| wholes(sides).filter(|side| side.shape == *shape).map(Side::whole).collect();
    let matrices: Vec<Vec<Summand>> = shapes(sides).iter().map(of_shape).collect();
    let totals = vec![wholes(sides).map(Side::total).collect()];
    [matrices, of_sizes(sides, &|side| vec![side.sums()]), totals].concat()
}

/// Gram matrices, their diagonals and traces, Hadamard products: of W, of W with fixed data, of W with ones.
fn quadratic(sides: &[Side], fixed: &[Side]) -> Vec<Vec<Summand>> {
    let partners = |side: &Side| -> Vec<Side> {
        fixed.iter().filter(|other| other.shape == side.shape && other.rows == side.rows).cloned().collect()
    };
    let with = |side: &Side, make: &dyn Fn(&Side) -> Summand| partners(side).iter().map(make).collect::<Vec<_>>();
    let grams = of_sizes(sides, &|side| vec![side.gram()]);
    let further = of_sizes(sides, &|side| {
        let symmetric: Vec<Summand> = side.symmetric().into_iter().collect();
        [with(side, &|other| side.cross(other)), symmetric].concat()
    });
    let diagonals = of_sizes(sides, &|side| vec![side.diagonal()]);
    let sums = of_sizes(sides, &|side| [with(side, &|other| side.cross_diagonal(other)), vec![side.sums()]].concat());
    let norms = wholes(sides).map(Side::norm);
    let inner = wholes(sides).flat_map(|side| [with(side, &|other| side.inner(other)), vec![side.total()]].concat());
    let pairs = |shape: &Shape| {
        let sides: Vec<&Side> = wholes(sides).filter(|side| side.shape == *shape).take(PAIRED).collect();
        let later = |i: usize| sides[i + 1..].iter().map(|s| sides[i].hadamard(s)).collect::<Vec<_>>();
        let products = (0..sides.len()).flat_map(later);
        let given = sides.iter().flat_map(|side| with(side, &|other| side.hadamard(other)));
        products.chain(given).chain(sides.iter().map(|side| side.whole())).collect::<Vec<_>>()
    };
    let centred = of_sizes(sides, &|side| side.centred().into_iter().collect());
    let joined = |one: Vec<Vec<Summand>>, other: Vec<Vec<Summand>>| {
        one.into_iter().zip(other).map(|(one, other)| [one, other].concat()).collect::<Vec<_>>()
    };
    [
        joined(grams, further),
        joined(diagonals, sums),
        vec![norms.chain(inner).collect()],
        shapes(sides).iter().map(pairs).collect(),
        centred,
    ]
    .concat()
}

/// Each matrix once.
fn wholes(sides: &[Side]) -> impl Iterator<Item = &Side> {
    sides.iter().step_by(2)
}

/// For each size, literal ones left out, what is made of the sides of that size.
fn of_sizes(sides: &[Side], make: &dyn Fn(&Side) -> Vec<Summand>) -> Vec<Vec<Summand>> {
    let mut sizes: Vec<Size> = Vec::new();
    for size in sides.iter().map(Side::size) {
        if size != Size::Lit(1) && !sizes.contains(&size) {
            sizes.push(size);
        }
    }
    let of = |size: &Size| sides.iter().filter(|side| side.size() == *size).flat_map(make).collect();
    sizes.iter().map(of).collect()
}

fn shapes(sides: &[Side]) -> Vec<Shape> {
    let mut shapes: Vec<Shape> = Vec::new();
    for side in sides {
        if !shapes.contains(&side.shape) {
            shapes.push(side.shape);
        }
    }
    shapes
}

/// The most parameters of a shape that are multiplied with each other.
const PAIRED: usize = 8;

/// Σ cᵢ Mᵢ.
pub(super) struct Combination(pub Vec<(Rational, Summand)>);

impl Combination {
    pub fn entries(&self) -> usize {
        self.0.iter().map(|(_, s)| s.entries).min().unwrap_or(0)
    }

    pub fn entry(&self, k: usize) -> Polynomial {
        let parts: Vec<(&Rational, Polynomial)> = self.0.iter().map(|(c, s)| (c, s.entry(k))).collect();
        Polynomial::sum(parts.iter().map(|(c, q)| (*c, q)))
    }

    pub fn formula(&self) -> Option<Expr> {
        self.0.iter().map(|(c, s)| scaled(c.clone(), &s.formula)).reduce(|a, b| add(&a, &b))
    }
}
