from django.urls import path

from . import views

app_name = "onsite"
STEM = "challenges/<ref>/visit/"
urlpatterns = [
    path(STEM, views.timetable, name="timetable"),
    path(f"{STEM}desk/", views.desk, name="desk"),
    path(f"{STEM}desk/read/", views.read, name="read"),
    path(f"{STEM}lines/add/", views.line_add, name="line_add"),
    path(f"{STEM}lines/<int:pk>/", views.line_edit, name="line_edit"),
    path(f"{STEM}my-day/", views.my_day, name="my_day"),
    path(f"{STEM}confirm/", views.confirm, name="confirm"),
    path(f"{STEM}slots/add/", views.slot_add, name="slot_add"),
    path(f"{STEM}slots/<int:pk>/", views.slot, name="slot"),
    path(f"{STEM}slots/<int:pk>/edit/", views.slot_edit, name="slot_edit"),
    path(f"{STEM}slots/<int:pk>/mark/", views.mark, name="mark"),
    path(f"{STEM}slots/<int:conversation_pk>/note/", views.note, name="slot_note"),
    path(f"{STEM}slots/<int:conversation_pk>/note/save/", views.note_autosave, name="slot_note_autosave"),
    path(f"{STEM}notes/", views.notes, name="notes"),
    path(f"{STEM}notes/add/", views.note, name="note_add"),
    path(f"{STEM}notes/<int:pk>/", views.note, name="note"),
    path(f"{STEM}notes/<int:pk>/save/", views.note_autosave, name="note_autosave"),
]
