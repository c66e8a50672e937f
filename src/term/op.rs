//! The operators of the one expression language and what each means; what else is known of them is in [`OPS`].

mod table;

pub use table::{Argument, Arguments, Arithmetic, Columns, Degree, Dialect, OPS, OpRow, PythonForm, Scalar, Spelling};

use egg::Symbol;
use std::fmt;

/// An operator of [`Term`](super::Term). Its arguments are matrices unless said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Op {
    /// `X + Y`, same shapes. Subtraction is `X + (-1) * Y`.
    Add,
    /// `X * Y`: the matrix product where the inner sizes agree, else the product by a 1×1 scalar on either side.
    Mul,
    /// `X .* Y`, the elementwise (Hadamard) product.
    Had,
    /// `X ^ q`, the power of a scalar or of a diagonal matrix; `q` is a rational constant, or for a positive base a
    /// polynomial in sizes and values of indices.
    Pow,
    /// `X .^ q` entry by entry, for a matrix with positive entries or a natural q.
    HadPow,
    /// `X'`, the transpose.
    T,
    /// `inv(X)`.
    Inv,
    /// `det(X)`.
    Det,
    /// `tr(X)`.
    Tr,
    /// `diag(v)`, the diagonal matrix of a column vector.
    Diag,
    /// `diagvec(X)`, the diagonal of a square matrix as a column vector.
    Diagvec,
    /// `dot(X, Y)` = Σ Xᵢⱼ Yᵢⱼ, the Frobenius inner product ⟨X, Y⟩ of two equally shaped matrices.
    Inner,
    /// `norm2(X)` = ⟨X, X⟩, the squared Frobenius norm.
    Norm2,
    /// `sum(X)`, the sum of all entries.
    Sum,
    /// `sum(i in 1..H) X`, the sum of the members of a family; the first argument is the index.
    Over,
    /// `last(l, X)`: the member of a family at the last value of its index.
    Last,
    /// `W[p(i)]`: the member of a family at the value that a permutation of its index gives; the arguments are the index, the
    /// permutation and the member.
    Relabelled,
    /// `pi`, the number π.
    Pi,
    /// `ones(m, n)`; the arguments are sizes.
    Ones,
    /// `zeros(m, n)`; the arguments are sizes.
    Zeros,
    /// `eye(n)`; the argument is a size.
    Eye,
    /// `select(a, b, n)`: the rows a to b of the n×n identity; the arguments are sizes. `rows(X, a..b)` is its product with X.
    Select,
    /// `concat(X, Y)`: the rows of X above those of Y.
    Concat,
    /// `turn(n)`, the quarter turn of each plane of two consecutive coordinates; the argument is an even size.
    Turn,
    /// `signature(p, q)`: diag(1, …, 1, −1, …, −1) with p and q entries, the matrix of the form that O(p, q) leaves; the arguments are sizes.
    Signature,
    /// `f(X)`: the function named by the first argument applied to every entry of the second.
    Apply,
    /// `deriv(f)`: the derivative of an elementwise function, itself an elementwise function.
    Deriv,
    /// `softmax(X)`, column by column.
    Softmax,
    /// `logsoftmax(X)`, column by column.
    LogSoftmax,
    /// `layernorm(X)`: each column minus its mean, divided by its standard deviation (no gain, ε = 0).
    LayerNorm,
    /// `rmsnorm(X)`: each column divided by the root of its mean square (no gain, ε = 0).
    RmsNorm,
    /// `normalize(X)`: each column divided by its Euclidean norm.
    Normalize,
    /// `batchnorm(X)`: each *row* minus its mean, divided by its standard deviation (no gain, ε = 0).
    BatchNorm,
    /// `layernorm(X, ε)`: each column minus its mean, divided by √(variance + ε), for a number ε > 0.
    LayerNormEps,
    /// `rmsnorm(X, ε)`: each column divided by √(mean square + ε).
    RmsNormEps,
    /// `normalize(X, ε)`: each column x divided by √(‖x‖² + ε).
    NormalizeEps,
    /// `batchnorm(X, ε)`: each *row* minus its mean, divided by √(variance + ε).
    BatchNormEps,
    /// `groupnorm(X, g)`: the rows cut into g blocks of equally many, each block minus the mean of its entries, divided by their
    /// standard deviation (no gain, ε = 0).
    GroupNorm,
    /// `groupnorm(X, g, ε)`: each block minus its mean, divided by √(variance + ε).
    GroupNormEps,
    /// `unfold(X, p)` of a c×n signal with n positions: row c·t + i, column j is entry (i, j + t − ⌊(p/c − 1)/2⌋) of X,
    /// and zero outside. With p = c·k a product `W * unfold(X, p)` is a convolution with a window of k positions.
    Unfold,
    /// `kron(X, Y)`, the Kronecker product X ⊗ Y: block (i, j) is Xᵢⱼ Y.
    Kron,
    /// `stack(X, k)`: the columns of X cut into k blocks of equally many, the first above all others.
    Stack,
    /// `maxpool(X, k)`: of k blocks of equally many columns the largest entry at each place.
    MaxPool,
    /// `onehot(X)`: in each column a 1 where the largest entry stands, else 0.
    OneHot,
    /// `topk(X, k)`: in each column a 1 where the k largest entries stand, else 0; the second argument is a size.
    TopK,
    /// `taps(n, m, k, s, d, p)`: the n×(k m) matrix of zeros and ones whose product with a c×n signal holds what m windows of k
    /// places see, tap by tap: column t m + j is the position s j + d t − p, or 0 beyond the ends, all counted from 0.
    Taps,
    /// `taps(h, w, m, l, a, b, s, d, p, q)`: the same in two dimensions. Positions of an h×w image, of a window a×b and of the m×l
    /// places it is put at are counted row by row; p is the padding of rows and q that of columns.
    PlaneTaps,
    /// `stopgrad(X)`: the value of X, through which no gradient passes back.
    StopGrad,
    /// `tril(X)`: the entries on and below the diagonal of a square matrix, with zeros above.
    Tril,
    /// `mse(F, Y)` = ‖F − Y‖² / (2·cols).
    Mse,
    /// `cross_entropy(F, Y)` = −Σ Y∘logsoftmax(F) / cols.
    CrossEntropy,
    /// `logistic(F, Y)` = Σ softplus(−Y∘F) / cols.
    Logistic,
    /// `exponential(F, Y)` = Σ exp(−Y∘F) / cols.
    Exponential,
    /// `hinge(F, Y)` = Σ relu(1 − Y∘F) / cols.
    Hinge,
    /// `huber(F, Y)` = Σ h(F − Y) / cols with h(r) = r²/2 for |r| ≤ 1 and |r| − 1/2 beyond.
    Huber,
    /// A declared `function`: arbitrary, differentiable.
    Call(Symbol),
    /// `min(X, Y)` entry by entry; a number beside a matrix is compared with every entry.
    Min,
    /// `max(X, Y)`, likewise.
    Max,
    /// `d(X)`: the differential of `X` along the direction the context fixes.
    Diff,
    /// `grad(W)` = ∂L/∂W; the argument is a parameter.
    Grad,
    /// `dot(W)`: the time derivative of a parameter.
    Dot,
    /// `next(W)`: the next iterate of a parameter.
    Next,
    /// `err(F)` = ∂ℓ/∂F; the argument is the output.
    Err,
    /// `hess(W)[A]`: the block on `W` of `H[ξ_A]`.
    Hess,
    /// `vjp(F, W)[Z]`: the block on `W` of the pull-back J*Z of an output-shaped `Z`.
    Vjp,
    /// `hess_loss(F)[Z]`: the Hessian of ℓ at the output applied to an output-shaped `Z`.
    HessLoss,
    /// `hess_rows(W)`: Σₖ ∂²L/∂Wᵢₖ∂Wⱼₖ, the Hessian block of `W` traced over columns.
    HessRows,
    /// `hess_cols(W)`: Σₖ ∂²L/∂Wₖᵢ∂Wₖⱼ, the Hessian block of `W` traced over rows.
    HessCols,
    /// `rows(X)`, a size. Rule templates only.
    Rows,
    /// `cols(X)`, a size. Rule templates only.
    Cols,
}

