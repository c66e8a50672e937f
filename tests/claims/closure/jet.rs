//! Numbers a + ε₁b + ε₂c + ε₁ε₂d + … with εᵢ² = 0: nested dual numbers.

use std::ops::{Add, Mul, Neg, Sub};

/// The coefficient of each product of variables, the set of them as a bit mask.
#[derive(Clone, Debug)]
pub struct Jet(Vec<f64>);

impl From<f64> for Jet {
    fn from(value: f64) -> Jet {
        Jet(vec![value])
    }
}

impl Jet {
    /// ε number `n`.
    pub fn variable(n: usize) -> Jet {
        let mut out = vec![0.0; 2 << n];
        out[1 << n] = 1.0;
        Jet(out)
    }

    pub fn value(&self) -> f64 {
        self.0[0]
    }

    fn at(&self, set: usize) -> f64 {
        self.0.get(set).copied().unwrap_or(0.0)
    }

    /// The parts of a + εb, where ε is the last variable.
    pub fn split(&self, n: usize) -> (Jet, Jet) {
        let part = |from: usize| Jet((0..1 << n).map(|set| self.at(from + set)).collect());
        (part(0), part(1 << n))
    }

    /// f(a + εb) = f(a) + εf′(a)b, variable by variable.
    fn map(&self, f: &dyn Fn(f64) -> f64, slope: &dyn Fn(&Jet) -> Jet) -> Jet {
        if self.0.len() == 1 {
            return Jet::from(f(self.0[0]));
        }
        let n = self.0.len().trailing_zeros() as usize - 1;
        let (a, b) = self.split(n);
        let value = a.map(f, slope);
        let along = &slope(&value) * &b;
        &value + &(&Jet::variable(n) * &along)
    }

    pub fn exp(&self) -> Jet {
        self.map(&f64::exp, &|value| value.clone())
    }

    pub fn tanh(&self) -> Jet {
        self.map(&f64::tanh, &|value| &Jet::from(1.0) - &(value * value))
    }

    fn with(&self, other: &Jet, of: impl Fn(f64, f64) -> f64) -> Jet {
        Jet((0..self.0.len().max(other.0.len())).map(|set| of(self.at(set), other.at(set))).collect())
    }
}

impl Add for &Jet {
    type Output = Jet;

    fn add(self, other: &Jet) -> Jet {
        self.with(other, |a, b| a + b)
    }
}

impl Sub for &Jet {
    type Output = Jet;

    fn sub(self, other: &Jet) -> Jet {
        self.with(other, |a, b| a - b)
    }
}

impl Neg for &Jet {
    type Output = Jet;

    fn neg(self) -> Jet {
        &Jet::from(0.0) - self
    }
}

impl Mul for &Jet {
    type Output = Jet;

    fn mul(self, other: &Jet) -> Jet {
        let mut out = vec![0.0; self.0.len().max(other.0.len())];
        for (s, a) in self.0.iter().enumerate().filter(|(_, a)| **a != 0.0) {
            for (t, b) in other.0.iter().enumerate().filter(|(t, _)| s & t == 0) {
                out[s | t] += a * b;
            }
        }
        Jet(out)
    }
}

#[test]
fn derivatives_of_a_product_and_of_functions() {
    let x = &Jet::from(0.3) + &(&Jet::variable(0) + &Jet::variable(1));
    let second = |y: Jet| y.split(1).1.split(0).1.value();
    assert!((second(&(&x * &x) * &x) - 1.8).abs() < 1e-15);
    assert!((second(x.exp()) - 0.3f64.exp()).abs() < 1e-15);
    let t = 0.3f64.tanh();
    assert!((second(x.tanh()) + 2.0 * t * (1.0 - t * t)).abs() < 1e-15);
}
