"""From CSV bytes to plain rows and a list of what is wrong. Knows nothing of the database."""
