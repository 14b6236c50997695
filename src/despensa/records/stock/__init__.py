"""What lies at the points: deliveries, losses, returns, opened parcels and counts."""
