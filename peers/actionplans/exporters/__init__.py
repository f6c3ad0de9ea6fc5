"""The action plan as CSV and XLSX. Plain rows in, bytes out."""
