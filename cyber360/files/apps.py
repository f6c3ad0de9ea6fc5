from django.apps import AppConfig

from cyber360.files import database_file


class FilesConfig(AppConfig):
    name = "cyber360.files"
    label = "files"
    verbose_name = "Files"

    def ready(self) -> None:
        database_file.watch()
