"""A fit as files: tables, pictures, one page."""
