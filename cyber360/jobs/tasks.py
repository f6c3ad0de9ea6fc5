"""What the worker does for the platform itself."""

from cyber360.jobs.services import sweeper
from cyber360.ui.once import forget_old


@sweeper
def forget_sent_forms() -> None:
    forget_old()
