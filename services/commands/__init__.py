"""The commands of `fixline`, a file a group: they parse, call one capability, print. No rule lives here."""
