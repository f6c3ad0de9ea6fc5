from django.urls import path

from peers.councils import views

app_name = "councils"
urlpatterns = [
    path("councils/", views.council_list, name="list"),
    path("councils/partnership/<int:pk>/", views.partnership, name="partnership"),
    path("councils/partnership/<int:pk>/remove/", views.partnership_remove, name="partnership_remove"),
    path("councils/<slug:slug>/", views.council_page, name="council"),
    path("councils/<slug:slug>/edit/", views.council_edit, name="edit"),
    path("councils/<slug:slug>/partnerships/new/", views.partnership_new, name="partnership_new"),
]
