"""One suite holds the embedded log and Kafka to the same promises."""
