"""The messages that people read: content, templates, acknowledge links."""
