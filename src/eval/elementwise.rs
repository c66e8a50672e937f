//! Elementwise functions and their derivatives of every order. A derivative follows from the function's value by its
//! differential equation, so one recurrence serves every kind of number.

use super::EvalError;
use super::number::{Number, Oracle, Transcendental, mix, stream_of};
use crate::term::{Definition, Env, Equation, FunctionRow, Parity, Rational, Symbol, TypeError};
use num_traits::{One, ToPrimitive, Zero};
use smallvec::SmallVec;

/// A rational exponent, told apart once by how a power is computed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Exponent {
    /// n ≥ 0.
    Natural(u32),
    /// −n for n > 0.
    Inverse(u32),
    /// Needs a root, or is too large an integer to be multiplied out.
    Root(Rational),
}

impl From<Rational> for Exponent {
    fn from(q: Rational) -> Exponent {
        let small = |q: &Rational| q.is_integer().then(|| q.to_integer().to_u32()).flatten().filter(|n| *n <= 1024);
        match (small(&q), small(&-&q)) {
            (Some(n), _) => Exponent::Natural(n),
            (_, Some(n)) => Exponent::Inverse(n),
            _ => Exponent::Root(q),
        }
    }
}

/// An elementwise function.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Elementwise {
    /// `x^q`.
    Power(Exponent),
    /// `plus·x^degree` for x > 0, `minus·|x|^degree` else: every positively homogeneous function.
    Homogeneous { plus: Rational, minus: Rational, degree: Exponent },
    /// The function of the table with that differential equation.
    Solution(Equation),
    /// The constant π.
    Pi,
    /// A smooth function of which nothing but the parity is known.
    Generic { stream: u64, parity: Parity },
}

type Derivatives<T> = SmallVec<[T; 8]>;

impl Elementwise {
    /// The function of that name: built in, or declared in `env` and then generic with exactly the declared property.
    pub fn named(name: Symbol, env: &Env) -> Result<Elementwise, EvalError> {
        let ratio = |n: i64, d: i64| Rational::new(n.into(), d.into());
        if let Some(row) = FunctionRow::named(name.as_str()) {
            return Ok(match row.definition {
                Definition::Power(n, d) => Elementwise::Power(ratio(n, d).into()),
                Definition::Piecewise { slope: (n, d) } => {
                    // The slope for x < 0 is that of −|x|.
                    let degree = Exponent::Natural(1);
                    Elementwise::Homogeneous { plus: Rational::one(), minus: -ratio(n, d), degree }
                }
                Definition::Solution(equation) => Elementwise::Solution(equation),
                Definition::Composed { .. } => {
                    return Err(EvalError::Unsupported(format!("`{name}` as a function of its own")));
                }
            });
        }
        let known = env.function(name).ok_or(TypeError::UnknownFunction(name))?;
        let stream = stream_of(name.as_str());
        Ok(match known.homogeneous {
            Some(degree) => {
                let eighths = |salt| ratio((mix(stream, salt) % 7) as i64 + 1, 8);
                let (plus, minus) = (Rational::one() + eighths(1), eighths(2));
                let minus = match (known.odd, known.even) {
                    (true, _) => -plus.clone(),
                    (_, true) => plus.clone(),
                    _ => -minus,
                };
                Elementwise::Homogeneous { plus, minus, degree: degree.into() }
            }
            None => {
                let parity = match (known.odd, known.even) {
                    (true, _) => Parity::Odd,
                    (_, true) => Parity::Even,
                    _ => Parity::Neither,
                };
                Elementwise::Generic { stream, parity }
            }
        })
    }

    /// The derivatives of order 0, 1, …, `out.len() − 1` at x.
    pub fn derivatives<T: Number>(&self, x: &T, oracle: &T::Oracle, out: &mut [T]) -> Result<(), EvalError> {
        match self {
            Elementwise::Power(q) => power(x, q, oracle, out)?,
            Elementwise::Homogeneous { plus, minus, degree } => {
                // A function that jumps at 0 has no value there.
                if *degree == Exponent::Natural(0) && x.is_zero() {
                    return Err(EvalError::Undecided);
                }
                let positive = oracle.is_positive(x)?;
                let coefficient = if positive { plus } else { minus };
                if coefficient.is_zero() {
                    out.fill(T::zero());
                    return Ok(());
                }
                let magnitude = if positive { x.clone() } else { -x.clone() };
                power(&magnitude, degree, oracle, out)?;
                let mut factor = T::from_rational(coefficient)?;
                for d in out {
                    *d = d.clone() * factor.clone();
                    if !positive {
                        factor = -factor;
                    }
                }
            }
            Elementwise::Solution(equation) => solve(*equation, x, oracle, out)?,
            Elementwise::Pi => {
                out.fill(T::zero());
                out[0] = oracle.value(Transcendental::Pi, x)?;
            }
            Elementwise::Generic { stream, parity } => oracle.generic(*stream, *parity, x, out)?,
        }
        Ok(())
    }
}

