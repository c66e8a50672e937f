//! What is drawn has its facts, and spans what the set of all matrices with these facts spans.

use super::*;
use crate::eval::{Located, Number, Prime};
use crate::exact::Echelon;
use crate::group::{self, GroupInstance};
use crate::term::{Rational, Size};
use std::collections::BTreeSet;

/// Every combination of facts but `constant`, which says nothing of a matrix; of those that imply the same the first.
fn combinations() -> impl Iterator<Item = Facts> {
    let named: Vec<Facts> = Facts::NAMED
        .iter()
        .map(|(_, fact)| *fact)
        .filter(|fact| !matches!(*fact, Facts::CONSTANT | Facts::INTEGER))
        .collect();
    let mut seen = BTreeSet::new();
    let all = (0..1usize << named.len()).map(move |set| {
        let chosen = named.iter().enumerate().filter(|(i, _)| set >> i & 1 == 1);
        chosen.fold(Facts::empty(), |facts, (_, fact)| facts | *fact)
    });
    all.filter(move |facts| seen.insert(facts.closed(false)))
}

/// Every n×n matrix with entries −1, 0 and 1 that has one entry in each row and column, or none at all but zeros.
fn monomials(n: usize) -> Vec<Vec<i64>> {
    fn extend(n: usize, row: usize, used: &mut Vec<bool>, at: &mut Vec<i64>, out: &mut Vec<Vec<i64>>) {
        if row == n {
            out.push(at.clone());
            return;
        }
        for j in 0..n {
            if used[j] {
                continue;
            }
            used[j] = true;
            for sign in [1, -1] {
                at[row * n + j] = sign;
                extend(n, row + 1, used, at, out);
            }
            at[row * n + j] = 0;
            used[j] = false;
        }
    }
    let mut out = Vec::new();
    extend(n, 0, &mut vec![false; n], &mut vec![0; n * n], &mut out);
    out
}

/// Whether an integer matrix has a fact, by its definition.
fn holds(n: usize, x: &[i64], fact: Facts) -> bool {
    let at = |i: usize, j: usize| x[i * n + j];
    let all = |holds: &dyn Fn(usize, usize) -> bool| (0..n).all(|i| (0..n).all(|j| holds(i, j)));
    match fact {
        Facts::SYMMETRIC => all(&|i, j| at(i, j) == at(j, i)),
        Facts::SKEW => all(&|i, j| at(i, j) == -at(j, i)),
        Facts::DIAGONAL => all(&|i, j| i == j || at(i, j) == 0),
        Facts::POSITIVE => all(&|i, j| at(i, j) > 0),
        Facts::NONNEGATIVE => all(&|i, j| at(i, j) >= 0),
        Facts::POSITIVE_DIAGONAL => all(&|i, j| if i == j { at(i, i) > 0 } else { at(i, j) == 0 }),
        Facts::PERMUTATION => all(&|i, j| at(i, j) >= 0),
        Facts::FIXES_ONES | Facts::CENTRED => {
            let sum = i64::from(fact == Facts::FIXES_ONES);
            (0..n).all(|i| (0..n).map(|j| at(i, j)).sum::<i64>() == sum && (0..n).map(|j| at(j, i)).sum::<i64>() == sum)
        }
        Facts::PLANES => {
            let other = |i: usize, j: usize| if i == j { at(i ^ 1, i ^ 1) } else { -at(j, i) };
            n.is_multiple_of(2) && all(&|i, j| if i / 2 == j / 2 { at(i, j) == other(i, j) } else { at(i, j) == 0 })
        }
        Facts::ROTATION => {
            let entries: Vec<Prime> = x.iter().map(|x| Prime::from_integer(*x)).collect();
            let x = Dense::from_fn(n, n, |i, j| entries[i * n + j]);
            super::number::determinant(&x) == Prime::from_integer(1)
        }
        // All of them are orthogonal and signed permutations.
        _ => true,
    }
}

fn rank(width: usize, vectors: impl Iterator<Item = Vec<Prime>>) -> usize {
    let mut span = Echelon::<{ Prime::MODULUS }>::new(width);
    for vector in vectors {
        span.insert(&vector);
    }
    span.rank()
}

