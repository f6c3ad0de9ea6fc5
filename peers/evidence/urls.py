from django.urls import path

from . import views

app_name = "evidence"
ROOM = "challenges/<str:ref>/evidence/"

urlpatterns = [
    path("held-files/", views.held_everywhere, name="held_everywhere"),
    path(ROOM, views.evidence_list, name="list"),
    path(ROOM + "add/", views.add_files, name="add"),
    path(ROOM + "add-link/", views.add_link, name="add_link"),
    path(ROOM + "held-files/", views.quarantine, name="quarantine"),
    path(ROOM + "search/", views.search, name="search"),
    path(ROOM + "pack/", views.pack, name="pack"),
    path(ROOM + "pack.zip", views.pack_archive, name="pack_archive"),
    path(ROOM + "receipts/", views.receipts, name="receipts"),
    path(ROOM + "receipts.csv", views.receipts_sheet, name="receipts_sheet"),
    path(ROOM + "requests/add/", views.request_add, name="request_add"),
    path(ROOM + "requests/<int:pk>/", views.request_page, name="request"),
    path(ROOM + "requests/<int:pk>/add-link/", views.request_link, name="request_link"),
    path(ROOM + "requests/<int:pk>/change/", views.request_edit, name="request_edit"),
    path(ROOM + "requests/<int:pk>/hand-over/", views.request_hand_over, name="request_hand_over"),
    path(ROOM + "requests/<int:pk>/not-held/", views.request_settle, name="request_settle"),
    path(ROOM + "requests/<int:pk>/met/", views.request_met, name="request_met"),
    path(ROOM + "requests/<int:pk>/ask-again/", views.request_reopen, name="request_reopen"),
    path(ROOM + "<int:pk>/", views.item_page, name="item"),
    path(ROOM + "<int:pk>/changes/", views.item_changes, name="changes"),
    path(ROOM + "<int:pk>/change/", views.item_edit, name="item_edit"),
    path(ROOM + "<int:pk>/replace/", views.item_replace, name="replace"),
    path(ROOM + "<int:pk>/withdraw/", views.item_withdraw, name="withdraw"),
    path(ROOM + "<int:pk>/state/", views.item_state, name="state"),
    path(ROOM + "<int:pk>/open/", views.open_link, name="open"),
    path(ROOM + "<int:pk>/held/", views.concern, name="concern"),
    path(ROOM + "<int:pk>/held/remove/", views.remove_held, name="remove_held"),
    path(ROOM + "<int:pk>/check-again/", views.check_again, name="check_again"),
    path(ROOM + "<int:pk>/pages/<int:number>/", views.preview, name="preview"),
    path(ROOM + "<int:pk>/pages/<int:number>/picture/", views.picture, name="picture"),
    path(ROOM + "<int:pk>/versions/<int:number>/download/", views.download, name="download"),
    path(ROOM + "<int:pk>/versions/<int:number>/release/", views.release, name="release"),
]
