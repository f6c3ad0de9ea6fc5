"""Every path of the product."""

from django.conf import settings
from django.urls import include, path

handler400 = "cyber360.ui.views.bad_request"
handler403 = "cyber360.ui.views.permission_denied"
handler404 = "cyber360.ui.views.page_not_found"
handler500 = "cyber360.ui.views.server_error"

urlpatterns = [
    path("", include("cyber360.ui.urls")),
    path("", include("cyber360.accounts.urls")),
    path("jobs/", include("cyber360.jobs.urls")),
    path("outbox/", include("cyber360.notify.urls")),
    path("", include("peers.urls")),
]

if settings.DEMO:
    urlpatterns.append(path("demo/", include("cyber360.accounts.demo_urls")))
