"""The running desk: it alone wires doors, store, services and courier together."""
