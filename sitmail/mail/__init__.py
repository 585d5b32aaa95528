"""Mail as bytes: doors it comes in by, reading it, writing it, carrying it out.  Knows the domain, not the store."""
