"""The sample town: made under a seed through the public acts, so that it is a test of them as well."""
