"""What a paper says: claims, verdicts and their evidence."""
