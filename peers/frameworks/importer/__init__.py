"""The questionnaire format: reading it safely, saying what is wrong, writing it, comparing two. No database here."""
