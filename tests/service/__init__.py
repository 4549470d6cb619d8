"""Each service by itself: events in, events out, and its pages, on both databases."""
