"""What the desk does: one public function here is one transaction."""
