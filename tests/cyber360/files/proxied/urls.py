"""Pages under the addresses that docs/nginx.conf knows."""

from django.http import HttpResponse, JsonResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from cyber360.files.receiving import receives_files
from cyber360.files.services import keep_upload
from tests.cyber360.files.resumable import urls as resumable
from tests.cyber360.files.urls import may_upload


@csrf_exempt
def seen(request, **kwargs):
    """What reached the product: who it believes asks, and how long the body is."""
    return JsonResponse(
        {
            "secure": request.is_secure(),
            "host": request.get_host(),
            "forwarded": request.headers.get("X-Forwarded-For"),
            "length": len(request.body),
        }
    )


@receives_files(may_upload)
def large(request, challenge):
    """Keeps what it was handed, and says so."""
    kept = [keep_upload(upload=one, by=request.user) for one in request.FILES.getlist("files") if not one.refusal]
    refused = [one.refusal for one in request.FILES.getlist("files")]
    return JsonResponse({"sizes": [one.size for one in kept], "refused": refused})


def sent(request, challenge):
    """Some 15 MB on their way out."""
    line = b"the canary sings at the data centre door\r\n" * 25_000
    return HttpResponse(line for _turn in range(15))


urlpatterns = [
    path("challenges/<int:challenge>/evidence/large/", large),
    path("challenges/<int:challenge>/evidence/sent/", sent),
    path("challenges/<int:challenge>/answers/", seen),
    path("in/<str:token>/", seen),
    path("invitation/<str:token>/", seen),
    path("calendar/<str:token>/", seen),
    path("account/password/reset/key/<str:token>/", seen),
    path("search/", seen),
    path("", include(resumable.urlpatterns)),
]
