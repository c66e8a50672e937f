//! How a value that blocks carry on may be moved where that differs from block to block: which families of maps are tried, and by
//! what a formula is moved in one of them. What is found here is proposed; the kernel infers.

use super::expand::multiplied_out;
use crate::group::GroupId;
use crate::model::{Action, Model};
use crate::term::{
    Env, Expr, Facts, Op, Shape, Size, Symbol, Term, apply, arguments, factors, infer, int, mentions, mul, root,
    scaled, sum_of, sym, transpose, zeros,
};

/// A family of maps of X by a value s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// X + 1 s: each column by a number of its own.
    Columns,
    /// X + s 1ᵀ: each row.
    Rows,
    /// s X with a positive number s.
    Scale,
}

impl Way {
    /// The families that the values of an action may lead to.
    pub fn of(model: &Model, action: &Action) -> &'static [Way] {
        if model.repeats.iter().all(|repeat| repeat.carried.is_empty()) {
            return &[];
        }
        match action.group.group.id() {
            GroupId::Translate => &[Way::Columns, Way::Rows],
            GroupId::Scale => &[Way::Scale],
            _ => &[],
        }
    }

    /// The family that every map of an action of blocks is of, if there is one.
    pub fn obvious(model: &Model, action: &Action) -> Option<Way> {
        let blocks = model.repeats.iter().any(|r| !r.carried.is_empty() && action.indices.contains(&r.index));
        let env = model.action_env(action);
        let moving: Vec<Symbol> = action.element.into_iter().collect();
        let columns = |(name, image): &(Symbol, Expr)| {
            Way::Columns.read(&env, *name, image, &moving).is_some_and(|found| found.whole)
        };
        let translation = action.group.group.id() == GroupId::Translate;
        (blocks && translation && action.images.iter().all(columns)).then_some(Way::Columns)
    }

    /// The shape and the facts of s for a value of some shape.
    pub fn matrix(self, shape: Shape) -> (Shape, Facts) {
        let (of, facts) = match self {
            Way::Columns => (Shape::new(Size::Lit(1), shape.cols), Facts::empty()),
            Way::Rows => (Shape::new(shape.rows, Size::Lit(1)), Facts::empty()),
            Way::Scale => (Shape::SCALAR, Facts::POSITIVE),
        };
        (of, facts.closed(of.is_scalar()))
    }

    /// A value moved by s.
    pub fn apply(self, shape: Shape, x: &Expr, by: &Expr) -> Expr {
        match self {
            Way::Columns => crate::term::add(x, &mul(&ones(shape.rows, Size::Lit(1)), by)),
            Way::Rows => crate::term::add(x, &mul(by, &ones(Size::Lit(1), shape.cols))),
            Way::Scale => mul(by, x),
        }
    }

    /// The s by which nothing is moved.
    pub fn nothing(self, shape: Shape) -> Expr {
        match self {
            Way::Columns | Way::Rows => zeros(self.matrix(shape).0),
            Way::Scale => int(1),
        }
    }

    /// By what a moved formula is moved, where that can be read off it; `moving` are the symbols by which it is moved. What else they
    /// stand in may be shown not to depend on them.
    pub fn read(self, env: &Env, name: Symbol, moved: &Expr, moving: &[Symbol]) -> Option<Read> {
        let shape = infer(env, moved).ok()?.shape;
        if self == Way::Scale {
            let all = factors(moved);
            let (x, numbers) = all.split_last()?;
            let by = (*x == sym(name)).then(|| numbers.iter().cloned().reduce(|x, y| mul(&x, &y)))??;
            return Some(Read { by, whole: true });
        }
        let (mut parts, mut whole) = (Vec::new(), true);
        for (c, part) in multiplied_out(moved)? {
            if moving.iter().any(|symbol| mentions(&part, *symbol)) {
                let split = match self {
                    Way::Columns => behind(env, &part),
                    _ => behind(env, &transpose(&part)).map(|split| transpose(&split)),
                };
                match split {
                    Some(split) => parts.push(scaled(c, &split)),
                    None => whole = false,
                }
            }
        }
        (!parts.is_empty()).then(|| Read { by: sum_of(&parts, self.matrix(shape).0), whole })
    }
}

/// By what a formula is moved.
pub(super) struct Read {
    pub by: Expr,
    /// Whether the symbols by which it is moved stand nowhere else.
    pub whole: bool,
}

fn ones(rows: Size, cols: Size) -> Expr {
    apply(Op::Ones, &[&crate::term::size(rows), &crate::term::size(cols)])
}

/// y where a formula is 1 y with a column of ones.
fn behind(env: &Env, x: &Expr) -> Option<Expr> {
    let args = arguments(x);
    let shape = infer(env, x).ok()?.shape;
    match (root(x), args.as_slice()) {
        _ if shape.rows == Size::Lit(1) => Some(x.clone()),
        (Term::Op(Op::Ones, _), _) => Some(ones(Size::Lit(1), shape.cols)),
        (Term::Op(Op::Mul, _), [a, b]) => {
            let scalar = infer(env, a).ok()?.shape.is_scalar();
            match scalar {
                true => Some(mul(a, &behind(env, b)?)),
                false => {
                    let rest = behind(env, a)?;
                    let one = rest == ones(Size::Lit(1), Size::Lit(1)) || rest == int(1);
                    Some(if one { b.clone() } else { mul(&rest, b) })
                }
            }
        }
        (Term::Op(Op::Over, _), [index, body]) => Some(apply(Op::Over, &[index, &behind(env, body)?])),
        (Term::Op(Op::T, _), [y]) => match (root(y), arguments(y).as_slice()) {
            (Term::Op(Op::T, _), [z]) => behind(env, z),
            // (a b)ᵀ = bᵀaᵀ.
            (Term::Op(Op::Mul, _), [a, b]) => {
                let scalar = infer(env, a).ok()?.shape.is_scalar();
                match scalar {
                    true => Some(mul(a, &behind(env, &transpose(b))?)),
                    false => behind(env, &mul(&transposed(b), &transposed(a))),
                }
            }
            (Term::Op(Op::Over, _), [index, body]) => Some(apply(Op::Over, &[index, &behind(env, &transpose(body))?])),
            (Term::Op(Op::Ones, _), _) => Some(ones(Size::Lit(1), shape.cols)),
            _ => None,
        },
        _ => None,
    }
}

/// The transpose, of ones written as ones.
fn transposed(x: &Expr) -> Expr {
    match (root(x), arguments(x).as_slice()) {
        (Term::Op(Op::Ones, _), [rows, cols]) => apply(Op::Ones, &[cols, rows]),
        (Term::Op(Op::T, _), [y]) => y.clone(),
        _ => transpose(x),
    }
}
