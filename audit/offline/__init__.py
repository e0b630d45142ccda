"""What is handed over with a day's proof: checks that need Python and nothing else."""
