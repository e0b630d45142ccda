"""The processes of one command: what one core does not do alone."""
