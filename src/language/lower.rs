//! Syntax tree → formula: names get their meaning, minus and division their normal form, every node its shape.

use super::cursor::{Name, Parsed};
use super::diagnostic::Diagnostic;
use super::names::{BRACKETED, function_names, nearest};
use super::source::{Source, Span};
use super::syntax::{Binary, NodeId, NodeKind, Syntax, Then};
use super::type_error;
use crate::term::{Builder, Data, Env, Expr, Facts, Function, Op, Rational, Symbol, Term, infer_node};
use egg::Id;
use num_traits::{One, Zero};
use std::collections::HashSet;
use std::sync::Arc;

/// Which formulas are being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Definitions, losses and images of a model file.
    Model,
    /// Laws: also quantities of a trajectory, `grad(W)`.
    Law,
    /// Rules: also pattern variables and `rows(?X)`; nothing has a shape.
    Rule,
}

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
    fn dialect(&self) -> Dialect;
    /// The environment shapes are inferred in; none for rules.
    fn env(&self) -> Option<&Env>;
    fn meaning(&self, name: &str) -> Meaning;
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
type Node = Parsed<Option<Id>>;

struct Lowering<'a> {
    source: &'a Arc<Source>,
    scope: &'a dyn Scope,
    syntax: &'a Syntax,
    /// Nodes that stand where an elementwise function does: the argument of `deriv`.
    functions: HashSet<NodeId>,
    out: Builder,
    /// The data of every node of `out`; empty in rules.
    data: Vec<Data>,
    ids: Vec<Option<Id>>,
    /// The values of nodes that are arithmetic of numbers.
    constants: Vec<Option<Rational>>,
}

