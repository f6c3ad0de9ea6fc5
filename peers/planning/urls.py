from django.urls import path

from . import views

app_name = "planning"
urlpatterns = [
    path("challenges/<str:ref>/team/", views.team, name="team"),
    path("challenges/<str:ref>/team/add/", views.propose, name="propose"),
    path("challenges/<str:ref>/team/agree/", views.agree, name="agree"),
    path("challenges/<str:ref>/team/<int:pk>/invite/", views.invite, name="invite"),
    path("challenges/<str:ref>/team/<int:pk>/remove/", views.remove, name="remove"),
    path("invitations/", views.invitations, name="invitations"),
    path("invitations/<int:pk>/", views.invitation, name="invitation"),
]
