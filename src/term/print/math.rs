//! Formulas as mathematics, for Unicode and LaTeX alike: products by juxtaposition, signs and coefficients gathered,
//! scalar divisors as quotients. What the two write differently is a [`Script`].

use super::super::{Expr, Op, Rational, Symbol, Term};
use super::layout::{Bracket, Level, Notate, Piece, Token, Written, bracketed, call, layout, list};
use super::monomial::{Monomial, divisor, operands};
use super::notation::Notation;
use super::scalar::scalars;
use super::source::Source;
use egg::{Id, Language};
use num_traits::One;

/// The marks of a script; each is complete in itself.
pub(super) struct Marks {
    pub minus: &'static str,
    pub transpose: &'static str,
    pub next: &'static str,
    pub hadamard: &'static str,
    pub prime: &'static str,
    pub differential: &'static str,
    pub pull_back: &'static str,
    pub loss_hessian: &'static str,
    pub nabla: &'static str,
    pub loss: &'static str,
}

/// How the parts of a formula are written.
pub(super) trait Script {
    const MARKS: Marks;

    /// A number that is not negative.
    fn number(value: &Rational) -> String;
    /// The superscript of a constant power, entry by entry if so.
    fn exponent(value: &Rational, elementwise: bool) -> String;
    /// The superscript of a power that is a formula.
    fn superscript(exponent: Id, elementwise: bool) -> Vec<Piece>;
    fn root(radicand: Id) -> Vec<Piece>;
    /// A quotient; `short` if both sides are small.
    fn quotient(numerator: Vec<Piece>, divisor: Vec<Piece>, short: bool) -> Vec<Piece>;
    /// A quotient of sizes; `several` factors in the divisor.
    fn small_quotient(numerator: Vec<Piece>, divisor: Vec<Piece>, several: bool) -> Vec<Piece>;
    /// A matrix or a size.
    fn symbol(notation: &Notation, name: Symbol) -> String;
    /// A function: upright if its name is a word.
    fn function(name: &str) -> String;
    /// A letter with an index: `G₁`.
    fn indexed(letter: &str, index: &str) -> String;
    /// A letter with a symbol as its index: `G_W₁`.
    fn at(letter: &str, symbol: &str) -> String;
    fn time_derivative(notation: &Notation, name: Symbol) -> String;
    fn generator(symbol: &str) -> String;
    /// The matrix of ones; `None` for a column.
    fn ones(rows: &str, cols: Option<&str>) -> String;
    /// A symbol that is to take a superscript.
    fn base(symbol: String) -> String;
    fn render(tokens: &[Token]) -> String;
}

/// Prints a formula.
pub(super) fn print<S: Script>(expr: &Expr, notation: &Notation) -> String {
    let scalar = scalars(expr, |name| notation.is_scalar(name));
    let math = Math { expr, notation, scalar, script: std::marker::PhantomData::<S> };
    S::render(&layout(&math, expr.root()))
}

struct Math<'a, S> {
    expr: &'a Expr,
    notation: &'a Notation,
    scalar: Vec<bool>,
    script: std::marker::PhantomData<S>,
}

