"""The whole program as it is run in earnest: seven processes on Kafka and PostgreSQL, driven over HTTP."""
