"""The contracts between services: words, messages, topics. No logic lives here, and nothing here does I/O."""
