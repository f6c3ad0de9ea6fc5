"""Working days in England and Wales, and stage deadlines counted from a visit. Plain data in and out."""
