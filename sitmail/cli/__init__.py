"""What people and init systems start."""