impl Op {
    /// The operator a call names: where two share a name, the one of so many arguments.
    pub fn named(name: &str, arguments: usize) -> Option<Op> {
        let all = || OPS.iter().filter(|row| row.spelling.name() == Some(name)).filter_map(|row| row.op);
        all().find(|op| op.arity() == Some(arguments)).or_else(|| all().next())
    }

    /// The operator without arguments that a name stands for.
    pub fn constant(name: &str) -> Option<Op> {
        OPS.iter().find(|row| matches!(row.spelling, Spelling::Constant(own) if own == name)).and_then(|row| row.op)
    }

    /// The name an operator is written with, for those written as a function or a constant.
    pub fn name(self) -> Option<&'static str> {
        self.row().spelling.name()
    }

    /// How many arguments the operator takes; `None` for a declared function, whose signature says.
    pub fn arity(self) -> Option<usize> {
        match self.row().arguments {
            Arguments::These(arguments) => Some(arguments.len()),
            Arguments::Declared => None,
        }
    }

    /// What stands in the place of an argument.
    pub fn argument(self, index: usize) -> Argument {
        match self.row().arguments {
            Arguments::These(arguments) => arguments.get(index).copied().unwrap_or(Argument::Operand),
            Arguments::Declared => Argument::Operand,
        }
    }

    /// The places of the arguments of some kind.
    pub fn places(self, wanted: impl Fn(Argument) -> bool) -> impl Iterator<Item = usize> {
        (0..self.arity().unwrap_or(0)).filter(move |&i| wanted(self.argument(i)))
    }

    /// Quantities of a training trajectory (`grad(W)`, `dot(W)`, …): their first argument names a parameter or the
    /// output and is not an operand.
    pub fn is_quantity(self) -> bool {
        self.argument(0) == Argument::Name
    }

    /// Whether its value is a constant matrix that its sizes give, as `signature(p, q)` is.
    pub fn is_given_by_sizes(self) -> bool {
        match self.row().arguments {
            Arguments::These(these) => {
                !these.is_empty() && these.iter().all(|a| matches!(a, Argument::Size | Argument::Exponent))
            }
            Arguments::Declared => false,
        }
    }
}

