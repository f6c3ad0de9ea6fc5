"""The lobby: gathers every room's paths. Each room names its own full paths."""

from django.urls import include, path

from .admin import reference_data

urlpatterns = [
    path("reference-data/", reference_data.urls),
    path("", include("peers.actionplans.urls")),
    path("", include("peers.agreements.urls")),
    path("", include("peers.answers.urls")),
    path("", include("peers.challenges.urls")),
    path("", include("peers.councils.urls")),
    path("", include("peers.evidence.urls")),
    path("", include("peers.findings.urls")),
    path("", include("peers.frameworks.urls")),
    path("", include("peers.onsite.urls")),
    path("", include("peers.overview.urls")),
    path("", include("peers.planning.urls")),
    path("", include("peers.pool.urls")),
    path("", include("peers.records.urls")),
    path("", include("peers.reports.urls")),
    path("", include("peers.scoring.urls")),
]
