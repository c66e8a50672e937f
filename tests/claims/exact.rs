//! The exact engine against independently known results.

use crate::architectures::{attention, layers, linear_widths, model};
use crate::{BOOK, read};
use equilaw::internals::eval::{Prime, Residue, Small};
use equilaw::internals::exact::{
    Arithmetic, Assumption, Bounds, Choice, Closure, ExactError, Field, Fields, Independence, Origin, Panels, Quantity,
    REDRAWS, Sweep, complete, missing_laws, sweep, unwatched,
};
use equilaw::internals::job::answer;
use equilaw::internals::model::{Dynamics, Inside, Model};
use equilaw::internals::term::print::text;
use equilaw::internals::term::sym;
use equilaw::{Options, Question, Unwatched, derive};
use proptest::prelude::*;

/// The number of parameters and the largest number of laws, with the ranks on the way.
fn count(model: &Model) -> (usize, usize, Vec<usize>) {
    let found =
        complete(model, &model.sizes(&[]).expect("sizes"), &[], Bounds::default(), &unwatched).expect("counted");
    assert!(found.certificate.exhausted, "{found:?}");
    (found.parameters, found.laws_at_most, found.certificate.ranks)
}

#[test]
fn linear_networks_have_the_known_number_of_laws() {
    let (parameters, laws, _) = count(&layers(&[5, 3, 2], "", false));
    assert_eq!((parameters, laws), (21, 6));
    let (parameters, laws, _) = count(&layers(&[5, 5, 4, 4, 5], "", false));
    assert_eq!((parameters, laws), (81, 35));
}

#[test]
fn a_deep_relu_network_with_biases_has_one_law_for_each_hidden_unit() {
    let (parameters, laws, _) = count(&layers(&[4, 5, 4, 3], "relu", true));
    assert_eq!((parameters, laws), (61, 9));
}

/// Through many narrow layers all that data give becomes alike at a random point: the point is sought so that it does not.
#[test]
fn narrow_relu_networks_of_many_layers_have_one_law_for_each_hidden_unit() {
    for (width, depth) in [(3, 12), (5, 12)] {
        let (_, laws, _) = count(&layers(&vec![width; depth + 1], "relu", false));
        assert_eq!(laws, width * (depth - 1));
    }
}

#[test]
fn attention_heads_have_the_known_ranks() {
    assert_eq!(count(&attention(1, 3, 2)), (24, 6, vec![16, 18, 18]));
    let (parameters, laws, _) = count(&attention(2, 3, 2));
    assert_eq!((parameters, laws), (48, 12));
}

#[test]
fn an_attention_head_of_512_parameters_has_72_laws() {
    assert_eq!(count(&attention(1, 16, 8)), (512, 72, vec![384, 440, 440]));
}

#[test]
fn elementwise_networks_have_the_known_number_of_laws() {
    let laws = |function| count(&layers(&[3, 3, 2], function, false)).1;
    assert_eq!(laws("tanh"), 0);
    assert_eq!(laws("square"), 3);
    let swiglu = model(
        "dim n = 2
         param D : 2 x 3; param U : 3 x 3; param G : 3 x 3; data X : 3 x n
         output F = D * (silu(G * X) .* (U * X)); loss any",
    );
    assert_eq!(count(&swiglu).1, 3);
}

#[test]
fn normalized_layers_have_four_laws() {
    let softmax = model(
        "dim n = 3
         param W : 3 x 3; param b : 3; data X : 3 x n
         output F = softmax(W * X + b * ones(1, n)); loss any",
    );
    assert_eq!(count(&softmax).1, 4);
    let layernorm = model("dim n = 3; param W : 3 x 3; data X : 3 x n; output F = layernorm(W * X); loss any");
    assert_eq!(count(&layernorm).1, 4);
}

#[test]
fn a_residual_linear_block_has_the_laws_of_its_product() {
    let residual = model(
        "dim n = 3
         param U : 3 x 3; param V : 3 x 3; data X : 3 x n
         output F = X + V * U * X; loss any",
    );
    assert_eq!(count(&residual).1, 6);
}

