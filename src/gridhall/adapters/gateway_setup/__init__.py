"""What the gateways of customers' payments have in common: set-up files, HTTP, amounts and times."""
