"""What the vault keeps: files with what our checks say of them, bytes of our own beside them, and the keys."""

from .blobs import Blob, BlobKind
from .files import NAME_LENGTH, State, StoredFile, VaultKey, Verdict, blob_path

__all__ = ["NAME_LENGTH", "Blob", "BlobKind", "State", "StoredFile", "VaultKey", "Verdict", "blob_path"]
