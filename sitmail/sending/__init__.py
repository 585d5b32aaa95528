"""Letters on their way out: templates, the header writer, the send queue, the courier, the relay."""
