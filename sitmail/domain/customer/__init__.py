"""What a contact's or participant's mail does to an incident."""
