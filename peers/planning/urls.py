from django.urls import path

from . import views
from .views import calendars

app_name = "planning"
urlpatterns = [
    path("challenges/<str:ref>/team/", views.team, name="team"),
    path("challenges/<str:ref>/team/add/", views.propose, name="propose"),
    path("challenges/<str:ref>/team/shortlist/", views.shortlist, name="shortlist"),
    path("challenges/<str:ref>/team/shortlist/add/", views.shortlist_add, name="shortlist_add"),
    path("challenges/<str:ref>/team/needs/", views.needs, name="needs"),
    path("rules/weights/", views.weights, name="weights"),
    path("rules/shapes/", views.shapes, name="shapes"),
    path("rules/shapes/new/", views.shape, name="shape_new"),
    path("rules/shapes/<int:pk>/", views.shape, name="shape"),
    path("rules/shapes/<int:pk>/remove/", views.shape_remove, name="shape_remove"),
    path("rules/pairs/", views.pairs, name="pairs"),
    path("rules/pairs/<int:pk>/remove/", views.pair_remove, name="pair_remove"),
    path("challenges/<str:ref>/team/agree/", views.agree, name="agree"),
    path("challenges/<str:ref>/team/<int:pk>/invite/", views.invite, name="invite"),
    path("challenges/<str:ref>/team/<int:pk>/remove/", views.remove, name="remove"),
    path("invitations/", views.invitations, name="invitations"),
    path("invitations/<int:pk>/", views.invitation, name="invitation"),
    # calendars
    path("my-calendar/", calendars.calendar, name="calendar"),
    path("my-calendar/make/", calendars.calendar_make, name="calendar_make"),
    path("my-calendar/revoke/", calendars.calendar_revoke, name="calendar_revoke"),
    path("calendar/<str:secret>.ics", calendars.feed, name="calendar_feed"),
    path("invitations/<int:pk>/visit.ics", calendars.invitation_file, name="invitation_file"),
    path("challenges/<str:ref>/dates.ics", calendars.challenge_file, name="challenge_file"),
]
