"""How often something may be asked for: a count in the cache that all web processes share.

Two processes that count at the same moment may count once; a limit of this kind can bear that.
"""

import time

from django.core.cache import cache


def within(name: str, *, most: int, seconds: int) -> bool:
    """Count one more under `name`; whether that is still among the first `most` of this stretch of `seconds`."""
    key = f"throttle:{name}:{int(time.time()) // seconds}"
    count = cache.get(key, 0) + 1
    if count <= most:
        cache.set(key, count, seconds)
    return count <= most