impl<S: Script> Notate for Math<'_, S> {
    fn notate(&self, id: Id) -> Written {
        let marks = S::MARKS;
        let (op, args) = match &self.expr[id] {
            Term::Sym(name) | Term::Size(name) => return atom(S::symbol(self.notation, *name)),
            Term::Fun(name) => return atom(S::function(name.as_str())),
            Term::Num(_) => return self.product(id),
            Term::Op(op, args) => (*op, args.as_slice()),
        };
        match op {
            Op::Add => (Level::Sum, self.sum(id)),
            Op::Mul => self.product(id),
            Op::Had => (Level::Product, self.hadamard(id)),
            Op::Pow if divisor(self.expr, &self.scalar, id).is_some() => self.product(id),
            Op::Pow | Op::HadPow => self.power(args[0], args[1], op == Op::HadPow),
            Op::Inv => (Level::Power, self.raised(args[0], S::exponent(&-Rational::one(), false))),
            Op::T => (Level::Power, self.raised(args[0], marks.transpose)),
            Op::Inner => (Level::Postfix, bracketed(Bracket::Angle, list(args))),
            Op::Norm2 => (Level::Power, self.norm2(args)),
            Op::Ones => self.ones(args),
            Op::Zeros => atom("0"),
            Op::Eye => atom("I"),
            Op::Apply => self.apply(args[0], args[1]),
            Op::Deriv => (Level::Postfix, vec![Piece::Node(args[0], Level::Postfix), Piece::text(marks.prime)]),
            Op::Diff => self.differential(args[0]),
            Op::Call(name) => (Level::Postfix, call(vec![Piece::text(S::function(name.as_str()))], args)),
            Op::Hess => (Level::Power, self.hessian(args)),
            Op::Vjp => (Level::Power, self.block(marks.pull_back, list(&args[1..2]), args[2])),
            Op::HessLoss => {
                let mut out = vec![Piece::text(marks.loss_hessian)];
                out.extend(bracketed(Bracket::Square, list(&args[1..])));
                (Level::Postfix, out)
            }
            Op::Grad | Op::Dot | Op::Next | Op::Err => self.quantity(op, args),
            _ => self.named(op, args),
        }
    }
}

fn atom(text: impl Into<std::borrow::Cow<'static, str>>) -> Written {
    (Level::Postfix, vec![Piece::text(text)])
}

