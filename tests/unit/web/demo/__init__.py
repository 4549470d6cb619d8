"""A small service over the web kit, for its tests: notes that people leave, a form, a live page, an API."""
