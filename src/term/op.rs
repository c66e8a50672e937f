//! The operators of the one expression language: name, arity and what each means.

use egg::Symbol;

/// An operator of [`Term`](super::Term). Its arguments are matrices unless said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Op {
    /// `X + Y`, same shapes. Subtraction is `X + (-1) * Y`.
    Add,
    /// `X * Y`: the matrix product where the inner sizes agree, else the product by a 1×1 scalar on either side.
    Mul,
    /// `X .* Y`, the elementwise (Hadamard) product.
    Had,
    /// `X ^ q`, the power of a scalar or of a diagonal matrix; `q` is a rational constant.
    Pow,
    /// `X .^ q` entry by entry, for a matrix with positive entries or a natural q.
    HadPow,
    /// `X'`, the transpose.
    T,
    /// `inv(X)`.
    Inv,
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
    /// `ones(m, n)`; the arguments are sizes.
    Ones,
    /// `zeros(m, n)`; the arguments are sizes.
    Zeros,
    /// `eye(n)`; the argument is a size.
    Eye,
    /// `f(X)`: the function named by the first argument applied to every entry of the second.
    Apply,
    /// `deriv(f)`: the derivative of an elementwise function, itself an elementwise function.
    Deriv,
    /// `softmax(X)`, column by column.
    Softmax,
    /// `logsoftmax(X)`, column by column.
    LogSoftmax,
    /// `layernorm(X)`: each column minus its mean, divided by its standard deviation (no gain, no ε).
    LayerNorm,
    /// `rmsnorm(X)`: each column divided by the root of its mean square (no gain, no ε).
    RmsNorm,
    /// `normalize(X)`: each column divided by its Euclidean norm.
    Normalize,
    /// `batchnorm(X)`: each *row* minus its mean, divided by its standard deviation (no gain, no ε).
    BatchNorm,
    /// `unfold(X, p)` of a c×n signal with n positions: row c·t + i, column j is entry (i, j + t − ⌊(p/c − 1)/2⌋) of X,
    /// and zero outside. With p = c·k a product `W * unfold(X, p)` is a convolution with a window of k positions.
    Unfold,
    /// `mse(F, Y)` = ‖F − Y‖² / (2·cols).
    Mse,
    /// `cross_entropy(F, Y)` = −Σ Y∘logsoftmax(F) / cols.
    CrossEntropy,
    /// `logistic(F, Y)` = Σ softplus(−Y∘F) / cols.
    Logistic,
    /// `exponential(F, Y)` = Σ exp(−Y∘F) / cols.
    Exponential,
    /// A declared `function`: arbitrary, differentiable.
    Call(Symbol),
    /// `min(a, b)` of two sizes, in numbers of laws.
    Min,
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
    /// Operators written `name(arg, …)`, with their names.
    pub const NAMED: &'static [(&'static str, Op)] = &[
        ("inv", Op::Inv),
        ("tr", Op::Tr),
        ("diag", Op::Diag),
        ("diagvec", Op::Diagvec),
        ("dot", Op::Inner),
        ("norm2", Op::Norm2),
        ("sum", Op::Sum),
        ("ones", Op::Ones),
        ("zeros", Op::Zeros),
        ("eye", Op::Eye),
        ("softmax", Op::Softmax),
        ("logsoftmax", Op::LogSoftmax),
        ("layernorm", Op::LayerNorm),
        ("rmsnorm", Op::RmsNorm),
        ("normalize", Op::Normalize),
        ("batchnorm", Op::BatchNorm),
        ("unfold", Op::Unfold),
        ("mse", Op::Mse),
        ("cross_entropy", Op::CrossEntropy),
        ("logistic", Op::Logistic),
        ("exponential", Op::Exponential),
        ("min", Op::Min),
        ("d", Op::Diff),
        ("deriv", Op::Deriv),
        ("grad", Op::Grad),
        ("next", Op::Next),
        ("err", Op::Err),
        ("hess_rows", Op::HessRows),
        ("hess_cols", Op::HessCols),
        ("rows", Op::Rows),
        ("cols", Op::Cols),
    ];

    /// The name an operator is written with, for those written as a function.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Op::Dot => Some("dot"),
            Op::Hess => Some("hess"),
            Op::Vjp => Some("vjp"),
            Op::HessLoss => Some("hess_loss"),
            _ => Op::NAMED.iter().find(|(_, op)| *op == self).map(|(name, _)| *name),
        }
    }

    /// How many arguments the operator takes; `None` for a declared function, whose signature says.
    pub fn arity(self) -> Option<usize> {
        use Op::*;
        Some(match self {
            Call(_) => return None,
            Add | Mul | Had | Pow | HadPow | Inner | Ones | Zeros | Apply | Mse | CrossEntropy | Logistic
            | Exponential | Hess | HessLoss | Min | Unfold => 2,
            Vjp => 3,
            _ => 1,
        })
    }

    /// Quantities of a training trajectory (`grad(W)`, `dot(W)`, …): their first argument names a parameter or the
    /// output and is not an operand.
    pub fn is_quantity(self) -> bool {
        use Op::*;
        matches!(self, Grad | Dot | Next | Err | Hess | Vjp | HessLoss | HessRows | HessCols)
    }
}
