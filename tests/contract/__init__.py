"""The contracts between services: examples, generated schemas, the wire format."""
