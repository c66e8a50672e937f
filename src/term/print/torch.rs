//! What is called otherwise in PyTorch than in NumPy. Scalars are tensors of no dimension there, so that gradients pass.

use super::super::Op;
use std::borrow::Cow;

/// The Python library whose arrays a formula is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Library {
    NumPy,
    Torch,
}

/// What a module of PyTorch has to define: each function that a formula may call, with its definition.
pub const TORCH_HELPERS: &[(&str, &str)] = &[
    ("_tensor", "lambda x: x if torch.is_tensor(x) else torch.as_tensor(x, dtype=torch.get_default_dtype())"),
    (
        "_array",
        "lambda x: torch.stack([_tensor(each) for each in x]) if any(torch.is_tensor(each) for each in x) else _tensor(x)",
    ),
    ("_where", "lambda c, a, b: torch.where(c, _tensor(a), _tensor(b))"),
    ("_maximum", "lambda a, b: torch.maximum(_tensor(a), _tensor(b))"),
    ("_minimum", "lambda a, b: torch.minimum(_tensor(a), _tensor(b))"),
    ("_logaddexp", "lambda a, b: torch.logaddexp(_tensor(a), _tensor(b))"),
    ("_full", "lambda shape, x: _tensor(x).reshape(shape)"),
    ("_eye", "lambda n, m=None, k=0: torch.eye(k + n, n if m is None else m)[k:]"),
];

/// Texts of NumPy with those of PyTorch; of two that begin alike the longer one stands first.
const SPELLINGS: &[(&str, &str)] = &[
    ("np.vectorize(__import__('math').erf)", "torch.erf"),
    ("np.concatenate(", "torch.cat("),
    ("np.array(", "_array("),
    ("np.where(", "_where("),
    ("np.maximum(", "_maximum("),
    ("np.minimum(", "_minimum("),
    ("np.logaddexp(", "_logaddexp("),
    ("np.full(", "_full("),
    ("np.eye(", "_eye("),
    ("np.eye", "_eye"),
    (".astype(float)", ".to(torch.get_default_dtype())"),
    (".item()", ".squeeze()"),
    (".std(", ".std(unbiased=False, "),
    (".var(", ".var(unbiased=False, "),
    ("np.", "torch."),
];

/// A function whose form in PyTorch is one of its own.
fn own(op: Op) -> Option<&'static str> {
    Some(match op {
        Op::Softmax => "(lambda z: torch.softmax(z, 0))",
        Op::LogSoftmax => "(lambda z: torch.log_softmax(z, 0))",
        Op::OneHot => "(lambda z: (z == z.amax(0, keepdim=True)).to(z.dtype))",
        Op::TopK => "(lambda z, k: ((z[None] > z[:, None]).sum(1) < k).to(z.dtype))",
        Op::Stack => "(lambda z, k: torch.vstack(torch.tensor_split(z, k, 1)))",
        Op::MaxPool => "(lambda z, k: torch.stack(torch.tensor_split(z, k, 1)).amax(0))",
        Op::Unfold => {
            "(lambda z, p: (lambda c, n, k: torch.vstack([torch.nn.functional.pad(z, (k, k))\
             [:, k + t - (k - 1) // 2:][:, :n] for t in range(k)])[:p])(z.shape[0], z.shape[1], -(-p // z.shape[0])))"
        }
        _ => return None,
    })
}

impl Library {
    /// The name it is imported under.
    pub fn module(self) -> &'static str {
        match self {
            Library::NumPy => "np",
            Library::Torch => "torch",
        }
    }

    /// A function that NumPy writes like this, before its text is spelled.
    pub(super) fn function(self, op: Op, numpy: &'static str) -> &'static str {
        if self == Library::Torch { own(op).unwrap_or(numpy) } else { numpy }
    }

    /// What stands around a number before a function of the library is applied to it: PyTorch has none of plain numbers.
    pub(super) fn number(self) -> Option<(&'static str, &'static str)> {
        (self == Library::Torch).then_some(("_tensor(", ")"))
    }

    /// A text that NumPy writes like this.
    pub(super) fn text(self, numpy: Cow<'static, str>) -> Cow<'static, str> {
        if self == Library::NumPy {
            return numpy;
        }
        let spell = |text: String, (from, to): &(&str, &str)| text.replace(from, to);
        SPELLINGS.iter().fold(numpy.into_owned(), spell).into()
    }
}
