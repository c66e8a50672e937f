//! The operators, one row each: all that is known of an operator outside the rules and the code that infers, evaluates
//! and prints it. There the matches have an arm for each operator, so that the compiler asks for a new one.

use super::Op;

/// What is known of an operator.
#[derive(Clone, Copy, Debug)]
pub struct OpRow {
    /// The operator; of declared functions, which share a row, none.
    pub op: Option<Op>,
    pub spelling: Spelling,
    pub dialect: Dialect,
    pub arguments: Arguments,
    pub scalar: Scalar,
    /// The arguments it is linear in, each by itself.
    pub linear_in: &'static [usize],
    /// Whether its two arguments may be exchanged.
    pub commutes: bool,
    pub degree: Degree,
    pub columns: Columns,
    pub arithmetic: Arithmetic,
    pub python: PythonForm,
}

/// How an operator is written in the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// `X + Y`.
    Sum(&'static str),
    /// `X * Y`.
    Product(&'static str),
    /// `X ^ q`.
    Power(&'static str),
    /// `X'`.
    Postfix(&'static str),
    /// `name(X, …)`.
    Name(&'static str),
    /// `name(W)[Z]`: the names its quantity is of in round brackets, its operand in square ones.
    Bracket(&'static str),
    /// `name`: a number.
    Constant(&'static str),
    /// `f(X)`, by the name of a function.
    Applied,
}

/// Where a formula is written. Every dialect has what those before it have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dialect {
    /// Definitions, losses and images of a model file.
    Model,
    /// Laws: also quantities of a trajectory, `grad(W)`, and numbers of laws.
    Law,
    /// Rules: also pattern variables and `rows(?X)`; nothing has a shape.
    Rule,
}

/// The arguments of an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arguments {
    These(&'static [Argument]),
    /// Operands, as many as the signature of the declared function says.
    Declared,
}

/// What stands in the place of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument {
    /// A matrix, which is evaluated.
    Operand,
    /// The same; where it is data, each of its columns is a probability distribution.
    Distribution,
    /// The same; where it is data, each of its entries is ±1.
    Signs,
    /// A positive number.
    Positive,
    /// A matrix of which only the shape is read.
    Shaped,
    Size,
    /// An exact number, or a polynomial in sizes and values of indices.
    Exponent,
    /// An elementwise function.
    Function,
    /// The name of a parameter or of the output, of which a quantity is taken.
    Name,
    /// The index of a family.
    Index,
}

/// When the value is 1×1 whatever the sizes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// If these arguments are; always, if there are none.
    If(&'static [usize]),
    /// The arguments being scalars does not decide it.
    Undecided,
}

/// The degree of positive homogeneity of the value from those of the operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Degree {
    /// That of all operands, if it is the same.
    Common,
    /// The sum of the operands' degrees.
    Total,
    /// A multiple of the first operand's.
    Times(i64),
    /// The first operand's, times the exponent.
    Exponent,
    /// The operand's, times the function's.
    Function,
    /// None that is known.
    Unknown,
}

/// What becomes of the columns of the operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    /// A column of the value depends on the same column of every operand alone.
    Each,
    /// A number: a sum, or a mean, of terms each of which depends on one column alone.
    Sum,
    /// Those of the right factor are mapped one by one.
    Product,
    /// They are mixed.
    Mixed,
}

/// What it takes to compute a value exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// Sums and products.
    Polynomial,
    /// The same on either side of a kink.
    Piecewise,
    /// A division as well.
    Division,
    /// For some exponents or always a root, which need not exist in a finite field.
    Root,
    /// A transcendental function, whose values are drawn at random in a finite field.
    Transcendental,
    /// What its elementwise function takes.
    Function,
    /// The values of a declared function, which is generic.
    Declared,
    /// Nothing: the value is given from outside, as that of a quantity.
    Given,
    /// It has no value in a model: it stands in laws and rules only.
    Never,
}

/// How NumPy writes an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PythonForm {
    /// As a call of this function.
    Function(&'static str),
    /// As an expression, which is an arm of `print/numpy.rs`.
    Expression,
}

use Argument::{
    Distribution as P, Exponent as Q, Function as F, Index as I, Name as W, Operand as X, Positive as E, Shaped,
    Signs as S, Size as N,
};
use Arithmetic::{Declared, Division, Given, Never, Piecewise, Polynomial, Root, Transcendental};
use Columns::{Each, Mixed};
use Degree::{Common, Times, Total, Unknown};
use Dialect::{Law, Model, Rule};
use PythonForm::{Expression, Function};
use Scalar::{If, Undecided};
use Spelling::{Applied, Bracket, Constant, Name};

/// The same as a table: makes [`OPS`] and [`Op::row`], whose match has no arm for an operator without a row.
macro_rules! rows {
    ($($op:ident: $spelling:expr, $dialect:expr, $arguments:tt, $scalar:expr, $linear:tt, $commutes:expr,
       $degree:expr, $columns:expr, $arithmetic:expr, $python:expr;)*) => {
        /// Every operator but [`Op::Call`].
        pub static OPS: &[OpRow] = &[$(OpRow {
            op: Some(Op::$op),
            spelling: $spelling,
            dialect: $dialect,
            arguments: Arguments::These(&$arguments),
            scalar: $scalar,
            linear_in: &$linear,
            commutes: $commutes,
            degree: $degree,
            columns: $columns,
            arithmetic: $arithmetic,
            python: $python,
        }),*];

        /// The positions of the rows.
        enum At { $($op),* }

        impl Op {
            /// What is known of the operator.
            pub fn row(self) -> &'static OpRow {
                match self {
                    $(Op::$op => &OPS[At::$op as usize],)*
                    Op::Call(_) => &CALL,
                }
            }
        }
    };
}

