from django.urls import path

from . import views

app_name = "evidence"
ROOM = "challenges/<str:ref>/evidence/"

urlpatterns = [
    path(ROOM, views.evidence_list, name="list"),
    path(ROOM + "add/", views.add_files, name="add"),
    path(ROOM + "add-link/", views.add_link, name="add_link"),
    path(ROOM + "held-files/", views.quarantine, name="quarantine"),
    path(ROOM + "search/", views.search, name="search"),
    path(ROOM + "requests/add/", views.request_add, name="request_add"),
    path(ROOM + "requests/<int:pk>/", views.request_page, name="request"),
    path(ROOM + "requests/<int:pk>/add-link/", views.request_link, name="request_link"),
    path(ROOM + "requests/<int:pk>/change/", views.request_edit, name="request_edit"),
    path(ROOM + "requests/<int:pk>/hand-over/", views.request_hand_over, name="request_hand_over"),
    path(ROOM + "requests/<int:pk>/not-held/", views.request_settle, name="request_settle"),
    path(ROOM + "requests/<int:pk>/met/", views.request_met, name="request_met"),
    path(ROOM + "requests/<int:pk>/ask-again/", views.request_reopen, name="request_reopen"),
    path(ROOM + "requests/<int:pk>/uploads/", views.request_uploads, name="request_uploads"),
    path(ROOM + "requests/<int:pk>/uploads/words/", views.request_upload_words, name="request_upload_words"),
    path(ROOM + "uploads/", views.uploads, name="uploads"),
    path(ROOM + "uploads/words/", views.upload_words, name="upload_words"),
    path(ROOM + "uploads/states/", views.upload_states, name="upload_states"),
    path(ROOM + "uploads/<uuid:pk>/", views.upload, name="upload"),
    path(ROOM + "uploads/<uuid:pk>/cancel/", views.upload_cancel, name="upload_cancel"),
    path(ROOM + "zips/<int:pk>/", views.unpacking, name="unpacking"),
    path(ROOM + "zips/<int:pk>/again/", views.unpack_again, name="unpack_again"),
    path(ROOM + "describe/", views.describe, name="describe"),
    path(ROOM + "<int:pk>/", views.item_page, name="item"),
    path(ROOM + "<int:pk>/changes/", views.item_changes, name="changes"),
    path(ROOM + "<int:pk>/change/", views.item_edit, name="item_edit"),
    path(ROOM + "<int:pk>/replace/", views.item_replace, name="replace"),
    path(ROOM + "<int:pk>/withdraw/", views.item_withdraw, name="withdraw"),
    path(ROOM + "<int:pk>/state/", views.item_state, name="state"),
    path(ROOM + "<int:pk>/open/", views.open_link, name="open"),
    path(ROOM + "<int:pk>/check-again/", views.check_again, name="check_again"),
    path(ROOM + "<int:pk>/versions/<int:number>/download/", views.download, name="download"),
    path(ROOM + "<int:pk>/versions/<int:number>/release/", views.release, name="release"),
]
