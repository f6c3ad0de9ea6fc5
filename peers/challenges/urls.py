from django.urls import path

from . import views

app_name = "challenges"
urlpatterns = [
    path("programme/seats/", views.programme_seats, name="programme_seats"),
    path("programme/seats/<int:pk>/end/", views.programme_seat_end, name="programme_seat_end"),
    path("challenges/register/", views.register, name="register"),
    path("challenges/<ref>/people/", views.people, name="people"),
    path("challenges/<ref>/people/add/", views.person_add, name="person_add"),
    path("challenges/<ref>/people/<int:pk>/end/", views.seat_end, name="seat_end"),
    path("challenges/<ref>/scope/", views.scope, name="scope"),
    path("challenges/<ref>/dates/", views.dates, name="dates"),
    path("challenges/<ref>/dates/set/", views.date_pin, name="date_pin"),
    path("challenges/<ref>/hold/", views.hold, name="hold"),
    path("challenges/<ref>/resume/", views.resume, name="resume"),
    path("challenges/<ref>/timeline/", views.timeline, name="timeline"),
]
