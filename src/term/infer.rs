//! Shapes and facts, node by node: the same inference serves the parser's shape check, the e-graph's analysis and the
//! replay of a proof on plain terms.

use super::{At, Env, Exponent, Expr, Facts, Function, Index, Indices, Op, Rational, Shape, Size, Symbol, Term};
use egg::{Id, Language};
use num_traits::{One, Signed, ToPrimitive, Zero};
use std::fmt;
use std::sync::Arc;

/// What is known of a node.
#[derive(Clone, Debug, PartialEq)]
pub struct Data {
    pub shape: Shape,
    pub facts: Facts,
    /// The value of an exact constant.
    pub constant: Option<Arc<Rational>>,
    /// The size a size node stands for.
    pub size: Option<Size>,
    /// The polynomial in sizes and values of indices that a sum or a product of such is.
    pub polynomial: Option<Arc<Exponent>>,
    /// The properties of a function name.
    pub function: Option<Arc<Function>>,
    /// The index an index is.
    pub index: Option<Symbol>,
    /// The indices it may depend on.
    pub indices: Indices,
}

impl Data {
    /// A scalar of which nothing is known, which permits nothing.
    pub fn unknown() -> Data {
        Data { indices: Indices::ALL, ..Data::matrix(Shape::SCALAR, Facts::empty()) }
    }

    /// The polynomial in sizes and values of indices that it is known to be.
    pub fn exponent(&self) -> Option<Exponent> {
        match (&self.constant, &self.polynomial, self.index, self.size) {
            (Some(value), ..) => Some(Exponent::number(Rational::clone(value))),
            (_, Some(known), ..) => Some(known.as_ref().clone()),
            (_, _, Some(index), _) => Some(Exponent::index(index)),
            (_, _, _, Some(size)) if self.indices.is_empty() => Exponent::size(size),
            _ => None,
        }
    }

    fn matrix(shape: Shape, facts: Facts) -> Data {
        let facts = facts.closed(shape.is_scalar());
        let (constant, size, polynomial, function, index) = (None, None, None, None, None);
        Data { shape, facts, constant, size, polynomial, function, index, indices: Indices::NONE }
    }

    fn number(value: impl Into<Arc<Rational>>) -> Data {
        let value = value.into();
        let mut facts = Facts::CONSTANT;
        if value.is_integer() {
            facts |= Facts::INTEGER;
        }
        if value.is_positive() {
            facts |= Facts::POSITIVE;
        }
        if !value.is_negative() {
            facts |= Facts::NONNEGATIVE;
        }
        if value.abs().is_one() {
            facts |= Facts::ORTHOGONAL;
        }
        if value.is_one() {
            facts |= Facts::PERMUTATION;
        }
        Data { constant: Some(value), ..Data::matrix(Shape::SCALAR, facts) }
    }
}

/// Why a node has no shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypeError {
    UnknownSymbol(Symbol),
    UnknownFunction(Symbol),
    /// The two shapes cannot be combined by the operator.
    Mismatch {
        op: Op,
        left: Shape,
        right: Shape,
    },
    /// The operator needs a square matrix (`tr`, `inv`, `diagvec`), a column (`diag`), a scalar, … and got this shape.
    Wants {
        op: Op,
        wanted: &'static str,
        got: Shape,
    },
    /// These are not rows of a matrix with so many, or it is not known that they are.
    NoRows {
        from: Size,
        to: Size,
        of: Size,
    },
    /// So many rows or columns are not known to be so many blocks of equally many.
    NoBlocks {
        blocks: Size,
        of: Size,
    },
    /// The padding of a convolution is no natural number.
    NoPadding,
    WrongArity {
        op: Op,
        wanted: usize,
        got: usize,
    },
}

impl fmt::Display for TypeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TypeError::UnknownSymbol(name) => write!(f, "unknown name `{name}`"),
            TypeError::UnknownFunction(name) => write!(f, "unknown function `{name}`"),
            TypeError::Mismatch { op, left, right } => {
                write!(f, "`{op}` cannot combine {left} with {right}")
            }
            TypeError::Wants { op, wanted, got } => write!(f, "`{op}` needs {wanted}, got {got}"),
            TypeError::NoRows { from, to, of } => {
                write!(f, "it is not known that {from}..{to} are some of {of}, whatever the sizes are")
            }
            TypeError::NoBlocks { blocks, of } => {
                write!(
                    f,
                    "it is not known that {of} rows or columns are {blocks} blocks of equally many, whatever the sizes are"
                )
            }
            TypeError::NoPadding => write!(f, "the padding of a window is a natural number below 65536, such as `1`"),
            TypeError::WrongArity { op, wanted, got } => {
                write!(f, "`{op}` takes {wanted} argument{}, got {got}", if *wanted == 1 { "" } else { "s" })
            }
        }
    }
}

