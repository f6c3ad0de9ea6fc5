from django.urls import path

from peers.frameworks import views

app_name = "frameworks"
urlpatterns = [
    path("questionnaires/", views.version_list, name="list"),
    path("questionnaires/import/", views.version_import, name="import"),
    path("questionnaires/import/keep/", views.version_keep, name="keep"),
    path("questionnaires/compare/", views.version_compare, name="compare"),
    path("questionnaires/format.json", views.format_schema, name="format"),
    path("questionnaires/<slug:code>/<str:version>/", views.version_page, name="version"),
    path("questionnaires/<slug:code>/<str:version>/publish/", views.version_publish, name="publish"),
    path("questionnaires/<slug:code>/<str:version>/retire/", views.version_retire, name="retire"),
    path("questionnaires/<slug:code>/<str:version>/delete/", views.draft_discard, name="discard"),
    path("questionnaires/<slug:code>/<str:version>/export/", views.version_export, name="export"),
    path("questionnaires/<slug:code>/<str:version>/questions/<str:question>/", views.question_page, name="question"),
]
