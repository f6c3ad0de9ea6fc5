from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "cyber360.ui"
    label = "ui"
