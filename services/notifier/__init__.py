"""The notifier answers for what customers see and are told: a timeline of each request, live pages, and messages, each once.

In: ``service-requests`` (version 0) and ``request-status`` (1, 2, 3 …), in any order between the two. Out: pages, server-sent
events, e-mail. It asks no other service: each event carries all that is shown or sent.
"""
