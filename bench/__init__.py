"""Measurements of vungxanh, and of the naive way to do the same. `python -m bench` runs them."""
