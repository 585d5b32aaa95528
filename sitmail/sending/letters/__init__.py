"""What letters say and how they look: templates, the blocks they consist of, and the two writers of text and page."""
