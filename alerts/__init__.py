"""Pure: the incident machine. When a unit has left the green zone, and when it is back."""
