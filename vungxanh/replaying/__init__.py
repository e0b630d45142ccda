"""`vungxanh replay`: the question, the processes that answer it, and what is written."""
