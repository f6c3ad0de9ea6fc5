from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cyber360.accounts.models import User, plain_line
from cyber360.accounts.names import NameField
from cyber360.accounts.queries import why_name_is_held


class AcceptInvitationForm(forms.Form):
    """A name and a password, the password checked against the validators of the settings (all of them offline).

    `held`: the name already stands on a challenge, and the page shows it as text.
    """

    full_name = NameField(widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    password_again = forms.CharField(
        label=_("Password, once more"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, *args, user: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.held = user, bool(why_name_is_held(user))
        if self.held:
            del self.fields["full_name"]
        else:
            self.fields["full_name"].initial = user.full_name
        self.fields["password"].help_text = " ".join(password_validators_help_texts())

    def clean(self) -> dict:
        cleaned = super().clean()
        password, again = cleaned.get("password"), cleaned.get("password_again")
        if password and again and password != again:
            self.add_error("password_again", _("The two passwords differ."))
        elif password:
            try:
                validate_password(password, self.user)
            except ValidationError as weak:
                self.add_error("password", weak)
        return cleaned


class OwnDetailsForm(forms.ModelForm):
    """The name cannot be changed while it stands for somebody in what they read and sign."""

    full_name = NameField()

    class Meta:
        model = User
        fields = ["full_name", "job_title", "daily_digest"]

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        self.held = why_name_is_held(self.instance)
        self.fields["full_name"].help_text = self.held
        self.fields["full_name"].widget.attrs["autocomplete"] = "name"

    def clean_full_name(self) -> str:
        name = self.cleaned_data["full_name"]
        if self.held and plain_line(name) != self.initial["full_name"]:
            raise ValidationError(self.held, code="held")
        return name


class AccountFilterForm(forms.Form):
    """The filter of the administrator's list of accounts."""

    mark_optional = False
    search = forms.CharField(label=_("Name or e-mail address"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("Any state")),
            ("active", _("Can sign in")),
            ("invited", _("Invited, no password yet")),
            ("disabled", _("Disabled")),
        ],
    )


class AccountStateForm(forms.Form):
    """Disable or enable an account, with the reason."""

    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
