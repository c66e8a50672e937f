//! What each pair is in the generators before it.
//!
//! A relation Σ r z = constant between functions holds at every point: one that does not show in the values at some points
//! does not exist. The arguments of exponentials are compared as they are, those of logarithms through a character of the
//! multiplicative group. What shows is a relation but for an accident; an accident is harmless, since values that satisfy
//! one relation too many satisfy all that there are.

use super::character::{ORDER, character};
use super::independence::Independence;
use super::lattice::{Found, Lattice, small};
use super::points::{FIELD, Points};
use super::shared::Shared;
use crate::eval::{Climb, DIVISIONS, Generator, Number, Pair, Residue, Step};
use crate::term::Rational;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};
use std::collections::BTreeSet;

/// The largest numerator and denominator of a coefficient between exponents, and of one between logarithms.
const LARGEST: u64 = 1 << 20;
const LARGEST_POWER: u64 = (ORDER / 2).isqrt();

/// The values of a quantity at the points.
type Values = [[Residue<FIELD>; 2]];
type Combination = Vec<(usize, Rational)>;

/// The generators, and what is supposed of them.
pub struct Relations {
    has_logarithms: bool,
    real: Lattice<FIELD>,
    powers: Lattice<ORDER>,
    angles: Lattice<FIELD>,
    /// How many generators the lattices know.
    real_known: usize,
    angles_known: usize,
    /// The prime numbers whose logarithms are generators, and which.
    primes: Vec<(u64, usize)>,
    /// How many real generators there are, and how many angles.
    generators: usize,
    angles_generators: usize,
    /// Whether e or e^i occurs.
    has_e: bool,
    /// The generators that are functions of the shared variables alone: real ones, and angles.
    shared: Vec<usize>,
    shared_angles: Vec<usize>,
    independence: BTreeSet<Independence>,
}

impl Relations {
    pub fn new(points: usize, has_logarithms: bool) -> Self {
        Relations {
            has_logarithms,
            real: Lattice::new(points, LARGEST),
            powers: Lattice::new(points, LARGEST_POWER),
            angles: Lattice::new(points, LARGEST),
            real_known: 1,
            angles_known: 1,
            primes: Vec::new(),
            generators: 1,
            angles_generators: 1,
            has_e: false,
            shared: Vec::new(),
            shared_angles: Vec::new(),
            independence: BTreeSet::new(),
        }
    }

    /// What is supposed in the end.
    pub fn into_independence(mut self) -> BTreeSet<Independence> {
        if self.primes.len() + usize::from(self.has_e) > 1 {
            self.independence.insert(Independence::Constants);
        }
        self.independence
    }

    /// The step of a pair with the given arguments.
    pub fn step(&mut self, pair: Pair, arguments: &Values, points: &Points) -> Step {
        self.learn(points);
        let (step, is_shared) = match pair {
            Pair::Exponential => self.exponential(arguments),
            Pair::Logarithm => self.logarithm(arguments, points),
            Pair::Circle => self.point(arguments),
        };
        match pair {
            Pair::Exponential | Pair::Logarithm => {
                self.generators += step.primes.len() + usize::from(step.is_new);
                self.shared.extend(is_shared.then_some(self.generators - 1));
            }
            Pair::Circle => {
                self.angles_generators += usize::from(step.is_new);
                self.shared_angles.extend(is_shared.then_some(self.angles_generators - 1));
            }
        }
        step
    }

    /// The generators that are functions of the shared variables alone, when all pairs are known.
    pub fn shared(&self, points: &Points) -> Shared {
        let mut shared = Shared::default();
        for &g in &self.shared {
            let exponents = points.firsts(|climb| climb.real()[g].exponent);
            let characters = points.firsts(|climb| character(climb.real()[g].value));
            shared.insert_real(&exponents, &characters);
        }
        for &g in &self.shared_angles {
            shared.insert_angle(&points.firsts(|climb| climb.angle(g)));
        }
        shared
    }

    /// Begins anew, with other points.
    pub fn forget(&mut self, points: usize) {
        self.real = Lattice::new(points, LARGEST);
        self.powers = Lattice::new(points, LARGEST_POWER);
        self.angles = Lattice::new(points, LARGEST);
        (self.real_known, self.angles_known) = (1, 1);
    }

    /// Looks at the generators that came since.
    fn learn(&mut self, points: &Points) {
        if self.real_known == 1 && self.has_logarithms {
            // e itself; its exponent is the constant of the lattice.
            self.powers.insert(0, &points.of(|climb| character(climb.real()[0].value)));
        }
        let (real, angles) = points.of(|climb| (climb.real().len(), climb.angles()))[0][0];
        for g in self.real_known..real {
            self.real.insert(g, &points.of(|climb| climb.real()[g].exponent));
            if self.has_logarithms {
                self.powers.insert(g, &points.of(|climb| character(climb.real()[g].value)));
            }
        }
        for g in self.angles_known..angles {
            self.angles.insert(g, &points.of(|climb| climb.angle(g)));
        }
        (self.real_known, self.angles_known) = (real, angles);
    }

    fn suppose(&mut self, independence: Independence, combination: Combination) -> (Step, bool) {
        self.independence.insert(independence);
        (Step { combination, is_new: true, ..Step::default() }, false)
    }

