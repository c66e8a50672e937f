//! Syntax tree → formula: names get their meaning, minus and division their normal form, every node its shape.

use super::cursor::{Name, Parsed};
use super::diagnostic::Diagnostic;
use super::index::IndexSyntax;
use super::member::{MemberAt, MemberIndex};
use super::names::{foreign, function_names, nearest};
use super::neighbour::neighbour;
use super::source::{Source, Span};
use super::syntax::{Binary, NodeId, NodeKind, Syntax};
use super::type_error;
use crate::term::{
    Argument, Builder, Data, Dialect, Env, Expr, Facts, Function, Op, Polynomial, Rational, Shape, Size, Symbol, Term,
    infer_node,
};
use egg::{Id, Language};
use num_traits::{One, Signed, ToPrimitive, Zero};
use std::collections::HashSet;
use std::sync::Arc;

/// What a name stands for.
pub(super) enum Meaning {
    Size,
    Matrix,
    Elementwise,
    /// A declared `function`.
    Declared,
    /// Declared with an error that has been reported: say nothing more about it.
    Broken,
    /// Known, but not to be used here: why.
    Forbidden {
        message: String,
        help: Option<String>,
    },
    /// Not known, and a hint if there is a better one than the nearest name.
    Unknown {
        help: Option<String>,
    },
}

/// The names an expression may use.
pub(super) trait Scope {
    /// Whether what is read is no formula of a model.
    fn is_law(&self) -> bool {
        true
    }

    fn dialect(&self) -> Dialect;
    /// Whether gradients may be stopped here: not where a matrix is moved, nor in a rule.
    fn stops(&self) -> bool {
        self.dialect() != Dialect::Rule
    }
    /// The environment shapes are inferred in; none for rules.
    fn env(&self) -> Option<&Env>;
    fn meaning(&self, name: &str) -> Meaning;
    /// The symbol of a matrix.
    fn symbol(&self, name: &str) -> Symbol {
        name.into()
    }
    /// Names for "did you mean".
    fn known(&self) -> Vec<String>;
}

/// A formula, and what is known of it where shapes are inferred.
pub(super) struct Lowered {
    pub expr: Expr,
    pub data: Option<Data>,
}

/// The formula of a syntax tree; `None` when it has errors, which are added to `errors`.
pub(super) fn lower(
    source: &Arc<Source>,
    scope: &dyn Scope,
    syntax: &Syntax,
    errors: &mut Vec<Diagnostic>,
) -> Option<Lowered> {
    let functions = syntax.nodes.iter().filter_map(|node| match &node.kind {
        NodeKind::Call { callee, args, .. } if callee.text == "deriv" => args.first().copied(),
        _ => None,
    });
    let mut lowering = Lowering {
        source,
        scope,
        syntax,
        functions: functions.collect(),
        out: Builder::default(),
        data: Vec::new(),
        ids: Vec::new(),
        constants: Vec::new(),
    };
    for at in 0..syntax.nodes.len() {
        let constant = lowering.constant(at);
        lowering.constants.push(constant);
        let id = lowering.node(at).unwrap_or_else(|error| {
            errors.push(*error);
            None
        });
        lowering.ids.push(id);
    }
    let root = lowering.ids.last().copied().flatten()?;
    let data = lowering.data.get(usize::from(root)).cloned();
    Some(Lowered { expr: lowering.out.finish(root), data })
}

/// `None` stands for a part whose error has been reported.
pub(super) type Node = Parsed<Option<Id>>;

/// One expression on its way from syntax tree to formula.
pub(super) struct Lowering<'a> {
    source: &'a Arc<Source>,
    pub(super) scope: &'a dyn Scope,
    pub(super) syntax: &'a Syntax,
    /// Nodes that stand where an elementwise function does: the argument of `deriv`.
    pub(super) functions: HashSet<NodeId>,
    out: Builder,
    /// The data of every node of `out`; empty in rules.
    pub(super) data: Vec<Data>,
    pub(super) ids: Vec<Option<Id>>,
    /// The values of nodes that are arithmetic of numbers.
    constants: Vec<Option<Rational>>,
}

