"""The pages: forms in, commands called, pages out. No business rule lives here."""
