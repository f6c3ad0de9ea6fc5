"""Tokens of links in mails: 32 random bytes. Only the SHA-256 is kept: a copy of the database opens nothing."""

import hashlib
import secrets


def new_token() -> tuple[str, str]:
    """A token for a link, and the hash to keep."""
    token = secrets.token_urlsafe(32)
    return token, token_hash(token)


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
