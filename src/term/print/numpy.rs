//! Formulas as NumPy expressions: matrices are 2-d arrays, vectors (n, 1) arrays, scalars floats.

use super::super::{
    At, Data, Env, Expr, Index, Neighbour, Op, PythonForm, Rational, Size, Symbol, Term, TypeError, infer_expr,
};
use super::code::{Code, code, names};
use super::layout::{Bracket, Level, Notate, Piece, Written, bracketed, call, layout, list};
use super::numpy_functions::{derivative, elementwise, identifier};
use super::python_names::PythonNames;
use super::source::Source;
use super::torch::Library;
use egg::Id;
use num_traits::{One, Signed, ToPrimitive};
use std::fmt;

/// A formula as code, and the names that have to be given for it to run, in the order they occur in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumPy {
    pub code: String,
    pub names: Vec<String>,
}

/// The code alone.
impl fmt::Display for NumPy {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.code)
    }
}

/// Where code takes a size from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// What it is.
    Number(u64),
    /// A variable of its own.
    Variable(Symbol),
    /// The extent of an array along an axis.
    Axis(Symbol, usize),
}

/// A formula as an expression that evaluates as it stands, given `np`, the names in it and `sizes`, where the sizes come
/// from. `grad(W)` is `grad_W`, and likewise `dot_W`, `next_W`, `err_F`, `d_W`; `hess(W)[A]` is `hess_W`; `vjp(F, W)[Z]`
/// calls `vjp_W(Z)` and `hess_loss(F)[Z]` calls `hess_loss_F(Z)`.
pub fn numpy(env: &Env, expr: &Expr, sizes: &dyn Fn(Symbol) -> Extent) -> Result<NumPy, TypeError> {
    python(Library::NumPy, env, expr, sizes)
}

/// The same in the words of a library.
pub fn python(library: Library, env: &Env, expr: &Expr, sizes: &dyn Fn(Symbol) -> Extent) -> Result<NumPy, TypeError> {
    let data = infer_expr(env, expr)?;
    let free = data[usize::from(Source::root(expr))].indices;
    let arrays = Arrays { library, expr, data, sizes, names: PythonNames::of(env), env };
    let mut tokens = layout(&arrays, Source::root(expr));
    // One for each value of the indices it is about: the innermost comprehension is that of the last one.
    let listed: Vec<Index> = env.listed(free).collect();
    let ragged = !env.indices_of_shape(arrays.data[usize::from(Source::root(expr))].shape).is_empty();
    for (at, index) in listed.iter().enumerate().rev() {
        let opening = if at == 0 && !ragged { "np.array([" } else { "[" };
        tokens.insert(0, Code::Text(opening.into()));
        tokens.extend(arrays.values(*index));
        tokens.push(Code::Text(if at == 0 && !ragged { "])" } else { "]" }.into()));
    }
    let spelled = |token: Code| match token {
        Code::Text(text) => Code::Text(library.text(text)),
        token => token,
    };
    let tokens: Vec<Code> = tokens.into_iter().map(spelled).collect();
    Ok(NumPy { code: code(&tokens), names: names(&tokens) })
}

struct Arrays<'a> {
    library: Library,
    expr: &'a Expr,
    data: Vec<Data>,
    sizes: &'a dyn Fn(Symbol) -> Extent,
    names: PythonNames,
    env: &'a Env,
}

