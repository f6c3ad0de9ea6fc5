from django.urls import path

from . import views

app_name = "findings"
urlpatterns = [
    path("challenges/<ref>/findings/", views.board, name="board"),
    path("challenges/<ref>/findings/add/", views.add, name="add"),
    path("challenges/<ref>/findings/<int:pk>/", views.detail, name="detail"),
    path("challenges/<ref>/findings/<int:pk>/edit/", views.edit, name="edit"),
    path("challenges/<ref>/feedback/", views.feedback, name="feedback"),
]
