"""What an answered request is answered with, and the documents made of it."""
