import os
import re
from collections.abc import Callable, Iterable

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cyber360.settings")
_django = get_wsgi_application()
_views = get_resolver().url_patterns  # read every view now, once for all workers
_CHARSET = re.compile(r";\s*charset=[^;]*", re.IGNORECASE)


def application(environ: dict, start_response: Callable) -> Iterable[bytes]:
    """Django's own, without the charset that a request may name: every page here speaks UTF-8.

    Django takes any codec of Python for one and stumbles over those that are none of text before a page could say so.
    """
    environ["CONTENT_TYPE"] = _CHARSET.sub("", environ.get("CONTENT_TYPE", ""))
    return _django(environ, start_response)
