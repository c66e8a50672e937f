//! Unicode mathematics and the LaTeX commands for it.

#[rustfmt::skip]
pub const SUPERSCRIPTS: &[(char, char)] = &[
    ('⁻', '-'), ('⁺', '+'), ('⁰', '0'), ('¹', '1'), ('²', '2'), ('³', '3'), ('⁴', '4'), ('⁵', '5'), ('⁶', '6'),
    ('⁷', '7'), ('⁸', '8'), ('⁹', '9'), ('ᵀ', 'T'), ('ʰ', 'h'), ('ᵏ', 'k'), ('ⁿ', 'n'), ('ᵐ', 'm'), ('ᵗ', 't'),
    ('⁽', '('), ('⁾', ')'), ('ᵈ', 'd'), ('ᵖ', 'p'), ('ʳ', 'r'), ('ˢ', 's'), ('ᵛ', 'v'), ('ᶜ', 'c'), ('ᵇ', 'b'), ('ᵉ', 'e'),
    ('ˡ', 'l'), ('ᵃ', 'a'),
];

#[rustfmt::skip]
pub const SUBSCRIPTS: &[(char, char)] = &[
    ('₀', '0'), ('₁', '1'), ('₂', '2'), ('₃', '3'), ('₄', '4'), ('₅', '5'), ('₆', '6'), ('₇', '7'), ('₈', '8'),
    ('₉', '9'), ('ₐ', 'a'), ('ₑ', 'e'), ('ₕ', 'h'), ('ᵢ', 'i'), ('ⱼ', 'j'), ('ₖ', 'k'), ('ₗ', 'l'), ('ₘ', 'm'),
    ('ₙ', 'n'), ('ₒ', 'o'), ('ₚ', 'p'), ('ᵣ', 'r'), ('ₛ', 's'), ('ₜ', 't'), ('ᵤ', 'u'), ('ᵥ', 'v'), ('ₓ', 'x'),
];

#[rustfmt::skip]
pub const SYMBOLS: &[(char, &str)] = &[
    ('α', "\\alpha"), ('β', "\\beta"), ('γ', "\\gamma"), ('δ', "\\delta"), ('ε', "\\varepsilon"), ('ζ', "\\zeta"),
    ('η', "\\eta"), ('θ', "\\theta"), ('ι', "\\iota"), ('κ', "\\kappa"), ('λ', "\\lambda"), ('μ', "\\mu"),
    ('ν', "\\nu"), ('ξ', "\\xi"), ('π', "\\pi"), ('ρ', "\\rho"), ('σ', "\\sigma"), ('τ', "\\tau"), ('υ', "\\upsilon"),
    ('φ', "\\varphi"), ('χ', "\\chi"), ('ψ', "\\psi"), ('ω', "\\omega"), ('Γ', "\\Gamma"), ('Δ', "\\Delta"),
    ('Θ', "\\Theta"), ('Λ', "\\Lambda"), ('Ξ', "\\Xi"), ('Π', "\\Pi"), ('Σ', "\\Sigma"), ('Φ', "\\Phi"),
    ('Ψ', "\\Psi"), ('Ω', "\\Omega"), ('∇', "\\nabla"), ('∂', "\\partial"), ('−', "-"), ('×', "\\times"),
    ('·', "\\cdot"), ('∘', "\\circ"), ('⊙', "\\odot"), ('⟨', "\\langle"), ('⟩', "\\rangle"), ('‖', "\\Vert"),
    ('≥', "\\ge"), ('≤', "\\le"), ('≠', "\\ne"), ('∈', "\\in"), ('↦', "\\mapsto"), ('→', "\\to"), ('½', "\\tfrac12"),
    ('⅓', "\\tfrac13"), ('¼', "\\tfrac14"), ('√', "\\surd"), ('∞', "\\infty"), ('ℝ', "\\mathbb{R}"), ('ℓ', "\\ell"),
    ('′', "'"), ('″', "''"), ('±', "\\pm"), ('⊕', "\\oplus"), ('⊂', "\\subset"), ('⊇', "\\supseteq"), ('≅', "\\cong"),
    ('∪', "\\cup"), ('∀', "\\forall"), ('≈', "\\approx"), ('∑', "\\sum"), ('∫', "\\int"), ('∝', "\\propto"),
    ('⇒', "\\Rightarrow"), ('≡', "\\equiv"), ('∧', "\\wedge"), ('⊗', "\\otimes"), ('𝔨', "\\mathfrak{k}"),
    ('𝔭', "\\mathfrak{p}"), ('𝔤', "\\mathfrak{g}"), ('⊥', "\\perp"), ('𝔼', "\\mathbb{E}"), ('∖', "\\setminus"),
];

/// A text raised, where every character of it has a superscript.
pub fn superscript(text: &str) -> Option<String> {
    text.chars().map(|c| SUPERSCRIPTS.iter().find(|(_, plain)| *plain == c).map(|(raised, _)| *raised)).collect()
}

/// The LaTeX of a mathematical character.
pub fn symbol(c: char) -> Option<&'static str> {
    let within = |table: &[(char, char)]| table.iter().any(|(s, _)| *s == c);
    let script = (within(SUPERSCRIPTS) || within(SUBSCRIPTS)).then_some("\\cdot");
    SYMBOLS.iter().find(|(s, _)| *s == c).map(|(_, command)| *command).or(script)
}
