"""corrtip."""
