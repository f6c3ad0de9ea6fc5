"""The product's settings with a counter in front of every page and one bare page beside them.

Only `manage.py bench` names this module; nothing of it is reachable in an installation that runs `cyber360.settings`.
"""

from cyber360.settings import *  # noqa: F403
from cyber360.settings import MIDDLEWARE as PRODUCT_MIDDLEWARE

MIDDLEWARE = ["peers.overview.bench.middleware.Counting", *PRODUCT_MIDDLEWARE]
ROOT_URLCONF = "peers.overview.bench.urls"