impl Notate for Arrays<'_> {
    type Token = Code;

    fn notate(&self, id: Id) -> Written<Code> {
        let (op, args) = match &self.expr[id] {
            Term::Num(value) => return number(value),
            // An index counts from 0 in code, and from 1 as a number.
            Term::Sym(name) if self.env.index(*name).is_some() => {
                return (Level::Sum, vec![Piece::text(format!("{} + 1", self.names.symbol(*name)))]);
            }
            Term::Sym(name) => return self.member(named(self.names.symbol(self.family(*name))), *name),
            Term::Fun(name) => return named(self.names.symbol(*name)),
            Term::Size(size) => return self.size(*size),
            Term::Op(op, args) => (*op, args.as_slice()),
        };
        let scalar = args.first().is_some_and(|&x| self.is_scalar(x));
        match op {
            Op::Add => (Level::Sum, self.sum(args)),
            Op::Mul => self.product(id, args),
            Op::Had => (Level::Product, self.binary(args, " * ")),
            Op::Pow if !scalar => {
                let mut out = wrap("np.diag(np.diag(", args[0], Level::Sum, ")");
                out.extend(self.exponent(args[1]));
                out.push(Piece::text(")"));
                (Level::Postfix, out)
            }
            Op::Pow | Op::HadPow => {
                let mut out = vec![Piece::node(args[0], Level::Postfix)];
                out.extend(self.exponent(args[1]));
                (Level::Power, out)
            }
            Op::Inv if scalar => (Level::Product, wrap("1 / ", args[0], Level::Power, "")),
            // A scalar is a number, not an array: these do nothing to it.
            Op::T | Op::Tr | Op::Det | Op::Diag | Op::Diagvec | Op::Tril if scalar => {
                (Level::Postfix, bracketed(Bracket::Round, list(args)))
            }
            Op::Min | Op::Max => {
                let (of_numbers, of_arrays) = if op == Op::Max { ("max", "np.maximum") } else { ("min", "np.minimum") };
                let function = if self.is_scalar(id) { of_numbers } else { of_arrays };
                (Level::Postfix, call(vec![Piece::text(function)], args))
            }
            Op::Pi => atom("np.pi"),
            Op::Inv | Op::Tr | Op::Det | Op::Tril => (Level::Postfix, call(vec![Piece::text(self.function(op))], args)),
            Op::T => (Level::Postfix, wrap("", args[0], Level::Postfix, ".T")),
            Op::Diag => (Level::Postfix, wrap("np.diag(", args[0], Level::Postfix, ".ravel())")),
            Op::Diagvec => (Level::Postfix, wrap("np.diag(", args[0], Level::Sum, ").reshape(-1, 1)")),
            Op::Inner => (Level::Postfix, self.total(self.binary(args, " * "))),
            Op::Norm2 => (Level::Postfix, self.total(wrap("", args[0], Level::Postfix, "**2"))),
            Op::Sum => (Level::Postfix, self.total(list(args))),
            Op::Over => self.over(args),
            Op::Last | Op::Relabelled => (Level::Postfix, call(vec![Piece::text(op.name().unwrap_or_default())], args)),
            Op::Ones | Op::Zeros | Op::Eye => self.constant(id, op, args),
            Op::Select if self.is_scalar(id) => atom("1.0"),
            Op::Select => (Level::Postfix, self.select(id, args)),
            Op::Concat => {
                let mut out = vec![Piece::text("np.vstack")];
                out.extend(bracketed(Bracket::Round, bracketed(Bracket::Square, list(args))));
                (Level::Postfix, out)
            }
            Op::Turn | Op::Signature => (Level::Postfix, call(vec![Piece::text(self.function(op))], args)),
            Op::Apply => (Level::Postfix, self.apply(args)),
            Op::Deriv => self.derivative(args[0]),
            Op::Mse => {
                let difference =
                    vec![Piece::node(args[0], Level::Sum), Piece::text(" - "), Piece::node(args[1], Level::Product)];
                let mut square = bracketed(Bracket::Round, difference);
                square.push(Piece::text("**2"));
                self.mean(args[0], "2 * ", self.total(square))
            }
            Op::CrossEntropy => {
                let log = self.columns(Op::LogSoftmax, args[0]);
                let mut out = wrap("", args[1], Level::Power, " * ");
                out.extend(log);
                let mut total = self.total(out);
                total.insert(0, Piece::text("-"));
                let (_, pieces) = self.mean(args[0], "", total);
                (Level::Signed, pieces)
            }
            Op::Logistic => self.mean(args[0], "", self.total(self.margin("np.logaddexp(0, -", args))),
            Op::Exponential => self.mean(args[0], "", self.total(self.margin("np.exp(-", args))),
            Op::Hinge => self.mean(args[0], "", self.total(self.margin("np.maximum(0, 1 - ", args))),
            Op::Huber => {
                let mut residual = vec![Piece::text(HUBER)];
                let difference =
                    vec![Piece::node(args[0], Level::Sum), Piece::text(" - "), Piece::node(args[1], Level::Product)];
                residual.extend(bracketed(Bracket::Round, difference));
                self.mean(args[0], "", self.total(residual))
            }
            Op::Call(name) => (Level::Postfix, call(vec![Piece::name(self.names.symbol(name))], args)),
            Op::Vjp => self.quantity("vjp", args[2], &args[1..2]),
            Op::HessLoss => self.quantity("hess_loss", args[0], &args[1..]),
            Op::Diff => self.quantity("d", args[0], &[]),
            Op::Grad | Op::Dot | Op::Next | Op::Err | Op::Hess | Op::HessRows | Op::HessCols => {
                self.quantity(op.name().unwrap_or_default(), args[0], &[])
            }
            Op::Rows => self.size(self.data[usize::from(args[0])].shape.rows),
            Op::Cols => self.size(self.data[usize::from(args[0])].shape.cols),
            Op::TopK if scalar => atom("1.0"),
            Op::GroupNorm | Op::GroupNormEps | Op::TopK => {
                let mut out = vec![Piece::text(self.function(op))];
                let (before, after) = if scalar { ("(np.full((1, 1), ", ")") } else { ("(", "") };
                out.extend(wrap(before, args[0], Level::Sum, after));
                for &argument in &args[1..] {
                    out.extend([Piece::text(", "), Piece::node(argument, Level::Sum)]);
                }
                out.push(Piece::text(if scalar { ").item()" } else { ")" }));
                (Level::Postfix, out)
            }
            Op::Stack | Op::MaxPool if scalar => (Level::Postfix, bracketed(Bracket::Round, list(&args[..1]))),
            Op::Kron | Op::Stack | Op::MaxPool | Op::Taps | Op::PlaneTaps => {
                let mut out = call(vec![Piece::text(self.function(op))], args);
                // A scalar is a number, not an array.
                out.extend(self.is_scalar(id).then_some(Piece::text(".item()")));
                (Level::Postfix, out)
            }
            Op::Unfold => (Level::Postfix, self.unfold(id, args)),
            Op::StopGrad if self.library == Library::NumPy => (Level::Postfix, bracketed(Bracket::Round, list(args))),
            Op::StopGrad => (Level::Postfix, wrap("torch.as_tensor(", args[0], Level::Sum, ").detach()")),
            Op::OneHot if scalar => atom("1.0"),
            Op::OneHot | Op::Softmax | Op::LogSoftmax | Op::LayerNorm | Op::RmsNorm | Op::Normalize | Op::BatchNorm => {
                (Level::Postfix, self.columns(op, args[0]))
            }
            Op::LayerNormEps | Op::RmsNormEps | Op::NormalizeEps | Op::BatchNormEps => {
                (Level::Postfix, self.eps_norm(op, args))
            }
        }
    }
}

