"""equilaw: the laws of motion of neural-network training, from the symmetries of a model.

>>> import equilaw
>>> report = equilaw.derive('''
... model linear
... dim d = 4, h = 3, k = 2, n = 6
... param W1 : h x d
... param W2 : k x h
... data X : d x n
... output F = W2 * W1 * X
... loss any
... ''')
>>> report.laws["conserved"][0].quantity.text
"W1 * W1' - W2' * W2"
>>> report.complete.laws_at_most, report.complete.complete
(6, True)
"""

from . import callbacks
from ._core import EquilawError, __version__
from .balance import Balanced, balance
from .canonical import canonicalise, same_function
from .check import check
from .derive import derive
from .formula import Formula
from .jobs import Counted, Discovered, Evaluation, complete, discover, evaluate
from .law import Action, Check, Completeness, Law, Laws, Missing, Step
from .monitor import Monitor, monitor
from .report import Report
from .sweep import Sweep, sweep
from .violation import LawViolated, Violation

__all__ = [
    "Action",
    "Balanced",
    "Check",
    "Completeness",
    "Counted",
    "Discovered",
    "EquilawError",
    "Evaluation",
    "Formula",
    "Law",
    "LawViolated",
    "Laws",
    "Missing",
    "Monitor",
    "Report",
    "Step",
    "Sweep",
    "Violation",
    "__version__",
    "balance",
    "callbacks",
    "canonicalise",
    "check",
    "complete",
    "derive",
    "discover",
    "evaluate",
    "monitor",
    "same_function",
    "sweep",
]
