"""An event becomes words; words reach a person."""
