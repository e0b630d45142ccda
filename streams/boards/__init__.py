"""What the topics say, kept in memory by every worker: one board a kind of record. No sockets."""
