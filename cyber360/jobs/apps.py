from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "cyber360.jobs"
    label = "jobs"
    verbose_name = "Jobs"
