"""Made from motion: virtual cameras around it, a detector's noise, drawn people, sparse windows."""
