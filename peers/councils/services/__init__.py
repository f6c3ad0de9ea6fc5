"""Writing the directory, by subject."""

from .directory import ImportReport, Tally, import_directory
from .edits import add_partnership, edit_council, edit_partnership, remove_partnership

__all__ = [
    "ImportReport",
    "Tally",
    "add_partnership",
    "edit_council",
    "edit_partnership",
    "import_directory",
    "remove_partnership",
]
