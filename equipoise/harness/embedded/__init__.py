"""The embedded model: a small real language model that runs anywhere, without keys, GPU or compiler."""
