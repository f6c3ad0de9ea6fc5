from django.urls import include, path

from . import views

handler400 = "cyber360.ui.views.bad_request"
handler403 = "cyber360.ui.views.permission_denied"
handler404 = "cyber360.ui.views.page_not_found"
handler500 = "cyber360.ui.views.server_error"

urlpatterns = [
    path("bench/bare/", views.bare),
    path("bench/bare/upload/", views.bare_upload),
    path("bench/bare/download/", views.bare_download),
    path("bench/plain/upload/", views.plain_upload),
    path("bench/plain/download/", views.plain_download),
    path("bench/unverified/download/", views.unverified_download),
    path("", include("cyber360.urls")),
]
