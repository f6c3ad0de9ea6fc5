from django.urls import URLPattern

app_name = "records"
ROOM = "challenges/<str:ref>/records/"

urlpatterns: list[URLPattern] = []
