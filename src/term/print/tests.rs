//! What must hold of a line of tokens in every script.

use super::math::tests::{expression, is_latex, notation};
use super::{Bracket, Group, Line, Sign, Space, Spacing, Token, line, mathml_display};
use crate::term::Rational;
use proptest::prelude::*;

fn symbol(name: &str) -> Line {
    Line::token(Token::Symbol(name.into()))
}

/// A line with every kind of token and every group in it, by name.
fn every_kind() -> Vec<(String, Line)> {
    let half = || Line::token(Token::Number(Rational::new(1.into(), 2.into())));
    let w = || symbol("W");
    let mut out = vec![
        ("letter".into(), w()),
        ("Greek letter".into(), symbol("γ")),
        ("word".into(), symbol("gain")),
        ("digits".into(), symbol("12")),
        ("upright".into(), Line::token(Token::Upright("d"))),
        ("bold".into(), Line::token(Token::Bold("1"))),
        ("function".into(), Line::function("relu").then(w().bracketed(Bracket::Round, 0))),
        ("fraction".into(), half()),
        ("raised fraction".into(), w().then(half().grouped(Group::Sup))),
        ("because".into(), w().then(Token::Because(vec!["a".into(), "b".into()])).then(w())),
        ("equality".into(), w().then(Token::Because(vec![])).then(w())),
        ("prime".into(), w().then(Token::Prime(1))),
        ("primes".into(), w().then(Token::Prime(2))),
        ("words".into(), Line::words("for some odd ").then(w())),
        ("product".into(), w().then(Token::Juxtaposition).then(w())),
        ("quotient".into(), w().over(Group::Fraction, symbol("n"))),
        ("small quotient".into(), w().over(Group::Small, symbol("n"))),
        ("ratio".into(), w().over(Group::Ratio, symbol("n"))),
        ("root".into(), w().grouped(Group::Root)),
        ("declared".into(), w().grouped(Group::Declared("\\hat{W}".into()))),
        ("unit".into(), line![Token::Upright("d"), w()].grouped(Group::Unit)),
    ];
    for group in [Group::Sub, Group::At, Group::Sup, Group::Raised, Group::On] {
        out.push((format!("{group:?}"), w().then(symbol("k").grouped(group))));
    }
    for dots in [1, 2] {
        out.push((format!("{dots} dots"), w().grouped(Group::Dot(dots))));
    }
    for sign in Sign::ALL {
        for spacing in [Spacing::Tight, Spacing::Spaced] {
            let sign = Token::Sign(*sign, spacing);
            out.push((format!("{sign:?}"), w().then(sign).then(w())));
        }
    }
    for space in [Space::Word, Space::Thick, Space::Item, Space::Quad, Space::Wide] {
        out.push((format!("{space:?}"), w().then(Token::Space(space)).then(w())));
    }
    for bracket in [Bracket::Round, Bracket::Square, Bracket::Angle, Bracket::Norm, Bracket::Brace, Bracket::Linear] {
        for size in 0..4 {
            out.push((format!("{bracket:?} {size}"), w().bracketed(bracket, size)));
        }
    }
    out
}

/// Whether every element of some MathML is closed, in order.
fn is_well_formed(mathml: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    for tag in mathml.split('<').skip(1) {
        let Some((tag, _)) = tag.split_once('>') else { return false };
        let name = tag.split(' ').next().unwrap_or_default();
        match name.strip_prefix('/') {
            Some(closed) if open.pop() != Some(closed) => return false,
            Some(_) => {}
            None if tag.ends_with('/') => {}
            None => open.push(name),
        }
    }
    open.is_empty()
}

#[test]
fn every_kind_of_token_is_written_in_every_script() {
    for (name, line) in every_kind() {
        assert!(!line.unicode().trim().is_empty() && !line.unicode().contains('\0'), "{name}");
        assert_eq!(is_latex(&line.latex()), Ok(()), "{name}");
        assert!(is_well_formed(&line.mathml()), "{name}: {}", line.mathml());
        assert!(line.points() > 0.0, "{name}");
    }
}

