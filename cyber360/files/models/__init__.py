"""What the vault keeps: files with what our checks say of them, bytes of our own beside them, and the keys."""

from .blobs import Blob, BlobKind
from .checks import CheckStep, Concern, ConcernKind, ScannerState, Step, StepState
from .destruction import DestroyedScope, Keyring
from .files import NAME_LENGTH, State, StoredFile, VaultKey, Verdict, blob_path
from .uploads import Upload, UploadState

__all__ = [
    "NAME_LENGTH",
    "Blob",
    "BlobKind",
    "CheckStep",
    "Concern",
    "ConcernKind",
    "DestroyedScope",
    "Keyring",
    "ScannerState",
    "State",
    "Step",
    "StepState",
    "StoredFile",
    "Upload",
    "UploadState",
    "VaultKey",
    "Verdict",
    "blob_path",
]