impl Lowering<'_> {
    fn span(&self, at: NodeId) -> Span {
        self.syntax.nodes[at].span
    }

    fn error(&self, span: Span, message: impl Into<String>, label: impl Into<String>) -> Diagnostic {
        Diagnostic::new(self.source, span, message, label)
    }

    fn typed(&self) -> bool {
        self.scope.env().is_some()
    }

    /// Adds a node; a shape that does not fit is explained in terms of the arguments' places.
    fn add(&mut self, term: Term, at: NodeId, arguments: &[NodeId]) -> Parsed<Id> {
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

    fn number(&mut self, value: Rational, at: NodeId) -> Parsed<Id> {
        self.add(Term::Num(value), at, &[])
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
            NodeKind::Negate(x) => match self.ids[*x] {
                Some(id) => self.negative(id, at).map(Some),
                None => Ok(None),
            },
            NodeKind::Transpose(x) => self.operator(Op::T, &[*x], at),
            NodeKind::Binary(op, x, y) => self.binary(*op, *x, *y, at),
            NodeKind::Call { callee, args, then } => self.call(callee, args, then, at),
        }
    }

    /// An operator applied to nodes of the tree.
    fn operator(&mut self, op: Op, arguments: &[NodeId], at: NodeId) -> Node {
        let ids: Option<Vec<Id>> = arguments.iter().map(|&argument| self.ids[argument]).collect();
        match ids {
            Some(ids) => self.add(Term::op(op, &ids), at, arguments).map(Some),
            None => Ok(None),
        }
    }

    /// `-X`, with the sign moved into a number or a leading coefficient.
    fn negative(&mut self, id: Id, at: NodeId) -> Parsed<Id> {
        let (coefficient, rest) = match &self.out.nodes()[usize::from(id)] {
            Term::Num(value) => {
                let value = -value;
                return self.number(value, at);
            }
            Term::Op(Op::Mul, args) => match &self.out.nodes()[usize::from(args[0])] {
                Term::Num(value) => (-value, args[1]),
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
            return Err(error.help("multiply by the inverse: `X * inv(Y)`").into());
        }
        if let Term::Num(divisor) = &self.out.nodes()[usize::from(right)] {
            if divisor.is_zero() {
                return Err(self.error(self.span(y), "division by zero", "this is 0").into());
            }
            let inverse = divisor.recip();
            if let Term::Num(value) = &self.out.nodes()[usize::from(left)] {
                let value = value * &inverse;
                return self.number(value, at).map(Some);
            }
            let inverse = self.number(inverse, y)?;
            return self.add(Term::op(Op::Mul, &[inverse, left]), at, &[]).map(Some);
        }
        let exponent = self.number(-Rational::one(), y)?;
        let inverse = self.add(Term::op(Op::Pow, &[right, exponent]), y, &[])?;
        self.add(Term::op(Op::Mul, &[left, inverse]), at, &[]).map(Some)
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
                Some(_) => {
                    let message = "an exponent must be a rational number";
                    let error = self.error(self.span(y), message, "not a rational number");
                    return Err(error.help("such as `2`, `-1`, `(1/2)` or `0.5`").into());
                }
                None => return Ok(None),
            },
        };
        let Some(base) = self.ids[x] else { return Ok(None) };
        let zero = matches!(&self.out.nodes()[usize::from(base)], Term::Num(value) if value.is_zero());
        if zero && self.constants[y].as_ref().is_some_and(|q| q < &Rational::zero()) {
            return Err(self.error(self.span(at), "division by zero", "a negative power of 0").into());
        }
        let op = match self.data.get(usize::from(base)) {
            None if op == Binary::Pow => Op::Pow,
            Some(data) if op == Binary::Pow && data.facts.contains(Facts::DIAGONAL) => Op::Pow,
            Some(data) if !data.facts.contains(Facts::POSITIVE) => {
                return Err(self.no_power(op, data, x).into());
            }
            _ => Op::HadPow,
        };
        self.add(Term::op(op, &[base, exponent]), at, &[x, y]).map(Some)
    }

    fn no_power(&self, op: Binary, data: &Data, base: NodeId) -> Diagnostic {
        let label = format!("a `{}` not known to be positive", data.shape);
        if op == Binary::HadPow {
            let error = self.error(self.span(base), "`.^` needs a matrix with positive entries", label);
            return error.help("declare it `positive`, or use `square(X)` or `X .* X`");
        }
        let message = "`^` needs a scalar, a diagonal matrix or a matrix with positive entries";
        let error = self.error(self.span(base), message, label);
        let product = if data.shape.is_square() { ", `X * X` for the matrix product" } else { "" };
        error.help(format!("use `square(X)` for the square of every entry{product}, or declare the matrix `positive`"))
    }

    /// A name that is not called.
    fn name(&mut self, name: &str, at: NodeId) -> Node {
        let span = self.span(at);
        let elementwise = Function::builtin(name).is_some();
        let meaning = if elementwise { Meaning::Elementwise } else { self.scope.meaning(name) };
        let term = match meaning {
            Meaning::Size => Term::Size(name.into()),
            Meaning::Matrix => Term::Sym(name.into()),
            Meaning::Elementwise if self.functions.contains(&at) || self.scope.dialect() == Dialect::Rule => {
                Term::Fun(name.into())
            }
            Meaning::Elementwise | Meaning::Declared => return Err(self.not_applied(name, span).into()),
            Meaning::Broken => return Ok(None),
            Meaning::Forbidden { message, help } => {
                let error = self.error(span, message, "not allowed here");
                return Err(match help {
                    Some(help) => error.help(help).into(),
                    None => error.into(),
                });
            }
            Meaning::Unknown { help } => {
                if function_names().any(|function| function == name) {
                    return Err(self.not_applied(name, span).into());
                }
                let error = self.error(span, format!("unknown name `{name}`"), "not declared");
                let known = self.scope.known();
                return Err(match help {
                    Some(help) => error.help(help).into(),
                    None => error.meant(nearest(name, known.iter().map(String::as_str))).into(),
                });
            }
        };
        self.add(term, at, &[]).map(Some)
    }

    fn not_applied(&self, name: &str, span: Span) -> Diagnostic {
        let error = self.error(span, format!("`{name}` is a function"), "used without an argument");
        error.help(format!("write `{name}(…)`"))
    }

    fn call(&mut self, callee: &Name, args: &[NodeId], then: &Then, at: NodeId) -> Node {
        let name = callee.text.as_str();
        if let Some((_, op)) = BRACKETED.iter().find(|(bracketed, _)| *bracketed == name) {
            return self.bracketed(*op, callee, args, then, at);
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
        if let Some(op) = named(name, args.len()) {
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
                Err(error.help(format!("write `{name} * (…)` for a product")).into())
            }
            Meaning::Unknown { .. } => {
                let error = self.error(callee.span, format!("unknown function `{name}`"), "not declared");
                let known = self.scope.known();
                let candidates =
                    function_names().collect::<Vec<&str>>().into_iter().chain(known.iter().map(String::as_str));
                Err(error.meant(nearest(name, candidates)).into())
            }
        }
    }

    fn apply(&mut self, function: Id, callee: &Name, args: &[NodeId], at: NodeId) -> Node {
        self.arity(callee, args, 1, at)?;
        match self.ids[args[0]] {
            Some(x) => self.add(Term::op(Op::Apply, &[function, x]), at, args).map(Some),
            None => Ok(None),
        }
    }

    fn named(&mut self, op: Op, callee: &Name, args: &[NodeId], at: NodeId) -> Node {
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
        let one = self.number(Rational::one(), at)?;
        self.add(Term::op(op, &[rows, one]), at, args).map(Some)
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
        self.arity(callee, args, if op == Op::Vjp { 2 } else { 1 }, at)?;
        for &argument in args {
            self.plain_name(callee, argument)?;
        }
        let Then::Bracket(tangent) = *then else {
            let usage = if op == Op::Vjp { "vjp(F, W)[Z]".to_string() } else { format!("{}(W)[A]", callee.text) };
            let error = self.error(self.span(at), format!("`{}` is applied to an argument in `[ ]`", callee.text), "");
            return Err(error.help(format!("write `{usage}`")).into());
        };
        let arguments: Vec<NodeId> = match op {
            Op::Vjp => vec![args[0], tangent, args[1]],
            _ => vec![args[0], tangent],
        };
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
                Err(error.help("write `deriv(f)(X)`").into())
            }
            _ => Ok(Some(function)),
        }
    }

    fn arity(&self, callee: &Name, args: &[NodeId], wanted: usize, at: NodeId) -> Parsed<()> {
        if args.len() == wanted {
            return Ok(());
        }
        let plural = if wanted == 1 { "" } else { "s" };
        let message = format!("`{}` takes {wanted} argument{plural}, got {}", callee.text, args.len());
        Err(self.error(self.span(at), message, format!("expected {wanted} argument{plural}")).into())
    }

    fn allowed(&self, op: Op, callee: &Name) -> Parsed<()> {
        let law = op.is_quantity() || matches!(op, Op::Diff | Op::Deriv);
        let rule = matches!(op, Op::Rows | Op::Cols);
        let place = match self.scope.dialect() {
            Dialect::Model if law => "laws and rules",
            Dialect::Model | Dialect::Law if rule => "rules",
            _ => return Ok(()),
        };
        let message = format!("`{}` has a meaning only in {place}", callee.text);
        let error = self.error(callee.span, message, "not allowed here");
        Err(if op == Op::Dot { error.help("the inner product is `dot(u, v)`").into() } else { error.into() })
    }

    fn plain_name(&self, callee: &Name, argument: NodeId) -> Parsed<()> {
        match self.syntax.nodes[argument].kind {
            NodeKind::Name(_) | NodeKind::Variable(_) => Ok(()),
            _ => {
                let message = format!("`{}` takes the name of a parameter or of the output", callee.text);
                Err(self.error(self.span(argument), message, "expected a name").into())
            }
        }
    }
}

/// The operator a call names; `dot` of one argument is the time derivative, of two the inner product.
fn named(name: &str, arguments: usize) -> Option<Op> {
    if name == "dot" && arguments == 1 {
        return Some(Op::Dot);
    }
    Op::NAMED.iter().find(|(named, _)| *named == name).map(|(_, op)| *op)
}
