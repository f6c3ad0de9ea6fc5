"""Every peer's council of today becomes the open row of their home councils."""

from django.db import migrations


def open_homes(apps, schema_editor):
    profile_model, home_model = apps.get_model("peers", "PeerProfile"), apps.get_model("peers", "HomeCouncil")
    without = profile_model.objects.filter(homes__isnull=True).values_list("pk", "council_id")
    home_model.objects.bulk_create(
        [home_model(profile_id=pk, council_id=council_id) for pk, council_id in without.iterator()], batch_size=500
    )


def remove_homes(apps, schema_editor):
    apps.get_model("peers", "HomeCouncil").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("peers", "0002_pairing_and_seasons")]

    operations = [migrations.RunPython(open_homes, remove_homes)]
