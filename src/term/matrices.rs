//! The real matrices with given facts at a given extent: which set they are, or why there are none. A sampler draws from it, a
//! declaration is refused by it.

use super::{Facts, Shape, Size, Symbol};
use std::fmt;

/// The matrices of one extent with certain facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matrices {
    /// Only 0: symmetric and skew.
    Zero,
    /// Only I: a diagonal permutation.
    Identity,
    Permutations,
    /// Symmetric permutations: fixed points and exchanges.
    Involutions,
    /// diag(±1, …, ±1).
    Signs,
    SignedPermutations,
    /// Symmetric signed permutations.
    SignedInvolutions,
    /// Skew signed permutations: the coordinates in pairs, each turned by a quarter.
    SignedPairings,
    Orthogonal,
    /// Symmetric orthogonal matrices, of every signature: I − 2P for the orthogonal projections P.
    Reflections,
    /// Skew orthogonal matrices, J² = −I.
    ComplexStructures,
    /// Orthogonal matrices that fix the vector of ones.
    OrthogonalFixingOnes,
    /// The symmetric ones among them, of every signature.
    ReflectionsFixingOnes,
    /// Matrices whose rows and columns sum to 1; doubly stochastic where no entry is negative.
    FixingOnes {
        symmetric: bool,
        entries: Entries,
        invertible: bool,
    },
    /// Matrices whose rows and columns sum to 0.
    Centred {
        symmetry: Symmetry,
    },
    /// Block diagonal matrices of 2×2 blocks a I + b J.
    Planes {
        numbers: Complex,
        invertible: bool,
    },
    PositiveDiagonal,
    Diagonal {
        nonnegative: bool,
        invertible: bool,
    },
    Skew {
        invertible: bool,
    },
    Symmetric {
        entries: Entries,
        invertible: bool,
    },
    /// Matrices of which nothing is known but, perhaps, the signs of their entries or that they are invertible.
    All {
        entries: Entries,
        invertible: bool,
    },
}

/// The numbers that the entries of a matrix may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entries {
    Any,
    Nonnegative,
    Positive,
}

/// What is known of a matrix and its transpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Symmetry {
    Any,
    Symmetric,
    Skew,
}

/// The numbers a + bi that the blocks a I + b J of a matrix may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Complex {
    Any,
    /// Of modulus 1.
    Unit,
    Real {
        nonnegative: bool,
    },
    Imaginary,
    /// ±1 and ±i.
    Quarters,
    /// ±1.
    Signs,
    /// ±i.
    QuarterTurns,
}

/// Why there is no matrix with certain facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emptiness {
    /// The facts are those of square matrices.
    NotSquare,
    /// A skew matrix of odd size is singular.
    Odd,
    /// Off the diagonal of an n×n matrix with n > 1 an entry that must be positive would be 0, or two columns with positive
    /// entries would be orthogonal.
    NotOne,
    /// The facts contradict each other at every size.
    Never,
}

impl Matrices {
    /// The set of the `rows`×`cols` matrices with some facts, which need not be closed under their implications.
    ///
    /// # Errors
    /// Why there are none.
    pub fn of(facts: Facts, rows: usize, cols: usize) -> Result<Matrices, Emptiness> {
        if rows != cols && !(facts - Facts::ENTRIES).is_empty() {
            return Err(Emptiness::NotSquare);
        }
        let known = facts.closed(false);
        let has = |fact| known.contains(fact);
        let skew = has(Facts::SKEW);
        // The diagonal of a skew matrix is 0, and an entry has the sign that its mirror image has not.
        let signed = known.intersects(Facts::POSITIVE | Facts::POSITIVE_DIAGONAL | Facts::PERMUTATION);
        let zero = has(Facts::SYMMETRIC) || has(Facts::NONNEGATIVE);
        if skew && (signed || zero && has(Facts::INVERTIBLE)) {
            return Err(Emptiness::Never);
        }
        // 1ᵀX1 is 0 for a skew X, and n where X fixes 1; what is centred takes 1 to 0.
        if has(Facts::FIXES_ONES) && (skew || has(Facts::CENTRED))
            || has(Facts::CENTRED) && known.intersects(Facts::INVERTIBLE | Facts::POSITIVE)
            || has(Facts::PLANES) && has(Facts::POSITIVE)
        {
            return Err(Emptiness::Never);
        }
        if (skew && has(Facts::INVERTIBLE) || has(Facts::PLANES)) && rows % 2 == 1 {
            return Err(Emptiness::Odd);
        }
        if has(Facts::POSITIVE) && known.intersects(Facts::DIAGONAL | Facts::ORTHOGONAL) && rows > 1 {
            return Err(Emptiness::NotOne);
        }
        Ok(Matrices::inhabited(facts.closed(rows == 1 && cols == 1)))
    }

    /// Whether there are finitely many.
    pub fn is_finite(self) -> bool {
        use Matrices::*;
        match self {
            Zero
            | Identity
            | Permutations
            | Involutions
            | Signs
            | SignedPermutations
            | SignedInvolutions
            | SignedPairings
            | Planes { numbers: Complex::Quarters | Complex::Signs | Complex::QuarterTurns, .. } => true,
            Orthogonal
            | Reflections
            | ComplexStructures
            | OrthogonalFixingOnes
            | ReflectionsFixingOnes
            | FixingOnes { .. }
            | Centred { .. }
            | PositiveDiagonal
            | Diagonal { .. }
            | Skew { .. }
            | Symmetric { .. }
            | All { .. }
            | Planes { .. } => false,
        }
    }

