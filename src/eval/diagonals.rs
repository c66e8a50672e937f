//! Diagonals and traces of products, without the products: the diagonal of A B is the row sums of A ∘ Bᵀ, its trace ⟨A, Bᵀ⟩. What a
//! law compares through `diagvec` or `tr` takes time and memory of its factors, not of their square.

use super::tape::{Primitive, Slot, Tape};

/// How deep sums of products are taken apart.
const DEPTH: usize = 64;

impl Tape {
    /// The diagonal of a square matrix as a column.
    pub(super) fn diagonal_of(&mut self, x: Slot) -> Slot {
        self.diagonal_within(x, DEPTH)
    }

    fn diagonal_within(&mut self, x: Slot, depth: usize) -> Slot {
        let (rows, _) = self.shape_of(x);
        let primitive = self.nodes[x].primitive.clone();
        match primitive {
            _ if depth == 0 => {}
            Primitive::Add(a, b) | Primitive::Sub(a, b) => {
                let diagonals = (self.diagonal_within(a, depth - 1), self.diagonal_within(b, depth - 1));
                let sum = match primitive {
                    Primitive::Add(..) => Primitive::Add(diagonals.0, diagonals.1),
                    _ => Primitive::Sub(diagonals.0, diagonals.1),
                };
                return self.push(sum, rows, 1);
            }
            Primitive::Scale(s, a) => {
                let diagonal = self.diagonal_within(a, depth - 1);
                return self.push(Primitive::Scale(s, diagonal), rows, 1);
            }
            Primitive::Transpose(a) => return self.diagonal_within(a, depth - 1),
            Primitive::Diagonal(a) => return a,
            Primitive::Product(a, b) => {
                // Of a transpose, as in AᵀB, the sums go along the columns: nothing large is transposed.
                if let Primitive::Transpose(of) = self.nodes[a].primitive {
                    let sums = self.push(Primitive::Dots(of, b), 1, rows);
                    return self.transpose(sums);
                }
                let b = self.transposed(b);
                return self.push(Primitive::Dots(a, b), rows, 1);
            }
            _ => {}
        }
        self.push(Primitive::DiagonalOf(x), rows, 1)
    }

    /// The trace of a square matrix.
    pub(super) fn trace(&mut self, x: Slot) -> Slot {
        self.trace_within(x, DEPTH)
    }

    fn trace_within(&mut self, x: Slot, depth: usize) -> Slot {
        let primitive = self.nodes[x].primitive.clone();
        match primitive {
            _ if depth == 0 => {}
            Primitive::Add(a, b) | Primitive::Sub(a, b) => {
                let traces = (self.trace_within(a, depth - 1), self.trace_within(b, depth - 1));
                let sum = match primitive {
                    Primitive::Add(..) => Primitive::Add(traces.0, traces.1),
                    _ => Primitive::Sub(traces.0, traces.1),
                };
                return self.push(sum, 1, 1);
            }
            Primitive::Scale(s, a) => {
                let trace = self.trace_within(a, depth - 1);
                return self.push(Primitive::Scale(s, trace), 1, 1);
            }
            Primitive::Transpose(a) => return self.trace_within(a, depth - 1),
            Primitive::Product(a, b) => {
                if let Primitive::Transpose(of) = self.nodes[a].primitive {
                    return self.push(Primitive::Inner(of, b), 1, 1);
                }
                let b = self.transposed(b);
                return self.push(Primitive::Inner(a, b), 1, 1);
            }
            _ => {}
        }
        let diagonal = self.diagonal_within(x, depth);
        self.push(Primitive::Reduce(diagonal), 1, 1)
    }

    /// The transpose, of a transpose what it is of.
    fn transposed(&mut self, x: Slot) -> Slot {
        match self.nodes[x].primitive {
            Primitive::Transpose(of) => of,
            _ => self.transpose(x),
        }
    }

