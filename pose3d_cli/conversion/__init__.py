"""Networks that others published, brought into the form in which they come along."""
