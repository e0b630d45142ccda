"""The page that every worker serves."""
