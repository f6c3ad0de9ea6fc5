from django.urls import path

from .views import away, own, people

app_name = "pool"
urlpatterns = [
    path("pool/", people.pool_list, name="list"),
    path("pool/new/", people.peer_new, name="new"),
    path("pool/<int:pk>/", people.peer, name="peer"),
    path("pool/<int:pk>/edit/", people.peer_edit, name="edit"),
    path("pool/<int:pk>/state/", people.peer_state, name="state"),
    path("pool/<int:pk>/interests/new/", people.peer_interest_new, name="peer_interest_new"),
    path("profile/", own.me, name="me"),
    path("profile/edit/", own.me_edit, name="me_edit"),
    path("profile/interests/new/", own.interest_new, name="interest_new"),
    path("profile/interests/<int:pk>/withdraw/", own.interest_withdraw, name="interest_withdraw"),
    path("profile/away/new/", away.blackout_new, name="blackout_new"),
    path("profile/away/<int:pk>/remove/", away.blackout_remove, name="blackout_remove"),
]
