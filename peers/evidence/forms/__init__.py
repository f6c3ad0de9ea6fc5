"""The forms of evidence, by what they are about."""

from .base import OnceForm, ReasonForm, UploadsField, VersionForm
from .items import AboutForm, ItemForm, LinkForm, ReplaceForm, UploadForm
from .lists import ME, NOBODY, FilterForm
from .receipts import ReceiptFilterForm
from .requests import SOMEONE_NEW, HandOverForm, RequestForm, SettleForm
from .search import SearchForm

__all__ = [
    "AboutForm",
    "FilterForm",
    "HandOverForm",
    "ItemForm",
    "LinkForm",
    "ME",
    "NOBODY",
    "OnceForm",
    "ReasonForm",
    "ReceiptFilterForm",
    "ReplaceForm",
    "RequestForm",
    "SOMEONE_NEW",
    "SearchForm",
    "SettleForm",
    "UploadForm",
    "UploadsField",
    "VersionForm",
]
