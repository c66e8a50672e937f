//! Sample points at which the pairs of a formula are compared, two by two with the shared variables in common.

use crate::eval::{Bindings, Climb, Dense, EvalError, Pair, Plan, Probe, Reach, Residue, Rooted, Stop, Tape, mix};
use crate::term::Symbol;

/// The field of the points.
pub const FIELD: u64 = Rooted::MODULUS;

/// Values of names.
pub type Values = Vec<(Symbol, Dense<Residue<FIELD>>)>;

/// Draws the variables of a formula: those that all fields share, the parameters, and those that each draws for itself.
#[derive(Clone, Copy)]
pub struct Variables<'a> {
    pub shared: &'a dyn Fn(u64) -> Result<Values, EvalError>,
    pub own: &'a dyn Fn(u64) -> Result<Values, EvalError>,
}

/// How often the shared variables of a point without values are drawn again, and with each of them its own variables: few
/// times at first, where shared variables alone are to blame, then as often as roots that stack up need.
const SHARED_REDRAWS: u64 = 1 << 6;
const PATIENT: u64 = SHARED_REDRAWS - 4;
const REDRAWS: u64 = 1 << 8;
const PATIENT_REDRAWS: u64 = 1 << 12;

/// How many evaluations are begun at all.
const EVALUATIONS: u64 = 1 << 18;

/// Two points with their evaluations.
struct Twin<'a> {
    /// The number of the draw of what they share, which is also the seed of the functions.
    shared: u64,
    sides: [Climb<'a, FIELD>; 2],
    draws: u64,
}

/// The points.
pub struct Points<'a> {
    tape: &'a Tape,
    reach: &'a Reach,
    /// The gates of the region.
    gates: &'a [bool],
    variables: Variables<'a>,
    twins: Vec<Twin<'a>>,
    redrawn: bool,
    /// How many evaluations were begun again.
    begun: u64,
}

/// Where all points wait.
pub enum Pause {
    /// At a pair, with its arguments, and whether some points are others than before.
    At { pair: Pair, arguments: Vec<[Residue<FIELD>; 2]>, replaced: bool },
    /// At the top, or at a gate that is not known.
    Top,
    /// No values exist.
    Nowhere,
}

impl<'a> Points<'a> {
    pub fn new(
        tape: &'a Tape,
        reach: &'a Reach,
        gates: &'a [bool],
        variables: Variables<'a>,
        count: usize,
    ) -> Result<Self, EvalError> {
        let mut points = Points { tape, reach, gates, variables, twins: Vec::new(), redrawn: false, begun: 0 };
        for number in 0..count as u64 {
            let twin = points.twin(mix(number, 0))?;
            points.twins.push(twin);
        }
        Ok(points)
    }

    fn twin(&self, shared: u64) -> Result<Twin<'a>, EvalError> {
        Ok(Twin { shared, sides: [self.start(shared, 0)?, self.start(shared, 1)?], draws: 2 })
    }

    fn start(&self, shared: u64, draw: u64) -> Result<Climb<'a, FIELD>, EvalError> {
        let mut inputs = Bindings::new();
        let values = (self.variables.shared)(shared)?.into_iter().chain((self.variables.own)(mix(shared, draw))?);
        for (name, value) in values {
            inputs.bind(name, value);
        }
        Climb::new(self.tape, self.reach, self.gates, inputs, Probe::new(shared))
    }

    /// A quantity of the two evaluations of each twin.
    pub fn of<T>(&self, quantity: impl Fn(&Climb<'a, FIELD>) -> T) -> Vec<[T; 2]> {
        self.twins.iter().map(|twin| [quantity(&twin.sides[0]), quantity(&twin.sides[1])]).collect()
    }

    /// A quantity of the first evaluation of each twin.
    pub fn firsts<T>(&self, quantity: impl Fn(&Climb<'a, FIELD>) -> T) -> Vec<T> {
        self.twins.iter().map(|twin| quantity(&twin.sides[0])).collect()
    }

    /// Whether shared variables had to be drawn again, so that points of different regions are not comparable.
    pub fn were_redrawn(&self) -> bool {
        self.redrawn
    }

    /// Goes on to the first pair that the plan does not tell. A point that has no value is replaced.
    pub fn advance(&mut self, plan: &Plan) -> Result<Pause, EvalError> {
        let (mut pair, mut arguments, mut replaced) = (None, Vec::new(), false);
        for number in 0..self.twins.len() {
            let Some((stops, is_new)) = self.advance_twin(number, plan)? else { return Ok(Pause::Nowhere) };
            replaced |= is_new;
            if let [Stop::At(kind, x), Stop::At(_, y)] = stops {
                pair = Some(kind);
                arguments.push([x, y]);
            }
        }
        Ok(pair.map_or(Pause::Top, |pair| Pause::At { pair, arguments, replaced }))
    }

    /// Where the two evaluations of a twin stop, and whether it was replaced; `None` when none has values.
    fn advance_twin(&mut self, number: usize, plan: &Plan) -> Result<Option<([Stop<FIELD>; 2], bool)>, EvalError> {
        let mut replaced = false;
        for attempt in 0..SHARED_REDRAWS {
            if self.begun > EVALUATIONS {
                return Ok(None);
            }
            if attempt > 0 {
                self.twins[number] = self.twin(mix(number as u64, attempt))?;
                (replaced, self.redrawn) = (true, true);
            }
            let before = self.twins[number].draws;
            let redraws = if attempt < PATIENT { REDRAWS } else { PATIENT_REDRAWS };
            let first = self.advance_side(number, 0, redraws, plan)?;
            let stops = [first, if first.is_some() { self.advance_side(number, 1, redraws, plan)? } else { None }];
            replaced |= self.twins[number].draws > before;
            if let [Some(x), Some(y)] = stops {
                return Ok(Some(([x, y], replaced)));
            }
        }
        Ok(None)
    }

    /// Where one evaluation stops, with its own variables drawn again until it has values; `None` when they never do.
    fn advance_side(
        &mut self,
        number: usize,
        side: usize,
        redraws: u64,
        plan: &Plan,
    ) -> Result<Option<Stop<FIELD>>, EvalError> {
        for _ in 0..redraws {
            match self.twins[number].sides[side].run(plan) {
                Err(error) if error.is_unlucky() => {
                    let Twin { shared, draws, .. } = self.twins[number];
                    self.twins[number].sides[side] = self.start(shared, draws)?;
                    self.twins[number].draws += 1;
                    self.begun += 1;
                }
                stop => return stop.map(Some),
            }
        }
        Ok(None)
    }
}
