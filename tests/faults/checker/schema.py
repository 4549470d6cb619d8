"""The run's facts as tables of a scratch database: a long campaign does not fit into the memory, and a promise is a query."""

from typing import Final

SCHEMA: Final = """
-- One call of the ledger; a bulk file is one for each of its lines. phase: ok, fail, unknown.
CREATE TABLE calls (id TEXT, client TEXT, op TEXT, phase TEXT, status INTEGER, channel TEXT, key TEXT, body TEXT, mark TEXT,
    number TEXT, given TEXT, command TEXT, work_order TEXT, version INTEGER, again INTEGER, twin INTEGER, conflict INTEGER);
-- Somebody was shown what is another's.
CREATE TABLE leaks (subject TEXT, what TEXT);
-- What intake holds.
CREATE TABLE stored (number TEXT, channel TEXT, mark TEXT);
-- Events as the topics hold them, each occurrence; a repeat has its first's event id.
CREATE TABLE accepted (event TEXT, number TEXT, sequence INTEGER, type TEXT, partition INTEGER, offset INTEGER, command TEXT);
CREATE TABLE told (event TEXT, number TEXT, version INTEGER, type TEXT, partition INTEGER, offset INTEGER, decision INTEGER,
    threshold INTEGER, command TEXT, status TEXT);
CREATE TABLE dispatched (event TEXT, work_order TEXT, version INTEGER, number TEXT, type TEXT, partition INTEGER, offset INTEGER);
-- Who must be written to, by event.
CREATE TABLE owed (number TEXT, version INTEGER, email TEXT);
-- Records whose bytes the generator put there to harm, and what is no event and not the generator's.
CREATE TABLE poison (topic TEXT, partition INTEGER, offset INTEGER, key TEXT, headers TEXT, value TEXT);
CREATE TABLE meant (topic TEXT, partition INTEGER, offset INTEGER, phase TEXT, key TEXT, headers TEXT, value TEXT);
CREATE TABLE last (topic TEXT, partition INTEGER, offset INTEGER);
CREATE TABLE quarantine (consumer TEXT, topic TEXT, partition INTEGER, offset INTEGER, headers TEXT, value TEXT, reason TEXT);
-- What routing holds.
CREATE TABLE decisions (number TEXT, decision INTEGER);
CREATE TABLE steps (work_order TEXT, version INTEGER, step TEXT, by TEXT);
CREATE TABLE timers (id INTEGER, subject TEXT, kind TEXT, due TEXT, fired TEXT);
CREATE TABLE work_orders (work_order TEXT, number TEXT, version INTEGER, live INTEGER);
-- What the notifier holds, and what reached the sink.
CREATE TABLE timeline (number TEXT, version INTEGER, seq INTEGER, event TEXT);
CREATE TABLE deliveries (message TEXT, number TEXT, version INTEGER, email TEXT, state TEXT);
CREATE TABLE mails (message TEXT, recipient TEXT, taken INTEGER);
CREATE TABLE lines_seen (position INTEGER PRIMARY KEY, watcher TEXT, number TEXT, event TEXT, seq INTEGER);
CREATE TABLE faults (fault TEXT, target TEXT, phase TEXT);
CREATE TABLE unpublished (service TEXT, event TEXT);
CREATE TABLE lag (consumer TEXT, topic TEXT, partition INTEGER, committed INTEGER, ending INTEGER);
CREATE TABLE differences (service TEXT, subject TEXT, what TEXT);
"""

#: Made when everything is in: faster than keeping them while filling.
INDEXES: Final = """
CREATE INDEX calls_given ON calls (given);
CREATE INDEX calls_mark ON calls (mark, channel);
CREATE INDEX calls_key ON calls (key);
CREATE UNIQUE INDEX stored_number ON stored (number);
CREATE INDEX stored_mark ON stored (mark, channel);
CREATE INDEX accepted_number ON accepted (number);
CREATE INDEX told_number ON told (number, version);
CREATE INDEX told_command ON told (command);
CREATE INDEX dispatched_order ON dispatched (work_order, version);
CREATE INDEX dispatched_number ON dispatched (number);
CREATE INDEX owed_key ON owed (number, version, email);
CREATE INDEX decisions_number ON decisions (number, decision);
CREATE INDEX steps_order ON steps (work_order, version);
CREATE INDEX timeline_number ON timeline (number, version);
CREATE INDEX deliveries_key ON deliveries (number, version, email);
CREATE INDEX deliveries_message ON deliveries (message);
CREATE INDEX mails_message ON mails (message);
CREATE INDEX poison_place ON poison (topic, partition, offset);
CREATE INDEX quarantine_place ON quarantine (topic, partition, offset);
CREATE INDEX meant_value ON meant (value);
-- First occurrences: what readers count.
CREATE TABLE versions AS SELECT number, version, event, type, decision, threshold, command, status, partition, min(offset) AS offset
    FROM told GROUP BY event;
CREATE INDEX versions_number ON versions (number, version);
CREATE INDEX versions_event ON versions (event);
CREATE INDEX versions_command ON versions (command);
CREATE TABLE orders AS SELECT work_order, version, event, number, type, partition, min(offset) AS offset
    FROM dispatched GROUP BY event;
CREATE INDEX orders_order ON orders (work_order, version);
CREATE INDEX orders_number ON orders (number);
"""