impl Argument {
    /// Whether the argument is evaluated.
    pub fn is_operand(self) -> bool {
        match self {
            Argument::Operand | Argument::Distribution | Argument::Signs | Argument::Positive => true,
            Argument::Shaped
            | Argument::Size
            | Argument::Exponent
            | Argument::Function
            | Argument::Name
            | Argument::Index => false,
        }
    }
}

impl Spelling {
    /// The name, of an operator written as a function or as a constant.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Spelling::Name(name) | Spelling::Bracket(name) | Spelling::Constant(name) => Some(name),
            Spelling::Sum(_) | Spelling::Product(_) | Spelling::Power(_) | Spelling::Postfix(_) | Spelling::Applied => {
                None
            }
        }
    }
}

/// The sign or the name an operator is written with.
impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.row().spelling, self) {
            (Spelling::Applied, Op::Call(name)) => f.write_str(name.as_str()),
            (Spelling::Applied, _) => f.write_str("f"),
            (Spelling::Sum(sign) | Spelling::Product(sign) | Spelling::Power(sign) | Spelling::Postfix(sign), _) => {
                f.write_str(sign)
            }
            (Spelling::Name(name) | Spelling::Bracket(name) | Spelling::Constant(name), _) => f.write_str(name),
        }
    }
}
