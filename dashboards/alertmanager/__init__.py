"""Alertmanager's configuration, with a route for every unit."""
