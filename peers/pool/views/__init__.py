"""The pool's pages, by subject."""
