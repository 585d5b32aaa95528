"""Our letters as pictures, and what a browser measures of their pages (`make gallery`)."""
