"""allauth's passkey forms, which take whatever a browser posts as JSON."""

import json
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn import forms as webauthn

# What reading a response that is none raises below allauth, beside the refusals that it words itself.
NOT_A_PASSKEY = (LookupError, TypeError, ValueError, AttributeError)


class BoundedDecoder(json.JSONDecoder):
    """Numbers of thousands of digits and endless brackets are bad JSON to us: Python refuses them with other errors."""

    def decode(self, text: str, *args: Any) -> Any:  # type: ignore[override]  # the base names its second argument _w
        try:
            return super().decode(text, *args)
        except (ValueError, RecursionError) as wrong:
            raise json.JSONDecodeError(str(wrong), text, 0) from wrong


class Bounded:
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"].decoder = BoundedDecoder  # type: ignore[attr-defined]  # a form's, mixed in


class AddForm(Bounded, webauthn.AddWebAuthnForm):
    def clean(self) -> dict:
        try:
            return super().clean()
        except NOT_A_PASSKEY as wrong:
            raise get_adapter().validation_error("incorrect_code") from wrong


class Presented(Bounded):
    def clean_credential(self):
        try:
            return super().clean_credential()  # type: ignore[misc]  # a form's, mixed in
        except NOT_A_PASSKEY as wrong:
            raise get_adapter().validation_error("incorrect_code") from wrong


class LoginForm(Presented, webauthn.LoginWebAuthnForm):
    pass


class ReauthenticateForm(Presented, webauthn.ReauthenticateWebAuthnForm):
    pass