impl std::error::Error for TypeError {}

/// The data of one node from the data of its arguments.
pub fn infer_node<'a>(env: &Env, node: &Term, data: impl Fn(Id) -> &'a Data) -> Result<Data, TypeError> {
    match node {
        Term::Num(value) => Ok(Data::number(value.clone())),
        Term::Sym(name) => {
            let info = env.symbol(*name).ok_or(TypeError::UnknownSymbol(*name))?;
            let index = env.index(*name).map(|_| *name);
            Ok(Data { index, indices: info.indices, ..Data::matrix(info.shape, info.facts) })
        }
        Term::Size(size) => {
            let indices = env.indices_of_size(*size);
            Ok(Data {
                size: Some(*size),
                indices,
                ..Data::matrix(Shape::SCALAR, Facts::CONSTANT | Facts::INTEGER | Facts::POSITIVE)
            })
        }
        Term::Fun(name) => {
            let function = env.function(*name).ok_or(TypeError::UnknownFunction(*name))?;
            Ok(Data { function: Some(function.into()), ..Data::matrix(Shape::SCALAR, Facts::CONSTANT) })
        }
        Term::Op(op, args) => {
            let found = infer_op(env, *op, args, &data)?;
            let all = args.iter().map(|&a| data(a).indices).fold(Indices::NONE, Indices::union);
            let indices = match op {
                Op::Over | Op::Last => data(args[1]).indices.without(data(args[0]).indices),
                _ => all,
            };
            let polynomial = match args.as_slice() {
                [x, y] if found.shape.is_scalar() => polynomial(*op, data(*x), data(*y)).map(Arc::new),
                _ => None,
            };
            Ok(Data { indices, polynomial, ..found })
        }
    }
}

/// What a sum, a product or a natural power is known to be; none where it is no polynomial in sizes and indices, or a number,
/// which is evaluated.
fn polynomial(op: Op, x: &Data, y: &Data) -> Option<Exponent> {
    let plain = |data: &Data| data.polynomial.is_none() && data.index.is_none() && data.size.is_none();
    match op {
        Op::Add | Op::Mul if !plain(x) || !plain(y) => Exponent::by(op, &x.exponent()?, &y.exponent()?),
        Op::Pow if !plain(x) => {
            let times = y.constant.as_ref().filter(|q| q.is_integer())?.to_integer().to_u32().filter(|n| *n <= 8)?;
            let base = x.exponent()?;
            (0..times).try_fold(Exponent::number(Rational::one()), |product, _| product.times(&base))
        }
        _ => None,
    }
}

/// Members of one shape, whatever the index is.
fn alike(env: &Env, op: Op, index: &Data, members: &Data) -> Result<(), TypeError> {
    match env.indices_of_shape(members.shape).intersection(index.indices).is_empty() {
        true => Ok(()),
        false => Err(TypeError::Wants { op, wanted: "members of one shape", got: members.shape }),
    }
}

