"""The book, the history and the steps proved by each other."""
