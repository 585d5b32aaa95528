"""Delivery reports in all their dialects: signs, fields of RFC 3464, plain words, codes and reasons."""
