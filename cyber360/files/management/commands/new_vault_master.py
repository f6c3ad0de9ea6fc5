from django.core.management.base import BaseCommand

from cyber360.files.keys import new_pair


class Command(BaseCommand):
    help = "Print a new master as VAULT_MASTER_KEYS takes it (id:hex). Nothing is changed or kept."

    def handle(self, *args, **options):
        self.stdout.write(new_pair())
        self.stderr.write(
            "Put it first, before the present ones, with a comma between; restart web and worker; "
            "run rotate_vault_master; take the old ones away; restart again."
        )
