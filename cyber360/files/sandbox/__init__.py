"""Reading other people's documents in a process that can do nothing but read its input and answer.

`run(program, pieces=, size=, options=)` starts one of `programs/` and gives its whole answer; `stream` gives it in
pieces. `state()` tells which of the ladder's rungs this machine has.
"""

from .ladder import HealthLine, SandboxState, health_line, state
from .process import SandboxFailed, run, stream

__all__ = ["HealthLine", "SandboxFailed", "SandboxState", "health_line", "run", "state", "stream"]
