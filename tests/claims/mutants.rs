//! Seeded mutants of the library: an activation swapped, an inverse dropped, a side scaled, a group or a loss changed. Whatever a mutant
//! says, no law that was derived is contradicted by numbers, and nothing ends in an error.

use crate::{BOOK, examples};
use equilaw::internals::model::Model;
use equilaw::{Options, Verdict, derive};
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// How many mutants are drawn; one in sixteen of them where all would take minutes.
const MUTANTS: u64 = 2000;

const FUNCTIONS: &[&str] = &["relu", "tanh", "sigmoid", "silu", "softplus", "leaky_relu", "abs", "square"];
const GROUPS: &[&str] = &["GL", "O", "SO", "SL", "Diag+", "Perm", "Sign", "Cyclic"];

/// Puts one of some words in place of one of them that is followed by a parenthesis.
fn swapped(text: &str, words: &[&str], rng: &mut ChaCha8Rng) -> Option<String> {
    let calls = words
        .iter()
        .flat_map(|word| text.match_indices(&format!("{word}(")).map(|(at, _)| (at, *word)).collect::<Vec<_>>());
    let whole = |at: usize| !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    let calls: Vec<(usize, &str)> = calls.filter(|(at, _)| whole(*at)).collect();
    let (at, word) = calls.choose(rng)?;
    Some(format!("{}{}{}", &text[..*at], words.choose(rng)?, &text[at + word.len()..]))
}

/// A model like that of a text; none where the change does not apply.
fn mutant(text: &str, rng: &mut ChaCha8Rng) -> Option<String> {
    match rng.random_range(0..5) {
        0 => swapped(text, FUNCTIONS, rng),
        1 => swapped(text, GROUPS, rng),
        2 => {
            let all: Vec<usize> = text.match_indices("inv(").map(|(at, _)| at).collect();
            let at = *all.choose(rng)?;
            Some(format!("{}{}", &text[..at], &text[at + 3..]))
        }
        3 => {
            let all: Vec<usize> = text.match_indices(" -> ").map(|(at, _)| at + 4).collect();
            let at = *all.choose(rng)?;
            Some(format!("{}{} * {}", &text[..at], ["2", "-1", "1/3"].choose(rng)?, &text[at..]))
        }
        _ => {
            let name = text.split("\noutput ").nth(1)?.split_whitespace().next()?;
            let at = text.find("\nloss ")?;
            let end = text[at + 1..].find('\n').map_or(text.len(), |n| at + 1 + n);
            let losses = [format!("norm2({name})"), format!("sum(exp({name}))"), format!("norm2({name})^2")];
            Some(format!("{}\nloss {}{}", &text[..at], losses.choose(rng)?, &text[end..]))
        }
    }
}

/// What is told of the actions of mutants, counted.
fn told(seeds: impl ParallelIterator<Item = u64>) -> BTreeMap<&'static str, usize> {
    let sources: Vec<String> = examples().iter().map(|path| std::fs::read_to_string(path).expect("a model")).collect();
    let told: Vec<Vec<&str>> = seeds
        .map(|seed| {
            let rng = &mut ChaCha8Rng::seed_from_u64(seed);
            let changed = (0..100).find_map(|_| mutant(sources.choose(rng)?, rng));
            let text = changed.expect("one of a hundred changes applies");
            let Ok(model) = Model::parse("mutant.eqv", &text) else { return vec!["rejected"] };
            let options = Options { checks: true, ..Options::bare() };
            let report = match derive(&model, &BOOK, &options) {
                Ok(report) => report,
                Err(error) => panic!("mutant {seed}: {error}\n{text}"),
            };
            let withheld = report.missing().find(|law| law.obstacle == "withheld");
            assert!(withheld.is_none(), "mutant {seed}: {withheld:?}\n{text}");
            let verdict = |action: &equilaw::ActionReport| match action.verdict() {
                Verdict::Proved { .. } => "proved",
                Verdict::Refuted { .. } => "refuted",
                // True at the sizes and elements that are drawn, as what holds of the permutations of two things only.
                _ => "unproved",
            };
            report.actions.iter().map(verdict).collect()
        })
        .collect();
    let mut counts = BTreeMap::new();
    told.iter().flatten().for_each(|word| *counts.entry(*word).or_default() += 1);
    counts
}

#[test]
fn no_mutant_of_the_library_is_told_anything_false() {
    let counts = told((0..MUTANTS / 16).into_par_iter());
    insta::assert_snapshot!(format!("{} mutants: {counts:?}", MUTANTS / 16));
}

/// The same for all of them: `cargo test --test claims -- --ignored of_all_mutants`, as `.ci/run` does.
#[test]
#[ignore = "minutes"]
fn of_all_mutants_none_is_told_anything_false() {
    let counts = told((0..MUTANTS).into_par_iter());
    insta::assert_snapshot!(format!("{MUTANTS} mutants: {counts:?}"));
}
