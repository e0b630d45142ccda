"""The partition monitor (pure), and Kafka and Faust around it."""
