//! Whether searches are still wanted.

use std::sync::atomic::{AtomicBool, Ordering};

/// Is asked during searches whether to go on. Once it was raised it stays so: every further search ends at once, and whoever
/// started them can tell that what they found is no answer.
pub struct Interrupt<'a> {
    asked: &'a (dyn Fn() -> bool + Sync),
    raised: AtomicBool,
}

impl<'a> Interrupt<'a> {
    /// One that asks the same.
    pub fn again(&self) -> Interrupt<'a> {
        Interrupt { asked: self.asked, raised: AtomicBool::new(self.was_raised()) }
    }

    /// Is raised where another one was.
    pub fn share(&self, other: &Interrupt) {
        self.raised.fetch_or(other.was_raised(), Ordering::Relaxed);
    }

    /// Raised when the answer is yes.
    pub fn when(asked: &'a (dyn Fn() -> bool + Sync)) -> Interrupt<'a> {
        Interrupt { asked, raised: AtomicBool::new(false) }
    }

    /// Never raised.
    pub fn never() -> Interrupt<'static> {
        Interrupt::when(&|| false)
    }

    /// Asks, unless it was raised before.
    pub(super) fn is_raised(&self) -> bool {
        let raised = self.was_raised() || (self.asked)();
        if raised {
            self.raised.store(true, Ordering::Relaxed);
        }
        raised
    }

    /// Whether a search was ended by it.
    pub fn was_raised(&self) -> bool {
        self.raised.load(Ordering::Relaxed)
    }
}
