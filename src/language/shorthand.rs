//! Words for formulas that are written often: `vec(X)`, `avgpool(X, k)`, `taps(n, k)`.

use super::cursor::{Name, Parsed};
use super::lower::{Lowering, Node};
use super::syntax::NodeId;
use crate::term::{Facts, Op, Rational, Size, Term};
use egg::Id;
use num_traits::{One, ToPrimitive, Zero};

impl Lowering<'_> {
    /// What a shorthand stands for; none where the call is none.
    pub(super) fn shorthand(&mut self, callee: &Name, args: &[NodeId], at: NodeId) -> Option<Node> {
        match (callee.text.as_str(), args) {
            ("vec", _) => Some(self.columns_stacked(callee, args, at)),
            ("lookup", _) => Some(self.looked_up(callee, args, at)),
            ("infonce", _) => Some(self.contrasted(callee, args, at)),
            ("dpo", _) => Some(self.preferred(callee, args, at)),
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
        self.divided(summed, k, at).map(Some)
    }

    /// X / s as the language reads it: a number stands in front.
    fn divided(&mut self, x: Id, by: Id, at: NodeId) -> Parsed<Id> {
        let data = &self.data[usize::from(by)];
        let number = match data.size {
            Some(Size::Lit(n)) => Some(Rational::from_integer(n.into())),
            _ => data.constant.as_deref().cloned(),
        };
        if let Some(number) = number.filter(|number| !number.is_zero()) {
            let share = self.number(number.recip(), at)?;
            return self.add(Term::op(Op::Mul, &[share, x]), at, &[]);
        }
        let exponent = self.number(-Rational::one(), at)?;
        let share = self.add(Term::op(Op::Pow, &[by, exponent]), at, &[])?;
        self.add(Term::op(Op::Mul, &[x, share]), at, &[])
    }

    /// `infonce(X, Y, t)` of two embeddings of the same n things: `cross_entropy(X' * Y / t, eye(n))`.
    fn contrasted(&mut self, callee: &Name, args: &[NodeId], at: NodeId) -> Node {
        self.arity(callee, args, 3, at)?;
        self.alike(callee, &args[..2])?;
        self.positive(callee, args[2], "a temperature")?;
        let [Some(x), Some(y), Some(t)] = [0, 1, 2].map(|i| self.ids[args[i]]) else { return Ok(None) };
        let n = self.size_of(self.data[usize::from(x)].shape.cols, at)?;
        let labels = self.add(Term::op(Op::Eye, &[n]), at, &[])?;
        let left = self.add(Term::op(Op::T, &[x]), at, &[])?;
        let products = self.add(Term::op(Op::Mul, &[left, y]), at, &args[..2])?;
        let logits = self.divided(products, t, at)?;
        self.add(Term::op(Op::CrossEntropy, &[logits, labels]), at, &[]).map(Some)
    }

    /// `dpo(P, Q, R, b)` of the logarithms of the probabilities of n preferred and n other answers and the same difference R of
    /// the reference: `logistic(b * (P - Q - R), ones(1, n))`.
    fn preferred(&mut self, callee: &Name, args: &[NodeId], at: NodeId) -> Node {
        self.arity(callee, args, 4, at)?;
        self.alike(callee, &args[..3])?;
        self.positive(callee, args[3], "the strength of the reference")?;
        let [Some(p), Some(q), Some(r), Some(b)] = [0, 1, 2, 3].map(|i| self.ids[args[i]]) else { return Ok(None) };
        let shape = self.data[usize::from(p)].shape;
        if shape.rows != Size::Lit(1) {
            let error = self.error(self.span(args[0]), "`dpo` takes rows", format!("this is `{shape}`"));
            return Err(error.with_help("one number for each pair: `ones(1, v) * (Y .* logsoftmax(F))`").into());
        }
        let mut sum = p;
        for x in [q, r] {
            let minus = self.number(-Rational::one(), at)?;
            let negative = self.add(Term::op(Op::Mul, &[minus, x]), at, &[])?;
            sum = self.add(Term::op(Op::Add, &[sum, negative]), at, &[])?;
        }
        let margins = self.add(Term::op(Op::Mul, &[b, sum]), at, &[])?;
        let (one, n) = (self.size_of(Size::Lit(1), at)?, self.size_of(shape.cols, at)?);
        let ones = self.add(Term::op(Op::Ones, &[one, n]), at, &[])?;
        self.add(Term::op(Op::Logistic, &[margins, ones]), at, &[]).map(Some)
    }

    /// Arguments of one shape.
    fn alike(&self, callee: &Name, args: &[NodeId]) -> Parsed<()> {
        let shape = |arg: &NodeId| self.ids[*arg].map(|id| self.data[usize::from(id)].shape);
        let Some(first) = args.first().and_then(shape) else { return Ok(()) };
        match args.iter().find(|arg| shape(arg).is_some_and(|other| other != first)) {
            None => Ok(()),
            Some(other) => {
                let message = format!("`{}` needs equal shapes", callee.text);
                let got = shape(other).map_or(String::new(), |shape| format!("`{shape}`"));
                let error = self.error(self.span(*other), message, got);
                Err(error.with_help(format!("the first argument is `{first}`")).into())
            }
        }
    }

    /// A positive number.
    fn positive(&self, callee: &Name, arg: NodeId, what: &str) -> Parsed<()> {
        let Some(id) = self.ids[arg] else { return Ok(()) };
        let data = &self.data[usize::from(id)];
        if data.shape.is_scalar() && data.facts.contains(Facts::POSITIVE) {
            return Ok(());
        }
        let error = self.error(
            self.span(arg),
            format!("`{}` needs {what}, a positive number", callee.text),
            "not known to be positive",
        );
        Err(error.with_help("write a number, or declare it: `param t : scalar positive`").into())
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
                let message =
                    format!("`{}` with {} arguments needs a window of an odd number", callee.text, args.len());
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
