from django.urls import path

from cyber360.notify import views

app_name = "notify"
urlpatterns = [
    path("", views.outbox, name="outbox"),
    path("<int:pk>/", views.mail, name="mail"),
    path("<int:pk>/retry/", views.mail_retry, name="retry"),
]
