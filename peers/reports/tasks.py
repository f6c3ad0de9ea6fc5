"""Doorbells of the room."""

from cyber360.jobs.models import Job
from cyber360.jobs.services import handler

from .printing import MAKERS
from .queries import RENDER


@handler(RENDER)
def render(job: Job) -> dict:
    return MAKERS[job.payload["what"]](job.payload["pk"], job.show)
