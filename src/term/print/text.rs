//! The language itself: parsing the text gives the same tree.

use super::super::{Argument, Expr, Index, Op, Rational, Size, Spelling, Term};
use super::code::{Code, code};
use super::layout::{Bracket, Level, Notate, Piece, Written, bracketed, call, layout, list};
use super::scalar::scalars;
use super::source::{Node, Source};
use egg::{Id, PatternAst};
use num_traits::{One, Signed};

/// A formula in the language of models and rules.
pub fn text(expr: &Expr) -> String {
    print(expr, &[])
}

/// A formula in the language of models, where a sum over members is written with the range of its index.
pub fn model_text(expr: &Expr, indices: &[Index]) -> String {
    print(expr, indices)
}

/// A rule's pattern in the language; variables print as `?x`.
pub fn pattern(ast: &PatternAst<Term>) -> String {
    print(ast, &[])
}

fn print<S: Source>(source: &S, indices: &[Index]) -> String {
    code(&layout(&Text { source, scalar: scalars(source, |_| false), indices }, source.root()))
}

struct Text<'a, S> {
    source: &'a S,
    /// The nodes that are scalars whatever their names stand for: only these are written as a divisor.
    scalar: Vec<bool>,
    /// The indices whose ranges are known.
    indices: &'a [Index],
}

impl<S: Source> Notate for Text<'_, S> {
    type Token = Code;

    fn notate(&self, id: Id) -> Written<Code> {
        let (op, args) = match self.source.node(id) {
            Node::Var(var) => return (Level::Postfix, vec![Piece::text(var.to_string())]),
            Node::Term(Term::Num(value)) => return (number_level(value), vec![Piece::text(value.to_string())]),
            Node::Term(Term::Size(size)) => return (size_level(*size), vec![Piece::text(size.to_string())]),
            Node::Term(Term::Sym(name) | Term::Fun(name)) => {
                return (Level::Postfix, vec![Piece::text(name.as_str())]);
            }
            Node::Term(Term::Op(op, args)) => (*op, args),
        };
        if let Some((name, x, [from, to])) = self.rows(id) {
            return (Level::Postfix, rows(name, x, from, to));
        }
        if let (Op::Relabelled, false) = (op, self.indices.is_empty()) {
            let mut out = vec![Piece::node(args[2], Level::Postfix), Piece::text("[")];
            out.extend(call(vec![Piece::node(args[1], Level::Postfix)], &args[..1]));
            out.push(Piece::text("]"));
            return (Level::Postfix, out);
        }
        if let (Op::Over, Some(index)) = (op, self.range(args)) {
            let sign = Piece::text(format!("sum({} in 1..{}) ", index.name, index.range));
            // What stands behind it in a product would belong to what is summed.
            return (Level::Sum, vec![sign, Piece::node(args[1], Level::Product)]);
        }
        match op.row().spelling {
            Spelling::Sum(_) => (Level::Sum, self.sum(id)),
            Spelling::Product(_) => self.product(id),
            Spelling::Power(sign) => (Level::Power, self.power(args, sign)),
            Spelling::Postfix(sign) => (Level::Postfix, vec![Piece::node(args[0], Level::Postfix), Piece::text(sign)]),
            Spelling::Applied => match op {
                Op::Call(name) => (Level::Postfix, call(vec![Piece::text(name.as_str())], args)),
                _ => (Level::Postfix, call(vec![Piece::node(args[0], Level::Postfix)], &args[1..])),
            },
            Spelling::Constant(name) => (Level::Postfix, vec![Piece::text(name)]),
            Spelling::Bracket(name) => (Level::Postfix, indexed(name, op, args)),
            // `ones(n)` is a column.
            Spelling::Name(name) if op == Op::Ones && self.source.is_one_size(args[1]) => {
                (Level::Postfix, call(vec![Piece::text(name)], &args[..1]))
            }
            Spelling::Name(name) if op == Op::Concat => {
                (Level::Postfix, call(vec![Piece::text(name)], &self.blocks(id)))
            }
            Spelling::Name(name) => (Level::Postfix, call(vec![Piece::text(name)], args)),
        }
    }
}

