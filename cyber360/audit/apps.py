from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "cyber360.audit"
    label = "audit"
    verbose_name = "Audit"