#[test]
fn degenerate_sizes_are_counted() {
    assert_eq!(count(&layers(&[1, 1, 1], "", false)).1, 1);
    // Of three units on the line two have weights of one sign, are on for the same data, and may be rotated.
    assert_eq!(count(&layers(&[1, 3, 1], "relu", false)).1, 4);
    // A parameter the output does not depend on never moves.
    let disconnected = model("dim n = 2; param W : 2 x 2; param V : 3; data X : 2 x n; output F = W * X; loss any");
    assert_eq!(count(&disconnected).1, 3);
    let constant = model("dim n = 2; param W : 2 x 2; data X : 2 x n; output F = X; loss any");
    assert_eq!(count(&constant).1, 4);
}

#[test]
fn a_function_of_parameters_alone_is_the_same_for_all_data() {
    // With v = tanh(b), each unit keeps ½‖W₍ⱼ₎‖² − ∫ tanh/tanh′.
    let constant = model(
        "dim n = 2
         param W : 2 x 3; param b : 3; data X : 2 x n
         output F = W * tanh(b) * ones(1, n) + X; loss any",
    );
    let (parameters, laws, _) = count(&constant);
    assert_eq!(parameters, 9);
    assert!(laws >= 3, "{laws}");
}

/// h(h+1)/2 − (h−r)(h−r+1)/2 laws of a hidden layer of h units, r = min(h, inputs + outputs).
fn balances(inputs: usize, h: usize, outputs: usize) -> usize {
    let triangle = |n: usize| n * (n + 1) / 2;
    triangle(h) - triangle(h - h.min(inputs + outputs))
}

