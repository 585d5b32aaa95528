"""The daemon: it connects the doors, the store, the services and the courier with each other."""
