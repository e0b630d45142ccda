"""The worker's HTTP server: access, answers, and a module for each group of routes."""