impl Arrays<'_> {
    /// The function an operator is a call of.
    fn function(&self, op: Op) -> &'static str {
        self.library.function(op, function(op))
    }

    fn is_scalar(&self, id: Id) -> bool {
        self.data[usize::from(id)].shape.is_scalar()
    }

    /// The member of a family at its indices, which are the first axes of an array.
    fn member(&self, written: Written<Code>, of: Symbol) -> Written<Code> {
        let indices = self.env.symbol(of).map(|info| info.indices).unwrap_or_default();
        let listed: Vec<String> = match self.env.neighbour(of) {
            Some(beside) => self.beside(beside),
            None => self.env.listed(indices).map(|index| self.names.symbol(index.name)).collect(),
        };
        if listed.is_empty() {
            return written;
        }
        let (level, mut out) = written;
        out.push(Piece::text(format!("[{}]", listed.join(", "))));
        (level, out)
    }

    /// Whether the members of a family have different shapes.
    fn is_list(&self, of: Symbol) -> bool {
        let shape = |name: Symbol| self.env.symbol(name).map(|info| info.shape);
        shape(self.family(of)).is_some_and(|shape| !self.env.indices_of_shape(shape).is_empty())
    }

    /// The array of a family that a name stands for a member of.
    fn family(&self, name: Symbol) -> Symbol {
        self.env.neighbour(name).map_or(name, |beside| beside.of)
    }

    /// `l + 1`, `0`, `-1`, where indices count from 0.
    fn beside(&self, beside: &Neighbour) -> Vec<String> {
        let in_order = self.env.listed(self.env.indices_of(&beside.indices));
        let value = |index: Index| match beside.at {
            _ if index.name != beside.index => self.names.symbol(index.name),
            At::Number(n) => n.saturating_sub(1).to_string(),
            At::After(0) => self.names.symbol(index.name),
            At::After(k) if k < 0 => format!("{} - {}", self.names.symbol(index.name), k.unsigned_abs()),
            At::After(k) => format!("{} + {k}", self.names.symbol(index.name)),
            At::Last { before, .. } => (-before.saturating_add(1)).to_string(),
        };
        in_order.map(value).collect()
    }

    /// ` for i in range(H)`.
    fn values(&self, index: Index) -> Vec<Code> {
        let (_, mut range) = self.size(index.range);
        range.extend((index.less > 0).then(|| Piece::text(format!(" - {}", index.less))));
        let range = range.into_iter().filter_map(|piece| match piece {
            Piece::Token(token) => Some(token),
            Piece::Node(..) => None,
        });
        let head = Code::Text(format!(" for {} in range(", self.names.symbol(index.name)).into());
        std::iter::once(head).chain(range).chain([Code::Text(")".into())]).collect()
    }

    /// `sum(X for i in range(H))`.
    fn over(&self, args: &[Id]) -> Written<Code> {
        let index = match self.expr[args[0]] {
            Term::Sym(name) => self.env.index(name).and_then(|set| self.env.listed(set).next()),
            _ => None,
        };
        let mut inside = vec![Piece::node(args[1], Level::Sum)];
        inside.extend(index.into_iter().flat_map(|index| self.values(index)).map(Piece::Token));
        let mut out = vec![Piece::text("sum")];
        out.extend(bracketed(Bracket::Round, inside));
        (Level::Postfix, out)
    }

    fn size(&self, size: Size) -> Written<Code> {
        match size {
            Size::Lit(n) => atom(n.to_string()),
            Size::Formula(formula) => {
                let mut out = Vec::new();
                for (names, c) in formula.monomials() {
                    out.extend((!out.is_empty()).then(|| Piece::text(" + ")));
                    let mut product = Vec::from_iter((c != 1 || names.is_empty()).then(|| Piece::text(c.to_string())));
                    for name in names {
                        product.extend((!product.is_empty()).then(|| Piece::text(" * ")));
                        product.extend(self.size(Size::Name(*name)).1);
                    }
                    out.extend(product);
                }
                (if formula.monomials().count() > 1 { Level::Sum } else { Level::Product }, out)
            }
            Size::Name(name) => match (self.sizes)(name) {
                Extent::Number(n) => atom(n.to_string()),
                Extent::Variable(name) => named(identifier(name.as_str())),
                // A family of matrices of different shapes is a list of arrays.
                Extent::Axis(array, axis) if self.is_list(array) => {
                    let depth = self.env.neighbour(array).map_or_else(
                        || self.env.listed(self.env.symbol(array).map(|i| i.indices).unwrap_or_default()).count(),
                        |beside| beside.indices.len(),
                    );
                    let name = named(self.names.symbol(self.family(array)));
                    if axis < depth {
                        let (_, inside) = name;
                        let mut out = vec![Piece::text("len")];
                        out.extend(bracketed(Bracket::Round, inside));
                        return (Level::Postfix, out);
                    }
                    let (level, mut out) = self.member(name, array);
                    out.push(Piece::text(format!(".shape[{}]", axis - depth)));
                    (level, out)
                }
                Extent::Axis(array, axis) => {
                    let array = Piece::name(self.names.symbol(array));
                    (Level::Postfix, vec![array, Piece::text(format!(".shape[{axis}]"))])
                }
            },
        }
    }

    fn sum(&self, args: &[Id]) -> Vec<Piece<Code>> {
        let mut out = vec![Piece::node(args[0], Level::Sum)];
        let negative = |id: Id| self.expr.num(id).filter(|c| c.is_negative());
        match (negative(args[1]), self.expr.op(args[1])) {
            (Some(c), _) => {
                out.push(Piece::text(" - "));
                out.extend(number(&-c).1);
            }
            (_, Some((Op::Mul, factors))) if negative(factors[0]).is_some() => {
                out.push(Piece::text(" - "));
                let c = negative(factors[0]).map_or_else(Rational::one, Signed::abs);
                if c.is_one() {
                    out.push(Piece::node(factors[1], Level::Product));
                } else {
                    out.extend(number(&c).1);
                    out.extend([Piece::text(" * "), Piece::node(factors[1], Level::Power)]);
                }
            }
            _ => out.extend([Piece::text(" + "), Piece::node(args[1], Level::Product)]),
        }
        out
    }

    /// The matrix product, as a number if it is 1×1, or the product by a number.
    fn product(&self, id: Id, args: &[Id]) -> Written<Code> {
        if let Some(slice) = self.slice(id, args) {
            return (Level::Postfix, slice);
        }
        if !self.is_scalar(args[0]) && !self.is_scalar(args[1]) {
            let product = self.binary(args, " @ ");
            return match self.is_scalar(id) {
                true => {
                    let mut out = bracketed(Bracket::Round, product);
                    out.push(Piece::text(".item()"));
                    (Level::Postfix, out)
                }
                false => (Level::Product, product),
            };
        }
        match self.expr.num(args[0]) {
            Some(c) if (-c).is_one() => (Level::Signed, wrap("-", args[1], Level::Power, "")),
            Some(c) => {
                let mut out = number(c).1;
                out.extend([Piece::text(" * "), Piece::node(args[1], Level::Power)]);
                (if c.is_negative() { Level::Signed } else { Level::Product }, out)
            }
            None => (Level::Product, self.binary(args, " * ")),
        }
    }

    /// `X[a - 1:b]` and `X[:, a - 1:b]`, of products with rows of the identity.
    fn slice(&self, id: Id, args: &[Id]) -> Option<Vec<Piece<Code>>> {
        if self.is_scalar(id) {
            return None;
        }
        let select = |id: Id| match self.expr.op(id)? {
            (Op::Select, args) if !self.is_scalar(id) => Some([args[0], args[1]]),
            _ => None,
        };
        let transposed = |id: Id| match self.expr.op(id)? {
            (Op::T, args) => select(args[0]),
            _ => None,
        };
        let (x, [from, to], before) = match (select(args[0]), transposed(args[1])) {
            (Some(places), _) if !self.is_scalar(args[1]) => (args[1], places, ""),
            (None, Some(places)) if !self.is_scalar(args[0]) => (args[0], places, ":, "),
            _ => return None,
        };
        let mut inside = vec![Piece::text(before)];
        inside.extend(self.before(from));
        inside.extend([Piece::text(":"), Piece::node(to, Level::Sum)]);
        let mut out = vec![Piece::node(x, Level::Postfix)];
        out.extend(bracketed(Bracket::Square, inside));
        Some(out)
    }

    /// The place before a place that is counted from 1; nothing for the first.
    fn before(&self, place: Id) -> Vec<Piece<Code>> {
        match &self.expr[place] {
            Term::Size(Size::Lit(1)) => vec![],
            Term::Size(size) => match size.minus(Size::Lit(1)) {
                Some(before) => self.size(before).1,
                None => vec![Piece::node(place, Level::Sum), Piece::text(" - 1")],
            },
            _ => vec![Piece::node(place, Level::Sum), Piece::text(" - 1")],
        }
    }

    fn binary(&self, args: &[Id], sign: &'static str) -> Vec<Piece<Code>> {
        vec![Piece::node(args[0], Level::Product), Piece::text(sign), Piece::node(args[1], Level::Power)]
    }

    /// `**q`.
    fn exponent(&self, id: Id) -> Vec<Piece<Code>> {
        match self.expr.num(id) {
            Some(q) if q.is_integer() => vec![Piece::text(format!("**{q}"))],
            _ => vec![Piece::text("**"), Piece::node(id, Level::Postfix)],
        }
    }

    fn total(&self, entries: Vec<Piece<Code>>) -> Vec<Piece<Code>> {
        let mut out = vec![Piece::text("np.sum")];
        out.extend(bracketed(Bracket::Round, entries));
        out
    }

    /// A sum over the entries of `f`-shaped matrices, divided by the number of columns (and the factor before it).
    fn mean(&self, f: Id, factor: &str, mut total: Vec<Piece<Code>>) -> Written<Code> {
        let (level, cols) = self.size(self.data[usize::from(f)].shape.cols);
        let cols = if level < Level::Power { bracketed(Bracket::Round, cols) } else { cols };
        total.push(Piece::text(" / "));
        if factor.is_empty() {
            total.extend(cols);
        } else {
            let mut divisor = vec![Piece::text(factor.to_string())];
            divisor.extend(cols);
            total.extend(bracketed(Bracket::Round, divisor));
        }
        (Level::Product, total)
    }

    /// `f(-Y * F)` for the opening `f(-`.
    fn margin(&self, open: &'static str, args: &[Id]) -> Vec<Piece<Code>> {
        let mut out = wrap(open, args[1], Level::Power, " * ");
        out.extend([Piece::node(args[0], Level::Power), Piece::text(")")]);
        out
    }

    /// A function of whole columns; a number is a 1×1 array for it.
    fn columns(&self, op: Op, arg: Id) -> Vec<Piece<Code>> {
        let function = vec![Piece::text(self.function(op))];
        if !self.is_scalar(arg) {
            return call(function, &[arg]);
        }
        let mut out = function;
        out.extend(wrap("(np.full((1, 1), ", arg, Level::Sum, ")).item()"));
        out
    }

    /// The same with ε beside it.
    fn eps_norm(&self, op: Op, args: &[Id]) -> Vec<Piece<Code>> {
        let function = vec![Piece::text(self.function(op))];
        if !self.is_scalar(args[0]) {
            return call(function, args);
        }
        let mut out = function;
        out.extend(wrap("(np.full((1, 1), ", args[0], Level::Sum, "), "));
        out.extend(wrap("", args[1], Level::Sum, ").item()"));
        out
    }

    /// `np.eye(rows, n, a - 1)`: the rows from a on of the identity.
    fn select(&self, id: Id, args: &[Id]) -> Vec<Piece<Code>> {
        let rows = self.size(self.data[usize::from(id)].shape.rows).1;
        let mut inside = rows;
        inside.extend([Piece::text(", "), Piece::node(args[2], Level::Sum), Piece::text(", ")]);
        let before = self.before(args[0]);
        inside.extend(if before.is_empty() { vec![Piece::text("0")] } else { before });
        let mut out = vec![Piece::text("np.eye")];
        out.extend(bracketed(Bracket::Round, inside));
        out
    }

    fn unfold(&self, id: Id, args: &[Id]) -> Vec<Piece<Code>> {
        let mut out = vec![Piece::text(self.function(Op::Unfold))];
        let (before, after) = if self.is_scalar(args[0]) { ("(np.full((1, 1), ", "), ") } else { ("(", ", ") };
        out.extend(wrap(before, args[0], Level::Sum, after));
        out.extend(wrap("", args[1], Level::Sum, if self.is_scalar(id) { ").item()" } else { ")" }));
        out
    }

    fn constant(&self, id: Id, op: Op, args: &[Id]) -> Written<Code> {
        match op {
            Op::Zeros if self.is_scalar(id) => atom("0.0"),
            _ if self.is_scalar(id) => atom("1.0"),
            Op::Eye => (Level::Postfix, call(vec![Piece::text(self.function(op))], args)),
            _ => {
                let name = if op == Op::Ones { "np.ones" } else { "np.zeros" };
                let shape = bracketed(Bracket::Round, list(args));
                let mut out = vec![Piece::text(name)];
                out.extend(bracketed(Bracket::Round, shape));
                (Level::Postfix, out)
            }
        }
    }

    fn apply(&self, args: &[Id]) -> Vec<Piece<Code>> {
        let number = self.library.number().filter(|_| self.is_scalar(args[1]));
        let argument = match number {
            Some((before, after)) => wrap(before, args[1], Level::Sum, after),
            None => vec![Piece::node(args[1], Level::Sum)],
        };
        match &self.expr[args[0]] {
            Term::Fun(name) => match elementwise(name.as_str()) {
                Some((before, after)) => [vec![Piece::text(before)], argument, vec![Piece::text(after)]].concat(),
                None => call(vec![Piece::node(args[0], Level::Postfix)], &args[1..]),
            },
            _ => {
                let mut out = vec![Piece::node(args[0], Level::Postfix)];
                out.extend(bracketed(Bracket::Round, argument));
                out
            }
        }
    }

    fn derivative(&self, function: Id) -> Written<Code> {
        match &self.expr[function] {
            Term::Fun(name) => match derivative(name.as_str()) {
                Some(code) => atom(code),
                None => named(self.names.quantity("deriv", *name)),
            },
            _ => (Level::Postfix, call(vec![Piece::name("deriv".into())], &[function])),
        }
    }

    /// `grad_W1`; `vjp_W1(Z)`.
    fn quantity(&self, name: &'static str, of: Id, args: &[Id]) -> Written<Code> {
        match &self.expr[of] {
            Term::Sym(symbol) => {
                let (_, head) = self.member(named(self.names.quantity(name, self.family(*symbol))), *symbol);
                (Level::Postfix, if args.is_empty() { head } else { call(head, args) })
            }
            _ => (Level::Postfix, call(vec![Piece::name(name.to_string())], &[of])),
        }
    }
}

