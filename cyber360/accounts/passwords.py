"""Long passwords that are only common ones in disguise. Works offline, on the list that Django ships."""

import re

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LOOKALIKES = str.maketrans("013457@$!", "oleastasi")
RUNS = ["abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "01234567890123456789", "1qaz2wsx3edc4rfv5tgb6yhn"]


class DisguisedPasswordValidator:
    """Refuses a short piece said over and over, a run of the keyboard, and a common password with figures around it.

    Django's own check compares the whole password with its list, where hardly any entry has twelve characters.
    """

    def __init__(self, words: tuple[str, ...] = ("cyber360", "cyber", "council", "peerchallenge", "welcome")) -> None:
        self.common = CommonPasswordValidator().passwords | set(words)

    def validate(self, password: str, user=None) -> None:
        text = password.lower()
        if _is_repeated(text) or _is_run(text) or self._core_is_common(text):
            raise ValidationError(_("This password is easy to guess. Take three or four unrelated words."))

    def get_help_text(self) -> str:
        return _("Three or four unrelated words make a good password.")

    def _core_is_common(self, text: str) -> bool:
        """Without figures and signs around and between; "P4ssw0rd-2027!" is "password"."""
        forms = (text, text.translate(LOOKALIKES), _trimmed(text).translate(LOOKALIKES))
        cores = {re.sub(r"[^a-z]", "", form) for form in forms}
        return any(core in self.common for core in cores if core)


def _trimmed(text: str) -> str:
    return re.sub(r"^[^a-z]+|[^a-z]+$", "", text)


def _is_repeated(text: str) -> bool:
    """One piece of up to half its length, over and over: its first other place in itself doubled is inside it."""
    return 0 < (text + text).find(text, 1) <= len(text) // 2


def _is_run(text: str) -> bool:
    return any(text in run + run or text in (run + run)[::-1] for run in RUNS)
