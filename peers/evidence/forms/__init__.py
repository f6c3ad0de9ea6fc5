"""The forms of evidence, by what they are about."""

from .base import OnceForm, ReasonForm, UploadsField, VersionForm
from .items import AboutForm, ItemForm, LinkForm, ReplaceForm, UploadForm, UploadWordsForm
from .lists import ME, NOBODY, FilterForm
from .receipts import ReceiptFilterForm
from .requests import SOMEONE_NEW, HandOverForm, RequestForm, SettleForm
from .search import SearchForm
from .uploads import DescribeForm

__all__ = [
    "AboutForm",
    "DescribeForm",
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
    "UploadWordsForm",
    "UploadsField",
    "VersionForm",
]
