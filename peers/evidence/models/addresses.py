"""Which addresses may be given as evidence. They are shown and opened by people, never fetched by us."""

from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from cyber360.exceptions import BadInput

NOWHERE = "https://disposed.invalid/"  # of a link that was disposed of: it must have an address, and this leads nowhere


def refuse_address(url: str) -> None:
    """Raises BadInput with how to mend it. Addresses of a council's own network are fine: nothing here calls them."""
    if not url.isprintable():  # control characters, and those that turn the direction of what is read
        raise BadInput(_("The address holds characters that cannot be seen. Type it again instead of pasting it."))
    try:
        parts = urlsplit(url)
    except ValueError as wrong:
        raise BadInput(_("Enter an address that starts with https://")) from wrong
    if parts.scheme == "http":
        raise BadInput(
            _(
                "This address starts with http://, so others on the way could read what it leads to. Try it with "
                "https:// in your browser and enter it so, or add the document itself instead."
            )
        )
    if parts.scheme != "https" or not parts.hostname:
        raise BadInput(_("Enter an address that starts with https://"))
    if "@" in parts.netloc:
        raise BadInput(
            _("Take the name or password in front of the @ out of the address: everybody here would see it.")
        )
    if "\\" in url:
        raise BadInput(_("The address holds a backslash (\\). Use / instead."))


def goes_in_clear(url: str) -> bool:
    """True for links that were added before only https:// was taken."""
    return url.lower().startswith("http://")
