"""Saved mails: sender, receivers, subject, the text body and the names of what is attached."""

import email
import email.policy
from email.message import EmailMessage

from .collected import Collected

_SHOWN = ("From", "To", "Cc", "Date", "Subject")


def read_eml(data: bytes, words: Collected) -> None:
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    for name in _SHOWN:
        if value := message.get(name):
            words.add(f"{name}: {value}\n")
    words.add("\n")
    if body := message.get_body(preferencelist=("plain", "html")):
        words.add(str(body.get_content()))
    names = [part.get_filename() or "" for part in message.iter_attachments()]
    if names:
        words.add("\n\nAttached: " + ", ".join(names))


def read_msg(data: bytes, words: Collected) -> None:
    words.add("")
