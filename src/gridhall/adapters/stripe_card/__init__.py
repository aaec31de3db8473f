"""Bank cards by Stripe Checkout: its page, signed call-backs, queries, refunds, movements of a day."""
