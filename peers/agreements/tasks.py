"""Doorbells of the room."""

from cyber360.jobs.models import Job
from cyber360.jobs.services import handler

from . import services


@handler(services.RENDER)
def render(job: Job) -> dict:
    return services.make_pdf(agreement_id=job.payload["agreement"], show=job.show)