    /// Leaves out what the last node does not depend on.
    pub(super) fn without_unread(self) -> Tape {
        let mut read = vec![false; self.nodes.len()];
        if let Some(last) = read.last_mut() {
            *last = true;
        }
        for (slot, node) in self.nodes.iter().enumerate().rev() {
            if read[slot] {
                node.primitive.reads(|x| read[x] = true);
            }
        }
        if read.iter().all(|read| *read) {
            return self;
        }
        let mut moved = vec![0; self.nodes.len()];
        let mut nodes = Vec::new();
        for (slot, mut node) in self.nodes.into_iter().enumerate().filter(|(slot, _)| read[*slot]) {
            node.primitive.relocate(|x| moved[x]);
            moved[slot] = nodes.len();
            nodes.push(node);
        }
        Tape { nodes, memo: self.memo }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Bindings, Dense, Matrix, Number, Prime, Probe, Reals, Sizes, stream_of};
    use super::*;
    use crate::term::{Env, Expr, Facts, Op, Shape, Size, Symbol, add, apply, int, mul, sub, sym, transpose};

    const N: usize = 40;

    fn env() -> Env {
        let mut env = Env::default();
        for (name, rows, cols) in [("A", N, 3), ("B", 3, N), ("C", N, N)] {
            let shape = Shape::new(Size::Lit(rows as u64), Size::Lit(cols as u64));
            env.declare(name.into(), shape, Facts::empty());
        }
        env
    }

    /// Formulas whose diagonals and traces need no product of N × N.
    fn formulas() -> Vec<Expr> {
        let [a, b, c] = ["A", "B", "C"].map(|name| sym(Symbol::from(name)));
        let product = mul(&a, &b);
        let gram = mul(&a, &transpose(&a));
        vec![
            product.clone(),
            gram.clone(),
            transpose(&product),
            sub(&mul(&int(3), &gram), &mul(&transpose(&b), &b)),
            add(&sub(&product, &transpose(&c)), &gram),
        ]
    }

    #[test]
    fn diagonals_and_traces_of_products_are_those_of_the_products() {
        let (env, sizes) = (env(), Sizes::new());
        let probe: <Prime as Number>::Oracle = Probe::new(5);
        let random = |name: &str, rows, cols| Dense::<Prime>::generic(rows, cols, stream_of(name), &probe);
        let mut at = Bindings::new();
        for (name, rows, cols) in [("A", N, 3), ("B", 3, N), ("C", N, N)] {
            at.bind(name.into(), random(name, rows, cols));
        }
        for formula in formulas() {
            let value =
                |expr: &Expr| Tape::new(expr, &env, &sizes).expect("well typed").eval(&at, &probe).expect("defined");
            let whole = value(&formula);
            let diagonal = value(&apply(Op::Diagvec, &[&formula]));
            let trace = value(&apply(Op::Tr, &[&formula]));
            let mut sum = Prime::new(0);
            for i in 0..N {
                assert_eq!(diagonal.get(i, 0), whole.get(i, i));
                sum = sum + *whole.get(i, i);
            }
            assert_eq!(*trace.get(0, 0), sum);
        }
    }

    #[test]
    fn no_square_of_a_size_is_formed_for_a_diagonal() {
        let (env, sizes) = (env(), Sizes::new());
        for formula in &formulas()[..4] {
            for op in [Op::Diagvec, Op::Tr] {
                let tape = Tape::new(&apply(op, &[formula]), &env, &sizes).expect("well typed");
                assert!(tape.nodes.iter().all(|node| node.rows * node.cols < N * N), "{:?}", tape.nodes);
                assert!(tape.multiplications() < (10 * N * 3) as u64);
            }
        }
        // What nothing reads is no part of the tape.
        let [a, c] = ["A", "C"].map(|name| sym(Symbol::from(name)));
        let tape = Tape::new(&apply(Op::Tr, &[&mul(&a, &transpose(&a))]), &env, &sizes).expect("well typed");
        assert_eq!((tape.nodes.len(), tape.symbols().count()), (2, 1));
        let mut at = Bindings::new();
        at.bind("C".into(), faer::Mat::<f64>::identity(N, N));
        let gradient = Tape::new(&apply(Op::Tr, &[&mul(&c, &c)]), &env, &sizes).expect("well typed");
        let (value, gradient) = gradient.gradient(&at, &Reals, &["C".into()]).expect("defined");
        assert_eq!((value[(0, 0)], gradient[0][(1, 1)], gradient[0][(0, 1)]), (N as f64, 2.0, 0.0));
    }
}