#[test]
fn mathml_says_what_a_sign_is() {
    let check = |line: Line, mathml: &str| assert_eq!(line.mathml(), format!("<math>{mathml}</math>"));
    check(
        Line::from("−W₁ᵀ"),
        "<mo form=\"prefix\">−</mo><msubsup><mi>W</mi><mn>1</mn><mi mathvariant=\"normal\">⊤</mi></msubsup>",
    );
    check(Line::from("a − b"), "<mi>a</mi><mo form=\"infix\">−</mo><mi>b</mi>");
    let parenthesis = |body: &str| {
        format!(
            "<mrow><mo form=\"prefix\" stretchy=\"false\">(</mo>{body}<mo form=\"postfix\" stretchy=\"false\">)</mo></mrow>"
        )
    };
    check(Line::from("relu(x)"), &format!("<mi>relu</mi><mo>&#x2061;</mo>{}", parenthesis("<mi>x</mi>")));
    check(Line::from("(x)²"), &format!("<msup>{}<mn>2</mn></msup>", parenthesis("<mi>x</mi>")));
    check(Line::from("½"), "<mstyle displaystyle=\"false\"><mfrac><mn>1</mn><mn>2</mn></mfrac></mstyle>");
    check(Line::from("φ′"), "<msup><mi>φ</mi><mo>′</mo></msup>");
    check(Line::words(" on "), "<mtext>&#xa0;</mtext><mtext>on&#xa0;</mtext>");
}

#[test]
fn mathematics_in_unicode_is_written_as_it_stands() {
    for text in [
        "‖H‖ ≥ √(α²+β²),  λ_max − λ_min ≥ 2β",
        "Kᵀ∇L(Kθ) = ∇L",
        "H_row(W)ᵢⱼ = ∑ₖ ∂²L/∂Wᵢₖ∂Wⱼₖ",
        "∇L ∈ V,  H = H_V ⊕ H_V⊥",
        "D³L[ξ_A, ·, ·] = −(S*H + H S)",
        "α = −½⟨G₁, A W₁⟩ / ‖ξ‖²",
        "θ̇ = −∇L − λθ",
        "d/dt ∇ψ(θ) = −∇L",
        "span{θ, ∇L}",
        "ℓ″[Z]",
        "H(Kθ) = K⁻ᵀHK⁻¹",
        "α = ⟨ξ, H[ξ]⟩/‖ξ‖²",
        "[[α, β], [β, ·]]",
        "Q̈ = ⟨θ̇, Dξ[θ̇]⟩ + ⟨θ̈, ξ⟩",
        "diag(±1)",
        "(∇²ψ)⁻¹∇L",
        "ψ″ > 0",
        "m·V",
        "φ′(X)",
        "2⁶¹−1",
        "e^(γt) ↦ tr(UᵀV) ≠ 0",
        "V⊥ = {U : U = 0}",
    ] {
        let line = Line::from(text);
        assert_eq!(line.unicode(), text);
        assert_eq!(is_latex(&line.latex()), Ok(()), "{}", line.latex());
        assert!(is_well_formed(&line.mathml()), "{text}: {}", line.mathml());
    }
    assert_eq!(Line::from("‖H‖ ≥ √(α²+β²)").latex(), "\\lVert H\\rVert \\ge \\sqrt{\\alpha^{2}+\\beta^{2}}");
    assert_eq!(Line::from("H_V⊥ = −θ̇").latex(), "H_{V^{\\perp}} = -\\dot{\\theta}");
}

#[test]
fn a_declared_name_is_written_by_its_latex_alone() {
    let up = Line::from("Wᵤ").grouped(Group::Declared("W^{\\mathrm{up}}".into()));
    let squared = up.then(Line::from("x").grouped(Group::Sup)).then(" + y");
    assert_eq!(squared.latex(), "{W^{\\mathrm{up}}}^{x} + y");
    assert_eq!(squared.unicode(), "Wᵤ^x + y");
    let quotient = squared.over(Group::Ratio, symbol("n"));
    assert_eq!(quotient.latex(), "\\frac{{W^{\\mathrm{up}}}^{x} + y}{n}");
}

#[test]
fn sums_break_before_signs_outside_of_brackets() {
    let line = Line::from("a + b = f(x + y) + g(x + y)");
    let folded: Vec<String> = line.folded(16, 2).iter().map(|l| l.unicode().trim().to_string()).collect();
    assert_eq!(folded, ["a + b = f(x + y)", "+ g(x + y)"]);
    let part = || Line::from("abcdefghijklmnop(x + y)");
    let broken = Line::joined([part(), part(), part(), part()], " + ").broken(400.0, 20.0);
    assert_eq!(broken.len(), 2);
    assert!(broken[1].latex().starts_with("+ \\operatorname"), "{}", broken[1].latex());
}