/// The derivatives of a solution of a differential equation: the value from the oracle, the others by the equation.
fn solve<T: Number>(equation: Equation, x: &T, oracle: &T::Oracle, out: &mut [T]) -> Result<(), EvalError> {
    let value = |f| oracle.value(f, x);
    match equation {
        Equation::Exp => out.fill(value(Transcendental::Exp)?),
        Equation::Log => {
            out[0] = value(Transcendental::Log)?;
            if out.len() > 1 {
                power(x, &Exponent::Inverse(1), oracle, &mut out[1..])?;
            }
        }
        Equation::Tanh => {
            out[0] = value(Transcendental::Tanh)?;
            for k in 1..out.len() {
                let one = if k == 1 { T::one() } else { T::zero() };
                out[k] = one - leibniz(out, out, k - 1);
            }
        }
        Equation::Sigmoid => {
            out[0] = value(Transcendental::Sigmoid)?;
            logistic(out);
        }
        Equation::Softplus => {
            out[0] = value(Transcendental::Softplus)?;
            if let [_, rest @ ..] = out
                && let [first, ..] = rest
            {
                *first = value(Transcendental::Sigmoid)?;
                logistic(rest);
            }
        }
        Equation::Sin | Equation::Cos => {
            let (sin, cos) = (value(Transcendental::Sin)?, value(Transcendental::Cos)?);
            let cycle = [sin.clone(), cos.clone(), -sin, -cos];
            let start = usize::from(equation == Equation::Cos);
            for (k, d) in out.iter_mut().enumerate() {
                *d = cycle[(start + k) % 4].clone();
            }
        }
        Equation::Silu => {
            out[0] = value(Transcendental::Sigmoid)?;
            logistic(out);
            times_argument(x, out);
        }
        Equation::Gelu => {
            // φ′ = −xφ, hence φ⁽ᵏ⁺¹⁾ = −xφ⁽ᵏ⁾ − kφ⁽ᵏ⁻¹⁾.
            out[0] = value(Transcendental::NormalCdf)?;
            for k in 1..out.len() {
                out[k] = match k {
                    1 => value(Transcendental::NormalPdf)?,
                    2 => -(x.clone() * out[1].clone()),
                    _ => -(x.clone() * out[k - 1].clone() + T::from_integer(k as i64 - 2) * out[k - 2].clone()),
                };
            }
            times_argument(x, out);
        }
    }
    Ok(())
}

/// The derivatives of `x^q`: `q (q−1) … (q−k+1) x^(q−k)`.
fn power<T: Number>(x: &T, q: &Exponent, oracle: &T::Oracle, out: &mut [T]) -> Result<(), EvalError> {
    let (value, q) = match q {
        Exponent::Natural(n) => {
            let n = *n as usize;
            let mut falling = T::one();
            for (k, d) in out.iter_mut().enumerate() {
                *d = if k > n { T::zero() } else { falling.clone() * num_traits::pow(x.clone(), n - k) };
                falling = falling * T::from_integer(n as i64 - k as i64);
            }
            return Ok(());
        }
        Exponent::Inverse(n) => (num_traits::pow(x.reciprocal()?, *n as usize), T::from_integer(-i64::from(*n))),
        Exponent::Root(q) => (oracle.power(x, q)?, T::from_rational(q)?),
    };
    out[0] = value;
    if out.len() > 1 {
        let reciprocal = x.reciprocal()?;
        for k in 1..out.len() {
            out[k] = out[k - 1].clone() * (q.clone() - T::from_integer(k as i64 - 1)) * reciprocal.clone();
        }
    }
    Ok(())
}

/// The derivatives of σ from its value: σ′ = σ − σ².
fn logistic<T: Number>(out: &mut [T]) {
    for k in 1..out.len() {
        out[k] = out[k - 1].clone() - leibniz(out, out, k - 1);
    }
}

/// From the derivatives of f to those of x·f: (xf)⁽ᵏ⁾ = x f⁽ᵏ⁾ + k f⁽ᵏ⁻¹⁾.
fn times_argument<T: Number>(x: &T, out: &mut [T]) {
    let f: Derivatives<T> = out.iter().cloned().collect();
    for (k, d) in out.iter_mut().enumerate() {
        *d = x.clone() * f[k].clone();
        if k > 0 {
            *d = d.clone() + T::from_integer(k as i64) * f[k - 1].clone();
        }
    }
}

/// The k-th derivative of a product from those of its factors.
fn leibniz<T: Number>(f: &[T], g: &[T], k: usize) -> T {
    let mut binomial = 1;
    let mut sum = T::zero();
    for i in 0..=k {
        sum = sum + T::from_integer(binomial) * f[i].clone() * g[k - i].clone();
        binomial = binomial * (k - i) as i64 / (i as i64 + 1);
    }
    sum
}
