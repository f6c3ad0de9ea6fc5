from django.urls import path

from . import views

app_name = "scoring"
urlpatterns = [
    path("challenges/<ref>/scores/", views.own, name="own"),
    path("challenges/<ref>/scores/submit/", views.submit, name="submit"),
    path("challenges/<ref>/scores/board/", views.board, name="board"),
    path("challenges/<ref>/scores/board/<code>/", views.agree, name="agree"),
    path("challenges/<ref>/scores/<code>/", views.score, name="score"),
    path("challenges/<ref>/scores/<code>/save/", views.score_autosave, name="score_autosave"),
]
