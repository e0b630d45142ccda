"""What another policy would have done on the real history."""
