from django.urls import path

from peers.councils import views

app_name = "councils"
urlpatterns = [
    path("councils/", views.council_list, name="list"),
    path("councils/<slug:slug>/", views.council_page, name="council"),
    path("councils/<slug:slug>/edit/", views.council_edit, name="edit"),
]