/// The dimension of the span of all matrices with some facts, by enumeration where they are finitely many, and by what is
/// known of each set elsewhere; `None` where there are none.
fn dimension(facts: Facts, n: usize) -> Option<usize> {
    let known = facts.closed(n == 1);
    let has = |fact| known.contains(fact);
    let (all, symmetric, skew) = (n * n, n * (n + 1) / 2, n * (n - 1) / 2);
    let (centred, fixing, planes) = (has(Facts::CENTRED), has(Facts::FIXES_ONES), has(Facts::PLANES));
    if planes && n % 2 == 1 {
        return None;
    }
    // 1ᵀX1 is 0 for what is skew or centred.
    if fixing && (centred || has(Facts::SKEW)) || centred && known.intersects(Facts::INVERTIBLE | Facts::POSITIVE) {
        return None;
    }
    if has(Facts::SIGNED_PERMUTATION) || has(Facts::ORTHOGONAL) && n == 1 {
        let fits = |x: &Vec<i64>| known.iter().all(|fact| holds(n, x, fact));
        let found: Vec<Vec<i64>> = monomials(n).into_iter().filter(fits).collect();
        let vectors = found.iter().map(|x| x.iter().map(|x| Prime::from_integer(*x)).collect());
        return (!found.is_empty()).then(|| rank(all, vectors));
    }
    // What fixes 1 is the number 1 beside a matrix of size n − 1; the permutations of two things are all there is at 2.
    if fixing && !planes && !has(Facts::DIAGONAL) {
        let (all, symmetric) = ((n - 1) * (n - 1), n * (n - 1) / 2);
        let rotation = has(Facts::ROTATION);
        return Some(match (n, has(Facts::SYMMETRIC)) {
            (1 | 2, _) if rotation => 1,
            (3, true) if rotation => 2,
            (3, false) if rotation => 3,
            (_, true) => symmetric + 1,
            (_, false) => all + 1,
        });
    }
    // The rotations of the plane are the multiples of length 1 of complex numbers; the symmetric ones are I and −I.
    if has(Facts::ROTATION) && n == 2 && !has(Facts::SKEW) && !has(Facts::POSITIVE) {
        return Some(if has(Facts::SYMMETRIC) { 1 } else { 2 });
    }
    // Of matrices that are invertible, or have positive entries, there are as many as are open in their linear space.
    let linear = match (has(Facts::SYMMETRIC), has(Facts::SKEW), has(Facts::DIAGONAL)) {
        _ if has(Facts::SKEW | Facts::NONNEGATIVE) => 0,
        (_, true, true) | (true, true, _) => 0,
        _ if centred && (planes || known.intersects(Facts::DIAGONAL | Facts::NONNEGATIVE)) => 0,
        _ if planes && (has(Facts::DIAGONAL) || has(Facts::SKEW)) => n / 2,
        _ if planes => n,
        (_, _, true) => n,
        (true, ..) if centred => n * (n - 1) / 2,
        (_, true, _) if centred => (n - 1) * n.saturating_sub(2) / 2,
        _ if centred => (n - 1) * (n - 1),
        (true, ..) => symmetric,
        (_, true, _) => skew,
        _ => all,
    };
    let singular = linear == 0 && n > 0 || has(Facts::SKEW) && n % 2 == 1;
    let positive = has(Facts::POSITIVE) || has(Facts::POSITIVE_DIAGONAL);
    let no_zeros = has(Facts::POSITIVE) && n > 1;
    if has(Facts::INVERTIBLE) && singular
        || planes && has(Facts::POSITIVE)
        || positive && has(Facts::SKEW)
        || no_zeros && known.intersects(Facts::DIAGONAL | Facts::ORTHOGONAL)
    {
        return None;
    }
    Some(linear)
}