#[test]
fn the_benchmarked_linear_networks_have_the_laws_of_their_hidden_layers() {
    for widths in (0..50).map(linear_widths) {
        let expected: usize = widths.windows(3).map(|w| balances(w[0], w[1], w[2])).sum();
        assert_eq!(count(&layers(&widths, "", false)).1, expected, "{widths:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn linear_networks_have_the_laws_of_their_hidden_layers(widths in prop::collection::vec(2usize..6, 3..6)) {
        let expected: usize = widths.windows(3).map(|w| balances(w[0], w[1], w[2])).sum();
        prop_assert_eq!(count(&layers(&widths, "", false)).1, expected);
    }

    #[test]
    fn relu_networks_have_one_law_for_each_hidden_unit(widths in prop::collection::vec(2usize..10, 3), biases: bool) {
        prop_assert_eq!(count(&layers(&widths, "relu", biases)).1, widths[1]);
    }
}

/// The numbers of laws in the regions that were sampled, with the least of them.
fn regions(model: &Model) -> (usize, Vec<usize>) {
    let found =
        complete(model, &model.sizes(&[]).expect("sizes"), &[], Bounds::default(), &unwatched).expect("counted");
    assert!(found.is_certified(), "{found:?}");
    (found.laws_at_most, found.regions.iter().map(|region| region.laws_at_most).collect())
}

#[test]
fn gates_are_those_that_real_data_open_at_a_real_point() {
    // A bias that no data reach is constant where it is negative.
    let (most, all) =
        regions(&model("dim n = 2; param b : 3; data Y : 3 x n; output F = relu(b) * ones(1, n) + Y; loss any"));
    assert_eq!((most, all.iter().min()), (0, Some(&0)));
    assert!(all.iter().any(|laws| *laws > 0), "{all:?}");
    // On the line two units with weights of one sign are one linear layer.
    let (most, all) = regions(&layers(&[1, 2, 1], "relu", false));
    assert_eq!((most, all.iter().min(), all.iter().max()), (2, Some(&2), Some(&3)));
    // Positive weights on non-negative units shut no gate, nor does a rectifier of positive data.
    let positive = "dim n = 2; param U : 3 x 3; param V : 2 x 3 positive; param W : 2 x 2; data X : 3 x n
        output F = W * relu(V * relu(U * X)); loss any";
    assert_eq!(regions(&model(positive)).0, 6);
    let linear = "dim n = 2; param V : 3 x 3 positive; param W : 2 x 3; data X : 3 x n positive
        output F = W * relu(V * X); loss any";
    assert_eq!(regions(&model(linear)).0, 6);
    // Without gates one generic point stands for all.
    assert_eq!(regions(&layers(&[3, 2, 2], "", false)), (3, vec![3]));
}

#[test]
fn nothing_is_said_to_be_conserved_because_no_draw_opened_its_gates() {
    for widths in [vec![1; 10], vec![2; 9]] {
        let deep = layers(&widths, "relu", false);
        for seed in 0..2 {
            let bounds = Bounds { seed, ..Bounds::default() };
            let found = missing_laws(&deep, &deep.sizes(&[]).expect("sizes"), &[], 2, &[], bounds, &unwatched)
                .expect("sought")
                .expect("a field");
            let formulas: Vec<String> = found.matrices.iter().map(text).collect();
            assert!(formulas.iter().all(|f| f.contains(" - ")), "{formulas:?}");
            assert!(found.polynomials.iter().all(|q| q.terms.len() > 1), "{:?}", found.polynomials);
        }
    }
}

#[test]
fn laws_may_name_fixed_data_and_need_not_be_homogeneous() {
    let formulas = |body: &str| {
        let model = model(body);
        let sizes = model.sizes(&[]).expect("sizes");
        let found = missing_laws(&model, &sizes, &[], 2, &[], Bounds::default(), &unwatched).expect("sought");
        let found = found.expect("a field");
        let most = complete(&model, &sizes, &[], Bounds::default(), &unwatched).expect("counted").laws_at_most;
        (most, found.rank, found.matrices.iter().map(text).collect::<Vec<_>>())
    };
    let tuned = |fixed: &str| {
        formulas(&format!(
            "dim d = 3, h = 2, k = 2, n = 2
            param A : h x d; param B : k x h; data A0 : h x d {fixed}; data X : d x n
            output F = B * (A0 + A) * X; loss any"
        ))
    };
    assert_eq!(tuned("fixed"), (3, 3, vec!["A * A' - B' * B + (A * A0' + A0 * A')".to_string()]));
    // What varies from sample to sample leaves nothing.
    assert_eq!(tuned("").0, 0);
    let gain = formulas(
        "dim d = 3, k = 2, n = 2; param g : d; param W : k x d; data X : d x n
        output F = W * diag(ones(d) + g) * X; loss any",
    );
    assert_eq!(gain, (3, 3, vec!["diagvec(g * g') - diagvec(W' * W) + 2 * g".to_string()]));
}

#[test]
fn a_quantity_that_fields_move_is_a_contradiction_where_it_is_said_to_be_conserved() {
    let model = layers(&[3, 2, 2], "relu", false);
    let claimed =
        Quantity { law: "false", formula: sym("W0".into()), env: std::borrow::Cow::Borrowed(model.inside().env) };
    let found = complete(&model, &model.sizes(&[]).expect("sizes"), &[claimed], Bounds::default(), &unwatched);
    assert!(matches!(found, Err(ExactError::Contradiction { law, .. }) if law == "false"));
}

/// Rank by elimination over u128, sharing nothing with the library.
fn plain_rank(mut rows: Vec<Vec<u64>>, p: u64) -> usize {
    let times = |a: u64, b: u64| (u128::from(a) * u128::from(b) % u128::from(p)) as u64;
    let inverse = |a: u64| {
        let (mut result, mut base, mut e) = (1, a, p - 2);
        while e > 0 {
            if e & 1 == 1 {
                result = times(result, base);
            }
            base = times(base, base);
            e >>= 1;
        }
        result
    };
    let mut rank = 0;
    for column in 0..rows.first().map_or(0, Vec::len) {
        let Some(pivot) = (rank..rows.len()).find(|&i| rows[i][column] != 0) else { continue };
        rows.swap(rank, pivot);
        let scale = inverse(rows[rank][column]);
        let pivot_row: Vec<u64> = rows[rank].iter().map(|&x| times(x, scale)).collect();
        for row in &mut rows[rank + 1..] {
            let factor = row[column];
            row.iter_mut().zip(&pivot_row).for_each(|(x, &y)| *x = (*x + p - times(factor, y)) % p);
        }
        rank += 1;
    }
    rank
}

#[test]
fn a_certificate_is_repeated_from_its_seed_with_another_elimination() {
    for model in [layers(&[4, 3, 2], "relu", true), attention(1, 3, 2), layers(&[3, 3, 2, 3], "", false)] {
        let found = complete(
            &model,
            &model.sizes(&[]).expect("sizes"),
            &[],
            Bounds { seed: 7, ..Bounds::default() },
            &unwatched,
        )
        .expect("counted");
        assert_eq!(found.certificate.arithmetic, Arithmetic::Modular { prime: Prime::MODULUS });
        let fields = Fields::new(&model, &model.sizes(&[]).expect("sizes")).expect("a model");
        let least = found.regions.iter().min_by_key(|region| region.laws_at_most).expect("a region");
        let point = fields.origin::<Residue<{ Prime::MODULUS }>>(least.origin, 7).expect("a point");
        let mut rows = Vec::new();
        for (depth, &rank) in found.certificate.ranks.iter().enumerate() {
            for number in 0..2 * found.parameters as u64 {
                let vector = fields.bracket_number(&point, least.origin.seed, depth + 1, number).expect("a bracket");
                rows.push(vector.iter().map(|x| x.residue()).collect());
            }
            assert_eq!(plain_rank(rows.clone(), Prime::MODULUS), rank);
        }
    }
}

#[test]
fn the_derived_laws_of_the_examples_are_complete_but_where_more_are_found() {
    for name in ["relu_mlp", "deep_linear_2", "attention", "swiglu", "batchnorm", "softmax_classifier"] {
        let model = read(&format!("examples/{name}.eqv"));
        let report = derive(&model, &BOOK, &Options::bare()).expect("derived");
        let answer = answer(
            &model,
            &Dynamics::GradientFlow,
            report.inside().laws,
            &model.sizes(&[]).expect("sizes"),
            2,
            Bounds::default(),
            &unwatched,
        )
        .expect("counted");
        assert!(answer.completeness.complete(), "{name}: {answer:?}");
    }
}

#[test]
fn laws_nobody_derived_are_found_as_matrix_formulas() {
    let formulas = |model: &Model| {
        let found = missing_laws(model, &model.sizes(&[]).expect("sizes"), &[], 2, &[], Bounds::default(), &unwatched)
            .expect("sought");
        let found = found.expect("few parameters");
        (found.matrices.iter().map(text).collect::<Vec<_>>(), found.polynomials.len(), found.rank)
    };
    let linear = model(
        "dim d = 3, h = 2, k = 2, n = 3
        param W1 : h x d; param W2 : k x h; data X : d x n; output F = W2 * W1 * X; loss any",
    );
    assert_eq!(formulas(&linear), (vec!["W1 * W1' - W2' * W2".to_string()], 0, 3));
    let softmax = model(
        "dim d = 2, k = 3, n = 3
        param W : k x d; data X : d x n; output F = softmax(W * X); loss any",
    );
    assert_eq!(formulas(&softmax), (vec!["W' * ones(k)".to_string()], 0, 2));
}

#[test]
fn the_small_prime_and_any_number_of_threads_give_the_same_count() {
    let model = layers(&[9, 12, 9], "relu", false);
    let counted = |threads: usize, field| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let bounds = Bounds { field: Some(field), ..Bounds::default() };
        pool.install(|| complete(&model, &model.sizes(&[]).expect("sizes"), &[], bounds, &unwatched)).expect("counted")
    };
    let (one, three) = (counted(1, Field::Small), counted(3, Field::Small));
    assert_eq!(one, three);
    let large = counted(2, Field::Large);
    assert_eq!((one.laws_at_most, large.laws_at_most), (12, 12));
    assert_eq!(counted(1, Field::Large), large);
}

