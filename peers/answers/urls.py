from django.urls import path

from . import views

app_name = "answers"

urlpatterns = [
    path("my-questions/", views.mine, name="mine"),
    path("my-questions/<int:pk>/done/", views.done, name="done"),
    path("challenges/<str:ref>/questions/", views.overview, name="overview"),
    path("challenges/<str:ref>/questions/hand-over/", views.hand_over, name="hand_over"),
    path("challenges/<str:ref>/questions/hand-over/<int:pk>/take-back/", views.take_back, name="take_back"),
    path("challenges/<str:ref>/questions/position/", views.position, name="position"),
    path("challenges/<str:ref>/questions/position/autosave/", views.autosave_position, name="autosave_position"),
    path("challenges/<str:ref>/questions/sign-off/", views.sign_off, name="sign_off"),
    path("challenges/<str:ref>/questions/<str:code>/", views.question, name="question"),
    path("challenges/<str:ref>/questions/<str:code>/autosave/", views.autosave, name="autosave"),
    path("challenges/<str:ref>/questions/<str:code>/remark/", views.comment, name="comment"),
    path("challenges/<str:ref>/questions/<str:code>/history/", views.history, name="history"),
]
