//! A model evaluated at given matrices: its values, its gradients, and which matrices it asks for.

use crate::parse;
use equilaw::Given;
use equilaw::internals::job::evaluate;

const TEXT: &str = "model two\ndim d = 2, h = 3, k = 1, n = 2\nparam A : h x d\nparam B : k x h\ndata X : d x n\n\
                    let Z = tanh(A * X)\noutput F = B * Z\nloss any";

fn given(name: &str, rows: usize, cols: usize, f: impl Fn(usize) -> f64) -> Given {
    Given { name: name.into(), rows, cols, values: (0..rows * cols).map(f).collect() }
}

fn point() -> Vec<Given> {
    let entry = |k: usize| (k as f64).mul_add(0.3, -0.5);
    vec![given("A", 3, 2, entry), given("B", 1, 3, entry), given("X", 2, 2, |k| entry(k + 1))]
}

/// The gradient is that of ⟨Z, F⟩: a difference quotient of the values agrees with it.
#[test]
fn gradients_are_those_of_the_values() {
    let z = given("F", 1, 2, |k| 1.0 + k as f64);
    let value = |at: &[Given]| {
        let found = evaluate(&parse(TEXT), &[], at, None).unwrap();
        found.values[1].values.iter().zip(&z.values).map(|(x, y)| x * y).sum::<f64>()
    };
    let found = evaluate(&parse(TEXT), &[], &point(), Some(&z)).unwrap();
    assert_eq!(found.values.iter().map(|v| v.name.as_str()).collect::<Vec<_>>(), ["Z", "F"]);
    for (parameter, gradient) in found.gradients.iter().enumerate() {
        for (entry, derivative) in gradient.values.iter().enumerate() {
            let (mut up, mut down) = (point(), point());
            up[parameter].values[entry] += 1e-5;
            down[parameter].values[entry] -= 1e-5;
            let quotient = (value(&up) - value(&down)) / 2e-5;
            assert!((quotient - derivative).abs() < 1e-8, "{quotient} and {derivative}");
        }
    }
}

#[test]
fn every_matrix_is_asked_for_by_name_and_shape() {
    let told = |at: &[Given]| evaluate(&parse(TEXT), &[], at, None).unwrap_err().to_string();
    assert_eq!(told(&point()[..2]), "`X` has no value");
    let mut wrong = point();
    wrong[0].rows = 2;
    wrong[0].values.truncate(4);
    assert_eq!(told(&wrong), "`A` is 2 x 2, expected 3 x 2");
    wrong[0].name = "C".into();
    assert_eq!(told(&wrong), "the model has no parameter and no data `C`");
}
