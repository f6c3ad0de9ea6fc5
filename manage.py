#!/usr/bin/env python
import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        os.umask(0o077)  # the SQLite database and its journal are read by this user only
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cyber360.settings")
    execute_from_command_line(sys.argv)