#[test]
fn lists_break_after_commas_and_products_between_factors() {
    let texts = |lines: Vec<Line>| lines.iter().map(|l| l.unicode().trim().to_string()).collect::<Vec<_>>();
    assert_eq!(texts(Line::from("(AW, WA),  BV").folded(10, 0)), ["(AW, WA),", "BV"]);
    let factor = || Line::from("abcdefghijklmnopqrstuvwxyz(x)");
    let product = Line::joined([factor(), factor(), factor()], Token::Juxtaposition);
    assert_eq!(product.broken(400.0, 0.0).len(), 2);
    assert_eq!(texts(product.folded(30, 0)).len(), 3);
}

#[test]
fn a_group_is_never_broken_but_a_ratio_that_is_written_in_a_line() {
    let sum = || Line::joined((0..20).map(|_| Line::from("abcdefgh")), " + ");
    let quotient = sum().over(Group::Ratio, symbol("x"));
    assert_eq!(quotient.broken(100.0, 0.0), std::slice::from_ref(&quotient));
    assert!(quotient.folded(40, 2).len() > 3);
    let root = sum().grouped(Group::Root);
    assert_eq!(root.folded(40, 2), std::slice::from_ref(&root));
}

#[test]
fn a_quotient_is_as_wide_as_its_wider_side() {
    let (long, short) = (Line::from("abcdefgh"), Line::from("x"));
    let quotient = long.clone().over(Group::Fraction, short.clone()).points();
    assert_eq!(quotient, short.over(Group::Fraction, long.clone()).points());
    assert!(quotient > long.points() && quotient < long.points() + 5.0);
}

#[test]
fn rows_are_aligned_where_their_sides_meet() {
    let rows = [(Line::from("a"), Line::from(" = b")), (Line::default(), Line::from(" + c"))];
    let row = |left: &str, right: &str| format!("<mtr><mtd>{left}</mtd><mtd>{right}</mtd></mtr>");
    let first = row("<mi>a</mi>", "<mo form=\"infix\">=</mo><mi>b</mi>");
    let last = row("", "<mo form=\"infix\">+</mo><mi>c</mi>");
    let table =
        format!("<mtable class=\"aligned\" columnalign=\"right left\" displaystyle=\"true\">{first}{last}</mtable>");
    assert_eq!(mathml_display(&rows), format!("<math display=\"block\">{table}</math>"));
}

proptest! {
    #[test]
    fn a_folded_formula_has_the_same_tokens(expr in expression(), columns in 8usize..80) {
        let line = Line::formula(&expr, &notation(&["W1", "W2"]));
        for folded in [line.folded(columns, 4), line.broken(6.0 * columns as f64, 24.0)] {
            let all: Vec<Token> = folded.iter().flat_map(|line| line.tokens().to_vec()).collect();
            prop_assert_eq!(&all, line.tokens());
            prop_assert!(folded.iter().all(|line| !line.unicode().contains('\0')));
        }
        let spaceless = |text: String| text.chars().filter(|c| *c != ' ').collect::<String>();
        let parts: String = line.folded(columns, 4).iter().map(Line::unicode).collect();
        prop_assert_eq!(spaceless(parts), spaceless(line.unicode()));
    }

    #[test]
    fn every_formula_is_well_formed_mathml(expr in expression()) {
        let line = Line::formula(&expr, &notation(&["W1", "W2"]));
        prop_assert!(is_well_formed(&line.mathml()));
        for part in line.broken(120.0, 24.0) {
            prop_assert!(is_well_formed(&part.mathml()));
            prop_assert_eq!(is_latex(&part.latex()), Ok(()));
        }
    }

    #[test]
    fn no_token_makes_a_formula_narrower(expr in expression()) {
        let line = Line::formula(&expr, &notation(&["W1", "W2"]));
        let widths: Vec<f64> = (0..=line.tokens().len())
            .map(|n| line.tokens()[..n].iter().fold(Line::default(), |l, t| l.then(t.clone())).points())
            .collect();
        prop_assert!(widths.windows(2).all(|pair| pair[0] <= pair[1] + 1e-9));
    }
}