fn infer_op<'a>(env: &Env, op: Op, args: &[Id], data: impl Fn(Id) -> &'a Data) -> Result<Data, TypeError> {
    let wanted = match op {
        Op::Call(name) => env.call(name).ok_or(TypeError::UnknownFunction(name))?.arguments.len(),
        _ => op.arity().unwrap_or(args.len()),
    };
    if args.len() != wanted {
        return Err(TypeError::WrongArity { op, wanted, got: args.len() });
    }
    let none = Data::unknown();
    let x = args.first().map_or(&none, |&first| data(first));
    let constant_all =
        if args.iter().all(|&a| data(a).facts.contains(Facts::CONSTANT)) { Facts::CONSTANT } else { Facts::empty() };
    let wants = |wanted: &'static str, ok: bool| {
        if ok { Ok(()) } else { Err(TypeError::Wants { op, wanted, got: x.shape }) }
    };
    let same = |y: &Data| {
        if x.shape == y.shape { Ok(()) } else { Err(TypeError::Mismatch { op, left: x.shape, right: y.shape }) }
    };
    // Linear spaces of square matrices that transposing keeps.
    let square_facts = Facts::SYMMETRIC | Facts::SKEW | Facts::DIAGONAL | Facts::CENTRED | Facts::PLANES;
    match op {
        Op::Add => {
            let y = data(args[1]);
            same(y)?;
            let kept = square_facts | Facts::POSITIVE_DIAGONAL | Facts::ENTRIES;
            let mut facts = x.facts & y.facts & kept;
            // What is not negative leaves the other summand positive.
            if facts.contains(Facts::NONNEGATIVE) {
                let diagonal = facts & Facts::DIAGONAL;
                facts |= (x.facts | y.facts) & Facts::POSITIVE;
                if !diagonal.is_empty() {
                    facts |= (x.facts | y.facts) & Facts::POSITIVE_DIAGONAL;
                }
            }
            Ok(Data::matrix(x.shape, facts))
        }
        Op::Mul => infer_mul(x, data(args[1]), args[0] == args[1]),
        Op::Had => {
            let y = data(args[1]);
            same(y)?;
            let mut facts = x.facts & y.facts & (Facts::SYMMETRIC | Facts::ENTRIES);
            if args[0] == args[1] {
                facts |= Facts::NONNEGATIVE;
            }
            facts |= x.facts & y.facts & Facts::POSITIVE_DIAGONAL;
            facts |= (x.facts | y.facts) & Facts::DIAGONAL;
            if x.facts.contains(Facts::SKEW) && y.facts.contains(Facts::SYMMETRIC)
                || x.facts.contains(Facts::SYMMETRIC) && y.facts.contains(Facts::SKEW)
            {
                facts |= Facts::SKEW;
            }
            Ok(Data::matrix(x.shape, facts))
        }
        Op::Pow => {
            let exponent = data(args[1]);
            wants("a scalar or a diagonal matrix", x.facts.contains(Facts::DIAGONAL))?;
            if !exponent.shape.is_scalar() {
                return Err(TypeError::Wants { op, wanted: "a scalar exponent", got: exponent.shape });
            }
            let mut facts = x.facts & (Facts::DIAGONAL | Facts::POSITIVE_DIAGONAL);
            facts |= constant_all | nonnegative_power(x, exponent);
            if x.facts.contains(Facts::DIAGONAL | Facts::ORTHOGONAL)
                && exponent.constant.as_deref().is_some_and(Rational::is_integer)
            {
                facts |= Facts::ORTHOGONAL | x.facts & Facts::ROTATION;
            }
            Ok(Data::matrix(x.shape, facts))
        }
        Op::HadPow => {
            let exponent = data(args[1]);
            let natural = exponent.constant.as_ref().is_some_and(|q| q.is_integer() && !q.is_negative());
            wants("a matrix with positive entries", natural || x.facts.contains(Facts::POSITIVE))?;
            let kept = x.facts & (Facts::POSITIVE | Facts::SYMMETRIC);
            Ok(Data::matrix(x.shape, constant_all | kept | nonnegative_power(x, exponent)))
        }
        Op::T => {
            let facts = if x.shape.is_square() { x.facts } else { x.facts & Facts::ENTRIES };
            Ok(Data::matrix(x.shape.transposed(), facts))
        }
        Op::Inv => {
            wants("a square matrix", x.shape.is_square())?;
            let kept = square_facts
                | Facts::FIXES_ONES
                | Facts::ORTHOGONAL
                | Facts::ROTATION
                | Facts::INVERTIBLE
                | Facts::POSITIVE_DIAGONAL
                | Facts::PERMUTATION
                | Facts::SIGNED_PERMUTATION
                | Facts::CONSTANT;
            Ok(Data::matrix(x.shape, x.facts & kept))
        }
        Op::Pi => Ok(Data::matrix(Shape::SCALAR, Facts::CONSTANT | Facts::POSITIVE)),
        Op::Det => {
            wants("a square matrix", x.shape.is_square())?;
            let mut facts = constant_all | (x.facts & (Facts::ORTHOGONAL | Facts::INVERTIBLE | Facts::INTEGER));
            if x.facts.intersects(Facts::POSITIVE_DIAGONAL | Facts::ROTATION) {
                facts |= Facts::POSITIVE;
            }
            Ok(Data::matrix(Shape::SCALAR, facts))
        }
        Op::Tr => {
            wants("a square matrix", x.shape.is_square())?;
            let mut facts = constant_all | (x.facts & Facts::NONNEGATIVE);
            if x.facts.intersects(Facts::POSITIVE | Facts::POSITIVE_DIAGONAL) {
                facts |= Facts::POSITIVE;
            }
            Ok(Data::matrix(Shape::SCALAR, facts))
        }
        Op::Diag => {
            wants("a column vector", x.shape.cols == Size::Lit(1))?;
            let mut facts = Facts::DIAGONAL | constant_all | (x.facts & Facts::NONNEGATIVE);
            if x.facts.contains(Facts::POSITIVE) {
                facts |= Facts::POSITIVE_DIAGONAL;
            }
            Ok(Data::matrix(Shape::square(x.shape.rows), facts))
        }
        Op::Diagvec => {
            wants("a square matrix", x.shape.is_square())?;
            let mut facts = constant_all | (x.facts & Facts::NONNEGATIVE);
            if x.facts.intersects(Facts::POSITIVE | Facts::POSITIVE_DIAGONAL) {
                facts |= Facts::POSITIVE;
            }
            Ok(Data::matrix(Shape::column(x.shape.rows), facts))
        }
        Op::Inner => {
            let y = data(args[1]);
            same(y)?;
            let square = if args[0] == args[1] { Facts::NONNEGATIVE } else { Facts::empty() };
            Ok(Data::matrix(Shape::SCALAR, square | (x.facts & y.facts & Facts::ENTRIES)))
        }
        Op::Norm2 => Ok(Data::matrix(Shape::SCALAR, Facts::NONNEGATIVE | (x.facts & Facts::ENTRIES))),
        Op::Sum => Ok(Data::matrix(Shape::SCALAR, x.facts & Facts::ENTRIES)),
        Op::Relabelled => {
            let (p, y) = (data(args[1]), data(args[2]));
            wants("an index", x.index.is_some())?;
            wants("a permutation of the index", p.facts.contains(Facts::PERMUTATION))?;
            alike(env, op, x, y)?;
            Ok(Data::matrix(y.shape, y.facts))
        }
        Op::Over | Op::Last => {
            let y = data(args[1]);
            wants("an index", x.index.is_some())?;
            let kept = match op {
                // As of a sum of two; there is at least one member.
                Op::Over => square_facts | Facts::POSITIVE_DIAGONAL | Facts::ENTRIES,
                _ => Facts::all(),
            };
            let shape = match (op, x.index.and_then(|index| env.listed(env.index(index)?).next())) {
                (Op::Last, Some(Index { name, range, .. })) => {
                    env.shape_at(y.shape, name, At::Last { range, before: 0 })
                }
                // Counts of a family are sums of sizes.
                _ => alike(env, op, x, y).map(|()| y.shape)?,
            };
            Ok(Data::matrix(shape, y.facts & kept))
        }
        Op::Ones | Op::Zeros => {
            let y = data(args[1]);
            let rows = x.size.ok_or(TypeError::Wants { op, wanted: "a size", got: x.shape })?;
            let cols = y.size.ok_or(TypeError::Wants { op, wanted: "a size", got: y.shape })?;
            let shape = Shape::new(rows, cols);
            if shape.is_scalar() {
                // The 1×1 matrix of ones is the number 1.
                return Ok(Data::number(if op == Op::Ones { Rational::one() } else { Rational::zero() }));
            }
            let facts = if op == Op::Ones {
                Facts::POSITIVE
                    | Facts::INTEGER
                    | Facts::CONSTANT
                    | if shape.is_square() { Facts::SYMMETRIC } else { Facts::empty() }
            } else {
                // Whether it is made of planes depends on its size.
                let square = if shape.is_square() { square_facts - Facts::PLANES } else { Facts::empty() };
                Facts::CONSTANT | Facts::INTEGER | Facts::NONNEGATIVE | square
            };
            Ok(Data::matrix(shape, facts))
        }
        Op::Eye => {
            let n = x.size.ok_or(TypeError::Wants { op, wanted: "a size", got: x.shape })?;
            if n == Size::Lit(1) {
                return Ok(Data::number(Rational::one()));
            }
            let facts =
                Facts::POSITIVE_DIAGONAL | Facts::PERMUTATION | Facts::ROTATION | Facts::INTEGER | Facts::CONSTANT;
            Ok(Data::matrix(Shape::square(n), facts))
        }
        Op::Select => {
            let size = |i: usize| {
                let y = data(args[i]);
                y.size.ok_or(TypeError::Wants { op, wanted: "a size", got: y.shape })
            };
            let (from, to, of) = (size(0)?, size(1)?, size(2)?);
            let rows = rows_between(from, to, of).ok_or(TypeError::NoRows { from, to, of })?;
            let shape = Shape::new(rows, of);
            if shape.is_scalar() {
                return Ok(Data::number(Rational::one()));
            }
            let all = Facts::POSITIVE_DIAGONAL | Facts::PERMUTATION | Facts::ROTATION;
            let facts =
                Facts::CONSTANT | Facts::INTEGER | Facts::NONNEGATIVE | if rows == of { all } else { Facts::empty() };
            Ok(Data::matrix(shape, facts))
        }
        Op::Concat => {
            let y = data(args[1]);
            let rows = x.shape.rows.plus(y.shape.rows).filter(|_| x.shape.cols == y.shape.cols);
            let rows = rows.ok_or(TypeError::Mismatch { op, left: x.shape, right: y.shape })?;
            Ok(Data::matrix(Shape::new(rows, x.shape.cols), x.facts & y.facts & Facts::ENTRIES))
        }
        Op::Turn => {
            let n = x.size.ok_or(TypeError::Wants { op, wanted: "a size", got: x.shape })?;
            let even = !matches!(n, Size::Lit(n) if n % 2 == 1);
            let facts = Facts::PLANES | Facts::SKEW | Facts::ROTATION | Facts::CONSTANT;
            match even {
                true => Ok(Data::matrix(Shape::square(n), facts)),
                false => Err(TypeError::Wants { op, wanted: "an even size", got: Shape::square(n) }),
            }
        }
        Op::Signature => {
            let y = data(args[1]);
            let p = x.size.ok_or(TypeError::Wants { op, wanted: "a size", got: x.shape })?;
            let q = y.size.ok_or(TypeError::Wants { op, wanted: "a size", got: y.shape })?;
            let n = p.plus(q).ok_or(TypeError::Wants { op, wanted: "sizes that can be added", got: y.shape })?;
            Ok(Data::matrix(Shape::square(n), Facts::DIAGONAL | Facts::ORTHOGONAL | Facts::CONSTANT))
        }
        Op::Apply => {
            let y = data(args[1]);
            let function = x.function.as_ref().ok_or(TypeError::Wants { op, wanted: "a function", got: x.shape })?;
            Ok(Data::matrix(y.shape, function.image(y.facts)))
        }
        Op::Deriv => {
            let function = x.function.as_ref().ok_or(TypeError::Wants { op, wanted: "a function", got: x.shape })?;
            Ok(Data { function: Some(function.derivative().into()), ..Data::matrix(Shape::SCALAR, Facts::CONSTANT) })
        }
        Op::Softmax => Ok(Data::matrix(x.shape, Facts::POSITIVE | constant_all)),
        Op::RmsNorm | Op::Normalize => Ok(Data::matrix(x.shape, x.facts & Facts::ANYWHERE)),
        Op::LayerNormEps | Op::RmsNormEps | Op::NormalizeEps | Op::BatchNormEps => {
            let eps = data(args[1]);
            if !eps.shape.is_scalar() || !eps.facts.contains(Facts::POSITIVE) {
                return Err(TypeError::Wants { op, wanted: "a positive number ε", got: eps.shape });
            }
            let sign = match op {
                Op::RmsNormEps | Op::NormalizeEps => x.facts & (Facts::POSITIVE | Facts::NONNEGATIVE),
                _ => Facts::empty(),
            };
            Ok(Data::matrix(x.shape, sign | constant_all))
        }
        Op::LogSoftmax | Op::LayerNorm | Op::BatchNorm => Ok(Data::matrix(x.shape, constant_all)),
        Op::GroupNorm | Op::GroupNormEps => {
            let y = data(args[1]);
            let blocks = y.size.ok_or(TypeError::Wants { op, wanted: "a size", got: y.shape })?;
            x.shape.rows.over(blocks).ok_or(TypeError::NoBlocks { blocks, of: x.shape.rows })?;
            if let Some(eps) = args.get(2).map(|e| data(*e))
                && !(eps.shape.is_scalar() && eps.facts.contains(Facts::POSITIVE))
            {
                return Err(TypeError::Wants { op, wanted: "a positive number ε", got: eps.shape });
            }
            Ok(Data::matrix(x.shape, constant_all))
        }
        Op::Unfold => {
            let y = data(args[1]);
            let rows = y.size.ok_or(TypeError::Wants { op, wanted: "a size", got: y.shape })?;
            Ok(Data::matrix(Shape::new(rows, x.shape.cols), x.facts & (Facts::CONSTANT | Facts::NONNEGATIVE)))
        }
        Op::Kron => {
            let y = data(args[1]);
            let rows = x.shape.rows.times(y.shape.rows);
            let (Some(rows), Some(cols)) = (rows, x.shape.cols.times(y.shape.cols)) else {
                return Err(TypeError::Mismatch { op, left: x.shape, right: y.shape });
            };
            // Squares in squares; the blocks of X ⊗ Y are multiples of Y.
            let both = Facts::ENTRIES
                | Facts::SYMMETRIC
                | Facts::DIAGONAL
                | Facts::POSITIVE_DIAGONAL
                | Facts::ORTHOGONAL
                | Facts::INVERTIBLE
                | Facts::PERMUTATION
                | Facts::SIGNED_PERMUTATION
                | Facts::FIXES_ONES;
            let (a, b) = (x.facts, y.facts);
            let mut facts = a & b & both;
            if a.contains(Facts::SKEW) && b.contains(Facts::SYMMETRIC)
                || a.contains(Facts::SYMMETRIC) && b.contains(Facts::SKEW)
            {
                facts |= Facts::SKEW;
            }
            let balanced = |f: Facts| f.intersects(Facts::FIXES_ONES | Facts::CENTRED);
            if balanced(a) && balanced(b) && (a | b).contains(Facts::CENTRED) {
                facts |= Facts::CENTRED;
            }
            if a.contains(Facts::DIAGONAL) && b.contains(Facts::PLANES) {
                facts |= Facts::PLANES;
            }
            Ok(Data::matrix(Shape::new(rows, cols), facts))
        }
        Op::Stack | Op::MaxPool => {
            let y = data(args[1]);
            let blocks = y.size.ok_or(TypeError::Wants { op, wanted: "a size", got: y.shape })?;
            let cols = x.shape.cols.over(blocks).ok_or(TypeError::NoBlocks { blocks, of: x.shape.cols })?;
            let rows = if op == Op::Stack { x.shape.rows.times(blocks) } else { Some(x.shape.rows) };
            let rows = rows.ok_or(TypeError::NoBlocks { blocks, of: x.shape.cols })?;
            Ok(Data::matrix(Shape::new(rows, cols), x.facts & Facts::ENTRIES))
        }
        Op::StopGrad => Ok(Data::matrix(x.shape, x.facts)),
        Op::OneHot if x.shape.is_scalar() => Ok(Data::matrix(x.shape, constant_all | Facts::PERMUTATION)),
        Op::OneHot => Ok(Data::matrix(x.shape, constant_all | Facts::INTEGER | Facts::NONNEGATIVE)),
        Op::TopK => {
            let y = data(args[1]);
            y.size.ok_or(TypeError::Wants { op, wanted: "a size", got: y.shape })?;
            Ok(Data::matrix(x.shape, constant_all | Facts::INTEGER | Facts::NONNEGATIVE))
        }
        Op::Taps | Op::PlaneTaps => {
            let size = |i: usize| {
                let y = data(args[i]);
                y.size.ok_or(TypeError::Wants { op, wanted: "a size", got: y.shape })
            };
            // How often a size stands, for each of the dimensions: positions, places, taps; then stride and dilation.
            let dimensions = if op == Op::Taps { 1 } else { 2 };
            let product = |kind: usize| {
                let all: Result<Vec<Size>, TypeError> = (0..dimensions).map(|i| size(kind * dimensions + i)).collect();
                let all = all?;
                let product = all[1..].iter().try_fold(all[0], |x, y| x.times(*y));
                product.ok_or(TypeError::Wants { op, wanted: "smaller sizes", got: Shape::square(all[0]) })
            };
            let (positions, places, window) = (product(0)?, product(1)?, product(2)?);
            size(3 * dimensions)?;
            size(3 * dimensions + 1)?;
            for &padding in &args[3 * dimensions + 2..] {
                let known = data(padding).constant.as_ref();
                if !known.is_some_and(|p| p.is_integer() && !p.is_negative() && p.numer().bits() <= 16) {
                    return Err(TypeError::NoPadding);
                }
            }
            let cols = window.times(places);
            let cols = cols.ok_or(TypeError::Wants { op, wanted: "smaller sizes", got: Shape::square(places) })?;
            Ok(Data::matrix(Shape::new(positions, cols), Facts::CONSTANT | Facts::NONNEGATIVE))
        }
        Op::Tril => {
            wants("a square matrix", x.shape.is_square())?;
            let mut kept = Facts::CONSTANT | Facts::NONNEGATIVE;
            if x.facts.contains(Facts::DIAGONAL) {
                kept |= Facts::all();
            }
            Ok(Data::matrix(x.shape, x.facts & kept))
        }
        Op::Mse | Op::CrossEntropy | Op::Logistic | Op::Exponential | Op::Hinge | Op::Huber => {
            same(data(args[1]))?;
            let sign = match op {
                Op::Logistic | Op::Exponential => Facts::POSITIVE,
                Op::Mse | Op::Hinge | Op::Huber => Facts::NONNEGATIVE,
                _ => Facts::empty(),
            };
            Ok(Data::matrix(Shape::SCALAR, sign | constant_all))
        }
        Op::Min | Op::Max => {
            let y = data(args[1]);
            if !x.shape.is_scalar() && !y.shape.is_scalar() {
                same(y)?;
            }
            let signs = Facts::POSITIVE | Facts::NONNEGATIVE;
            let sign = if op == Op::Max { x.facts | y.facts } else { x.facts & y.facts } & signs;
            let shape = if x.shape.is_scalar() { y.shape } else { x.shape };
            Ok(Data::matrix(shape, constant_all | sign | (x.facts & y.facts & Facts::SYMMETRIC)))
        }
        Op::Call(name) => {
            let signature = env.call(name).ok_or(TypeError::UnknownFunction(name))?;
            for (&arg, &wanted) in args.iter().zip(&signature.arguments) {
                if data(arg).shape != wanted {
                    return Err(TypeError::Mismatch { op, left: wanted, right: data(arg).shape });
                }
            }
            Ok(Data::matrix(signature.result, constant_all))
        }
        Op::Diff => {
            // The differential of a matrix keeps the linear structure of the set the matrix ranges over.
            let mut facts = x.facts & square_facts;
            if x.facts.contains(Facts::FIXES_ONES) {
                facts |= Facts::CENTRED;
            }
            Ok(Data::matrix(x.shape, facts))
        }
        Op::Grad | Op::Dot | Op::Next | Op::Err | Op::Hess => Ok(Data::matrix(x.shape, Facts::empty())),
        Op::HessRows => Ok(Data::matrix(Shape::square(x.shape.rows), Facts::SYMMETRIC)),
        Op::HessCols => Ok(Data::matrix(Shape::square(x.shape.cols), Facts::SYMMETRIC)),
        Op::HessLoss => {
            same(data(args[1]))?;
            Ok(Data::matrix(x.shape, Facts::empty()))
        }
        Op::Vjp => {
            same(data(args[1]))?;
            Ok(Data::matrix(data(args[2]).shape, Facts::empty()))
        }
        Op::Rows => {
            Ok(Data { size: Some(x.shape.rows), ..Data::matrix(Shape::SCALAR, Facts::CONSTANT | Facts::POSITIVE) })
        }
        Op::Cols => {
            Ok(Data { size: Some(x.shape.cols), ..Data::matrix(Shape::SCALAR, Facts::CONSTANT | Facts::POSITIVE) })
        }
    }
}

