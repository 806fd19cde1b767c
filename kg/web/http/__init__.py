"""HTTP as RFC 9110 has it: negotiation, caching, compression, errors, who may write."""
