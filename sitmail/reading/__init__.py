"""From bytes to `Mail`: how a mail is read.  Knows the domain's values; never raises; no store, no network."""
