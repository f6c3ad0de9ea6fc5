import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cyber360.settings")
application = get_wsgi_application()
URL_PATTERNS = get_resolver().url_patterns  # reads every view now, once for all workers
