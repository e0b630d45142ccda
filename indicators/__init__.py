"""Pure: the fold of a dossier (R1-R8), definitions, exact counts in time, zones."""
