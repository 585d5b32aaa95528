"""What an engineer's mail does to an incident."""
