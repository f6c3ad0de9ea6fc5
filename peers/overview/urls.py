from django.urls import path

from . import views

app_name = "overview"
urlpatterns = [
    path("", views.home, name="home"),
    path("seats/", views.seats, name="seats"),
    path("pipeline/", views.pipeline, name="pipeline"),
    path("pipeline.csv", views.pipeline_export, name="pipeline_export"),
    path("settings/", views.settings_page, name="settings"),
    path("challenges/", views.challenges, name="challenges"),
    path("challenges/<ref>/", views.challenge, name="challenge"),
    path("challenges/<ref>/move/<to>/", views.move, name="move"),
]
