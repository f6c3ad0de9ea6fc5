from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "cyber360.files"
    label = "files"
    verbose_name = "Files"
