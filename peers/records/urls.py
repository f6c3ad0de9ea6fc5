from django.urls import path

from . import views

app_name = "records"
ROOM = "challenges/<str:ref>/records/"

urlpatterns = [
    path(ROOM, views.room, name="room"),
    path(f"{ROOM}sooner/", views.ask, name="ask"),
    path(f"{ROOM}hold/", views.hold_set, name="hold_set"),
    path(f"{ROOM}hold/lift/", views.hold_lift, name="hold_lift"),
    path(f"{ROOM}disposals/<int:pk>/", views.run, name="run"),
    path(f"{ROOM}disposals/<int:pk>/approve/", views.run_approve, name="run_approve"),
    path(f"{ROOM}disposals/<int:pk>/put-off/", views.run_put_off, name="run_put_off"),
    path(f"{ROOM}certificates/<int:pk>/", views.certificate, name="certificate"),
    path(f"{ROOM}certificates/<int:pk>/pdf/", views.certificate_pdf, name="certificate_pdf"),
    path(f"{ROOM}information/", views.information, name="information"),
    path(f"{ROOM}information/<int:pk>/", views.information_export, name="information_export"),
    path(f"{ROOM}information/<int:pk>/archive/", views.information_archive, name="information_archive"),
    path("your-information/", views.own_information, name="own_information"),
    path("people/", views.people, name="people"),
    path("people/<int:pk>/", views.person, name="person"),
    path("people/<int:pk>/correct/", views.person_correct, name="person_correct"),
    path("people/<int:pk>/erase/", views.person_erase, name="person_erase"),
    path("people/<int:pk>/information/", views.person_information, name="person_information"),
    path("information/<int:pk>/", views.person_export, name="person_export"),
    path("information/<int:pk>/archive/", views.person_archive, name="person_archive"),
    path("disposals/", views.due, name="due"),
    path("settings/retention/", views.periods, name="periods"),
    path("settings/retention/<str:kind>/", views.period, name="period"),
    path("settings/master-key/", views.master_key, name="master_key"),
]