impl Lowering<'_> {
    pub(super) fn span(&self, at: NodeId) -> Span {
        self.syntax.nodes[at].span
    }

    pub(super) fn error(&self, span: Span, message: impl Into<String>, label: impl Into<String>) -> Diagnostic {
        Diagnostic::new(self.source, span, message, label)
    }

    pub(super) fn typed(&self) -> bool {
        self.scope.env().is_some()
    }

    /// Adds a node; a shape that does not fit is explained in terms of the arguments' places.
    pub(super) fn add(&mut self, term: Term, at: NodeId, arguments: &[NodeId]) -> Parsed<Id> {
        if let Some(env) = self.scope.env() {
            let data = infer_node(env, &term, |id| &self.data[usize::from(id)]).map_err(|error| {
                let arguments: Vec<Span> = arguments.iter().map(|&at| self.span(at)).collect();
                Box::new(type_error::explain(self.source, self.span(at), &arguments, &error))
            })?;
            let id = self.out.add(term);
            if usize::from(id) == self.data.len() {
                self.data.push(data);
            }
            Ok(id)
        } else {
            Ok(self.out.add(term))
        }
    }

    pub(super) fn number(&mut self, value: Rational, at: NodeId) -> Parsed<Id> {
        self.add(Term::num(value), at, &[])
    }

    /// The value of a node that is arithmetic of numbers.
    pub(super) fn constant_at(&self, at: NodeId) -> Option<&Rational> {
        self.constants[at].as_ref()
    }

    /// The exact value of arithmetic of numbers, with which exponents are written: `-(1/2)`.
    fn constant(&self, at: NodeId) -> Option<Rational> {
        let value = |id: &NodeId| self.constants[*id].as_ref();
        match &self.syntax.nodes[at].kind {
            NodeKind::Number(number) => Some(number.clone()),
            NodeKind::Negate(x) => Some(-value(x)?.clone()),
            NodeKind::Binary(op, x, y) => {
                let (x, y) = (value(x)?, value(y)?);
                match op {
                    Binary::Add => Some(x + y),
                    Binary::Sub => Some(x - y),
                    Binary::Mul => Some(x * y),
                    Binary::Div if !y.is_zero() => Some(x / y),
                    Binary::Pow if y.is_integer() && (!x.is_zero() || y.is_positive()) => power_of(x, y),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn node(&mut self, at: NodeId) -> Node {
        let syntax = self.syntax;
        match &syntax.nodes[at].kind {
            NodeKind::Number(value) => self.number(value.clone(), at).map(Some),
            NodeKind::Name(name) => self.name(name, at),
            NodeKind::Variable(name) if self.scope.dialect() == Dialect::Rule => {
                self.add(Term::Sym(Symbol::from(name)), at, &[]).map(Some)
            }
            NodeKind::Variable(name) => {
                let message = format!("`{name}` is a pattern variable; only rules have them");
                Err(self.error(self.span(at), message, "not allowed here").into())
            }
            NodeKind::Member(name, indices) => self.member(name, indices, at),
            NodeKind::Over(index, x) => self.over(index, *x, at),
            NodeKind::Negate(x) => match self.ids[*x] {
                Some(id) => self.negative(id, at).map(Some),
                None => Ok(None),
            },
            NodeKind::Transpose(x) => self.operator(Op::T, &[*x], at),
            NodeKind::Binary(op, x, y) => self.binary(*op, *x, *y, at),
            // What it means the call says in which it stands.
            NodeKind::Range(..) => Ok(None),
            NodeKind::Call { callee, args, then } => self.call(callee, args, then, at),
        }
    }

    /// An operator applied to nodes of the tree.
    pub(super) fn operator(&mut self, op: Op, arguments: &[NodeId], at: NodeId) -> Node {
        let ids: Option<Vec<Id>> = arguments.iter().map(|&argument| self.ids[argument]).collect();
        match ids {
            Some(mut ids) => {
                for place in op.places(|argument| argument == Argument::Size) {
                    ids[place] = self.literal_size(ids[place], at)?;
                }
                self.add(Term::op(op, &ids), at, arguments).map(Some)
            }
            None => Ok(None),
        }
    }

    /// A positive integer where a size is expected is a literal size, and arithmetic of sizes a size.
    pub(super) fn literal_size(&mut self, id: Id, at: NodeId) -> Parsed<Id> {
        let literal = match &self.out.nodes()[usize::from(id)] {
            Term::Num(value) if value.is_integer() => value.to_integer().to_u64().filter(|n| *n > 0).map(Size::Lit),
            Term::Op(..) => self.polynomial(id).and_then(Polynomial::size),
            _ => None,
        };
        match literal {
            Some(size) => self.add(Term::Size(size), at, &[]),
            None => Ok(id),
        }
    }

    /// Arithmetic of sizes and integers as a polynomial.
    pub(super) fn polynomial(&self, id: Id) -> Option<Polynomial> {
        // Arguments stand before what uses them; the depth of an expression is bounded where it is read.
        match &self.out.nodes()[usize::from(id)] {
            Term::Size(size) => size.polynomial(),
            Term::Num(value) if value.is_integer() => value.to_integer().to_i64().map(Polynomial::integer),
            Term::Op(Op::Add, args) => self.polynomial(args[0])?.plus(&self.polynomial(args[1])?),
            Term::Op(Op::Mul, args) => self.polynomial(args[0])?.times(&self.polynomial(args[1])?),
            Term::Op(Op::Pow | Op::HadPow, args) => {
                let Term::Num(n) = &self.out.nodes()[usize::from(args[1])] else { return None };
                let n = n.is_integer().then(|| n.to_integer().to_u32()).flatten().filter(|n| (1..=8).contains(n))?;
                let base = self.polynomial(args[0])?;
                (1..n).try_fold(base.clone(), |x, _| x.times(&base))
            }
            _ => None,
        }
    }

    /// `-X`, with the sign moved into a number or a leading coefficient.
    fn negative(&mut self, id: Id, at: NodeId) -> Parsed<Id> {
        let (coefficient, rest) = match &self.out.nodes()[usize::from(id)] {
            Term::Num(value) => {
                let value = -&**value;
                return self.number(value, at);
            }
            Term::Op(Op::Mul, args) => match &self.out.nodes()[usize::from(args[0])] {
                Term::Num(value) => (-&**value, args[1]),
                _ => (-Rational::one(), id),
            },
            _ => (-Rational::one(), id),
        };
        if coefficient.is_one() {
            return Ok(rest);
        }
        let coefficient = self.number(coefficient, at)?;
        self.add(Term::op(Op::Mul, &[coefficient, rest]), at, &[])
    }

    fn binary(&mut self, op: Binary, x: NodeId, y: NodeId, at: NodeId) -> Node {
        match op {
            Binary::Add => self.operator(Op::Add, &[x, y], at),
            Binary::Mul => self.operator(Op::Mul, &[x, y], at),
            Binary::Had => self.operator(Op::Had, &[x, y], at),
            Binary::Sub => match (self.ids[x], self.ids[y]) {
                (Some(left), Some(right)) => {
                    let right = self.negative(right, y)?;
                    self.add(Term::op(Op::Add, &[left, right]), at, &[x, y]).map(Some)
                }
                _ => Ok(None),
            },
            Binary::Div => self.quotient(x, y, at),
            Binary::HadDiv => self.elementwise_quotient(x, y, at),
            Binary::Pow | Binary::HadPow => self.power(op, x, y, at),
        }
    }

    /// `X / s`: a rational for two numbers, `(1/c) * X` for a number, else `X * s^-1`.
    fn quotient(&mut self, x: NodeId, y: NodeId, at: NodeId) -> Node {
        let (Some(left), Some(right)) = (self.ids[x], self.ids[y]) else { return Ok(None) };
        if let Some(data) = self.data.get(usize::from(right))
            && !data.shape.is_scalar()
        {
            let message = format!("cannot divide by a matrix of shape `{}`", data.shape);
            let error = self.error(self.span(y), message, "expected a scalar");
            return Err(error.with_help("multiply by the inverse: `X * inv(Y)`").into());
        }
        if self.constants[y].as_ref().is_some_and(Rational::is_zero) {
            return Err(self.error(self.span(y), "division by zero", "this is 0").into());
        }
        if let Term::Num(divisor) = &self.out.nodes()[usize::from(right)] {
            let inverse = divisor.recip();
            if let Term::Num(value) = &self.out.nodes()[usize::from(left)] {
                let value = &**value * &inverse;
                return self.number(value, at).map(Some);
            }
            let inverse = self.number(inverse, y)?;
            return self.add(Term::op(Op::Mul, &[inverse, left]), at, &[]).map(Some);
        }
        let exponent = self.number(-Rational::one(), y)?;
        let inverse = self.add(Term::op(Op::Pow, &[right, exponent]), y, &[])?;
        self.add(Term::op(Op::Mul, &[left, inverse]), at, &[]).map(Some)
    }

    /// `X ./ Y`: `X .* Y.^-1`, with a number on either side as with `/`.
    fn elementwise_quotient(&mut self, x: NodeId, y: NodeId, at: NodeId) -> Node {
        let (Some(left), Some(right)) = (self.ids[x], self.ids[y]) else { return Ok(None) };
        let data = |id: Id| self.data.get(usize::from(id));
        if data(right).is_some_and(|data| data.shape.is_scalar()) {
            return self.quotient(x, y, at);
        }
        if let Some(data) = data(right).filter(|data| !data.facts.contains(Facts::POSITIVE)) {
            let label = format!("a `{}` not known to be positive", data.shape);
            let error = self.error(self.span(y), "`./` needs a divisor with positive entries", label);
            return Err(error.with_help("declare it `positive`, or add something positive: `square(Y) + …`").into());
        }
        let product = if data(left).is_some_and(|data| data.shape.is_scalar()) { Op::Mul } else { Op::Had };
        let exponent = self.number(-Rational::one(), y)?;
        let inverse = self.add(Term::op(Op::HadPow, &[right, exponent]), y, &[])?;
        self.add(Term::op(product, &[left, inverse]), at, &[x, y]).map(Some)
    }

    fn power(&mut self, op: Binary, x: NodeId, y: NodeId, at: NodeId) -> Node {
        // The exponent is no operand: an error in it is about exponents, not about what it would mean elsewhere.
        let exponent = match &self.constants[y] {
            Some(value) => {
                let value = value.clone();
                self.number(value, y)?
            }
            None => match self.ids[y] {
                Some(id) if !self.typed() => id,
                Some(id) if let Some(known) = self.data[usize::from(id)].exponent() => {
                    let Some(base) = self.ids[x] else { return Ok(None) };
                    if !self.data[usize::from(base)].facts.intersects(Facts::POSITIVE | Facts::POSITIVE_DIAGONAL) {
                        let message = "an exponent with a size or an index needs a positive base";
                        let error = self.error(self.span(x), message, "not known to be positive");
                        return Err(error
                            .with_help("such as the element of `Scale`, or what is declared `positive`")
                            .into());
                    }
                    self.formula(&known.expr(), y)?
                }
                Some(_) if matches!(self.syntax.nodes[y].kind, NodeKind::Name(ref name) if name == "T") => {
                    let error = self.error(self.span(y), EXPONENT, "this is a name");
                    return Err(error.with_help("write `X'` for the transpose").into());
                }
                Some(_) => {
                    let error = self.error(self.span(y), EXPONENT, "neither");
                    let help = "such as `2`, `-1`, `(1/2)`, `0.5`, `L` or `(l - 1)`";
                    return Err(error.with_help(help).into());
                }
                None => return Ok(None),
            },
        };
        let Some(base) = self.ids[x] else { return Ok(None) };
        if let Some(q) = self.constants[y].as_ref().filter(|q| q.numer().bits().max(q.denom().bits()) > EXPONENT_BITS) {
            let message = format!("an exponent is below 2^{EXPONENT_BITS}, as are its numerator and denominator");
            let shown = if q.numer().bits() > 256 { "this is larger".into() } else { format!("this is {q}") };
            return Err(self.error(self.span(y), message, shown).into());
        }
        if let (Some(b), Some(q)) = (&self.constants[x], &self.constants[y])
            && let (Some(b), Some(q)) = (b.abs().to_f64(), q.to_f64())
            && (q * b.ln()).abs() > f64::MAX.ln()
            && b != 0.0
        {
            let error = self.error(self.span(at), "this number is out of range", "beyond floating point numbers");
            return Err(error.with_help("its logarithm to the base 10 has to be between -308 and 308").into());
        }
        let natural = self.constants[y].as_ref().is_some_and(|q| q.is_integer() && !q.is_negative());
        let zero = matches!(&self.out.nodes()[usize::from(base)], Term::Num(value) if value.is_zero());
        if zero && self.constants[y].as_ref().is_some_and(|q| q < &Rational::zero()) {
            return Err(self.error(self.span(at), "division by zero", "a negative power of 0").into());
        }
        let op = match self.data.get(usize::from(base)) {
            None if op == Binary::Pow => Op::Pow,
            Some(data) if op == Binary::Pow && data.facts.contains(Facts::DIAGONAL) => Op::Pow,
            Some(data) if !(data.facts.contains(Facts::POSITIVE) || op == Binary::HadPow && natural) => {
                return Err(self.no_power(op, data, x).into());
            }
            _ => Op::HadPow,
        };
        self.add(Term::op(op, &[base, exponent]), at, &[x, y]).map(Some)
    }

    /// Whether a node is a matrix by its name.
    pub(super) fn is_symbol(&self, at: NodeId) -> bool {
        self.ids[at].is_some_and(|id| matches!(self.out.nodes()[usize::from(id)], Term::Sym(_)))
    }

    /// A formula that is not of the tree.
    fn formula(&mut self, formula: &Expr, at: NodeId) -> Parsed<Id> {
        let mut ids: Vec<Id> = Vec::with_capacity(formula.len());
        for node in formula.as_ref() {
            let node = node.clone().map_children(|child| ids[usize::from(child)]);
            ids.push(self.add(node, at, &[])?);
        }
        Ok(ids[formula.len() - 1])
    }

    fn no_power(&self, op: Binary, data: &Data, base: NodeId) -> Diagnostic {
        let label = format!("a `{}` not known to be positive", data.shape);
        if op == Binary::HadPow {
            let error = self.error(self.span(base), "`.^` needs a matrix with positive entries", label);
            return error.with_help("declare it `positive`, or use `square(X)` or `X .* X`");
        }
        let message = "`^` needs a scalar, a diagonal matrix or a matrix with positive entries";
        let error = self.error(self.span(base), message, label);
        let product = if data.shape.is_square() { ", `X * X` for the matrix product" } else { "" };
        error.with_help(format!(
            "use `square(X)` for the square of every entry{product}, or declare the matrix `positive`"
        ))
    }

    /// A name that is not called.
    fn name(&mut self, name: &str, at: NodeId) -> Node {
        let span = self.span(at);
        if let Some(constant) = Op::constant(name) {
            return self.add(Term::op(constant, &[]), at, &[]).map(Some);
        }
        let elementwise = Function::builtin(name).is_some();
        let meaning = if elementwise { Meaning::Elementwise } else { self.scope.meaning(name) };
        let term = match meaning {
            Meaning::Size if self.sizes_of(name).is_some() => {
                let error = self.error(span, format!("`{name}` is one size for each layer"), "which one?");
                return Err(error.with_help(format!("write `{name}[l]`, `{name}[l-1]`, `{name}[0]`")).into());
            }
            Meaning::Size => Term::Size(Size::Name(name.into())),
            Meaning::Matrix => Term::Sym(self.scope.symbol(name)),
            Meaning::Elementwise if self.functions.contains(&at) || self.scope.dialect() == Dialect::Rule => {
                Term::Fun(name.into())
            }
            Meaning::Elementwise | Meaning::Declared => return Err(self.not_applied(name, span).into()),
            Meaning::Broken => return Ok(None),
            Meaning::Forbidden { message, help } => {
                let error = self.error(span, message, "not allowed here");
                return Err(match help {
                    Some(help) => error.with_help(help).into(),
                    None => error.into(),
                });
            }
            Meaning::Unknown { help } => {
                if function_names().any(|function| function == name) {
                    return Err(self.not_applied(name, span).into());
                }
                let error = self.error(span, format!("unknown name `{name}`"), "not declared");
                let known = self.scope.known();
                let help = help.or_else(|| self.undeclared(name, at));
                return Err(match help {
                    Some(help) => error.with_help(help).into(),
                    None => error.meant(nearest(name, known.iter().map(String::as_str))).into(),
                });
            }
        };
        self.add(term, at, &[]).map(Some)
    }

    /// `W[l, i]`, the member of a family that the indices of its place name.
    fn member(&mut self, name: &Name, indices: &[MemberIndex], at: NodeId) -> Node {
        if let (Meaning::Size, Some(own)) = (self.scope.meaning(&name.text), self.sizes_of(&name.text)) {
            let known = super::neighbour::size(Symbol::from(name.text.as_str()), own, indices, self.scope.is_law())
                .map(|size| size.name());
            let env = self.scope.env();
            return match known.filter(|known| env.is_some_and(|env| env.size(*known).is_some())) {
                Some(known) => self.add(Term::Size(Size::Name(known)), at, &[]).map(Some),
                None => {
                    let error = self.error(name.span, format!("no such size of `{}`", name.text), "which one?");
                    Err(error
                        .with_help(format!("write `{0}[{1}]`, `{0}[{1}-1]`, `{0}[0]`", name.text, own.name))
                        .into())
                }
            };
        }
        // What a law has beside every parameter, the gradient of a batch, it has of the members that an action moves too.
        let spelled: String = self.source.slice(self.syntax.nodes[at].span).split_whitespace().collect();
        if self.scope.is_law() && self.scope.env().is_some_and(|env| env.symbol(spelled.as_str().into()).is_some()) {
            return self.add(Term::Sym(spelled.as_str().into()), at, &[]).map(Some);
        }
        let Some(id) = self.name(&name.text, at)? else { return Ok(None) };
        let (Some(env), Some(data)) = (self.scope.env(), self.data.get(usize::from(id))) else { return Ok(Some(id)) };
        let own: Vec<crate::term::Index> = env.listed(data.indices).collect();
        let beside = neighbour(Symbol::from(name.text.as_str()), &own, indices);
        if let Some(beside) =
            beside.map_err(|wrong| self.error(wrong.span, wrong.message, wrong.label).with_help(wrong.help))?
        {
            let symbol = beside.name();
            if env.neighbour(symbol).is_none() {
                let span = self.syntax.nodes[at].span;
                let message = format!("`{symbol}` is another member than the one at hand");
                let help = "a formula is about a generic member of a family: other members are reached by \
                            `sum(i in 1..H) …`, and by actions that move them, `W[l+1] -> …`";
                return Err(self.error(span, message, "not moved by the action").with_help(help).into());
            }
            return self.add(Term::Sym(symbol), at, &[]).map(Some);
        }
        let moved_by = |index: &MemberIndex| if let MemberAt::Moved(by) = &index.at { Some(by.clone()) } else { None };
        let mut moved = indices.iter().filter_map(|index| Some((index, moved_by(index)?)));
        let Some((index, by)) = moved.next() else { return Ok(Some(id)) };
        if let Some((_, second)) = moved.next() {
            let error = self.error(second.span, "the members are exchanged by two permutations", "a second one");
            return Err(error.with_help("write an action for each").into());
        }
        let name = Symbol::from(index.name.text.as_str());
        let range = env.index(name).and_then(|own| env.listed(own).next()).map(|index| index.range);
        let element = env.symbol(Symbol::from(by.text.as_str()));
        let fits = element.is_some_and(|info| {
            info.facts.contains(Facts::PERMUTATION) && range.is_some_and(|n| info.shape == Shape::square(n))
        });
        if !fits {
            let message = format!("`{}` is no permutation of the index `{name}`", by.text);
            let help = range.map_or(String::new(), |n| format!("exchange members by an action of `Perm(1..{n})`"));
            return Err(self.error(by.span, message, "not an element of such a group").with_help(help).into());
        }
        let (index, permutation) =
            (self.add(Term::Sym(name), at, &[])?, self.add(Term::Sym(Symbol::from(by.text.as_str())), at, &[])?);
        self.add(Term::op(Op::Relabelled, &[index, permutation, id]), at, &[]).map(Some)
    }

    /// The index of a family of sizes.
    fn sizes_of(&self, name: &str) -> Option<crate::term::Index> {
        let env = self.scope.env()?;
        let index = env.size(format!("{name}[0]").into())?.index;
        env.listed(env.index(index)?).next()
    }

    /// `sum(i in 1..H) X`.
    fn over(&mut self, index: &IndexSyntax, x: NodeId, at: NodeId) -> Node {
        let Some(body) = self.ids[x] else { return Ok(None) };
        let name = Symbol::from(index.name.text.as_str());
        if self.scope.env().is_some_and(|env| env.index(name).is_none()) {
            let message = format!("no family has the index `{name}`");
            let error = self.error(index.name.span, message, "nothing to sum over");
            return Err(error.with_help(format!("declare the family: `param W[{name} in 1..H] : m x n`")).into());
        }
        let index = self.add(Term::Sym(name), at, &[])?;
        self.add(Term::op(Op::Over, &[index, body]), at, &[x]).map(Some)
    }

    /// What an unknown name probably is: a word of other languages, or a target beside something of a known shape.
    fn undeclared(&self, name: &str, at: NodeId) -> Option<String> {
        let is_exponent = |kind: &NodeKind| matches!(kind, NodeKind::Binary(Binary::Pow, _, y) if *y == at);
        if name == "T" && self.syntax.nodes.iter().any(|node| is_exponent(&node.kind)) {
            return Some("write `X'` for the transpose".to_string());
        }
        if let Some(help) = foreign(name) {
            return Some(help.to_string());
        }
        let beside = self.syntax.nodes.iter().find_map(|node| match &node.kind {
            NodeKind::Call { args, .. } => match args[..] {
                [x, y] if y == at => Some(x),
                _ => None,
            },
            _ => None,
        })?;
        let data = self.data.get(usize::from(self.ids.get(beside).copied().flatten()?))?;
        Some(format!("declare it: `data {name} : {}`", data.shape))
    }

    fn not_applied(&self, name: &str, span: Span) -> Diagnostic {
        let error = self.error(span, format!("`{name}` is a function"), "used without an argument");
        error.with_help(format!("write `{name}(…)`"))
    }
}

/// What an exponent is told to be.
const EXPONENT: &str = "an exponent must be a rational number, or arithmetic of sizes and indices";

/// The most bits of the numerator and of the denominator of an exponent.
const EXPONENT_BITS: u64 = 16;

/// The most bits of a power that is evaluated while exponents are read.
const POWER_BITS: u64 = 1024;

/// A power of a number, where it is not too long to be written.
fn power_of(x: &Rational, y: &Rational) -> Option<Rational> {
    let exponent = y.to_integer().to_i32()?;
    let bits = x.numer().bits().max(x.denom().bits());
    let short = bits.saturating_mul(u64::from(exponent.unsigned_abs())) <= POWER_BITS;
    short.then(|| num_traits::Pow::pow(x, exponent))
}
