//! Every row of the table: elements and families are what the row says. What an action of each group gives is claimed in
//! `tests/claims/groups.rs`.

use super::*;
use crate::eval::{Bindings, Dense, EvalError, Matrix, Prime, Probe, Side, Sizes, Tape};
use crate::sample;
use crate::term::{Env, Expr, Facts, Size, Symbol, infer, sym};

#[test]
fn the_rows_are_in_the_order_of_their_names() {
    for (i, group) in ALL.iter().enumerate() {
        assert_eq!(group.id() as usize, i);
        assert_eq!(by_name(group.name(), *group.sizes().start()).map(Group::id), Some(group.id()));
        // Groups of one name are told apart by how many sizes they take.
        let alike = |other: &&Group| other.name() == group.name() || other.symbol() == group.symbol();
        let same = |other: &&Group| group.sizes().any(|count| other.sizes().contains(&count));
        assert_eq!(ALL.iter().filter(alike).filter(same).count(), 1, "{}", group.name());
        assert!(group.finite().is_none() || group.is_discrete(), "{}", group.name());
    }
}

/// The group with sizes, and the numbers of these.
fn instances(group: &'static Group) -> Vec<(GroupInstance, Sizes)> {
    let sizes = Sizes::from([("m".into(), 3), ("n".into(), 4)]);
    let named = |count: usize| ["n", "m"].iter().take(count).map(|n| Size::Name((*n).into())).collect();
    group.sizes().map(|count| (GroupInstance { group, sizes: named(count) }, sizes.clone())).collect()
}

#[test]
fn elements_compose_within_their_group() -> Result<(), EvalError> {
    for group in ALL {
        for (instance, sizes) in instances(group) {
            let Some((shape, facts)) = instance.element() else {
                assert_eq!(group.id(), GroupId::Z2);
                continue;
            };
            let mut env = Env::default();
            let (g, h) = (Symbol::from("g"), Symbol::from("h"));
            env.declare(g, shape, facts);
            env.declare(h, shape, facts);
            let identity = instance.identity();
            assert_eq!(infer(&env, &identity)?.shape, shape, "{instance}");
            let eval = |formula: &Expr, at: &[(Symbol, &Dense<Prime>)]| {
                let mut bindings = Bindings::new();
                for (name, value) in at {
                    bindings.bind(*name, (*value).clone());
                }
                Tape::new(formula, &env, &sizes)?.eval(&bindings, &Probe::new(0))
            };
            let e = eval(&identity, &[])?;
            assert_eq!(sample::broken(&e, facts), None, "{instance}");
            for seed in 0..20 {
                let draw = |name| sample::element::<Prime>(&instance, &sizes, &mut sample::stream(seed, name));
                let (Some(x), Some(y)) = (draw("g")?, draw("h")?) else { panic!("{instance} has elements") };
                assert_eq!(sample::broken(&x, facts), None, "{instance}");
                for (lhs, rhs) in instance.constraint().into_iter().flat_map(|c| c.equations(&sym(g))) {
                    assert_eq!(eval(&lhs, &[(g, &x)])?, eval(&rhs, &[(g, &x)])?, "{instance}");
                }
                let product = eval(&group.compose(&sym(g), &sym(h)), &[(g, &x), (h, &y)])?;
                assert_eq!(sample::broken(&product, facts), None, "{instance}");
                assert_eq!(eval(&group.compose(&sym(g), &sym(h)), &[(g, &e), (h, &y)])?, y, "{instance}");
                assert_eq!(eval(&group.compose(&sym(g), &sym(h)), &[(g, &x), (h, &e)])?, x, "{instance}");
            }
        }
    }
    Ok(())
}

#[test]
fn families_are_what_their_projections_fix() -> Result<(), EvalError> {
    for group in ALL {
        for (instance, sizes) in instances(group) {
            let Some(algebra) = instance.algebra() else {
                assert!(group.is_discrete());
                continue;
            };
            assert_eq!(algebra.whole().part, Part::Whole);
            let name = Symbol::from("A");
            let mut env = Env::default();
            env.declare(name, algebra.shape, Facts::empty());
            for family in &algebra.families {
                let rng = &mut sample::stream(1, &instance.to_string());
                let a: Dense<Prime> = sample::algebra_element(&instance, family, &sizes, rng)?;
                let (factor, formula) = family.project(&sym(name));
                let mut bindings = Bindings::new();
                bindings.bind(name, a.clone());
                let projected = Tape::new(&formula, &env, &sizes)?.eval(&bindings, &Probe::new(0))?;
                let projected = projected.scale(&Dense::constant(1, 1, &factor)?);
                // What is diagonal is told as a column.
                let whole = match family.projection {
                    Projection::Diagonal | Projection::Real(_) => projected.diagonal(),
                    Projection::Imaginary(_) => {
                        projected.diagonal().product(Side::Plain, &Dense::turn(a.rows()), Side::Plain)
                    }
                    _ => projected,
                };
                assert_eq!(whole, a, "{instance} {:?}", family.part);
                assert_eq!(sample::broken(&a, family.facts), None, "{instance}");
            }
        }
    }
    Ok(())
}

#[test]
fn an_orthogonal_group_of_one_number_is_finite() {
    let one = |id: GroupId| id.of(&[Size::Lit(1)]);
    for id in [GroupId::Orthogonal, GroupId::SpecialOrthogonal, GroupId::SpecialLinear] {
        assert!(one(id).algebra().is_none(), "{id:?}");
    }
    assert_eq!(one(GroupId::GeneralLinear).algebra().map(|a| a.families.len()), Some(2));
    assert!(GroupId::Orthogonal.of(&[Size::Name("n".into())]).algebra().is_some());
}

#[test]
fn every_group_has_its_row_in_the_documentation() {
    let language = include_str!("../../docs/language.md");
    let rows: Vec<&str> = language.lines().filter(|line| line.starts_with("| `")).collect();
    for group in ALL {
        let written = match group.sizes() {
            n if *n.start() == 1 => format!("`{}(n)`", group.name()),
            n if *n.start() == 2 => format!("`{}(p, q)`", group.name()),
            _ => format!("`{}`", group.name()),
        };
        let row = rows.iter().find(|row| row.split('|').nth(1).is_some_and(|cell| cell.contains(&written)));
        assert!(row.is_some(), "docs/language.md has no row for {written}");
    }
}

#[test]
fn a_product_of_a_matrix_and_its_inverse_is_the_identity_of_the_group() -> Result<(), EvalError> {
    for group in ALL.iter().filter(|group| group.sizes() == (1..=1)) {
        for (instance, sizes) in instances(group) {
            let Some(g) = sample::element::<Prime>(&instance, &sizes, &mut sample::stream(5, group.name()))? else {
                continue;
            };
            let inverse = g.inverse()?;
            assert_eq!(g.product(Side::Plain, &inverse, Side::Plain), Dense::identity(g.rows()), "{instance}");
        }
    }
    Ok(())
}