/// The number of rows from one to another, both counted, of so many; `None` where it is not known that they are rows of these.
fn rows_between(from: Size, to: Size, of: Size) -> Option<Size> {
    let inside = to == of || of.minus(to).is_some();
    to.plus(Size::Lit(1)).filter(|_| inside)?.minus(from)
}

/// What is known of the sign of a power: an even one, or one of what is not negative.
fn nonnegative_power(x: &Data, exponent: &Data) -> Facts {
    let Some(q) = &exponent.constant else { return Facts::empty() };
    let even = q.is_integer() && q.to_integer() % 2 == Zero::zero();
    if even || x.facts.contains(Facts::NONNEGATIVE) { Facts::NONNEGATIVE } else { Facts::empty() }
}

/// A product; `same` says that both factors are one term.
fn infer_mul(x: &Data, y: &Data, same: bool) -> Result<Data, TypeError> {
    let (a, b) = (x.facts, y.facts);
    let mut both = a & b & Facts::ENTRIES;
    if x.shape.cols == y.shape.rows && !x.shape.is_scalar() && !y.shape.is_scalar() {
        let mut facts = both;
        // Rows or columns are scaled by positive numbers, or permuted.
        let moving = Facts::POSITIVE_DIAGONAL | Facts::PERMUTATION;
        if a.intersects(moving) && b.contains(Facts::POSITIVE) || a.contains(Facts::POSITIVE) && b.intersects(moving) {
            facts |= Facts::POSITIVE;
        }
        if x.shape.is_square() && y.shape.is_square() {
            facts |= a
                & b
                & (Facts::DIAGONAL
                    | Facts::POSITIVE_DIAGONAL
                    | Facts::ORTHOGONAL
                    | Facts::ROTATION
                    | Facts::INVERTIBLE
                    | Facts::PERMUTATION
                    | Facts::SIGNED_PERMUTATION
                    | Facts::FIXES_ONES
                    | Facts::CENTRED
                    | Facts::PLANES);
            // 1ᵀX = 1ᵀ and Y 1 = 0, or X 1 = 0 and 1ᵀY = 1ᵀ.
            let balanced = |f: Facts| f.intersects(Facts::FIXES_ONES | Facts::CENTRED);
            if balanced(a) && balanced(b) && (a | b).contains(Facts::CENTRED) {
                facts |= Facts::CENTRED;
            }
        }
        return Ok(Data::matrix(Shape::new(x.shape.rows, y.shape.cols), facts));
    }
    let (scalar, matrix) = if x.shape.is_scalar() {
        (x, y)
    } else if y.shape.is_scalar() {
        (y, x)
    } else {
        return Err(TypeError::Mismatch { op: Op::Mul, left: x.shape, right: y.shape });
    };
    if same {
        both |= Facts::NONNEGATIVE;
    }
    let linear = Facts::SYMMETRIC | Facts::SKEW | Facts::DIAGONAL | Facts::CENTRED | Facts::PLANES;
    let mut facts = both | (matrix.facts & linear);
    // 0 times anything moves with nothing.
    if [x, y].iter().any(|factor| factor.constant.as_deref().is_some_and(Zero::is_zero)) {
        facts |= Facts::CONSTANT;
    }
    if scalar.facts.contains(Facts::POSITIVE) {
        facts |= matrix.facts & (Facts::POSITIVE_DIAGONAL | Facts::INVERTIBLE);
    }
    if scalar.facts.contains(Facts::ORTHOGONAL) {
        facts |= matrix.facts & (Facts::ORTHOGONAL | Facts::SIGNED_PERMUTATION | Facts::INVERTIBLE);
    }
    Ok(Data::matrix(matrix.shape, facts))
}

/// The data of every node of a formula, in order.
pub fn infer_expr(env: &Env, expr: &Expr) -> Result<Vec<Data>, TypeError> {
    let mut all: Vec<Data> = Vec::with_capacity(expr.len());
    for node in expr.as_ref() {
        debug_assert!(node.children().iter().all(|&c| usize::from(c) < all.len()));
        let data = infer_node(env, node, |id| &all[usize::from(id)])?;
        all.push(data);
    }
    Ok(all)
}

/// The data of a formula.
pub fn infer(env: &Env, expr: &Expr) -> Result<Data, TypeError> {
    let mut all = infer_expr(env, expr)?;
    Ok(all.pop().expect("a formula has at least one node"))
}
