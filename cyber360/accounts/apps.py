from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "cyber360.accounts"
    label = "accounts"
    verbose_name = "Accounts"
