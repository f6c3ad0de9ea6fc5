"""The forms of evidence, by what they are about."""

from .base import OnceForm, ReasonForm, UploadsField, VersionForm
from .items import AboutForm, ItemForm, LinkForm, ReplaceForm, UploadForm, UploadWordsForm
from .judgements import JudgementForm
from .lists import ITEM, ME, NOBODY, QUESTION, REQUEST, THEME, FilterForm, ways
from .policy import PolicyForm
from .quarantine import AnswerForm, ReleaseSeveralForm
from .receipts import CopyForm, ReceiptFilterForm
from .requests import SOMEONE_NEW, DayForm, HandOverForm, PersonForm, RequestForm, SettleForm
from .reuse import ReuseForm
from .search import SearchForm
from .uploads import DescribeForm

__all__ = [
    "ITEM",
    "ME",
    "NOBODY",
    "QUESTION",
    "REQUEST",
    "SOMEONE_NEW",
    "THEME",
    "AboutForm",
    "AnswerForm",
    "CopyForm",
    "DayForm",
    "DescribeForm",
    "FilterForm",
    "HandOverForm",
    "ItemForm",
    "JudgementForm",
    "LinkForm",
    "OnceForm",
    "PersonForm",
    "PolicyForm",
    "ReasonForm",
    "ReceiptFilterForm",
    "ReleaseSeveralForm",
    "ReplaceForm",
    "RequestForm",
    "ReuseForm",
    "SearchForm",
    "SettleForm",
    "UploadForm",
    "UploadWordsForm",
    "UploadsField",
    "VersionForm",
    "ways",
]
