"""Which function takes over a file that came in pieces, by the kind in `upload.target["kind"]`."""

from collections.abc import Callable

from cyber360.files.models import StoredFile, Upload

Finisher = Callable[[Upload, StoredFile], None]
FINISHERS: dict[str, Finisher] = {}


def finishes(kind: str) -> Callable[[Finisher], Finisher]:
    """Register `function(upload, stored_file)`: called once, in the transaction that writes the file's row.

    It makes what the file is for (an item of evidence, a new version) for `upload.owner`, after requiring the right
    anew. An expected failure that it raises (BadInput, NotNow, NoSeat) refuses the upload with its words; then nothing
    is kept. Any other exception leaves the parts as they are, and the job tries again.
    """

    def register(function: Finisher) -> Finisher:
        known = FINISHERS.get(kind)
        if known is not None and (known.__module__, known.__qualname__) != (function.__module__, function.__qualname__):
            raise ValueError(f"Two functions for {kind}: {known.__module__} and {function.__module__}.")
        FINISHERS[kind] = function
        return function

    return register
