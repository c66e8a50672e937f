//! T12: how often eigenvalues of the Hessian are repeated at symmetric points. The representation on a parameter is the natural
//! one of the group on rows or columns, or its square where the element stands on both sides; both fall into irreducible
//! modules the same way for all sizes.

use super::derivation::{Argument, ClaimId, ClaimStatement, Theorem};
use super::law::{Draft, Kind, Law, Statement};
use super::law_id;
use super::place::Place;
use super::structure::{Case, Multiplicity, Structure, When, entries, sum};
use super::symmetric::Symmetry;
use crate::group::Finite;
use crate::term::{Expr, Size, int, mul, ratio, size, sub};

/// Parameter space as a representation: how many trivial modules, copies of the natural one and of its square.
struct Copies {
    fixed: Vec<Expr>,
    natural: Vec<Expr>,
    square: i64,
}

fn copies(symmetry: &Symmetry) -> Option<Copies> {
    let mut copies = Copies { fixed: vec![], natural: vec![], square: 0 };
    for (param, place) in &symmetry.places {
        match place {
            Place::Nowhere => copies.fixed.push(entries(param.shape)),
            Place::Left => copies.natural.push(size(param.shape.cols)),
            Place::Right => copies.natural.push(size(param.shape.rows)),
            Place::Both => copies.square += 1,
            Place::Image(_) | Place::Other => return None,
        }
    }
    Some(copies)
}

/// A number of copies as summands.
fn times(count: i64, x: i64) -> Vec<Expr> {
    if count * x == 0 { vec![] } else { vec![int(count * x)] }
}

/// The isotypic decomposition for all sizes. With n coordinates and the natural module N:
/// - signed permutations: N is irreducible; N⊗N is the diagonal, 1 + (n−1), beside the symmetric and the skew matrices
///   without diagonal, both irreducible of dimension n(n−1)/2;
/// - permutations: N = (n) + (n−1,1), and by ⟨χ², χ_λ⟩ N⊗N = 2(n) + 3(n−1,1) + (n−2,2) + (n−2,1,1) for n ≥ 4, of dimensions
///   1, n−1, n(n−3)/2 and (n−1)(n−2)/2 (hook lengths); for n = 3 the third is 0 and the numbers still hold;
/// - shifts: N is the regular representation and N⊗N is n copies of it; over ℝ a trivial module, for even n a sign, and
///   modules of complex type and dimension 2, on which symmetric commuting matrices are Hermitian.
fn cases(finite: Finite, copies: Copies, n: Size) -> Vec<Case> {
    let Copies { fixed, natural, square } = copies;
    let class = |count: Vec<Expr>, multiplicity: Expr| Multiplicity { count: sum(count), multiplicity };
    let join = |lists: [Vec<Expr>; 2]| lists.concat();
    let (h, less) = (size(n), |k: i64| sub(&size(n), &int(k)));
    let half = |x: &Expr, y: &Expr| mul(&ratio(1, 2), &mul(x, y));
    let kept = |classes: Vec<Multiplicity>| classes.into_iter().filter(|c| c.count != int(0)).collect::<Vec<_>>();
    match finite {
        Finite::Permutations => {
            let simple = class(join([join([natural.clone(), fixed]), times(square, 2)]), int(1));
            let mut classes = vec![simple, class(join([natural, times(square, 3)]), less(1))];
            if square > 0 {
                classes.push(class(times(square, 1), half(&h, &less(3))));
                classes.push(class(times(square, 1), half(&less(1), &less(2))));
            }
            vec![Case { when: (square > 0).then_some(When::AtLeast(n, 3)), classes: kept(classes) }]
        }
        Finite::SignedPermutations => {
            let mut classes = vec![class(join([fixed, times(square, 1)]), int(1)), class(natural, h.clone())];
            if square > 0 {
                classes.push(class(times(square, 1), less(1)));
                classes.push(class(times(square, 2), half(&h, &less(1))));
            }
            vec![Case { when: None, classes: kept(classes) }]
        }
        Finite::Shifts => {
            let squares = if square > 0 { vec![mul(&int(square), &h)] } else { vec![] };
            let regular = join([natural, squares]);
            let once = sum(regular.clone());
            let paired = |k: i64| Multiplicity { count: half(&once, &less(k)), multiplicity: int(2) };
            let odd = class(join([regular.clone(), fixed.clone()]), int(1));
            let even = class(join([join([regular.clone(), regular]), fixed]), int(1));
            vec![
                Case { when: Some(When::Odd(n)), classes: kept(vec![odd, paired(1)]) },
                Case { when: Some(When::Even(n)), classes: kept(vec![even, paired(2)]) },
            ]
        }
        Finite::Signs | Finite::Involution => vec![],
    }
}

/// Derives T12; a group of signs repeats no eigenvalue, so there is no law.
pub(super) fn multiplicities(symmetry: &Symmetry, argument: &mut Argument, fixed: ClaimId) -> Option<Law> {
    let Symmetry { action, finite, env, .. } = symmetry;
    if matches!(finite, Finite::Signs | Finite::Involution) {
        return None;
    }
    let n = action.group.sizes.first().copied().unwrap_or(Size::Lit(1));
    let cases = copies(symmetry).map_or_else(Vec::new, |copies| cases(*finite, copies, n));
    let words = "a symmetric matrix that commutes with the group acts on each isotypic part m·V as a symmetric m×m matrix beside \
                 the identity of V, or as a Hermitian m×m matrix where V is of complex type";
    let conclusion = argument.theorem(ClaimStatement::Conclusion, Theorem::Spectrum, words, &[fixed]);
    let remarks = match cases.is_empty() {
        true => vec!["they are found exactly at the instance of the check".into()],
        false => vec![],
    };
    let counts = |case: &Case| sum(case.classes.iter().map(|c| c.count.clone()));
    let draft = Draft {
        id: law_id(action.name, "multiplicities"),
        action: Some(action.name),
        dynamics: None,
        kind: Kind::Multiplicity,
        theorem: Theorem::Spectrum,
        components: cases.first().map_or_else(|| int(0), counts),
        statement: Statement::Structure(Structure::Multiplicities { cases }),
        hypotheses: vec!["at symmetric points where L is twice differentiable".into()],
        premises: vec![law_id(action.name, "fixed-space")],
        remarks,
        env: env.clone(),
    };
    Some(Law::new(draft, argument.conclude(conclusion)))
}
