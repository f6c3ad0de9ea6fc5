"""The demo's sign-in; only `cyber360.urls` of a start with DEMO=1 includes it."""

from django.urls import path

from cyber360.accounts import views

app_name = "demo"
urlpatterns = [
    path("", views.demo, name="people"),
    path("<int:pk>/", views.demo_sign_in, name="sign_in"),
]
