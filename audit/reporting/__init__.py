"""The period's table by unit, to be handed over."""