    /// The set of the matrices with some facts, closed under their implications, where there are such matrices.
    fn inhabited(facts: Facts) -> Matrices {
        let has = |fact| facts.contains(fact);
        let (symmetric, skew) = (has(Facts::SYMMETRIC), has(Facts::SKEW));
        let invertible = has(Facts::INVERTIBLE);
        let nonnegative = has(Facts::NONNEGATIVE);
        let entries = match (has(Facts::POSITIVE), nonnegative) {
            (true, _) => Entries::Positive,
            (_, true) => Entries::Nonnegative,
            _ => Entries::Any,
        };
        let centred = has(Facts::CENTRED);
        if skew && (symmetric || nonnegative) || centred && (nonnegative || has(Facts::DIAGONAL) || has(Facts::PLANES))
        {
            Matrices::Zero
        } else if has(Facts::PLANES) && !has(Facts::PERMUTATION) {
            let signed = has(Facts::SIGNED_PERMUTATION);
            let numbers = match (symmetric, skew) {
                (true, _) if signed => Complex::Signs,
                (true, _) => Complex::Real { nonnegative },
                (_, true) if signed => Complex::QuarterTurns,
                (_, true) => Complex::Imaginary,
                _ if signed => Complex::Quarters,
                _ if has(Facts::ORTHOGONAL) => Complex::Unit,
                _ => Complex::Any,
            };
            Matrices::Planes { numbers, invertible }
        } else if centred {
            let symmetry = match (symmetric, skew) {
                (true, _) => Symmetry::Symmetric,
                (_, true) => Symmetry::Skew,
                _ => Symmetry::Any,
            };
            Matrices::Centred { symmetry }
        } else if has(Facts::ORTHOGONAL) {
            let fixing = has(Facts::FIXES_ONES);
            let diagonal = has(Facts::DIAGONAL);
            match (has(Facts::PERMUTATION), has(Facts::SIGNED_PERMUTATION)) {
                _ if has(Facts::POSITIVE_DIAGONAL) => Matrices::Identity,
                (true, _) if diagonal => Matrices::Identity,
                (true, _) if symmetric => Matrices::Involutions,
                (true, _) => Matrices::Permutations,
                (_, true) if diagonal => Matrices::Signs,
                (_, true) if symmetric => Matrices::SignedInvolutions,
                (_, true) if skew => Matrices::SignedPairings,
                (_, true) => Matrices::SignedPermutations,
                _ if fixing && symmetric => Matrices::ReflectionsFixingOnes,
                _ if fixing => Matrices::OrthogonalFixingOnes,
                _ if symmetric => Matrices::Reflections,
                _ if skew => Matrices::ComplexStructures,
                _ => Matrices::Orthogonal,
            }
        } else if has(Facts::FIXES_ONES) {
            Matrices::FixingOnes { symmetric, entries, invertible }
        } else if has(Facts::POSITIVE_DIAGONAL) {
            Matrices::PositiveDiagonal
        } else if has(Facts::DIAGONAL) {
            Matrices::Diagonal { nonnegative, invertible }
        } else if skew {
            Matrices::Skew { invertible }
        } else if symmetric {
            Matrices::Symmetric { entries, invertible }
        } else {
            Matrices::All { entries, invertible }
        }
    }
}

impl Emptiness {
    /// Why no matrix of any size has some facts together; `None` where some size has one.
    pub fn always(facts: Facts) -> Option<Emptiness> {
        // Only whether a size is 1 and whether it is even matters.
        [1, 2].iter().find_map(|&n| Matrices::of(facts, n, n).ok()).is_none().then_some(Emptiness::Never)
    }

    /// The sizes at which such a matrix exists, for a size of that name; `None` where there is none.
    fn only(self, size: &str) -> Option<String> {
        match self {
            Emptiness::NotSquare => Some("square".to_string()),
            Emptiness::Odd => Some(format!("even {size}")),
            Emptiness::NotOne => Some(format!("{size} = 1")),
            Emptiness::Never => None,
        }
    }
}

/// A named matrix that cannot have its declared facts at the sizes asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Empty {
    pub name: Symbol,
    /// As declared.
    pub facts: Facts,
    pub shape: Shape,
    pub extent: (usize, usize),
    pub why: Emptiness,
}

impl fmt::Display for Empty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Empty { name, facts, shape, extent: (rows, cols), why } = self;
        write!(f, "`{name}` cannot be {}", (*facts - Facts::CONSTANT).words())?;
        let size = match (shape.rows, why) {
            (_, Emptiness::NotSquare) => {
                return write!(f, " at {rows}×{cols}: these are facts of square matrices");
            }
            (Size::Name(size), _) => Some(size),
            (Size::Lit(_) | Size::Formula(_), _) => None,
        };
        match size {
            Some(size) => write!(f, " at {size} = {rows}")?,
            None => write!(f, " at {rows}×{cols}")?,
        }
        match why.only(size.as_ref().map_or("n", |size| size.as_str())) {
            Some(only) => write!(f, ": such a matrix exists only for {only}")?,
            None => write!(f, ": no matrix is")?,
        }
        match (size, why) {
            (Some(size), Emptiness::Odd) => write!(f, "; choose --dims {size}={}", rows + 1),
            (Some(size), Emptiness::NotOne) => write!(f, "; choose --dims {size}=1"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for Empty {}