    /// A sum of generators and a constant; a rational constant is a multiple of generator 0. And whether it needs a new
    /// generator that is a function of the shared variables.
    fn additive(&mut self, found: Found<FIELD>) -> (Step, bool) {
        match found {
            Found::Combination(mut combination, constant) => match small(constant, LARGEST) {
                Some(constant) => {
                    if !constant.is_zero() {
                        combination.push((0, constant));
                        self.has_e = true;
                    }
                    (Step { combination, ..Step::default() }, false)
                }
                None => self.suppose(Independence::Constants, combination),
            },
            Found::Shared(combination) => (Step { combination, is_new: true, ..Step::default() }, true),
            Found::Independent => (Step { is_new: true, ..Step::default() }, false),
            Found::Irrational => self.suppose(Independence::Undecided, Vec::new()),
        }
    }

    fn exponential(&mut self, arguments: &Values) -> (Step, bool) {
        let found = self.real.find(arguments);
        self.additive(found)
    }

    fn point(&mut self, arguments: &Values) -> (Step, bool) {
        let found = self.angles.find(arguments);
        let divides = |r: &Rational| BigInt::from(DIVISIONS).is_multiple_of(r.denom());
        let step = self.additive(found);
        match step.0.combination.iter().all(|(_, r)| divides(r)) {
            true => step,
            false => self.suppose(Independence::Undecided, Vec::new()),
        }
    }

    fn logarithm(&mut self, arguments: &Values, points: &Points) -> (Step, bool) {
        let characters: Vec<_> = arguments.iter().map(|pair| pair.map(character)).collect();
        match self.powers.find(&characters) {
            Found::Combination(combination, _) => {
                let Some((rest, order)) = quotients(arguments, &combination, points) else {
                    return self.suppose(Independence::Undecided, Vec::new());
                };
                let constant = rest[0][0];
                match rest.iter().flatten().all(|x| *x == constant) {
                    true => self.with_constant(combination, constant, &order),
                    false => self.suppose(Independence::Undecided, Vec::new()),
                }
            }
            Found::Shared(combination) => match quotients(arguments, &combination, points) {
                Some((rest, _)) if rest.iter().all(|[x, y]| x == y) => {
                    (Step { combination, is_new: true, ..Step::default() }, true)
                }
                _ => self.suppose(Independence::Undecided, Vec::new()),
            },
            Found::Independent => (Step { is_new: true, ..Step::default() }, false),
            Found::Irrational => self.suppose(Independence::Undecided, Vec::new()),
        }
    }

    /// log u = Σ r g + log(c)/n: the logarithms of the prime factors of c are generators.
    fn with_constant(&mut self, combination: Combination, constant: Residue<FIELD>, order: &BigInt) -> (Step, bool) {
        let factors = small(constant, LARGEST).and_then(|c| factors(&c));
        let Some(factors) = factors else { return self.suppose(Independence::Constants, combination) };
        let mut step = Step { combination, ..Step::default() };
        for (q, power) in factors {
            let known = self.primes.iter().find(|(prime, _)| *prime == q).map(|(_, g)| *g);
            let generator = known.unwrap_or_else(|| {
                let generator = self.generators + step.primes.len();
                self.primes.push((q, generator));
                step.primes.push(q);
                generator
            });
            step.combination.push((generator, Rational::new(power.into(), order.clone())));
        }
        (step, false)
    }
}

/// uⁿ Π m^(−n r) at each point, with the least n that makes all exponents integers.
fn quotients(
    arguments: &Values,
    combination: &Combination,
    points: &Points,
) -> Option<(Vec<[Residue<FIELD>; 2]>, BigInt)> {
    let order = combination.iter().fold(BigInt::one(), |lcm, (_, r)| lcm.lcm(r.denom()));
    let power = |x: Residue<FIELD>, r: &BigInt| {
        let power = x.pow(r.abs().to_u64()?);
        if r.is_negative() { power.reciprocal().ok() } else { Some(power) }
    };
    let product = |climb: &Climb<FIELD>| {
        combination.iter().try_fold(Residue::one(), |product, (g, r)| {
            let exponent = (r * Rational::from_integer(order.clone())).to_integer();
            let Generator { value, .. } = climb.real()[*g];
            Some(product * power(value, &-exponent)?)
        })
    };
    let rests = arguments
        .iter()
        .zip(points.of(product))
        .map(|([u, v], [x, y])| Some([power(*u, &order)? * x?, power(*v, &order)? * y?]));
    Some((rests.collect::<Option<_>>()?, order))
}

/// The prime factors of a positive rational number with their exponents.
fn factors(c: &Rational) -> Option<Vec<(u64, i64)>> {
    let mut out = Vec::new();
    for (mut n, sign) in [(c.numer().to_u64()?, 1), (c.denom().to_u64()?, -1)] {
        let mut q = 2;
        while n > 1 {
            if q * q > n {
                q = n;
            }
            let mut power = 0;
            while n.is_multiple_of(q) {
                n /= q;
                power += sign;
            }
            if power != 0 {
                out.push((q, power));
            }
            q += 1;
        }
    }
    (!c.is_zero()).then_some(out)
}