#[test]
fn every_combination_of_facts_is_drawn_from_the_whole_of_its_set() {
    for facts in combinations() {
        for n in 1..=5 {
            let mut rng = stream(7, &facts.words());
            let first = matrix::<Prime>(n, n, facts, &mut rng);
            assert_eq!(first.is_ok(), dimension(facts, n).is_some(), "{} at {n}: {first:?}", facts.words());
            let Some(expected) = dimension(facts, n) else { continue };
            let draws = (0..40 * n * n).map(|_| {
                let x: Dense<Prime> = matrix(n, n, facts, &mut rng).expect("a set that is not empty");
                assert_eq!(broken(&x, facts), None, "{} at {n}: {x:?}", facts.words());
                x.entries().to_vec()
            });
            let found = rank(n * n, draws);
            assert_eq!(found, expected, "{} at {n}", facts.words());
        }
    }
}

#[test]
fn floats_and_rationals_have_their_facts() {
    for facts in combinations() {
        for n in 1..=5 {
            let mut rng = stream(3, &facts.words());
            for _ in 0..4 {
                match (matrix::<f64>(n, n, facts, &mut rng), matrix::<Rational>(n, n, facts, &mut rng)) {
                    (Ok(x), Ok(y)) => {
                        assert_eq!(broken(&x, facts), None, "{} at {n}: {x:?}", facts.words());
                        assert_eq!(broken(&y, facts), None, "{} at {n}: {y:?}", facts.words());
                    }
                    (x, y) => assert_eq!(x.err(), y.err()),
                }
            }
        }
    }
}

/// What is enclosed is drawn without asking whether a determinant is 1.
#[test]
fn rotations_are_drawn_of_every_kind_of_number() {
    for facts in combinations().filter(|facts| facts.closed(false).contains(Facts::ROTATION)) {
        for n in 1..=5 {
            let x = matrix::<Located<{ Prime::MODULUS }>>(n, n, facts, &mut stream(3, &facts.words()));
            let y = matrix::<Prime>(n, n, facts, &mut stream(3, &facts.words()));
            assert_eq!(x.err(), y.err());
        }
    }
}

#[test]
fn known_spans_are_known() {
    for n in 1..=5 {
        assert_eq!(dimension(Facts::PERMUTATION, n), Some((n - 1) * (n - 1) + 1));
        assert_eq!(dimension(Facts::SIGNED_PERMUTATION, n), Some(n * n));
        assert_eq!(dimension(Facts::ORTHOGONAL | Facts::SYMMETRIC, n), Some(n * (n + 1) / 2));
        let turned = (n % 2 == 0).then_some(n * (n - 1) / 2);
        assert_eq!(dimension(Facts::ORTHOGONAL | Facts::SKEW, n), turned);
        assert_eq!(dimension(Facts::SIGNED_PERMUTATION | Facts::SKEW, n), turned);
        assert_eq!(dimension(Facts::PERMUTATION | Facts::DIAGONAL, n), Some(1));
        assert_eq!(dimension(Facts::PERMUTATION | Facts::SKEW, n), None);
        assert_eq!(dimension(Facts::POSITIVE | Facts::ORTHOGONAL, n), (n == 1).then_some(1));
    }
}

#[test]
fn every_signature_and_every_cycle_type_is_drawn() {
    let (n, mut signatures, mut exchanges) = (4, vec![0; 5], vec![0; 3]);
    let mut determinants = [0; 2];
    for seed in 0..400 {
        let rng = &mut stream(seed, "signatures");
        let reflection: Dense<Rational> =
            matrix(n, n, Facts::ORTHOGONAL | Facts::SYMMETRIC, rng).expect("a reflection");
        let trace = reflection.diagonal_of().reduce(1, 1).entries()[0].to_integer();
        signatures[usize::try_from((trace + 4) / 2).expect("from 0 to 4")] += 1;
        let involution: Dense<f64> = matrix(n, n, Facts::PERMUTATION | Facts::SYMMETRIC, rng).expect("an involution");
        let moved = (0..n).filter(|&i| *involution.get(i, i) == 0.0).count();
        exchanges[moved / 2] += 1;
        let orthogonal: Dense<Prime> = matrix(n, n, Facts::ORTHOGONAL, rng).expect("an orthogonal matrix");
        determinants[usize::from(super::number::determinant(&orthogonal) == Prime::from_integer(1))] += 1;
    }
    assert!(signatures.iter().chain(&exchanges).chain(&determinants).all(|count| *count > 5));
}

