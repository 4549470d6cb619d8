"""Routing answers for a request from its acceptance on: what is decided and why, who does what about it, and by when.

Events in: `service-requests` (accepted, amended, cancelled, reopened). Events out: `request-status`, each change the next
version of a request, and `dispatch`, the work orders of technicians. It holds the contract data, the queues of
technicians, desks and depots, estimates and invoices, and the clocks; it alone writes a request's status.
"""
