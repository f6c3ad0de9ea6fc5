from django.apps import AppConfig


class NotifyConfig(AppConfig):
    name = "cyber360.notify"
    label = "notify"
    verbose_name = "Mail"
