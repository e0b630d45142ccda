"""The auditor's side: the same monitor over the same records, touching nothing live."""
