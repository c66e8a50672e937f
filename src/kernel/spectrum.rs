//! T12: how often eigenvalues of the Hessian are repeated at symmetric points. The representation on a parameter is the natural
//! one of the group on rows or columns, or on the members of a family, or its square where the element stands on both sides; all
//! fall into irreducible modules the same way for all sizes.

use super::count::{entries, sum};
use super::members;
use super::place::Place;
use super::scope::Setting;
use super::structure::{Case, Multiplicity, When};
use crate::group::Finite;
use crate::model::{Action, Model, Variable};
use crate::term::{Expr, Size, Symbol, int, is_zero, mul, ratio, size, sub};

/// Parameter space as a representation: how many trivial modules, copies of the natural one and of its square.
struct Copies {
    fixed: Vec<Expr>,
    natural: Vec<Expr>,
    square: i64,
}

fn copies(setting: &Setting, action: &Action, places: &[(&Variable, Place)]) -> Option<Copies> {
    let (model, whole) = (setting.model(), setting.whole());
    let mut copies = Copies { fixed: vec![], natural: vec![], square: 0 };
    let window = setting.window().is_some();
    let mut moved: Vec<Expr> = vec![];
    for (param, place) in places {
        let all = |count: &Expr| members::all_together(model, action, param.name, count);
        // One of several actions leaves the members of the others where they are.
        if *place != Place::Nowhere && window {
            moved.push(all(&entries(param.shape)));
        } else if *place != Place::Nowhere && !action.indices.is_empty() {
            copies.fixed.push(sub(&all_of(model, param), &all(&entries(param.shape))));
        }
        match place {
            Place::Nowhere if window => {}
            Place::Nowhere => copies.fixed.push(all_of(model, param)),
            Place::Left => copies.natural.push(all(&size(param.shape.cols))),
            Place::Right => copies.natural.push(all(&size(param.shape.rows))),
            // The natural module for each entry of a member, and for each value of the other indices.
            Place::Members(index) => {
                let together = members::together(model, action, param.name);
                let others: Vec<Symbol> = together.into_iter().filter(|other| other != index).collect();
                let count = members::for_each(&model.env, model.env.indices_of(&others), &entries(param.shape));
                copies.natural.push(count);
            }
            // The squares are counted by a number, which a family does not have.
            Place::Both if !members::together(model, action, param.name).is_empty() => return None,
            Place::Both => copies.square += 1,
            Place::Image(_) | Place::Other => return None,
        }
    }
    if window {
        copies.fixed.push(sub(&sum(whole.params.iter().map(|p| all_of(whole, p))), &sum(moved)));
    }
    Some(copies)
}

/// The entries of all members of a parameter that does not move.
fn all_of(model: &Model, param: &Variable) -> Expr {
    members::for_each(&model.env, model.env.indices_of(&param.indices), &entries(param.shape))
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
pub fn cases(setting: &Setting, action: &Action, finite: Finite, places: &[(&Variable, Place)], n: Size) -> Vec<Case> {
    let Some(Copies { fixed, natural, square }) = copies(setting, action, places) else { return vec![] };
    let class = |count: Vec<Expr>, multiplicity: Expr| Multiplicity { count: sum(count), multiplicity };
    let join = |lists: [Vec<Expr>; 2]| lists.concat();
    // A size that is a number is one of the cases, and no case has to be told apart.
    let number = match n {
        Size::Lit(n) => i64::try_from(n).ok(),
        Size::Name(_) | Size::Formula(_) => None,
    };
    let h = number.map_or_else(|| size(n), int);
    let less = |k: i64| number.map_or_else(|| sub(&size(n), &int(k)), |n| int(n - k));
    let half = |x: &Expr, y: &Expr| mul(&ratio(1, 2), &mul(x, y));
    let kept = |classes: Vec<Multiplicity>| classes.into_iter().filter(|c| !is_zero(&c.count)).collect::<Vec<_>>();
    match finite {
        Finite::Permutations => {
            let simple = class(join([join([natural.clone(), fixed]), times(square, 2)]), int(1));
            let mut classes = vec![simple, class(join([natural, times(square, 3)]), less(1))];
            if square > 0 {
                classes.push(class(times(square, 1), half(&h, &less(3))));
                classes.push(class(times(square, 1), half(&less(1), &less(2))));
            }
            let when = (square > 0 && number.is_none()).then_some(When::AtLeast(n, 3));
            let void = square > 0 && number.is_some_and(|n| n < 3);
            if void { vec![] } else { vec![Case { when, classes: kept(classes) }] }
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
            let paired = |k: i64| {
                let none = number == Some(k);
                Multiplicity { count: if none { int(0) } else { half(&once, &less(k)) }, multiplicity: int(2) }
            };
            let odd = class(join([regular.clone(), fixed.clone()]), int(1));
            let even = class(join([join([regular.clone(), regular]), fixed]), int(1));
            let odd = Case { when: Some(When::Odd(n)), classes: kept(vec![odd, paired(1)]) };
            let even = Case { when: Some(When::Even(n)), classes: kept(vec![even, paired(2)]) };
            match number {
                Some(n) => vec![Case { when: None, ..if n % 2 == 0 { even } else { odd } }],
                None => vec![odd, even],
            }
        }
        Finite::Signs | Finite::Involution => vec![],
    }
}
