"""Between the rows of a season and its solvers: the problem as built, the plan as read back, put into words, drawn."""
