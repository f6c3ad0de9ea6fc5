from django.urls import path

from cyber360.jobs import views

app_name = "jobs"
urlpatterns = [
    path("", views.job_list, name="list"),
    path("health/", views.health, name="health"),
    path("<int:pk>/again/", views.job_again, name="again"),
]