impl<S: Source> Text<'_, S> {
    /// The index of a sum over members.
    fn range(&self, args: &[Id]) -> Option<Index> {
        match self.source.node(*args.first()?) {
            Node::Term(Term::Sym(name)) => self.indices.iter().find(|index| index.name == *name).copied(),
            _ => None,
        }
    }

    /// `X + Y - Z + …` along the left spine.
    fn sum(&self, mut id: Id) -> Vec<Piece<Code>> {
        let mut rights = Vec::new();
        while let Some((Op::Add, args)) = self.source.op(id) {
            rights.push(args[1]);
            id = args[0];
        }
        let mut out = vec![Piece::node(id, Level::Signed)];
        for &right in rights.iter().rev() {
            self.addend(right, &mut out);
        }
        out
    }

    /// ` + Y`, or ` - Y` where the parser reads `-Y` as the same node.
    fn addend(&self, id: Id, out: &mut Vec<Piece<Code>>) {
        if let Some(value) = self.source.num(id).filter(|value| value.is_negative()) {
            out.push(Piece::text(format!(" - {}", -value)));
        } else if let Some(negated) = self.negated(id) {
            out.extend([Piece::text(" - "), Piece::node(negated, Level::Product)]);
        } else if let Some((c, rest)) = self.scaled(id).filter(|(c, _)| c.is_negative()) {
            out.extend([Piece::text(format!(" - {} * ", -c)), Piece::node(rest, Level::Power)]);
        } else {
            out.extend([Piece::text(" + "), Piece::node(id, Level::Product)]);
        }
    }

    /// `X * Y .* Z / s …` along the left spine.
    fn product(&self, mut id: Id) -> Written<Code> {
        let mut rights = Vec::new();
        while let (None, None, Some((op @ (Op::Mul | Op::Had), args))) =
            (self.negated(id), self.rows(id), self.source.op(id))
        {
            let literal = self.source.num(args[0]).is_some();
            rights.push(match self.divisor(args[1]).filter(|_| op == Op::Mul && !literal) {
                Some(divisor) => (" / ", Piece::node(divisor, Level::Postfix)),
                None => (if op == Op::Mul { " * " } else { " .* " }, Piece::node(args[1], Level::Power)),
            });
            id = args[0];
        }
        let (signed, mut out) = match self.negated(id) {
            Some(negated) => (true, vec![Piece::text("-"), Piece::node(negated, Level::Power)]),
            None => {
                let signed = self.source.num(id).is_some_and(|value| value.is_negative());
                (signed, vec![Piece::node(id, Level::Signed)])
            }
        };
        for (sign, right) in rights.into_iter().rev() {
            out.extend([Piece::text(sign), right]);
        }
        (if signed { Level::Signed } else { Level::Product }, out)
    }

    /// What a product with rows of the identity is written as: `rows(X, a..b)` or `cols(X, a..b)`. In a pattern these are not
    /// told from other products, since there no matrix has a size.
    fn rows(&self, id: Id) -> Option<(&'static str, Id, [Id; 2])> {
        let (Op::Mul, args) = self.source.op(id)? else { return None };
        let select = |id: Id| match self.source.op(id)? {
            (Op::Select, args) => {
                let size = |id: &Id| matches!(self.source.node(*id), Node::Term(Term::Size(_)));
                args.iter().all(size).then_some([args[0], args[1]])
            }
            _ => None,
        };
        let transposed = |id: Id| match self.source.op(id)? {
            (Op::T, args) => select(args[0]),
            _ => None,
        };
        let scalar = |id: Id| self.scalar[usize::from(id)];
        match (select(args[0]).filter(|_| !scalar(args[1])), transposed(args[1]).filter(|_| !scalar(args[0]))) {
            (Some(places), _) => Some(("rows", args[1], places)),
            (None, Some(places)) => Some(("cols", args[0], places)),
            (None, None) => None,
        }
    }

    /// The blocks of `concat(X, concat(Y, Z))`, which is read from `concat(X, Y, Z)`.
    fn blocks(&self, mut id: Id) -> Vec<Id> {
        let mut out = Vec::new();
        while let Some((Op::Concat, args)) = self.source.op(id) {
            out.push(args[0]);
            id = args[1];
        }
        out.push(id);
        out
    }

    /// The c and X of `c * X`.
    fn scaled(&self, id: Id) -> Option<(&Rational, Id)> {
        match self.source.op(id) {
            Some((Op::Mul, args)) => Some((self.source.num(args[0])?, args[1])),
            _ => None,
        }
    }

    /// The X for which the parser reads `-X` as this node: it folds the minus sign into a literal factor of X.
    fn negated(&self, id: Id) -> Option<Id> {
        let (c, x) = self.scaled(id)?;
        ((-c).is_one() && self.source.num(x).is_none() && self.scaled(x).is_none()).then_some(x)
    }

    /// The s of a factor `s ^ -1` that may be written `/ s`.
    fn divisor(&self, id: Id) -> Option<Id> {
        match self.source.op(id) {
            Some((Op::Pow, args)) => {
                let inverse = (-self.source.num(args[1])?).is_one();
                let known = self.scalar[usize::from(args[0])] && self.source.num(args[0]).is_none();
                (inverse && known).then_some(args[0])
            }
            _ => None,
        }
    }

    fn power(&self, args: &[Id], sign: &'static str) -> Vec<Piece<Code>> {
        let exponent = match self.source.num(args[1]) {
            Some(value) if value.is_integer() => Piece::text(value.to_string()),
            _ => Piece::node(args[1], Level::Postfix),
        };
        vec![Piece::node(args[0], Level::Postfix), Piece::text(sign), exponent]
    }
}

