"""What crosses a process boundary: events, statuses, incident steps, dead letters."""