#[test]
fn a_matrix_without_a_fact_is_told_from_one_with_it() {
    let of = |rows: usize, entries: &[f64]| {
        let cols = entries.len() / rows;
        Dense::from_fn(rows, cols, |i, j| entries[i * cols + j])
    };
    let cases = [
        (Facts::SYMMETRIC, of(2, &[1.0, 2.0, 2.1, 1.0])),
        (Facts::SKEW, of(2, &[0.1, 2.0, -2.0, 0.0])),
        (Facts::DIAGONAL, of(2, &[1.0, 0.0, 0.1, 1.0])),
        (Facts::ORTHOGONAL, of(2, &[1.0, 0.0, 0.0, 2.0])),
        (Facts::INVERTIBLE, of(2, &[1.0, 2.0, 2.0, 4.0])),
        (Facts::POSITIVE, of(1, &[1.0, 0.0])),
        (Facts::POSITIVE_DIAGONAL, of(2, &[1.0, 0.0, 0.0, -1.0])),
        (Facts::PERMUTATION, of(2, &[-1.0, 0.0, 0.0, 1.0])),
        (Facts::PERMUTATION, of(2, &[1.0, 0.0, 1.0, 0.0])),
        (Facts::SIGNED_PERMUTATION, of(2, &[0.6, 0.8, -0.8, 0.6])),
        (Facts::SYMMETRIC, of(1, &[1.0, 2.0])),
    ];
    for (fact, x) in cases {
        assert_eq!(broken(&x, fact), Some(fact), "{x:?}");
    }
    let square = [0.0, 1.0, 0.5, 0.5];
    for fact in [Facts::FIXES_ONES, Facts::CENTRED, Facts::PLANES] {
        assert_eq!(broken(&of(2, &square), fact), Some(fact), "{fact:?}");
    }
    assert_eq!(broken(&of(2, &[1e-9, 1.0, 1.0, 0.0]), Facts::PERMUTATION | Facts::SYMMETRIC), None);
}

#[test]
fn an_empty_set_says_at_which_sizes_it_is_not() {
    let told = |facts, shape, n| {
        let sizes = Sizes::from([(Symbol::from("n"), n)]);
        let rng = &mut stream(0, "S");
        declared::<f64>("S".into(), shape, facts, &sizes, rng).expect_err("empty").to_string()
    };
    let square = Shape::square(Size::Name("n".into()));
    assert_eq!(
        told(Facts::ORTHOGONAL | Facts::SKEW, square, 3),
        "`S` cannot be skew and orthogonal at n = 3: such a matrix exists only for even n; choose --dims n=4"
    );
    assert_eq!(
        told(Facts::POSITIVE | Facts::DIAGONAL, square, 3),
        "`S` cannot be diagonal and positive at n = 3: such a matrix exists only for n = 1; choose --dims n=1"
    );
    assert_eq!(
        told(Facts::PERMUTATION | Facts::SKEW, square, 2),
        "`S` cannot be skew and permutation at n = 2: no matrix is"
    );
    assert_eq!(
        told(Facts::SKEW | Facts::INVERTIBLE, Shape::square(Size::Lit(3)), 2),
        "`S` cannot be skew and invertible at 3×3: such a matrix exists only for even n"
    );
}

#[test]
fn group_elements_over_a_field_are_in_their_group() {
    let sizes = Sizes::from([(Symbol::from("n"), 4)]);
    for name in ["SL", "SO"] {
        let group = group::by_name(name, 1).expect("a group of the language");
        let instance = GroupInstance { group, sizes: vec![Size::Name("n".into())] };
        for seed in 0..20 {
            let g: Dense<Prime> =
                element(&instance, &sizes, &mut stream(seed, name)).expect("drawn").expect("an element");
            assert_eq!(super::number::determinant(&g), Prime::from_integer(1), "{name}");
            if name == "SO" {
                assert_eq!(broken(&g, Facts::ORTHOGONAL), None);
            }
        }
    }
}