impl<S: Script> Math<'_, S> {
    fn named(&self, op: Op, args: &[Id]) -> Written {
        (Level::Postfix, call(vec![Piece::text(S::function(op.name().unwrap_or_default()))], args))
    }

    /// The summands with their signs; a nested sum needs no brackets.
    fn sum(&self, id: Id) -> Vec<Piece> {
        let mut out = Vec::new();
        for id in operands(self.expr, Op::Add, id) {
            let (negative, pieces) = self.summand(id);
            out.push(Piece::text(match (out.is_empty(), negative) {
                (true, true) => S::MARKS.minus.to_string(),
                (true, false) => String::new(),
                (false, true) => format!(" {} ", S::MARKS.minus),
                (false, false) => " + ".to_string(),
            }));
            out.extend(pieces);
        }
        out
    }

    fn product(&self, id: Id) -> Written {
        match self.summand(id) {
            (true, mut pieces) => {
                pieces.insert(0, Piece::text(S::MARKS.minus));
                (Level::Signed, pieces)
            }
            (false, pieces) => {
                let level = match self.expr.num(id) {
                    Some(value) if value.is_integer() => Level::Postfix,
                    _ => Level::Product,
                };
                (level, pieces)
            }
        }
    }

    /// Whether a node is negative, and how its absolute value is written: coefficient, factors, scalar divisors.
    fn summand(&self, id: Id) -> (bool, Vec<Piece>) {
        let Monomial { negative, coefficient, factors, divisors } = Monomial::new(self.expr, &self.scalar, id);
        if factors == [id] {
            return (negative, vec![Piece::Node(id, Level::Product)]);
        }
        let mut out = Vec::new();
        let mut numerator = Vec::new();
        if factors.is_empty() || !coefficient.is_one() {
            // A fraction stands before the quotient and not in its numerator.
            let before = !coefficient.is_integer() && !factors.is_empty() && !divisors.is_empty();
            let target = if before { &mut out } else { &mut numerator };
            target.push(Piece::text(S::number(&coefficient)));
            if before {
                target.push(Piece::Token(Token::Juxtaposition));
            }
        }
        for &factor in &factors {
            if !numerator.is_empty() {
                numerator.push(Piece::Token(Token::Juxtaposition));
            }
            numerator.push(Piece::Node(factor, Level::Power));
        }
        if divisors.is_empty() {
            out.extend(numerator);
        } else {
            let small = factors.len() <= 2 && factors.iter().all(|&f| self.is_small(f));
            out.extend(S::quotient(numerator, self.divisors(&divisors), small && divisors.len() == 1));
        }
        (negative, out)
    }

    fn divisors(&self, divisors: &[(Id, Rational)]) -> Vec<Piece> {
        let mut out = Vec::new();
        for (base, exponent) in divisors {
            if !out.is_empty() {
                out.push(Piece::Token(Token::Juxtaposition));
            }
            if exponent.is_one() {
                out.push(Piece::Node(*base, Level::Power));
            } else {
                out.extend(self.constant_power(*base, exponent, false));
            }
        }
        if divisors.len() > 1 { bracketed(Bracket::Round, out) } else { out }
    }

    /// Whether a factor is a name or one operator on names.
    fn is_small(&self, id: Id) -> bool {
        let leaf = |id: Id| self.expr[id].children().is_empty();
        leaf(id)
            || match self.expr.op(id) {
                Some((Op::Pow | Op::T | Op::Norm2 | Op::Tr | Op::Grad | Op::Dot | Op::Next | Op::Err, args)) => {
                    args.iter().all(|&c| leaf(c))
                }
                _ => false,
            }
    }

    fn hadamard(&self, id: Id) -> Vec<Piece> {
        let mut out = Vec::new();
        for id in operands(self.expr, Op::Had, id) {
            if !out.is_empty() {
                out.push(Piece::text(S::MARKS.hadamard));
            }
            out.push(Piece::Node(id, Level::Power));
        }
        out
    }

    fn power(&self, base: Id, exponent: Id, elementwise: bool) -> Written {
        let pieces = match self.expr.num(exponent) {
            Some(q) => self.constant_power(base, q, elementwise),
            None => {
                let mut out = self.base(base);
                out.extend(S::superscript(exponent, elementwise));
                out
            }
        };
        (Level::Power, pieces)
    }

    fn constant_power(&self, base: Id, exponent: &Rational, elementwise: bool) -> Vec<Piece> {
        if *exponent == Rational::new(1.into(), 2.into()) && self.scalar[usize::from(base)] {
            return S::root(base);
        }
        self.raised(base, S::exponent(exponent, elementwise && !self.scalar[usize::from(base)]))
    }

    /// The base of a superscript.
    fn base(&self, id: Id) -> Vec<Piece> {
        match &self.expr[id] {
            Term::Sym(name) | Term::Size(name) => vec![Piece::text(S::base(S::symbol(self.notation, *name)))],
            _ => vec![Piece::Node(id, Level::Postfix)],
        }
    }

    fn raised(&self, base: Id, superscript: impl Into<std::borrow::Cow<'static, str>>) -> Vec<Piece> {
        let mut out = self.base(base);
        out.push(Piece::text(superscript));
        out
    }

    fn norm2(&self, args: &[Id]) -> Vec<Piece> {
        let mut out = bracketed(Bracket::Norm, list(args));
        out.push(Piece::text(S::exponent(&Rational::from_integer(2.into()), false)));
        out
    }

    fn ones(&self, args: &[Id]) -> Written {
        let size = |id: Id| match &self.expr[id] {
            Term::Num(value) => Some(value.to_string()),
            Term::Size(name) => Some(S::symbol(self.notation, *name)),
            _ => None,
        };
        let one = |id: Id| self.expr.num(id).is_some_and(One::is_one);
        match (size(args[0]), size(args[1])) {
            (Some(rows), Some(_)) if one(args[1]) => atom(S::ones(&rows, None)),
            (Some(_), Some(cols)) if one(args[0]) => {
                (Level::Power, vec![Piece::text(S::ones(&cols, None)), Piece::text(S::MARKS.transpose)])
            }
            (Some(rows), Some(cols)) => atom(S::ones(&rows, Some(&cols))),
            _ => self.named(Op::Ones, args),
        }
    }

    fn apply(&self, function: Id, argument: Id) -> Written {
        let scalar = self.scalar[usize::from(argument)];
        match &self.expr[function] {
            Term::Fun(name) if scalar && name.as_str() == "sqrt" => (Level::Power, S::root(argument)),
            Term::Fun(name) if scalar && name.as_str() == "exp" => {
                let mut out = vec![Piece::text("e")];
                out.extend(S::superscript(argument, false));
                (Level::Power, out)
            }
            _ => (Level::Postfix, call(vec![Piece::Node(function, Level::Postfix)], &[argument])),
        }
    }

    fn differential(&self, id: Id) -> Written {
        let d = S::MARKS.differential;
        match &self.expr[id] {
            Term::Sym(name) => (Level::Power, vec![Piece::text(format!("{d}{}", S::symbol(self.notation, *name)))]),
            _ => (Level::Postfix, call(vec![Piece::text(d)], &[id])),
        }
    }

    /// `H[ξ_A]` with the parameter as its index.
    fn hessian(&self, args: &[Id]) -> Vec<Piece> {
        let tangent = match &self.expr[args[1]] {
            Term::Sym(name) if self.notation.is_algebra(*name) => {
                vec![Piece::text(S::generator(&S::symbol(self.notation, *name)))]
            }
            _ => list(&args[1..]),
        };
        self.block("H", tangent, args[0])
    }

    /// `letter[argument]` with the parameter as its index.
    fn block(&self, letter: &'static str, argument: Vec<Piece>, param: Id) -> Vec<Piece> {
        let mut out = vec![Piece::text(letter)];
        out.extend(bracketed(Bracket::Square, argument));
        if let Term::Sym(name) = &self.expr[param] {
            out.push(Piece::text(S::at("", &S::symbol(self.notation, *name))));
        }
        out
    }

    fn quantity(&self, op: Op, args: &[Id]) -> Written {
        let Term::Sym(name) = self.expr[args[0]] else { return self.named(op, args) };
        let symbol = || S::symbol(self.notation, name);
        match op {
            Op::Next => (Level::Power, self.raised(args[0], S::MARKS.next)),
            Op::Dot => atom(S::time_derivative(self.notation, name)),
            Op::Err if self.notation.is_output(name) => atom("E"),
            Op::Err => atom(S::at("E", &symbol())),
            _ if self.notation.names_gradients() => match self.notation.gradient_index(name) {
                Some(index) => atom(S::indexed("G", &index)),
                None => atom(S::at("G", &symbol())),
            },
            _ => (Level::Product, vec![Piece::text(format!("{}{}", S::at(S::MARKS.nabla, &symbol()), S::MARKS.loss))]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{latex, unicode};
    use super::*;
    use crate::term::*;
    use proptest::prelude::*;

    fn s(name: &str) -> Expr {
        sym(name.into())
    }

    fn n(name: &str) -> Expr {
        size(Size::Name(name.into()))
    }

    fn notation(params: &[&str]) -> Notation {
        let mut env = Env::default();
        for a in ["a", "lambda"] {
            env.declare(a.into(), Shape::SCALAR, Facts::empty());
        }
        env.set_latex("V".into(), "V^{(1)}".into());
        let params: Vec<Symbol> = params.iter().map(|&p| p.into()).collect();
        Notation::new(&env, &params, Some("F".into()), &["A".into()])
    }

    fn both(expr: &Expr) -> String {
        let notation = notation(&["W1", "W2", "V"]);
        format!("{}    {}", unicode(expr, &notation), latex(expr, &notation))
    }

    fn pow(x: &Expr, num: i64, den: i64) -> Expr {
        apply(Op::Pow, &[x, &ratio(num, den)])
    }

    fn f(name: &str, x: &Expr) -> Expr {
        call_elementwise(name.into(), x)
    }

    #[test]
    fn laws_print_as_mathematics() {
        let (w1, w2, x, y) = (s("W1"), s("W2"), s("X"), s("Y"));
        let norm = |x: &Expr| apply(Op::Norm2, &[x]);
        let t = transpose;
        let op = |op: Op, x: &Expr| apply(op, &[x]);
        let softmax = op(Op::Softmax, &mul(&mul(&t(&mul(&s("W_K"), &x)), &mul(&s("W_Q"), &x)), &pow(&n("d_k"), -1, 2)));
        let examples = [
            sub(&mul(&w1, &t(&w1)), &mul(&t(&w2), &w2)),
            mul(&w2, &f("relu", &mul(&w1, &x))),
            mul(&ratio(1, 2), &add(&norm(&w1), &norm(&w2))),
            mul(&int(-2), &inner(&op(Op::Err, &s("F")), &s("F"))),
            mul(&mul(&mul(&s("W_O"), &s("W_V")), &x), &softmax),
            op(Op::Diagvec, &mul(&w1, &t(&op(Op::Grad, &w1)))),
            sub(&x, &sub(&y, &mul(&int(3), &s("Z")))),
            sub(&x, &neg(&neg(&y))),
            t(&mul(&x, &y)),
            t(&op(Op::Inv, &x)),
            t(&s("V")),
            op(Op::Next, &s("V")),
            t(&op(Op::Next, &s("V"))),
            op(Op::Dot, &s("V")),
            mul(&op(Op::Dot, &w1), &t(&op(Op::Dot, &s("gain")))),
            pow(&s("D"), -1, 1),
            pow(&s("D"), -1, 2),
            pow(&s("a"), 1, 2),
            pow(&s("a"), -1, 1),
            mul(&mul(&ratio(1, 2), &pow(&n("n"), -1, 1)), &x),
            mul(&mul(&mul(&x, &y), &s("Z")), &pow(&n("n"), -1, 1)),
            mul(&f("exp", &mul(&mul(&int(-2), &s("lambda")), &s("a"))), &x),
            apply(Op::Had, &[&mul(&x, &y), &add(&x, &y)]),
            apply(Op::HadPow, &[&x, &int(2)]),
            mul(&int(2), &apply(Op::Ones, &[&n("n"), &int(1)])),
            mul(&s("b1"), &apply(Op::Ones, &[&int(1), &n("n")])),
            apply(Op::Ones, &[&n("m"), &n("n")]),
            apply(Op::Ones, &[&n("h"), &n("d")]),
            apply(Op::Zeros, &[&n("h"), &n("d")]),
            sub(&apply(Op::Eye, &[&n("h")]), &x),
            apply(Op::Hess, &[&w1, &s("A")]),
            apply(Op::Hess, &[&w1, &x]),
            apply(Op::Vjp, &[&s("F"), &s("Z"), &w1]),
            apply(Op::HessLoss, &[&s("F"), &s("Z")]),
            apply(Op::Apply, &[&apply(Op::Deriv, &[&leaf(Term::Fun("phi".into()))]), &x]),
            mul(&op(Op::Diff, &w1), &op(Op::Diff, &mul(&x, &y))),
            apply(Op::CrossEntropy, &[&s("F"), &y]),
            apply(Op::Call("rest".into()), &[&add(&x, &mul(&x, &add(&x, &y))), &x]),
            f("leaky_relu", &neg(&x)),
            op(Op::Grad, &s("U")),
            mul(&op(Op::Tr, &x), &y),
            mul(&y, &x),
            ratio(-3, 7),
            mul(&ratio(3, 7), &x),
        ];
        let printed: Vec<String> = examples.iter().map(both).collect();
        insta::assert_snapshot!(printed.join("\n"), @r"
        W₁W₁ᵀ − W₂ᵀW₂    W_{1} W_{1}^{\top} - W_{2}^{\top} W_{2}
        W₂ relu(W₁X)    W_{2} \operatorname{relu}(W_{1} X)
        ½(‖W₁‖² + ‖W₂‖²)    \tfrac{1}{2} \bigl(\lVert W_{1}\rVert^{2} + \lVert W_{2}\rVert^{2}\bigr)
        −2⟨E, F⟩    -2 \langle E, F\rangle
        W_O W_V X softmax((W_K X)ᵀ W_Q X/√dₖ)    W_{O} W_{V} X \operatorname{softmax}\bigl((W_{K} X)^{\top} W_{Q} X/\sqrt{d_{k}}\bigr)
        diagvec(W₁ G_W₁ᵀ)    \operatorname{diagvec}(W_{1} G_{W_{1}}^{\top})
        X − (Y − 3Z)    X - (Y - 3 Z)
        X − Y    X - Y
        (XY)ᵀ    (X Y)^{\top}
        (X⁻¹)ᵀ    (X^{-1})^{\top}
        Vᵀ    {V^{(1)}}^{\top}
        V⁺    {V^{(1)}}^{+}
        (V⁺)ᵀ    ({V^{(1)}}^{+})^{\top}
        V̇    \dot{V^{(1)}}
        Ẇ₁ ∂ₜgainᵀ    \dot{W}_{1} \dot{\mathrm{gain}}^{\top}
        D⁻¹    D^{-1}
        D^(−½)    D^{-1/2}
        √a    \sqrt{a}
        1/a    \frac{1}{a}
        ½X/n    \tfrac{1}{2} \frac{X}{n}
        XYZ/n    X Y Z/n
        e^(−2λa)X    e^{-2 \lambda a} X
        (XY) ∘ (X + Y)    (X Y) \circ (X + Y)
        X^∘2    X^{\circ 2}
        2 · 1ₙ    2 \mathbf{1}_{n}
        b₁1ₙᵀ    b_{1} \mathbf{1}_{n}^{\top}
        1ₘₓₙ    \mathbf{1}_{m\times n}
        1_(h×d)    \mathbf{1}_{h\times d}
        0    0
        I − X    I - X
        H[ξ_A]_W₁    H[\xi_{A}]_{W_{1}}
        H[X]_W₁    H[X]_{W_{1}}
        J*[Z]_W₁    J^{*}[Z]_{W_{1}}
        ℓ″[Z]    \ell''[Z]
        φ′(X)    \phi'(X)
        dW₁ d(XY)    \mathrm{d}W_{1} \, \mathrm{d}(X Y)
        cross_entropy(F, Y)    \operatorname{cross\_entropy}(F, Y)
        rest(X + X(X + Y), X)    \operatorname{rest}\bigl(X + X (X + Y), X\bigr)
        leaky_relu(−X)    \operatorname{leaky\_relu}(-X)
        G_U    G_{U}
        tr(X)Y    \operatorname{tr}(X) Y
        YX    Y X
        −3/7    -\tfrac{3}{7}
        3/7 X    \tfrac{3}{7} X
        ");
    }

    #[test]
    fn a_gradient_is_named_by_its_subscript_where_subscripts_tell_parameters_apart() {
        let gradient = |param: &str, params: &[&str]| {
            let expr = apply(Op::Grad, &[&s(param)]);
            format!("{} {}", unicode(&expr, &notation(params)), latex(&expr, &notation(params)))
        };
        assert_eq!(gradient("W1", &["W1", "W2"]), "G₁ G_{1}");
        assert_eq!(gradient("W_Q", &["W_Q", "W_K"]), "G_Q G_{Q}");
        assert_eq!(gradient("W1", &["W1", "b1"]), "G_W₁ G_{W_{1}}");
        assert_eq!(gradient("U", &["U", "V2"]), "G_U G_{U}");
        assert_eq!(gradient("gamma", &["gamma"]), "G_γ G_{\\gamma}");
    }

    #[test]
    fn gradient_and_error_give_way_to_parameters_of_their_names() {
        let mut env = Env::default();
        for name in ["E", "G1"] {
            env.declare(name.into(), Shape::SCALAR, Facts::empty());
        }
        let notation = Notation::new(&env, &["G1".into()], None, &[]);
        assert_eq!(unicode(&apply(Op::Grad, &[&s("G1")]), &notation), "∇_G₁L");
        assert_eq!(unicode(&apply(Op::Err, &[&s("F")]), &notation), "E_F");
    }

    #[test]
    fn long_chains_print_without_recursion() {
        let chain = |node: fn(Id, Id) -> Term| {
            let nodes = (0..10_000).map(|i| node(Id::from(i), Id::from(0)));
            Expr::from([Term::Sym("X".into())].into_iter().chain(nodes).collect::<Vec<_>>())
        };
        for expr in [
            chain(|last, x| Term::op(Op::Add, &[last, x])),
            chain(|last, x| Term::op(Op::Add, &[x, last])),
            chain(|last, x| Term::op(Op::Mul, &[x, last])),
            chain(|last, _| Term::op(Op::T, &[last])),
            chain(|last, _| Term::op(Op::Diff, &[last])),
        ] {
            assert!(both(&expr).len() > 20_000);
        }
    }

    fn is_latex(text: &str) -> Result<(), String> {
        let storage = pulldown_latex::Storage::new();
        for event in pulldown_latex::Parser::new(text, &storage) {
            event.map_err(|error| format!("{text}\n{error}"))?;
        }
        Ok(())
    }

    fn expression() -> impl Strategy<Value = Expr> {
        let leaf = prop_oneof![
            proptest::sample::select(vec!["W1", "V", "W_Q", "a", "lambda", "odd__name_", "_", "γ2", "gain", "A"])
                .prop_map(s),
            proptest::sample::select(vec!["n", "d_k", "dim"]).prop_map(n),
            (-9i64..9, 1i64..5).prop_map(|(p, q)| ratio(p, q)),
        ];
        leaf.prop_recursive(6, 40, 2, |inner| {
            let unary = vec![
                Op::T,
                Op::Inv,
                Op::Tr,
                Op::Diag,
                Op::Diagvec,
                Op::Norm2,
                Op::Sum,
                Op::Eye,
                Op::Softmax,
                Op::LogSoftmax,
                Op::Diff,
                Op::Grad,
                Op::Dot,
                Op::Next,
                Op::Err,
                Op::Rows,
            ];
            let binary = vec![
                Op::Add,
                Op::Add,
                Op::Mul,
                Op::Mul,
                Op::Had,
                Op::Pow,
                Op::HadPow,
                Op::Inner,
                Op::Ones,
                Op::Zeros,
                Op::Hess,
                Op::HessLoss,
                Op::Mse,
                Op::CrossEntropy,
            ];
            let functions = vec!["relu", "leaky_relu", "sqrt", "exp", "phi", "f1", "_"];
            prop_oneof![
                (proptest::sample::select(unary), inner.clone()).prop_map(|(op, x)| apply(op, &[&x])),
                (proptest::sample::select(binary), inner.clone(), inner.clone())
                    .prop_map(|(op, x, y)| apply(op, &[&x, &y])),
                (inner.clone(), inner.clone(), inner.clone()).prop_map(|(x, y, z)| apply(Op::Vjp, &[&x, &y, &z])),
                (proptest::sample::select(functions), any::<bool>(), inner).prop_map(|(name, derived, x)| {
                    let function = leaf_function(name);
                    let function = if derived { apply(Op::Deriv, &[&function]) } else { function };
                    apply(Op::Apply, &[&function, &x])
                }),
            ]
        })
    }

    fn leaf_function(name: &str) -> Expr {
        leaf(Term::Fun(name.into()))
    }

    #[test]
    fn the_latex_parser_rejects_a_double_superscript() {
        assert!(is_latex("W^{+}^{\\top}").is_err());
    }

    proptest! {
        #[test]
        fn every_formula_is_valid_latex(expr in expression()) {
            let text = latex(&expr, &notation(&["W1", "W2"]));
            prop_assert_eq!(is_latex(&text), Ok(()));
            prop_assert!(!unicode(&expr, &notation(&["W1", "W2"])).is_empty());
        }

        #[test]
        fn every_count_is_valid_latex(expr in expression()) {
            prop_assert_eq!(is_latex(&super::super::count(&expr).1), Ok(()));
        }
    }
}
