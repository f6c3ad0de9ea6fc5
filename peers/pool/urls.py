from django.urls import path

from .views import applications, away, importing, own, people

app_name = "pool"
urlpatterns = [
    path("pool/", people.pool_list, name="list"),
    path("pool/new/", people.peer_new, name="new"),
    path("pool/invitations/", applications.invitations, name="invitations"),
    path("pool/invitations/new/", applications.invite, name="invite"),
    path("pool/invitations/<int:pk>/send/", applications.send_again, name="invitation_send"),
    path("pool/invitations/<int:pk>/withdraw/", applications.withdraw, name="invitation_withdraw"),
    path("pool/import/", importing.check, name="import"),
    path("pool/import/take/", importing.take, name="import_take"),
    path("pool/import/empty/", importing.template, name="import_empty"),
    path("pool/export/", importing.export, name="export"),
    path("pool/<int:pk>/", people.peer, name="peer"),
    path("pool/<int:pk>/approve/", applications.approve, name="approve"),
    path("pool/<int:pk>/turn-down/", applications.turn_down, name="turn_down"),
    path("pool/<int:pk>/send/", applications.send_to_peer, name="send"),
    path("pool/<int:pk>/edit/", people.peer_edit, name="edit"),
    path("pool/<int:pk>/state/", people.peer_state, name="state"),
    path("pool/<int:pk>/interests/new/", people.peer_interest_new, name="peer_interest_new"),
    path("profile/", own.me, name="me"),
    path("profile/apply/", applications.apply, name="apply"),
    path("profile/confirm/", own.me_confirm, name="me_confirm"),
    path("profile/edit/", own.me_edit, name="me_edit"),
    path("profile/interests/new/", own.interest_new, name="interest_new"),
    path("profile/interests/<int:pk>/withdraw/", own.interest_withdraw, name="interest_withdraw"),
    path("profile/away/new/", away.blackout_new, name="blackout_new"),
    path("profile/away/<int:pk>/remove/", away.blackout_remove, name="blackout_remove"),
    # days away: a month, and a calendar file
    path("profile/away/", away.away, name="away"),
    path("profile/away/import/", away.away_import, name="away_import"),
    path("profile/away/import/take/", away.away_take, name="away_take"),
    path("profile/away/import/remove/", away.away_file_remove, name="away_file_remove"),
    path("pool/<int:pk>/away/", away.peer_away, name="peer_away"),
]
