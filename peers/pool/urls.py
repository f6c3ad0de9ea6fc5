from django.urls import path

from . import views

app_name = "pool"
urlpatterns = [
    path("pool/", views.pool_list, name="list"),
    path("pool/new/", views.peer_new, name="new"),
    path("pool/<int:pk>/", views.peer, name="peer"),
    path("pool/<int:pk>/edit/", views.peer_edit, name="edit"),
    path("pool/<int:pk>/state/", views.peer_state, name="state"),
    path("pool/<int:pk>/interests/new/", views.peer_interest_new, name="peer_interest_new"),
    path("profile/", views.me, name="me"),
    path("profile/edit/", views.me_edit, name="me_edit"),
    path("profile/interests/new/", views.interest_new, name="interest_new"),
    path("profile/interests/<int:pk>/withdraw/", views.interest_withdraw, name="interest_withdraw"),
    path("profile/away/new/", views.blackout_new, name="blackout_new"),
    path("profile/away/<int:pk>/remove/", views.blackout_remove, name="blackout_remove"),
]
