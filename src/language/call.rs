//! Calls in an expression: `relu(X)`, `dot(u, v)`, `rest(X, Y)`, `hess(W)[A]`, `deriv(f)(X)`.

use super::cursor::{Name, Parsed};
use super::lower::{Lowering, Meaning, Node};
use super::names::{foreign, function_names, nearest};
use super::syntax::{NodeId, NodeKind, Then};
use crate::term::{Argument, Dialect, Domain, FUNCTIONS, Function, OPS, Op, Polynomial, Size, Spelling, Symbol, Term};
use egg::Id;
use num_traits::{Signed, ToPrimitive};

impl Lowering<'_> {
    pub(super) fn call(&mut self, callee: &Name, args: &[NodeId], then: &Then, at: NodeId) -> Node {
        let name = callee.text.as_str();
        if matches!(name, "rows" | "cols") && self.typed() {
            return self.rows(callee, args, at);
        }
        if let Some(range) = args.iter().find(|arg| matches!(self.syntax.nodes[**arg].kind, NodeKind::Range(..))) {
            let error =
                self.error(self.span(*range), "rows are taken by `rows(X, a..b)` and `cols(X, a..b)`", "not here");
            return Err(error.into());
        }
        let named = Op::named(name, args.len());
        if let Some(op) = named.filter(|op| matches!(op.row().spelling, Spelling::Bracket(_))) {
            return self.bracketed(op, callee, args, then, at);
        }
        if name == "deriv" {
            return self.derivative(callee, args, then, at);
        }
        if let Then::Applied(_) = then {
            let message = format!("the result of `{name}` is not a function");
            return Err(self.error(self.span(at), message, "applied to a second argument").into());
        }
        if name.starts_with('?') && self.scope.dialect() == Dialect::Rule {
            let function = self.add(Term::Sym(Symbol::from(name)), at, &[])?;
            return self.apply(function, callee, args, at);
        }
        let builtin = Function::builtin(name).is_some();
        if name == "clip" {
            return self.clipped(callee, args, at);
        }
        if self.typed()
            && let Some(node) = self.shorthand(callee, args, at)
        {
            return node;
        }
        if let Some(op) = named {
            self.allowed(op, callee)?;
            return self.named(op, callee, args, at);
        }
        match if builtin { Meaning::Elementwise } else { self.scope.meaning(name) } {
            Meaning::Elementwise => {
                let function = self.add(Term::Fun(name.into()), at, &[])?;
                self.apply(function, callee, args, at)
            }
            Meaning::Declared => self.declared(callee, args, at),
            Meaning::Broken => Ok(None),
            Meaning::Size | Meaning::Matrix | Meaning::Forbidden { .. } => {
                let error = self.error(callee.span, format!("`{name}` is not a function"), "called here");
                Err(error.with_help(format!("write `{name} * (…)` for a product")).into())
            }
            Meaning::Unknown { .. } => {
                let error = self.error(callee.span, format!("unknown function `{name}`"), "not declared");
                let known = self.scope.known();
                let candidates =
                    function_names().collect::<Vec<&str>>().into_iter().chain(known.iter().map(String::as_str));
                Err(match foreign(name) {
                    Some(help) => error.with_help(help).into(),
                    None => error.meant(nearest(name, candidates)).into(),
                })
            }
        }
    }

    fn apply(&mut self, function: Id, callee: &Name, args: &[NodeId], at: NodeId) -> Node {
        self.arity(callee, args, 1, at)?;
        let positive = FUNCTIONS.iter().any(|row| row.name == callee.text && row.domain == Domain::Positive);
        if positive && self.constant_at(args[0]).is_some_and(|value| !value.is_positive()) {
            let message = format!("`{}` is defined for positive numbers only", callee.text);
            return Err(self.error(self.span(args[0]), message, "this is not positive").into());
        }
        match self.ids[args[0]] {
            Some(x) => self.add(Term::op(Op::Apply, &[function, x]), at, args).map(Some),
            None => Ok(None),
        }
    }

    fn named(&mut self, op: Op, callee: &Name, args: &[NodeId], at: NodeId) -> Node {
        if op == Op::Concat {
            return self.concat(callee, args, at);
        }
        if op == Op::StopGrad && !self.scope.stops() {
            let error = self.error(callee.span, "`stopgrad` stands in definitions and in the loss", "not allowed here");
            let help = "it says through what no gradient passes back; an action moves parameters, and the values that are held stay";
            return Err(error.with_help(help).into());
        }
        let square_default = matches!(op, Op::Ones | Op::Zeros) && args.len() == 1;
        if !square_default {
            self.arity(callee, args, op.arity().unwrap_or(args.len()), at)?;
        }
        if op.is_quantity() {
            self.plain_name(callee, args[0])?;
        }
        if !square_default {
            return self.operator(op, args, at);
        }
        let Some(rows) = self.ids[args[0]] else { return Ok(None) };
        let rows = self.literal_size(rows, at)?;
        let one = self.add(Term::Size(Size::Lit(1)), at, &[])?;
        self.add(Term::op(op, &[rows, one]), at, args).map(Some)
    }

    /// `clip(X, a, b)`, which is `min(max(X, a), b)`.
    fn clipped(&mut self, callee: &Name, args: &[NodeId], at: NodeId) -> Node {
        self.arity(callee, args, 3, at)?;
        if let (Some(a), Some(b)) = (self.constant_at(args[1]), self.constant_at(args[2]))
            && a > b
        {
            let error = self.error(self.span(args[1]), "`clip` takes the smaller bound first", format!("above {b}"));
            return Err(error.with_help("write `clip(X, a, b)` with a ≤ b").into());
        }
        let Some(raised) = self.operator(Op::Max, &args[..2], at)? else { return Ok(None) };
        let Some(above) = self.ids[args[2]] else { return Ok(None) };
        self.add(Term::op(Op::Min, &[raised, above]), at, &[at, args[2]]).map(Some)
    }

    /// `concat(X, Y, …)`: of more than two, the first above all others.
    fn concat(&mut self, callee: &Name, args: &[NodeId], at: NodeId) -> Node {
        if args.len() < 2 {
            let message = format!("`concat` takes at least 2 arguments, got {}", args.len());
            return Err(self.error(self.span(at), message, format!("write `{}(X, Y)`", callee.text)).into());
        }
        let ids: Option<Vec<Id>> = args.iter().map(|&arg| self.ids[arg]).collect();
        let Some(ids) = ids else { return Ok(None) };
        let mut blocks = ids.into_iter().zip(args).rev();
        let Some((mut below, _)) = blocks.next() else { return Ok(None) };
        let mut next = args.last().copied();
        for (block, arg) in blocks {
            let places: Vec<NodeId> = [Some(*arg), next.take()].into_iter().flatten().collect();
            below = self.add(Term::op(Op::Concat, &[block, below]), at, &places)?;
        }
        Ok(Some(below))
    }

    /// `rows(X, a..b)`; `rows(X, i, n)`, the i-th block of n rows. `cols` likewise.
    fn rows(&mut self, callee: &Name, args: &[NodeId], at: NodeId) -> Node {
        let usage = format!("write `{0}(X, a..b)`, or `{0}(X, i, n)` for the i-th block of n", callee.text);
        let wrong = |lowering: &Self, at: NodeId, message: &str| {
            Err(lowering.error(lowering.span(at), message, "").with_help(usage.clone()).into())
        };
        let (x, from, to) = match *args {
            [x, range] => {
                let NodeKind::Range(from, to) = self.syntax.nodes[range].kind else {
                    return wrong(self, range, "expected a range `a..b`");
                };
                let (Some(from), Some(to)) = (self.ids[from], self.ids[to]) else { return Ok(None) };
                (x, self.polynomial(from).and_then(Polynomial::size), self.polynomial(to).and_then(Polynomial::size))
            }
            [x, block, rows] => {
                let Some(n) = self.constant_at(block).and_then(|n| n.is_integer().then(|| n.to_integer().to_u64())?)
                else {
                    return wrong(self, block, "the number of a block is a positive integer");
                };
                let Some(rows) = self.ids[rows] else { return Ok(None) };
                let rows = self.polynomial(rows).and_then(Polynomial::size);
                let times = |n: u64| if n == 0 { None } else { rows?.times(Size::Lit(n)) };
                let from = if n == 1 {
                    Some(Size::Lit(1))
                } else {
                    times(n.saturating_sub(1)).and_then(|x| x.plus(Size::Lit(1)))
                };
                (x, from, times(n))
            }
            _ => return wrong(self, at, &format!("`{}` takes a matrix and the places in it", callee.text)),
        };
        let (Some(from), Some(to)) = (from, to) else {
            return wrong(self, *args.last().unwrap_or(&at), "these are no sizes");
        };
        let Some(x) = self.ids[x] else { return Ok(None) };
        let shape = self.data[usize::from(x)].shape;
        let of = if callee.text == "rows" { shape.rows } else { shape.cols };
        let places =
            [from, to, of].into_iter().map(|size| self.add(Term::Size(size), at, &[])).collect::<Parsed<Vec<_>>>()?;
        let select = self.add(Term::op(Op::Select, &places), at, &[])?;
        if callee.text == "rows" {
            return self.add(Term::op(Op::Mul, &[select, x]), at, &[]).map(Some);
        }
        let select = self.add(Term::op(Op::T, &[select]), at, &[])?;
        self.add(Term::op(Op::Mul, &[x, select]), at, &[]).map(Some)
    }

    fn declared(&mut self, callee: &Name, args: &[NodeId], at: NodeId) -> Node {
        let op = Op::Call(Symbol::from(&callee.text));
        let signature = self.scope.env().and_then(|env| env.call(Symbol::from(&callee.text))).cloned();
        if let Some(signature) = signature {
            self.arity(callee, args, signature.arguments.len(), at)?;
            for (i, (&argument, wanted)) in args.iter().zip(&signature.arguments).enumerate() {
                let Some(id) = self.ids[argument] else { return Ok(None) };
                let got = self.data[usize::from(id)].shape;
                if got != *wanted {
                    let message = format!("argument {} of `{}` is `{got}`, it takes `{wanted}`", i + 1, callee.text);
                    return Err(self.error(self.span(argument), message, format!("`{got}`")).into());
                }
            }
        }
        self.operator(op, args, at)
    }

    /// `hess(W)[A]`, `vjp(F, W)[Z]`, `hess_loss(F)[Z]`.
    fn bracketed(&mut self, op: Op, callee: &Name, args: &[NodeId], then: &Then, at: NodeId) -> Node {
        self.allowed(op, callee)?;
        self.arity(callee, args, op.places(|argument| argument == Argument::Name).count(), at)?;
        for &argument in args {
            self.plain_name(callee, argument)?;
        }
        let Then::Bracket(tangent) = *then else {
            let usage = if op == Op::Vjp { "vjp(F, W)[Z]".to_string() } else { format!("{}(W)[A]", callee.text) };
            let error = self.error(self.span(at), format!("`{}` is applied to an argument in `[ ]`", callee.text), "");
            return Err(error.with_help(format!("write `{usage}`")).into());
        };
        let mut names = args.iter().copied();
        let mut arguments = Vec::new();
        for place in op.places(|_| true) {
            arguments.extend(if op.argument(place) == Argument::Name { names.next() } else { Some(tangent) });
        }
        self.operator(op, &arguments, at)
    }

    /// `deriv(f)`, a function, and `deriv(f)(X)`.
    fn derivative(&mut self, callee: &Name, args: &[NodeId], then: &Then, at: NodeId) -> Node {
        self.allowed(Op::Deriv, callee)?;
        self.arity(callee, args, 1, at)?;
        let Some(function) = self.operator(Op::Deriv, args, at)? else { return Ok(None) };
        match *then {
            Then::Applied(x) => match self.ids[x] {
                Some(x) => self.add(Term::op(Op::Apply, &[function, x]), at, &[]).map(Some),
                None => Ok(None),
            },
            _ if self.typed() && !self.functions.contains(&at) => {
                let error = self.error(self.span(at), "`deriv(f)` is a function", "used without an argument");
                Err(error.with_help("write `deriv(f)(X)`").into())
            }
            _ => Ok(Some(function)),
        }
    }

    pub(super) fn arity(&self, callee: &Name, args: &[NodeId], wanted: usize, at: NodeId) -> Parsed<()> {
        if args.len() == wanted {
            return Ok(());
        }
        // Some operators share a name.
        let other =
            OPS.iter().filter(|row| row.spelling.name() == Some(&callee.text) && row.dialect <= self.scope.dialect());
        let mut wanted: Vec<usize> = other.filter_map(|row| row.op?.arity()).chain([wanted]).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let plural = if wanted == [1] { "" } else { "s" };
        let wanted = wanted.iter().map(usize::to_string).collect::<Vec<_>>().join(" or ");
        let message = format!("`{}` takes {wanted} argument{plural}, got {}", callee.text, args.len());
        Err(self.error(self.span(at), message, format!("expected {wanted} argument{plural}")).into())
    }

    fn allowed(&self, op: Op, callee: &Name) -> Parsed<()> {
        let wanted = op.row().dialect;
        if self.scope.dialect() >= wanted {
            return Ok(());
        }
        let place = if wanted == Dialect::Rule { "rules" } else { "laws and rules" };
        let of = if op == Op::Dot { " of one argument" } else { "" };
        let message = format!("`{}`{of} has a meaning only in {place}", callee.text);
        let error = self.error(callee.span, message, "not allowed here");
        Err(if op == Op::Dot { error.with_help("the inner product is `dot(u, v)`").into() } else { error.into() })
    }

    fn plain_name(&self, callee: &Name, argument: NodeId) -> Parsed<()> {
        match self.syntax.nodes[argument].kind {
            NodeKind::Name(_) | NodeKind::Variable(_) => Ok(()),
            // The member that an action moves beside the generic one has a name of its own.
            NodeKind::Member(..) if self.is_symbol(argument) => Ok(()),
            _ => {
                let message = format!("`{}` takes the name of a parameter or of the output", callee.text);
                Err(self.error(self.span(argument), message, "expected a name").into())
            }
        }
    }
}
