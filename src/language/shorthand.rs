//! Words for formulas that are written often: `vec(X)`, `avgpool(X, k)`, `taps(n, k)`.

use super::cursor::{Name, Parsed};
use super::lower::{Lowering, Node};
use super::syntax::NodeId;
use crate::term::{Op, Rational, Size, Term};
use egg::Id;
use num_traits::{One, ToPrimitive};

/// The words that no operator has.
pub(super) const SHORTHANDS: &[&str] = &["vec", "avgpool", "lookup"];

impl Lowering<'_> {
    /// What a shorthand stands for; none where the call is none.
    pub(super) fn shorthand(&mut self, callee: &Name, args: &[NodeId], at: NodeId) -> Option<Node> {
        match (callee.text.as_str(), args) {
            ("vec", _) => Some(self.columns_stacked(callee, args, at)),
            ("lookup", _) => Some(self.looked_up(callee, args, at)),
            ("avgpool", _) => Some(self.average_pool(callee, args, at)),
            ("taps", [_, _] | [_, _, _, _]) => Some(self.centred_taps(callee, args, at)),
            _ => None,
        }
    }

    fn size_of(&mut self, size: Size, at: NodeId) -> Parsed<Id> {
        self.add(Term::Size(size), at, &[])
    }

    /// `vec(X)`: all columns of X above each other, `stack(X, n)` for n columns.
    fn columns_stacked(&mut self, callee: &Name, args: &[NodeId], at: NodeId) -> Node {
        self.arity(callee, args, 1, at)?;
        let Some(x) = self.ids[args[0]] else { return Ok(None) };
        let n = self.size_of(self.data[usize::from(x)].shape.cols, at)?;
        self.add(Term::op(Op::Stack, &[x, n]), at, args).map(Some)
    }

    /// `lookup(E, T)`: the column of E for each token, `E * onehot(T)`.
    fn looked_up(&mut self, callee: &Name, args: &[NodeId], at: NodeId) -> Node {
        self.arity(callee, args, 2, at)?;
        let Some(tokens) = self.operator(Op::OneHot, &args[1..], at)? else { return Ok(None) };
        let Some(table) = self.ids[args[0]] else { return Ok(None) };
        self.add(Term::op(Op::Mul, &[table, tokens]), at, args).map(Some)
    }

    /// `avgpool(X, k)`: the mean of k blocks of columns, `X * kron(ones(k), eye(m)) / k`.
    fn average_pool(&mut self, callee: &Name, args: &[NodeId], at: NodeId) -> Node {
        self.arity(callee, args, 2, at)?;
        let (Some(x), Some(k)) = (self.ids[args[0]], self.ids[args[1]]) else { return Ok(None) };
        let k = self.literal_size(k, at)?;
        // What max-pooling asks of its arguments is asked here.
        let blocks = self.add(Term::op(Op::MaxPool, &[x, k]), at, args)?;
        let m = self.size_of(self.data[usize::from(blocks)].shape.cols, at)?;
        let one = self.size_of(Size::Lit(1), at)?;
        let ones = self.add(Term::op(Op::Ones, &[k, one]), at, &[])?;
        let eye = self.add(Term::op(Op::Eye, &[m]), at, &[])?;
        let sums = self.add(Term::op(Op::Kron, &[ones, eye]), at, &[])?;
        let summed = self.add(Term::op(Op::Mul, &[x, sums]), at, &[])?;
        if let Some(Size::Lit(n)) = self.data[usize::from(k)].size {
            let share = self.number(Rational::new(One::one(), n.into()), at)?;
            return self.add(Term::op(Op::Mul, &[share, summed]), at, &[]).map(Some);
        }
        let exponent = self.number(-Rational::one(), at)?;
        let share = self.add(Term::op(Op::Pow, &[k, exponent]), at, &[])?;
        self.add(Term::op(Op::Mul, &[summed, share]), at, &[]).map(Some)
    }

    /// `taps(n, k)` and `taps(h, w, a, b)`: windows of odd size around each position.
    fn centred_taps(&mut self, callee: &Name, args: &[NodeId], at: NodeId) -> Node {
        let (positions, windows) = args.split_at(args.len() / 2);
        let Some(positions) = positions.iter().map(|&arg| self.ids[arg]).collect::<Option<Vec<Id>>>() else {
            return Ok(None);
        };
        let (mut sizes, mut paddings) = (Vec::new(), Vec::new());
        for id in positions.iter().chain(&positions) {
            sizes.push(self.literal_size(*id, at)?);
        }
        for &window in windows {
            let odd = self.constant_at(window).and_then(|k| k.is_integer().then(|| k.to_integer().to_u64())?);
            let Some(k) = odd.filter(|k| k % 2 == 1) else {
                let message = format!("`{}` with {} arguments needs a window of an odd number", callee.text, args.len());
                let error = self.error(self.span(window), message, "not an odd number");
                let help = "windows of any size: `taps(n, m, k, s, d, p)` for n positions, m places of the window, \
                            stride s, dilation d and padding p";
                return Err(error.with_help(help).into());
            };
            sizes.push(self.size_of(Size::Lit(k), at)?);
            paddings.push(self.number(Rational::from_integer((k / 2).into()), at)?);
        }
        let one = self.size_of(Size::Lit(1), at)?;
        let arguments = [sizes, vec![one, one], paddings].concat();
        let op = if windows.len() == 1 { Op::Taps } else { Op::PlaneTaps };
        self.add(Term::op(op, &arguments), at, &[]).map(Some)
    }
}
