"""The craft of season planning: plain data in, a plan with its bound out. No Django, no database.

`problem` says what is to be planned, `run` starts the solvers in a process of their own (they take two
seconds and 200 MB to load, which no web process should).
"""
