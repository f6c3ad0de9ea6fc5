"""Composing iCalendar text. Plain data in, bytes out."""

from .composing import Entry, Status, calendar_bytes

__all__ = ["Entry", "Status", "calendar_bytes"]
