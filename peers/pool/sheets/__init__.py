"""Peers as rows of a CSV file: reading, checking and writing. Plain data, no database."""
