"""How a message leaves: senders, retries, circuits. The one room of `alerts` with sockets."""