/// r²/2 up to 1, and the tangent beyond.
const HUBER: &str = "(lambda r: np.where(np.abs(r) < 1, r**2 / 2, np.abs(r) - 0.5))";

/// The same in NumPy.
fn function(op: Op) -> &'static str {
    match op.row().python {
        PythonForm::Function(name) => name,
        PythonForm::Expression => op.name().unwrap_or_default(),
    }
}

fn atom(text: impl Into<std::borrow::Cow<'static, str>>) -> Written<Code> {
    (Level::Postfix, vec![Piece::text(text)])
}

/// A name that has to be given.
fn named(name: String) -> Written<Code> {
    (Level::Postfix, vec![Piece::name(name)])
}

fn wrap(before: &'static str, id: Id, level: Level, after: &'static str) -> Vec<Piece<Code>> {
    vec![Piece::text(before), Piece::node(id, level), Piece::text(after)]
}

/// An exact number: integers and dyadic fractions as such, other fractions as a quotient.
fn number(value: &Rational) -> Written<Code> {
    let signed = |level: Level| if value.is_negative() { Level::Signed } else { level };
    let float = value.to_f64().filter(|f| Rational::from_float(*f).as_ref() == Some(value));
    match float {
        // Written<Code> with a point or an exponent where NumPy would not take it for a machine integer.
        Some(f) if f.abs() >= 1e15 => (signed(Level::Postfix), vec![Piece::text(format!("{f:?}"))]),
        Some(f) => (signed(Level::Postfix), vec![Piece::text(f.to_string())]),
        None if value.is_integer() => (signed(Level::Postfix), vec![Piece::text(format!("{value}.0"))]),
        None => (signed(Level::Product), vec![Piece::text(value.to_string())]),
    }
}

#[cfg(test)]
mod tests;
