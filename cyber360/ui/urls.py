from django.urls import include, path

from . import help_pages, views

help_urls = (
    [
        path("", help_pages.index, name="index"),
        path("<slug:slug>/", help_pages.page, name="page"),
    ],
    "help",
)

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("offline/", views.offline, name="offline"),
    path("help/", include(help_urls)),
]
