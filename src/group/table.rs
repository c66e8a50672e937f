//! One row per group. What the rooms ask of a group – to prove, derive, draw, count or discover – stands here and nowhere else.

use super::algebra::Space::{
    self, CentredSkew, Complex, Diagonal, FormSkew, Imaginary, Mixing, Parting, Real, Skew, Symmetric,
    SymmetricTraceFree, TraceFree,
};
use super::algebra::{Part, Stabilizer};
use super::row::{Discovered, Draw, Element, Finite, Group, GroupId, Operation};
use crate::term::Facts;

/// Every group of the language, in the order of the documentation.
pub static ALL: &[Group] = &[
    Group {
        id: GroupId::GeneralLinear,
        name: "GL",
        symbol: ("GL", r"\mathrm{GL}"),
        words: "the invertible matrices",
        element: Element::Square(Facts::INVERTIBLE),
        families: &[(Part::Whole, Space::All), (Part::Symmetric, Symmetric), (Part::Skew, Skew)],
        subgroups: &[GroupId::Sign],
        stabilizer: Stabilizer::General,
        discovered: Some(Discovered {
            contains: &[GroupId::Permutation, GroupId::Sign],
            ..Discovered::as_("basis", "g")
        }),
        ..Group::MATRICES
    },
    Group {
        id: GroupId::SpecialLinear,
        name: "SL",
        symbol: ("SL", r"\mathrm{SL}"),
        words: "the matrices of determinant 1",
        element: Element::Square(Facts::INVERTIBLE),
        families: &[(Part::Whole, TraceFree), (Part::Symmetric, SymmetricTraceFree), (Part::Skew, Skew)],
        draw: Draw::UnitDeterminant,
        stabilizer: Stabilizer::TraceFree,
        ..Group::MATRICES
    },
    Group {
        id: GroupId::Orthogonal,
        name: "O",
        symbol: ("O", r"\mathrm{O}"),
        words: "the orthogonal matrices",
        element: Element::Square(Facts::ORTHOGONAL),
        families: &[(Part::Whole, Skew)],
        subgroups: &[GroupId::Sign],
        stabilizer: Stabilizer::Skew,
        discovered: Some(Discovered {
            contains: &[GroupId::Permutation, GroupId::Sign],
            connected: Some(GroupId::SpecialOrthogonal),
            ..Discovered::as_("rotate", "R")
        }),
        ..Group::MATRICES
    },
    Group {
        id: GroupId::SpecialOrthogonal,
        name: "SO",
        symbol: ("SO", r"\mathrm{SO}"),
        words: "the rotations",
        element: Element::Square(Facts::ROTATION),
        families: &[(Part::Whole, Skew)],
        stabilizer: Stabilizer::Skew,
        ..Group::MATRICES
    },
    Group {
        id: GroupId::OrthogonalFixingOnes,
        name: "O1",
        symbol: ("O₁", r"\mathrm{O}_{\mathbf{1}}"),
        words: "the orthogonal matrices that fix the vector of ones",
        element: Element::Square(Facts::ORTHOGONAL.union(Facts::FIXES_ONES)),
        families: &[(Part::Whole, CentredSkew)],
        stabilizer: Stabilizer::CentredSkew,
        discovered: Some(Discovered { contains: &[GroupId::Permutation], ..Discovered::as_("rotate", "R") }),
        ..Group::MATRICES
    },
    Group {
        id: GroupId::PseudoOrthogonal,
        name: "O",
        symbol: ("O", r"\mathrm{O}"),
        words: "the matrices that leave a form of p squares less q squares as it is",
        sizes: (2, 2),
        element: Element::Isometry,
        families: &[(Part::Whole, FormSkew), (Part::Symmetric, Mixing), (Part::Skew, Parting)],
        draw: Draw::Isometry,
        subgroups: &[GroupId::Sign],
        stabilizer: Stabilizer::Skew,
        ..Group::MATRICES
    },
    Group {
        id: GroupId::PositiveDiagonal,
        name: "Diag+",
        symbol: ("Diag⁺", r"\mathrm{Diag}^{+}"),
        words: "the diagonal matrices with positive diagonal",
        element: Element::Square(Facts::POSITIVE_DIAGONAL),
        families: &[(Part::Whole, Diagonal)],
        signs_beside: true,
        stabilizer: Stabilizer::Diagonal,
        discovered: Some(Discovered::as_("rescale", "D")),
        ..Group::MATRICES
    },
    Group {
        id: GroupId::ComplexDiagonal,
        name: "DiagC",
        symbol: ("Diag_ℂ", r"\mathrm{Diag}_{\mathbb{C}}"),
        words: "the invertible complex diagonal matrices (2×2 blocks with rows (a, −b) and (b, a) on the diagonal; real where b = 0, imaginary where a = 0)",
        element: Element::Square(Facts::PLANES.union(Facts::INVERTIBLE)),
        families: &[(Part::Whole, Complex), (Part::Symmetric, Real), (Part::Skew, Imaginary)],
        stabilizer: Stabilizer::Diagonal,
        ..Group::MATRICES
    },
    Group {
        id: GroupId::Torus,
        name: "Torus",
        symbol: ("Torus", r"\mathbb{T}"),
        words: "the block diagonal matrices of 2×2 rotations (an imaginary diagonal matrix has blocks with rows (0, −b) and (b, 0))",
        element: Element::Square(Facts::PLANES.union(Facts::ROTATION)),
        families: &[(Part::Whole, Imaginary)],
        stabilizer: Stabilizer::Diagonal,
        discovered: Some(Discovered::as_("turn", "R")),
        ..Group::MATRICES
    },
    Group {
        id: GroupId::Scale,
        name: "Scale",
        symbol: ("Scale", r"\mathbb{R}^{+}"),
        words: "the positive numbers",
        sizes: (0, 0),
        element: Element::Number(Facts::POSITIVE),
        families: &[(Part::Whole, Space::All)],
        stabilizer: Stabilizer::General,
        discovered: Some(Discovered::as_("scale", "a")),
        ..Group::MATRICES
    },
    Group {
        id: GroupId::Translate,
        name: "Translate",
        symbol: ("Translate", r"\mathrm{T}"),
        words: "numbers, vectors or matrices under addition",
        sizes: (0, 2),
        element: Element::Anything(Facts::empty()),
        operation: Operation::Addition,
        families: &[(Part::Whole, Space::All)],
        discovered: Some(Discovered { number: "s", ..Discovered::as_("shift", "c") }),
        ..Group::MATRICES
    },
    Group {
        id: GroupId::Integers,
        name: "Z",
        symbol: ("ℤ", r"\mathbb{Z}"),
        sizes: (0, 2),
        words: "integers, vectors or matrices of integers under addition",
        element: Element::Anything(Facts::INTEGER),
        operation: Operation::Addition,
        ..Group::MATRICES
    },
    Group {
        id: GroupId::Permutation,
        name: "Perm",
        symbol: ("Perm", r"\mathrm{S}"),
        words: "the permutation matrices",
        element: Element::Square(Facts::PERMUTATION),
        finite: Some(Finite::Permutations),
        discovered: Some(Discovered::as_("permute", "P")),
        ..Group::MATRICES
    },
    Group {
        id: GroupId::Cyclic,
        name: "Cyclic",
        symbol: ("Cyclic", r"\mathrm{C}"),
        words: "the cyclic shifts",
        element: Element::Square(Facts::PERMUTATION),
        finite: Some(Finite::Shifts),
        draw: Draw::Cyclic,
        discovered: Some(Discovered::as_("cycle", "C")),
        ..Group::MATRICES
    },
    Group {
        id: GroupId::Sign,
        name: "Sign",
        symbol: ("Sign", r"\mathrm{Sign}"),
        words: "the diagonal matrices with entries ±1",
        element: Element::Square(Facts::DIAGONAL.union(Facts::ORTHOGONAL)),
        finite: Some(Finite::Signs),
        discovered: Some(Discovered::as_("sign", "S")),
        ..Group::MATRICES
    },
    Group {
        id: GroupId::SignedPermutation,
        name: "SignedPerm",
        symbol: ("SignedPerm", r"\mathrm{B}"),
        words: "the matrices with one entry ±1 in each row and column",
        element: Element::Square(Facts::SIGNED_PERMUTATION),
        finite: Some(Finite::SignedPermutations),
        subgroups: &[GroupId::Permutation, GroupId::Sign],
        ..Group::MATRICES
    },
    Group {
        id: GroupId::Z2,
        name: "Z2",
        symbol: ("Z₂", r"\mathbb{Z}_2"),
        words: "the group of two elements",
        sizes: (0, 0),
        element: Element::None,
        finite: Some(Finite::Involution),
        discovered: Some(Discovered::as_("exchange", "")),
        ..Group::MATRICES
    },
];
