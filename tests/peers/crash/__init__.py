"""A desk is killed again and again while people write to it; afterwards every mail must be accounted for."""
