"""Words that wait somewhere for a moment (a session, say), under the key of their scope: they end with it.

A session's row and every backup of it would otherwise keep them in clear after the scope was destroyed.
"""

import base64
import binascii
import hashlib

from cryptography.exceptions import InvalidTag

from cyber360.files import cipher
from cyber360.files.cipher import DamagedFile
from cyber360.files.keys import existing_key, key_for


def sealed_words(scope: str, name: str, words: str) -> str:
    """`words` as text that only `opened_words` with the same scope and name opens. Raises NotNow when destroyed."""
    return base64.b64encode(cipher.seal(key_for(scope), _context(scope, name), words.encode())).decode()


def opened_words(scope: str, name: str, sealed: str) -> str | None:
    """The words, None when they cannot be opened: the key is gone, or they belong elsewhere."""
    try:
        return cipher.unseal(existing_key(scope), _context(scope, name), base64.b64decode(sealed)).decode()
    except (DamagedFile, InvalidTag, binascii.Error, UnicodeDecodeError):
        return None


def _context(scope: str, name: str) -> bytes:
    """`name` may be anything that a browser sent, so its digest stands for it."""
    return f"vault/words/v1/{cipher.checked_scope(scope)}/{hashlib.sha256(name.encode()).hexdigest()}".encode()