fn size_level(size: Size) -> Level {
    match size {
        Size::Formula(formula) if formula.monomials().count() > 1 => Level::Sum,
        Size::Formula(_) => Level::Product,
        Size::Lit(_) | Size::Name(_) => Level::Postfix,
    }
}

fn number_level(value: &Rational) -> Level {
    if value.is_negative() {
        Level::Signed
    } else if value.is_integer() {
        Level::Postfix
    } else {
        Level::Product
    }
}

/// `rows(x, a..b)`.
fn rows(name: &'static str, x: Id, from: Id, to: Id) -> Vec<Piece<Code>> {
    let inside = vec![
        Piece::node(x, Level::Sum),
        Piece::text(", "),
        Piece::node(from, Level::Sum),
        Piece::text(".."),
        Piece::node(to, Level::Sum),
    ];
    let mut out = vec![Piece::text(name)];
    out.extend(bracketed(Bracket::Round, inside));
    out
}

/// `name(x, y)[z]`.
fn indexed(name: &'static str, op: Op, args: &[Id]) -> Vec<Piece<Code>> {
    let those = |name: bool| -> Vec<Id> {
        op.places(|argument| (argument == Argument::Name) == name).map(|i| args[i]).collect()
    };
    let mut out = call(vec![Piece::text(name)], &those(true));
    out.extend(bracketed(Bracket::Square, list(&those(false))));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::*;

    fn s(name: &str) -> Expr {
        sym(name.into())
    }

    fn check(expr: &Expr, expected: &str) {
        assert_eq!(text(expr), expected);
    }

    #[test]
    fn subtraction_prints_where_the_parser_reads_the_same_node() {
        let (x, y, z) = (s("X"), s("Y"), s("Z"));
        check(&sub(&x, &y), "X - Y");
        check(&sub(&x, &add(&y, &z)), "X - (Y + Z)");
        check(&sub(&x, &mul(&y, &z)), "X - Y * Z");
        check(&add(&x, &mul(&int(-2), &y)), "X - 2 * Y");
        check(&add(&x, &mul(&ratio(-1, 2), &mul(&y, &z))), "X - 1/2 * (Y * Z)");
        check(&sub(&x, &mul(&int(2), &y)), "X - 1 * (2 * Y)");
        check(&sub(&x, &neg(&y)), "X - 1 * (-Y)");
        check(&add(&x, &mul(&mul(&int(-2), &y), &z)), "X + (-2 * Y * Z)");
        check(&add(&x, &int(-3)), "X - 3");
        check(&add(&x, &apply(Op::Mul, &[&int(-1), &int(3)])), "X - 1 * 3");
        check(&add(&neg(&x), &y), "-X + Y");
        check(&add(&x, &add(&y, &z)), "X + (Y + Z)");
        check(&add(&add(&x, &y), &z), "X + Y + Z");
    }

    #[test]
    fn a_sign_binds_tighter_than_a_product() {
        let (x, y) = (s("X"), s("Y"));
        check(&neg(&x), "-X");
        check(&neg(&mul(&x, &y)), "-(X * Y)");
        check(&neg(&add(&x, &y)), "-(X + Y)");
        check(&mul(&neg(&x), &y), "-X * Y");
        check(&mul(&x, &neg(&y)), "X * (-Y)");
        check(&neg(&neg(&x)), "-1 * (-X)");
        check(&neg(&int(3)), "-3");
        check(&mul(&int(-2), &x), "-2 * X");
        check(&neg(&apply(Op::Pow, &[&x, &int(2)])), "-X^2");
        check(&apply(Op::Pow, &[&neg(&x), &int(2)]), "(-X)^2");
        check(&transpose(&neg(&x)), "(-X)'");
    }

    #[test]
    fn products_associate_to_the_left() {
        let (x, y, z) = (s("X"), s("Y"), s("Z"));
        check(&mul(&mul(&x, &y), &z), "X * Y * Z");
        check(&mul(&x, &mul(&y, &z)), "X * (Y * Z)");
        check(&apply(Op::Had, &[&mul(&x, &y), &apply(Op::Had, &[&y, &z])]), "X * Y .* (Y .* Z)");
        check(&mul(&ratio(1, 2), &x), "1/2 * X");
        check(&mul(&ratio(-1, 2), &x), "-1/2 * X");
        check(&mul(&x, &ratio(1, 2)), "X * (1/2)");
        check(&mul(&x, &int(-1)), "X * (-1)");
        check(&mul(&add(&x, &y), &z), "(X + Y) * Z");
    }

    #[test]
    fn only_a_known_scalar_is_written_as_a_divisor() {
        let (x, n) = (s("X"), size(Size::Name("n".into())));
        let inverse = |e: &Expr| apply(Op::Pow, &[e, &int(-1)]);
        check(&mul(&x, &inverse(&n)), "X / n");
        check(&mul(&x, &inverse(&call_elementwise("sqrt".into(), &n))), "X / sqrt(n)");
        check(&mul(&x, &inverse(&mul(&n, &n))), "X / (n * n)");
        check(&mul(&x, &inverse(&s("D"))), "X * D^-1");
        check(&mul(&int(2), &inverse(&n)), "2 * n^-1");
        check(&inverse(&n), "n^-1");
    }

    #[test]
    fn powers_and_transposes_bracket_what_binds_less_tightly() {
        let (x, y) = (s("X"), s("Y"));
        let pow = |e: &Expr, q: &Expr| apply(Op::Pow, &[e, q]);
        check(&pow(&x, &ratio(1, 2)), "X^(1/2)");
        check(&pow(&x, &ratio(-1, 2)), "X^(-1/2)");
        check(&pow(&pow(&x, &int(2)), &int(-1)), "(X^2)^-1");
        check(&pow(&int(-2), &int(2)), "(-2)^2");
        check(&pow(&ratio(1, 2), &int(2)), "(1/2)^2");
        check(&apply(Op::HadPow, &[&transpose(&x), &int(2)]), "X'.^2");
        check(&transpose(&pow(&x, &int(2))), "(X^2)'");
        check(&transpose(&transpose(&mul(&x, &y))), "(X * Y)''");
    }

    #[test]
    fn every_function_prints_as_it_is_written() {
        let (x, w, f) = (s("X"), s("W"), s("F"));
        check(&call_elementwise("relu".into(), &mul(&w, &x)), "relu(W * X)");
        let derivative = apply(Op::Deriv, &[&leaf(Term::Fun("phi".into()))]);
        check(&apply(Op::Apply, &[&derivative, &x]), "deriv(phi)(X)");
        check(&inner(&x, &w), "dot(X, W)");
        check(&apply(Op::Dot, &[&w]), "dot(W)");
        check(&apply(Op::Hess, &[&w, &s("A")]), "hess(W)[A]");
        check(&apply(Op::Vjp, &[&f, &s("Z"), &w]), "vjp(F, W)[Z]");
        check(&apply(Op::HessLoss, &[&f, &s("Z")]), "hess_loss(F)[Z]");
        check(&apply(Op::Diff, &[&x]), "d(X)");
        let n = size(Size::Name("n".into()));
        let one = size(Size::Lit(1));
        check(&apply(Op::Ones, &[&n, &one]), "ones(n)");
        check(&apply(Op::Ones, &[&n, &n]), "ones(n, n)");
        check(&apply(Op::Zeros, &[&n, &one]), "zeros(n, 1)");
        check(&apply(Op::Call("rest".into()), &[&f, &x]), "rest(F, X)");
    }

    #[test]
    fn patterns_print_their_variables() {
        let mut ast = PatternAst::<Term>::default();
        let f = ast.add(egg::ENodeOrVar::Var("?f".parse().unwrap()));
        let x = ast.add(egg::ENodeOrVar::Var("?X".parse().unwrap()));
        let k = ast.add(egg::ENodeOrVar::Var("?k".parse().unwrap()));
        let call = ast.add(egg::ENodeOrVar::ENode(Term::op(Op::Apply, &[f, x])));
        ast.add(egg::ENodeOrVar::ENode(Term::op(Op::Pow, &[call, k])));
        assert_eq!(pattern(&ast), "?f(?X)^?k");
    }

    #[test]
    fn long_chains_print_without_recursion() {
        let chain = |node: fn(Id, Id) -> Term| {
            let nodes = (0..10_000).map(|i| node(Id::from(i), Id::from(0)));
            Expr::from([Term::Sym("X".into())].into_iter().chain(nodes).collect::<Vec<_>>())
        };
        assert!(text(&chain(|last, x| Term::op(Op::Add, &[last, x]))).ends_with("X + X + X"));
        assert!(text(&chain(|last, x| Term::op(Op::Mul, &[x, last]))).starts_with("X * (X * (X"));
        assert!(text(&chain(|last, _| Term::op(Op::T, &[last]))).ends_with("''''"));
    }
}
