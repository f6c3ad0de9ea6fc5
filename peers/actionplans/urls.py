from django.urls import path

from . import views

app_name = "actionplans"
STEM = "challenges/<ref>/plan/"
urlpatterns = [
    path("actions/overdue/", views.overdue, name="overdue"),
    path(STEM, views.plan, name="plan"),
    path(f"{STEM}recommendations/<int:number>/", views.respond, name="respond"),
    path(f"{STEM}recommendations/<int:number>/actions/add/", views.action_add, name="action_add"),
    path(f"{STEM}actions/<int:pk>/", views.action, name="action"),
    path(f"{STEM}actions/<int:pk>/edit/", views.action_edit, name="action_edit"),
    path(f"{STEM}actions/<int:pk>/progress/", views.progress, name="progress"),
    path(f"{STEM}check-ins/", views.check_ins, name="check_ins"),
    path(f"{STEM}check-ins/add/", views.check_in_add, name="check_in_add"),
    path(f"{STEM}export.<form>", views.export, name="export"),
]
