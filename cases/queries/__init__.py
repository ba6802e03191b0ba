"""One module per screen family: reads models, returns what a page or an answer shows."""
