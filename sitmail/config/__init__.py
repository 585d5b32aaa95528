"""TOML into a policy, with a sentence for every mistake."""
