"""A programme of ten-year size, made through bulk paths, and the measuring of pages on it. No page of the product."""
