"""Which function does which kind of job, and what runs at every sweep."""

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable

from django.apps import apps
from django.conf import settings
from django.utils.module_loading import autodiscover_modules

HANDLERS: dict[str, Callable] = {}
SWEEPERS: list[Callable] = []
_discovered = False


class NotYet(Exception):
    """Raised by a handler that has not begun: its job must wait for something that ends by itself.

    The job is put back for at least `seconds` with `words` for the waiting page. That is no failure and no attempt.
    """

    def __init__(self, words: str, seconds: float = 10.0) -> None:
        super().__init__(words)
        self.words, self.seconds = words, seconds


def handler(kind: str) -> Callable:
    """Register the function of a kind: `@handler("report.render") def render(job) -> dict | None`.

    The function may run twice for one job (a worker can die after its last line), so doing the work again
    must do no harm. It takes ids from `job.payload`, makes one service call and returns what the page shows.
    """

    def register(function: Callable) -> Callable:
        known = HANDLERS.get(kind)
        if known is not None and (known.__module__, known.__qualname__) != (function.__module__, function.__qualname__):
            raise ValueError(f"Two handlers for {kind}: {known.__module__} and {function.__module__}.")
        HANDLERS[kind] = function
        return function

    return register


def sweeper(function: Callable) -> Callable:
    """Register a function without arguments that is called about once a minute, in any one worker."""
    if function not in SWEEPERS:
        SWEEPERS.append(function)
    return function


def discover() -> None:
    """Import `tasks` of every installed app, and of every room of the apps in `settings.JOB_ROOMS`.

    Called by the worker at its first job, so that web processes never load what only jobs need.
    """
    global _discovered
    if _discovered:
        return
    autodiscover_modules("tasks")
    for label in settings.JOB_ROOMS:
        package = apps.get_app_config(label).module
        assert package is not None
        for room in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            if room.ispkg and importlib.util.find_spec(f"{room.name}.tasks") is not None:
                importlib.import_module(f"{room.name}.tasks")
    _discovered = True
