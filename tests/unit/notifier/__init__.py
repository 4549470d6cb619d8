"""What customers read, without a server."""
