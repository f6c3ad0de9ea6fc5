"""The platform's pages without the domain's, and a home to be sent to."""

from django.http import HttpResponse
from django.urls import include, path


def home(request):
    return HttpResponse(f"home of {request.user}")


urlpatterns = [
    path("", include(([path("", home, name="home")], "overview"))),
    path("", include("cyber360.accounts.urls")),
    path("demo/", include("cyber360.accounts.demo_urls")),
    path("jobs/", include("cyber360.jobs.urls")),
    path("outbox/", include("cyber360.notify.urls")),
]