/// Declared functions.
static CALL: OpRow = OpRow {
    op: None,
    spelling: Applied,
    dialect: Model,
    arguments: Arguments::Declared,
    scalar: Undecided,
    linear_in: &[],
    commutes: false,
    degree: Unknown,
    columns: Mixed,
    arithmetic: Declared,
    python: Expression,
};

rows! {
    // op         written as              in     arguments  1×1           linear  commutes  degree            columns           arithmetic            NumPy
    Add:          Spelling::Sum("+"),       Model, [X, X],    If(&[0]),     [],     true,     Common,           Each,             Polynomial,           Expression;
    Mul:          Spelling::Product("*"),   Model, [X, X],    If(&[0, 1]),  [0, 1], false,    Total,            Columns::Product, Polynomial,           Expression;
    Had:          Spelling::Product(".*"),  Model, [X, X],    If(&[0]),     [0, 1], true,     Total,            Each,             Polynomial,           Expression;
    Pow:          Spelling::Power("^"),     Model, [X, Q],    If(&[0]),     [],     false,    Degree::Exponent, Mixed,            Root,                 Expression;
    HadPow:       Spelling::Power(".^"),    Model, [X, Q],    If(&[0]),     [],     false,    Degree::Exponent, Each,             Root,                 Expression;
    T:            Spelling::Postfix("'"),   Model, [X],       If(&[0]),     [0],    false,    Times(1),         Mixed,            Polynomial,           Expression;
    Inv:          Name("inv"),            Model, [X],       If(&[0]),     [],     false,    Times(-1),        Mixed,            Division,             Function("np.linalg.inv");
    Det:          Name("det"),            Model, [X],       If(&[]),      [],     false,    Unknown,          Mixed,            Polynomial,           Function("np.linalg.det");
    Tr:           Name("tr"),             Model, [X],       If(&[]),      [0],    false,    Times(1),         Mixed,            Polynomial,           Function("np.trace");
    Diag:         Name("diag"),           Model, [X],       If(&[0]),     [0],    false,    Times(1),         Mixed,            Polynomial,           Expression;
    Diagvec:      Name("diagvec"),        Model, [X],       If(&[0]),     [0],    false,    Times(1),         Mixed,            Polynomial,           Expression;
    Inner:        Name("dot"),            Model, [X, X],    If(&[]),      [0, 1], true,     Total,            Columns::Sum,     Polynomial,           Expression;
    Norm2:        Name("norm2"),          Model, [X],       If(&[]),      [],     false,    Times(2),         Columns::Sum,     Polynomial,           Expression;
    Sum:          Name("sum"),            Model, [X],       If(&[]),      [0],    false,    Times(1),         Columns::Sum,     Polynomial,           Expression;
    Over:         Name("over"),           Model, [I, X],    If(&[1]),     [1],    false,    Times(1),         Mixed,            Polynomial,           Expression;
    Last:         Name("last"),           Model, [I, X],    If(&[1]),     [1],    false,    Times(1),         Mixed,            Polynomial,           Expression;
    Relabelled:   Name("relabelled"),     Model, [I, X, X], If(&[2]),     [2],    false,    Unknown,          Mixed,            Polynomial,           Expression;
    Pi:           Constant("pi"),         Model, [],        If(&[]),      [],     false,    Unknown,          Mixed,            Transcendental,       Expression;
    Ones:         Name("ones"),           Model, [N, N],    Undecided,    [],     false,    Unknown,          Mixed,            Polynomial,           Expression;
    Zeros:        Name("zeros"),          Model, [N, N],    Undecided,    [],     false,    Unknown,          Mixed,            Polynomial,           Expression;
    Eye:          Name("eye"),            Model, [N],       Undecided,    [],     false,    Unknown,          Mixed,            Polynomial,           Function("np.eye");
    Select:       Name("select"),         Model, [N, N, N], Undecided,    [],     false,    Unknown,          Mixed,            Polynomial,           Expression;
    Concat:       Name("concat"),         Model, [X, X],    Undecided,    [],     false,    Common,           Each,             Polynomial,           Expression;
    Turn:         Name("turn"),           Model, [N],       Undecided,    [],     false,    Unknown,          Mixed,            Polynomial,           Function(TURN);
    Signature:    Name("signature"),      Model, [N, N],    Undecided,    [],     false,    Unknown,          Mixed,            Polynomial,           Function(SIGNATURE);
    Apply:        Applied,                Model, [F, X],    If(&[1]),     [],     false,    Degree::Function, Each,             Arithmetic::Function, Expression;
    Deriv:        Name("deriv"),          Law,   [F],       Undecided,    [],     false,    Unknown,          Mixed,            Arithmetic::Function, Expression;
    Softmax:      Name("softmax"),        Model, [X],       If(&[0]),     [],     false,    Unknown,          Each,             Transcendental,       Function(SOFTMAX);
    LogSoftmax:   Name("logsoftmax"),     Model, [X],       If(&[0]),     [],     false,    Unknown,          Each,             Transcendental,       Function(LOG_SOFTMAX);
    LayerNorm:    Name("layernorm"),      Model, [X],       If(&[0]),     [],     false,    Times(0),         Each,             Root,                 Function(LAYER_NORM);
    RmsNorm:      Name("rmsnorm"),        Model, [X],       If(&[0]),     [],     false,    Times(0),         Each,             Root,                 Function(RMS_NORM);
    Normalize:    Name("normalize"),      Model, [X],       If(&[0]),     [],     false,    Times(0),         Each,             Root,                 Function(NORMALIZE);
    BatchNorm:    Name("batchnorm"),      Model, [X],       If(&[0]),     [],     false,    Times(0),         Mixed,            Root,                 Function(BATCH_NORM);
    LayerNormEps: Name("layernorm"),      Model, [X, E],    If(&[0]),     [],     false,    Unknown,          Each,             Root,                 Function(LAYER_NORM_EPS);
    RmsNormEps:   Name("rmsnorm"),        Model, [X, E],    If(&[0]),     [],     false,    Unknown,          Each,             Root,                 Function(RMS_NORM_EPS);
    NormalizeEps: Name("normalize"),      Model, [X, E],    If(&[0]),     [],     false,    Unknown,          Each,             Root,                 Function(NORMALIZE_EPS);
    BatchNormEps: Name("batchnorm"),      Model, [X, E],    If(&[0]),     [],     false,    Unknown,          Mixed,            Root,                 Function(BATCH_NORM_EPS);
    GroupNorm:    Name("groupnorm"),      Model, [X, N],    Undecided,    [],     false,    Times(0),         Mixed,            Root,                 Function(GROUP_NORM);
    GroupNormEps: Name("groupnorm"),      Model, [X, N, E], Undecided,    [],     false,    Unknown,          Mixed,            Root,                 Function(GROUP_NORM_EPS);
    Unfold:       Name("unfold"),         Model, [X, N],    Undecided,    [0],    false,    Times(1),         Mixed,            Polynomial,           Function(UNFOLD);
    Kron:         Name("kron"),           Model, [X, X],    If(&[0, 1]),  [0, 1], false,    Total,            Mixed,            Polynomial,           Function("np.kron");
    Stack:        Name("stack"),          Model, [X, N],    Undecided,    [0],    false,    Times(1),         Mixed,            Polynomial,           Function(STACK);
    MaxPool:      Name("maxpool"),        Model, [X, N],    Undecided,    [],     false,    Times(1),         Mixed,            Piecewise,            Function(MAX_POOL);
    OneHot:       Name("onehot"),         Model, [X],       If(&[0]),     [],     false,    Times(0),         Each,             Piecewise,            Function(ONE_HOT);
    TopK:         Name("topk"),           Model, [X, N],    Undecided,    [],     false,    Times(0),         Each,             Piecewise,            Function(TOP_K);
    StopGrad:     Name("stopgrad"),       Model, [X],       If(&[0]),     [0],    false,    Times(1),         Each,             Polynomial,           Expression;
    Taps:         Name("taps"),           Model, [N, N, N, N, N, Q], Undecided, [], false,  Unknown,          Mixed,            Polynomial,           Function(TAPS);
    PlaneTaps:    Name("taps"),           Model, [N, N, N, N, N, N, N, N, Q, Q], Undecided, [], false, Unknown, Mixed,         Polynomial,           Function(PLANE_TAPS);
    Tril:         Name("tril"),           Model, [X],       If(&[0]),     [0],    false,    Times(1),         Mixed,            Polynomial,           Function("np.tril");
    Mse:          Name("mse"),            Model, [X, X],    If(&[]),      [],     true,     Unknown,          Columns::Sum,     Polynomial,           Expression;
    CrossEntropy: Name("cross_entropy"),  Model, [X, P],    If(&[]),      [1],    false,    Unknown,          Columns::Sum,     Transcendental,       Expression;
    Logistic:     Name("logistic"),       Model, [X, S],    If(&[]),      [],     true,     Unknown,          Columns::Sum,     Transcendental,       Expression;
    Exponential:  Name("exponential"),    Model, [X, S],    If(&[]),      [],     true,     Unknown,          Columns::Sum,     Transcendental,       Expression;
    Hinge:        Name("hinge"),          Model, [X, S],    If(&[]),      [],     true,     Unknown,          Columns::Sum,     Piecewise,            Expression;
    Huber:        Name("huber"),          Model, [X, X],    If(&[]),      [],     true,     Unknown,          Columns::Sum,     Piecewise,            Expression;
    Min:          Name("min"),            Model, [X, X],    If(&[0, 1]),  [],     true,     Common,           Each,             Piecewise,            Expression;
    Max:          Name("max"),            Model, [X, X],    If(&[0, 1]),  [],     true,     Common,           Each,             Piecewise,            Expression;
    Diff:         Name("d"),              Law,   [X],       If(&[0]),     [0],    false,    Unknown,          Mixed,            Never,                Expression;
    Grad:         Name("grad"),           Law,   [W],       If(&[0]),     [],     false,    Unknown,          Mixed,            Given,                Expression;
    Dot:          Name("dot"),            Law,   [W],       If(&[0]),     [],     false,    Unknown,          Mixed,            Given,                Expression;
    Next:         Name("next"),           Law,   [W],       If(&[0]),     [],     false,    Unknown,          Mixed,            Given,                Expression;
    Err:          Name("err"),            Law,   [W],       If(&[0]),     [],     false,    Unknown,          Mixed,            Given,                Expression;
    Hess:         Bracket("hess"),        Law,   [W, X],    If(&[0]),     [1],    false,    Unknown,          Mixed,            Given,                Expression;
    Vjp:          Bracket("vjp"),         Law,   [W, X, W], If(&[2]),     [1],    false,    Unknown,          Mixed,            Given,                Expression;
    HessLoss:     Bracket("hess_loss"),   Law,   [W, X],    If(&[0]),     [1],    false,    Unknown,          Mixed,            Given,                Expression;
    HessRows:     Name("hess_rows"),      Law,   [W],       Undecided,    [],     false,    Unknown,          Mixed,            Given,                Expression;
    HessCols:     Name("hess_cols"),      Law,   [W],       Undecided,    [],     false,    Unknown,          Mixed,            Given,                Expression;
    Rows:         Name("rows"),           Rule,  [Shaped],  If(&[]),      [],     false,    Unknown,          Mixed,            Never,                Expression;
    Cols:         Name("cols"),           Rule,  [Shaped],  If(&[]),      [],     false,    Unknown,          Mixed,            Never,                Expression;
}

