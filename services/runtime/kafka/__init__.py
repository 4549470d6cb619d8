"""Kafka, as Fixline uses it: a Faust transport that hands over whole fetches, the worker around it, the relay's producer,
and the topics. Nothing outside this package imports Faust or a Kafka client, and the embedded stack never imports it.

docs/decisions/0004 says why each of Faust's defaults that is changed here had to change.
"""
