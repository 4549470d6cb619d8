"""Routing by itself: contract data in, requests in, decisions, work and status out."""