const SOFTMAX: &str =
    "(lambda z: (lambda e: e / e.sum(axis=0, keepdims=True))(np.exp(z - z.max(axis=0, keepdims=True))))";
const LOG_SOFTMAX: &str = "(lambda z: z - np.logaddexp.reduce(z, axis=0, keepdims=True))";
const LAYER_NORM: &str = "(lambda z: (z - z.mean(axis=0, keepdims=True)) / z.std(axis=0, keepdims=True))";
const RMS_NORM: &str = "(lambda z: z / np.sqrt((z**2).mean(axis=0, keepdims=True)))";
const NORMALIZE: &str = "(lambda z: z / np.sqrt((z**2).sum(axis=0, keepdims=True)))";
const BATCH_NORM: &str = "(lambda z: (z - z.mean(axis=1, keepdims=True)) / z.std(axis=1, keepdims=True))";
const LAYER_NORM_EPS: &str =
    "(lambda z, e: (z - z.mean(axis=0, keepdims=True)) / np.sqrt(z.var(axis=0, keepdims=True) + e))";
const RMS_NORM_EPS: &str = "(lambda z, e: z / np.sqrt((z**2).mean(axis=0, keepdims=True) + e))";
const NORMALIZE_EPS: &str = "(lambda z, e: z / np.sqrt((z**2).sum(axis=0, keepdims=True) + e))";
const BATCH_NORM_EPS: &str =
    "(lambda z, e: (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + e))";
