"""The compiled part: jobs over texts. A matrix is (rows, columns, entries row by row as native doubles)."""

from collections.abc import Mapping

__version__: str

class EquilawError(ValueError):
    """A model, a size or a question that equilaw cannot answer, with the reason."""

class RawReport:
    @property
    def clean(self) -> bool: ...
    def json(self) -> str: ...
    def html(self, proof: bool) -> str: ...
    def latex(self, standalone: bool, proof: bool) -> str: ...
    def numpy(self) -> str: ...
    def torch(self) -> str: ...
    def text(self, all: bool, proof: bool, width: int) -> str: ...

Matrix = tuple[int, int, bytes]
Returned = tuple[str, int, int, bytes]

def run(words: list[str]) -> int:
    """Carries out a command line in this process, and returns the exit status of the program `equilaw`."""

def derive(
    name: str,
    text: str,
    *,
    dims: Mapping[str, int],
    seed: int,
    checks: bool,
    flows: bool,
    discovery: bool,
    count: bool,
    given: Mapping[str, Matrix],
) -> RawReport: ...
def complete(
    name: str, text: str, *, dims: Mapping[str, int], seed: int, dynamics: str | None, degree: int
) -> tuple[str, str, bool, list[int]]: ...
def discover(
    name: str, text: str, *, dims: Mapping[str, int], seed: int, equivariant: bool
) -> tuple[str, str, bool, int, str]: ...
def evaluate(
    name: str, text: str, *, dims: Mapping[str, int], at: Mapping[str, Matrix], along: Matrix | None
) -> tuple[list[Returned], list[Returned]]: ...
