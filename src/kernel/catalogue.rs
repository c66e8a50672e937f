//! The laws by kind: one row for each, with the theorem it is an instance of and what formats tell of it.

use crate::model::Dynamics;

/// A kind of law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LawRow {
    Transport,
    Gradient,
    FlowConserved,
    FlowRate,
    FlowConstraint,
    DecayConserved,
    DecayRate,
    DescentStep,
    DescentDecayedStep,
    SgdStep,
    SgdMean,
    SgdDrift,
    SgdEquilibrium,
    BallConserved,
    BallConservedSum,
    BallRate,
    BallBroken,
    MirrorConserved,
    MirrorRate,
    HessianImage,
    HessianForm,
    Alignment,
    Sharpness,
    Third,
    Flattest,
    Kernel,
    FixedSpace,
    Breaking,
    Multiplicities,
}

/// What is known of a kind of law.
#[derive(Debug)]
pub struct RowData {
    pub row: LawRow,
    /// The end of the law's id: `gradient-flow/conserved`.
    pub path: &'static str,
    pub theorem: Theorem,
    pub kind: Kind,
    /// 1 for statements about the gradient, 2 about the Hessian, 3 about its derivative.
    pub order: u8,
    /// The name of a theorem that states it.
    pub title: &'static str,
    /// The laws of the same action it follows from.
    pub rests: &'static [LawRow],
}

/// The theorems a law is an instance of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Theorem {
    /// What an action, a generator, a projection or a potential is.
    Definition,
    /// T1: the gradient identity ⟨∇L, ξ_A⟩ = ⟨E, r_A⟩.
    GradientIdentity,
    /// Gradient-flow conservation: ∇Q_A = ξ_A, so dQ_A/dt = −⟨∇L, ξ_A⟩ (Noether 1918; Kunin et al. 2021).
    Conservation,
    /// T3: the Hessian image of a generator.
    HessianImage,
    /// T4: the Hessian form on the orbit.
    HessianForm,
    /// T5: the kernel of the Hessian at a stationary point, and of the Gauss–Newton matrix everywhere.
    Kernel,
    /// T6: the gradient in the range of the Hessian.
    Alignment,
    /// T7: bounds on the spectrum from the plane of ξ and `H[ξ]`.
    Sharpness,
    /// T2 and T8: gradient and Hessian at the image of a point.
    Transport,
    /// T9: the third derivative along a generator.
    ThirdOrder,
    /// T10: the fixed space of a finite group.
    FixedSpace,
    /// T11: the Hessian splits at a symmetric point, and the block off the fixed space decides stability.
    Mirror,
    /// T12: the multiplicities of the eigenvalues at a symmetric point.
    Spectrum,
}

impl Theorem {
    /// The number the theorem has in `docs/theory.md`.
    pub fn number(self) -> &'static str {
        match self {
            Theorem::Definition => "T0",
            Theorem::GradientIdentity | Theorem::Conservation => "T1",
            Theorem::HessianImage => "T3",
            Theorem::HessianForm => "T4",
            Theorem::Kernel => "T5",
            Theorem::Alignment => "T6",
            Theorem::Sharpness => "T7",
            Theorem::Transport => "T8",
            Theorem::ThirdOrder => "T9",
            Theorem::FixedSpace => "T10",
            Theorem::Mirror => "T11",
            Theorem::Spectrum => "T12",
        }
    }
}

/// What sort of law it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// An identity between gradient, parameters and curvature at every point.
    Identity,
    /// A quantity that training does not change.
    Conserved,
    /// A quantity whose rate of change is known.
    Rate,
    /// A linear constraint on the velocity without a first integral.
    Constraint,
    /// A subspace of the kernel of the Hessian or the Gauss–Newton matrix.
    Kernel,
    /// A subspace of parameter space that training does not leave.
    Subspace,
    /// How often eigenvalues of the Hessian are repeated.
    Multiplicity,
    /// An inequality for eigenvalues of the Hessian.
    Bound,
    /// The drift that the noise of a stochastic gradient gives a quantity, and so where the noise is in equilibrium.
    Equilibrium,
}

impl Kind {
    /// The name in the JSON output.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Identity => "identity",
            Kind::Conserved => "conserved",
            Kind::Rate => "rate",
            Kind::Constraint => "constraint",
            Kind::Kernel => "kernel",
            Kind::Subspace => "subspace",
            Kind::Multiplicity => "multiplicity",
            Kind::Bound => "bound",
            Kind::Equilibrium => "equilibrium",
        }
    }
}

macro_rules! rows {
    ($($row:ident $path:literal $theorem:ident $kind:ident $order:literal $title:literal [$($rests:ident)*];)*) => {
        /// One row for each kind of law.
        pub static CATALOGUE: &[RowData] = &[$(RowData {
            row: LawRow::$row,
            path: $path,
            theorem: Theorem::$theorem,
            kind: Kind::$kind,
            order: $order,
            title: $title,
            rests: &[$(LawRow::$rests),*],
        }),*];
    };
}