/// Behind gates a field is affine in the data here, so that its coefficients are told by single entries.
#[test]
fn sparse_fields_span_what_dense_ones_do() {
    for (widths, biases) in [(vec![5, 6, 4], false), (vec![4, 7, 3], true), (vec![3, 4, 4, 2], false)] {
        let model = layers(&widths, "relu", biases);
        let fields = Fields::new(&model, &model.sizes(&[]).expect("sizes")).expect("fields");
        for seed in 0..3 {
            let (origin, bounds) = (Origin { seed, choice: Choice::Sought }, Bounds { seed, ..Bounds::default() });
            let sparse = fields.sparse_closure(origin, bounds, &unwatched).expect("counted").expect("few numbers");
            let dense: Closure<{ Small::MODULUS }, Panels<{ Small::MODULUS }>> =
                fields.closure(origin, bounds, &unwatched).expect("counted");
            assert_eq!(sparse.ranks[0], dense.ranks[0], "{widths:?}");
        }
    }
}

/// More parameters than are eliminated without structure in passing: the derived laws are all, as the sparse fields at one point prove.
#[test]
fn a_wide_network_is_counted_by_sparse_fields() {
    let model = read("examples/relu_mlp.eqv");
    let dims = ["d", "h", "k"].map(|name| (name.to_string(), 45)).to_vec();
    let options = Options { dims, ..Options::default() };
    let counted = equilaw::complete(&model, &BOOK, &options, &Question::default(), &Unwatched).expect("counted");
    assert!(counted.is_complete());
    assert_eq!(counted.laws_at_most(), [45]);
}