const TURN: &str = "(lambda n: np.kron(np.eye(n // 2), np.array([[0.0, -1.0], [1.0, 0.0]])))";

const SIGNATURE: &str = "(lambda p, q: np.diag(np.concatenate([np.ones(p), -np.ones(q)])))";

const GROUP_NORM: &str = "(lambda z, g: (lambda y: \
((y - y.mean(axis=1, keepdims=True)) / y.std(axis=1, keepdims=True)).reshape(z.shape))(z.reshape(g, -1)))";
const GROUP_NORM_EPS: &str = "(lambda z, g, e: (lambda y: \
((y - y.mean(axis=1, keepdims=True)) / np.sqrt(y.var(axis=1, keepdims=True) + e)).reshape(z.shape))(z.reshape(g, -1)))";

const STACK: &str = "(lambda z, k: np.vstack(np.split(z, k, axis=1)))";
const MAX_POOL: &str = "(lambda z, k: np.max(np.split(z, k, axis=1), axis=0))";
const ONE_HOT: &str = "(lambda z: (z == z.max(axis=0, keepdims=True)).astype(float))";
const TOP_K: &str = "(lambda z, k: ((z[None, :, :] > z[:, None, :]).sum(axis=1) < k).astype(float))";
const TAPS: &str = "(lambda n, m, k, s, d, p: \
(np.arange(n)[:, None] == (s * np.arange(m) + d * np.arange(k)[:, None] - p).reshape(1, -1)).astype(float))";
const PLANE_TAPS: &str = "(lambda h, w, m, l, a, b, s, d, p, q: (lambda f: \
np.einsum('ijm,kln->ikjlmn', f(h, m, a, p), f(w, l, b, q)).reshape(h * w, -1))(lambda n, m, k, p: \
(np.arange(n)[:, None, None] == s * np.arange(m) + d * np.arange(k)[:, None] - p).astype(float)))";

const UNFOLD: &str = "(lambda z, p: (lambda c, n, k: np.vstack([np.pad(z, ((0, 0), (k, k)))\
[:, k + t - (k - 1) // 2:][:, :n] for t in range(k)])[:p])(z.shape[0], z.shape[1], -(-p // z.shape[0])))";