rows! {
    Transport "transport" Transport Identity 2 "gradient and Hessian" [];
    Gradient "gradient" GradientIdentity Identity 1 "gradient identity" [];
    FlowConserved "gradient-flow/conserved" Conservation Conserved 1 "conserved quantity" [Gradient];
    FlowRate "gradient-flow/rate" Conservation Rate 1 "rate of change" [Gradient];
    FlowConstraint "gradient-flow/constraint" GradientIdentity Constraint 1 "constraint without a first integral" [Gradient];
    DecayConserved "weight-decay/conserved" Conservation Conserved 1 "conserved quantity" [Gradient];
    DecayRate "weight-decay/rate" Conservation Rate 1 "rate of change" [Gradient];
    DescentStep "gradient-descent/step" Conservation Identity 1 "change in one step" [Gradient];
    DescentDecayedStep "gradient-descent/decayed-step" Conservation Identity 1 "change in one step with weight decay" [Gradient];
    SgdStep "sgd/step" Conservation Identity 1 "change in one step" [Gradient];
    SgdMean "sgd/mean-step" Conservation Identity 1 "expected change in one step" [Gradient];
    SgdDrift "sgd/drift" Conservation Equilibrium 1 "equilibrium of the noise" [Gradient];
    SgdEquilibrium "sgd/equilibrium" Conservation Equilibrium 1 "equilibrium of the noise" [Gradient];
    BallConserved "heavy-ball/conserved" Conservation Conserved 1 "conserved quantity" [Gradient];
    BallConservedSum "heavy-ball/conserved-sum" Conservation Conserved 1 "conserved quantity" [Gradient];
    BallRate "heavy-ball/rate" Conservation Rate 1 "rate of change" [Gradient];
    BallBroken "heavy-ball/broken" Conservation Rate 1 "rate of change" [Gradient];
    MirrorConserved "mirror/conserved" Conservation Conserved 1 "conserved quantity" [Gradient];
    MirrorRate "mirror/rate" Conservation Rate 1 "rate of change" [Gradient];
    HessianImage "hessian/image" HessianImage Identity 2 "Hessian image of the generator" [Gradient];
    HessianForm "hessian/form" HessianForm Identity 2 "Hessian form on the orbit" [HessianImage];
    Alignment "alignment" Alignment Identity 2 "alignment of gradient and Hessian" [HessianImage];
    Sharpness "sharpness" Sharpness Bound 2 "sharpness" [HessianImage HessianForm];
    Third "third" ThirdOrder Identity 3 "third derivative" [HessianImage];
    Flattest "flattest" Transport Identity 2 "flattest point" [Third];
    Kernel "kernel" Kernel Kernel 2 "kernel of the Hessian" [HessianImage];
    FixedSpace "fixed-space" FixedSpace Subspace 1 "symmetric subspace" [Transport];
    Breaking "symmetry-breaking" Mirror Subspace 2 "the Hessian off the symmetric subspace" [FixedSpace];
    Multiplicities "multiplicities" Spectrum Multiplicity 2 "spectrum at symmetric points" [FixedSpace];
}

impl LawRow {
    /// Its row; the table is in the order of the variants.
    pub fn data(self) -> &'static RowData {
        &CATALOGUE[self as usize]
    }

    /// The row of that path.
    pub fn named(path: &str) -> Option<LawRow> {
        CATALOGUE.iter().find(|data| data.path == path).map(|data| data.row)
    }

    /// The rate under the same dynamics, of which several may combine to something conserved.
    pub fn combined_from(self) -> Option<LawRow> {
        Some(match self {
            LawRow::FlowConserved => LawRow::FlowRate,
            LawRow::DecayConserved => LawRow::DecayRate,
            LawRow::BallConserved => LawRow::BallRate,
            LawRow::MirrorConserved => LawRow::MirrorRate,
            _ => return None,
        })
    }

    /// What rates of this kind combine to.
    pub fn conserved(self) -> LawRow {
        let combines = |row: &&RowData| row.row.combined_from() == Some(self);
        CATALOGUE.iter().find(combines).map_or(self, |data| data.row)
    }

    /// The dynamics a law of this kind is about.
    pub fn is_about(self, dynamics: Option<&Dynamics>) -> bool {
        use LawRow::*;
        match self {
            FlowConserved | FlowRate | FlowConstraint => matches!(dynamics, Some(Dynamics::GradientFlow)),
            DecayConserved | DecayRate => matches!(dynamics, Some(Dynamics::WeightDecay)),
            DescentStep | DescentDecayedStep => matches!(dynamics, Some(Dynamics::GradientDescent)),
            SgdStep | SgdMean | SgdDrift | SgdEquilibrium => matches!(dynamics, Some(Dynamics::Sgd)),
            BallConserved | BallConservedSum | BallRate | BallBroken => matches!(dynamics, Some(Dynamics::HeavyBall)),
            MirrorConserved | MirrorRate => matches!(dynamics, Some(Dynamics::Mirror(_))),
            Transport | Gradient | HessianImage | HessianForm | Alignment | Sharpness | Third | Flattest | Kernel
            | FixedSpace | Breaking | Multiplicities => dynamics.is_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_its_rows_and_paths_are_names() {
        for (i, data) in CATALOGUE.iter().enumerate() {
            assert_eq!(data.row as usize, i, "{}", data.path);
            assert_eq!(LawRow::named(data.path), Some(data.row));
            assert!(data.rests.iter().all(|row| *row != data.row));
        }
    }
}