#[test]
fn a_sweep_finds_the_formula() {
    let linear = model(
        "dim d = 4, h = 2, k = 3, n = 2
        param W1 : h x d; param W2 : k x h; data X : d x n; output F = W2 * W1 * X; loss any",
    );
    let ranges = [("h".into(), (2..7).collect())];
    let table = sweep(&linear, &linear.sizes(&[]).expect("sizes"), &ranges, &[], Bounds::default(), &unwatched)
        .expect("counted");
    let formula = |table: &Sweep| table.formula.as_ref().map(|fit| (text(&fit.polynomial), fit.exceptions.len()));
    assert_eq!(formula(&table), Some(("1/2 * h^2 + 1/2 * h".to_string(), 0)));
    // Where h exceeds d + k these bound the rank: h = 6 with d = 2.
    let ranges = [("h".into(), (2..7).collect()), ("d".into(), (2..6).collect())];
    let table = sweep(&linear, &linear.sizes(&[]).expect("sizes"), &ranges, &[], Bounds::default(), &unwatched)
        .expect("counted");
    assert_eq!(formula(&table), Some(("1/2 * h^2 + 1/2 * h".to_string(), 1)));
}

#[test]
fn norms_of_rows_and_columns_need_no_field_that_has_their_roots() {
    // Each column of data moves the norms of all rows, and where a matrix vanishes there is no norm without ε.
    let crossed = model(
        "dim n = 8; param A : 8 x 2; param W : 1 x n; data X : 2 x n
        output F = W * normalize(normalize(A * X)'); loss any",
    );
    let found =
        complete(&crossed, &crossed.sizes(&[]).expect("sizes"), &[], Bounds::default(), &unwatched).expect("counted");
    assert!(found.is_certified() && found.certificate.exhausted && found.laws_at_most == 1, "{found:?}");
}

#[test]
fn a_floating_rank_is_the_exact_one_where_both_exist() {
    let exact = layers(&[3, 4, 2], "tanh", true);
    assert!(
        complete(&exact, &exact.sizes(&[]).expect("sizes"), &[], Bounds::default(), &unwatched)
            .expect("counted")
            .is_certified()
    );
    assert_eq!(count(&exact).1, 0);
}

/// A network of 108 parameters whose output is V times a formula in Z = U X.
fn of_hidden(formula: &str) -> Model {
    model(&format!(
        "dim d = 6, h = 9, k = 6, n = 4
        param U : h x d; param V : k x h; data X : d x n
        let Z = U * X
        output F = V * ({formula}); loss any"
    ))
}

/// Formulas in Z = U X with the number of laws of V f(Z): 108 where f is zero, 45 where it is a multiple of Z.
const IDENTITIES: &[(&str, usize)] = &[
    ("log(exp(Z))", 45),
    ("log(exp(2 * Z)) - log(exp(Z))", 45),
    ("softplus(Z) - softplus(-Z)", 45),
    ("log(2 * exp(Z)) - log(2 * ones(h, n))", 45),
    ("ones(h) * log(ones(1, h) * exp(Z)) + logsoftmax(Z)", 45),
    ("tanh(Z) + ones(h, n) - 2 * sigmoid(2 * Z)", 108),
    ("softplus(Z) - log(ones(h, n) + exp(Z))", 108),
    ("silu(Z) + silu(-Z) - Z .* tanh(1/2 * Z)", 108),
    ("sin(2 * Z) - 2 * sin(Z) .* cos(Z)", 108),
    ("square(cos(1/2 * Z)) - 1/2 * ones(h, n) - 1/2 * cos(Z)", 108),
    ("log(square(sin(Z))) - log(ones(h, n) - square(cos(Z)))", 108),
    ("log(softmax(Z)) - logsoftmax(Z)", 108),
    ("softmax(Z) - exp(Z - ones(h) * log(ones(1, h) * exp(Z)))", 108),
    ("exp(Z) - square(exp(1/2 * Z))", 108),
    ("sqrt(exp(Z)) - exp(1/2 * Z)", 108),
    ("exp(Z + ones(h, n)) .* exp(-Z) - exp(ones(h, n))", 108),
    ("exp(log(2 * ones(h, n)) + Z) - 2 * exp(Z)", 108),
    ("log(Z .* (Z + ones(h, n))) - log(Z) - log(Z + ones(h, n))", 108),
    ("tanh(log(Z)) .* (square(Z) + ones(h, n)) - square(Z) + ones(h, n)", 108),
    ("exp(Z .* log(Z)) - exp(Z .* log(Z) + Z) .* exp(-Z)", 108),
    // Above a gate, below one, and both.
    ("relu(tanh(Z) + ones(h, n) - 2 * sigmoid(2 * Z))", 108),
    ("log(exp(relu(Z))) - relu(Z)", 108),
    ("exp(relu(log(exp(Z)) - Z)) - ones(h, n)", 108),
    ("log(exp(relu(Z))) - log(exp(relu(-Z)))", 45),
];

#[test]
fn functions_that_are_the_same_have_the_same_number_of_laws_at_any_size() {
    for (formula, laws) in IDENTITIES {
        let network = of_hidden(formula);
        let sizes = network.sizes(&[]).expect("sizes");
        let found = complete(&network, &sizes, &[], Bounds::default(), &unwatched).expect("counted");
        assert_eq!((found.laws_at_most, found.is_certified()), (*laws, true), "{formula}: {found:?}");
    }
}

#[test]
fn functions_that_differ_are_told_apart() {
    // As those above, but for a coefficient.
    for formula in
        ["tanh(Z) - 2 * sigmoid(3 * Z)", "sin(2 * Z) - 2 * sin(Z)", "log(exp(Z) + exp(2 * Z))", "exp(Z .* log(Z))"]
    {
        assert_eq!(count(&of_hidden(formula)).1, 0, "{formula}");
    }
}

#[test]
fn a_sum_of_exponents_that_does_not_depend_on_the_data_is_the_same_for_all() {
    // The two hidden units have the product e^θ whatever the data.
    let network = model(
        "dim n = 3
        param u : 3; param V : 2 x 3; data X : 3 x n
        let A = diag(u) * X
        output F = V * (exp(A) .* exp(u * ones(1, n) - A)); loss any",
    );
    let product = model(
        "dim n = 3
        param u : 3; param V : 2 x 3; data X : 3 x n
        output F = V * exp(u) * ones(1, n); loss any",
    );
    assert_eq!(count(&network).1, count(&product).1);
}

#[test]
fn behind_gates_relations_are_those_of_a_region() {
    let network = model(
        "dim n = 3
        param U : 3 x 2; param V : 2 x 3; data X : 2 x n
        output F = V * log(exp(relu(U * X))); loss any",
    );
    assert_eq!(count(&network).1, 3);
}

#[test]
fn what_no_relation_decides_is_assumed_and_not_certified() {
    let bounds = Bounds { field: Some(Field::Large), ..Bounds::default() };
    let gelu = of_hidden("gelu(relu(Z))");
    let found = complete(&gelu, &gelu.sizes(&[]).expect("sizes"), &[], bounds, &unwatched).expect("counted");
    assert!(!found.is_certified());
    assert_eq!(Vec::from_iter(found.independence()), [Independence::NormalDistribution]);
    let constants = of_hidden("log(3 * exp(Z)) - log(2 * exp(Z))");
    let found = complete(&constants, &constants.sizes(&[]).expect("sizes"), &[], bounds, &unwatched).expect("counted");
    assert_eq!(Vec::from_iter(found.independence()), [Independence::Constants]);
    // Where no field is asked for the numbers are enclosed, and nothing is assumed.
    for network in [gelu, constants] {
        let sizes = network.sizes(&[]).expect("sizes");
        assert!(complete(&network, &sizes, &[], Bounds::default(), &unwatched).expect("counted").is_certified());
    }
}

#[test]
fn an_activation_of_fractional_degree_has_one_law_for_each_unit() {
    for degree in ["3/2", "1/2", "4/3", "5/6"] {
        let network = model(&format!(
            "dim n = 3
            activation phi : homogeneous({degree})
            param U : 3 x 2; param V : 2 x 3; data X : 2 x n
            output F = V * phi(U * X); loss any"
        ));
        assert_eq!(count(&network).1, 3, "{degree}");
    }
}

#[test]
fn laws_are_found_as_formulas_at_many_parameters() {
    let wide = layers(&[20, 40, 20], "relu", false);
    let found = missing_laws(&wide, &wide.sizes(&[]).expect("sizes"), &[], 2, &[], Bounds::default(), &unwatched)
        .expect("sought");
    let found = found.expect("a field");
    assert_eq!(found.matrices.iter().map(text).collect::<Vec<_>>(), ["diagvec(W0 * W0') - diagvec(W1' * W1)"]);
    assert_eq!(found.rank, 40);
}

#[test]
fn products_entries_and_centred_matrices_are_recognized() {
    let formulas = |body: &str| {
        let found = missing_laws(
            &model(body),
            &model(body).sizes(&[]).expect("sizes"),
            &[],
            2,
            &[],
            Bounds::default(),
            &unwatched,
        );
        let found = found.expect("sought").expect("a field");
        assert!(found.polynomials.is_empty(), "{found:?}");
        found.matrices.iter().map(text).collect::<Vec<_>>()
    };
    let diagonal = formulas(
        "dim d = 4, n = 3; param u : d; param v : d; data X : d x n
        output F = (u .* u - v .* v)' * X; loss any",
    );
    assert_eq!(diagonal, ["u .* v"]);
    let sum =
        formulas("dim n = 3; param A : 2 x 2; param B : 2 x 2; data X : 2 x n; output F = A * X + B * X; loss any");
    assert_eq!(sum, ["A - B"]);
    let centred = formulas(
        "dim h = 3, d = 2, n = 3; param A : h x d; param B : d x h; data X : d x n
        output F = B * (A * X - 1/3 * ones(h, h) * A * X); loss any",
    );
    assert!(centred.iter().any(|f| f.contains("eye(h)")), "{centred:?}");
}

#[test]
fn a_root_of_a_square_has_the_gate_of_an_absolute_value() {
    let counted = |hidden: &str, field: Option<Field>| {
        let model = model(&format!(
            "dim d = 2, h = 2, k = 2, n = 2
             param W : h x d; param b : h; param V : k x h; data X : d x n
             output F = V * {hidden}; loss any"
        ));
        let bounds = Bounds { field, ..Bounds::default() };
        complete(&model, &model.sizes(&[]).expect("sizes"), &[], bounds, &unwatched).expect("counted")
    };
    let found = |hidden: &str| counted(hidden, None);
    let known = found("abs(W * X + b * ones(1, n))");
    for hidden in ["sqrt(square(W * X + b * ones(1, n)))", "sqrt((W * X + b * ones(1, n)) .^ 2)"] {
        let found = found(hidden);
        assert!(found.is_certified(), "{hidden}: {found:?}");
        assert_eq!(found.regions, known.regions, "{hidden}");
    }
    // A square that is not written as one has over a field no gate of a real point: that is said.
    let expanded = "sqrt(square(W * X) + 2 * (b * ones(1, n)) .* (W * X) + square(b * ones(1, n)))";
    assert!(found(expanded).is_certified());
    let over_a_field = counted(expanded, Some(Field::Large));
    assert_eq!(Vec::from_iter(over_a_field.independence()), [Independence::Signs]);
    assert!(found("sqrt(exp(W * X))").is_certified());
    assert!(found("normalize(W * X + b * ones(1, n))").is_certified());
}

#[test]
fn roots_that_stack_up_are_drawn_one_after_the_other() {
    let blocks: String =
        (1..=24).map(|i| format!("param A{i} : 3 x 3\nlet Z{i} = Z{} + A{i} * layernorm(Z{0})\n", i - 1)).collect();
    let deep = model(&format!("dim n = 2\ndata X : 3 x n\nlet Z0 = X\n{blocks}output F = rmsnorm(Z24)\nloss any\n"));
    let fields = Fields::new(&deep, &deep.sizes(&[]).expect("sizes")).expect("fields");
    // All 25 at once exist once in 2²⁵ draws.
    let placed = |seed| {
        let seeds = (seed, seed + 9);
        fields.placed::<Prime, _>(
            seeds,
            REDRAWS,
            None,
            |drawn| drawn,
            |point, field| fields.potential(field, &point.values),
        )
    };
    assert!((0..4).all(|seed| placed(seed).is_ok()));
}

#[test]
fn a_small_epsilon_is_not_taken_for_zero_where_roots_are_many() {
    // Fourteen roots exist in no field together, and 10⁻¹² is 0 to a singular value; with ε = 0 the squared norm of V is conserved.
    let text = |eps: &str| {
        format!(
            "dim d = 2, n = 14
             data X : d x n; param V : d x d; param W : 2 x d
             output F = W * relu(rmsnorm(V * X{eps})) * ones(n, 1); loss any"
        )
    };
    let counted = |eps: &str| {
        let model = model(&text(eps));
        complete(&model, &model.sizes(&[]).expect("sizes"), &[], Bounds::default(), &unwatched).expect("counted")
    };
    let (tiny, none) = (counted(", 1e-12"), counted(""));
    assert!(tiny.is_certified() && none.is_certified(), "{tiny:?}\n{none:?}");
    assert_eq!((tiny.laws_at_most, none.laws_at_most), (0, 1));
    // Along no curve, in no field, and with another number in its place: not here.
    assert!(!tiny.assumptions.iter().any(|assumption| matches!(assumption, Assumption::Epsilon(_))));
}
