"""Recharge cards (电费充值卡): ordered, made, kept in stock, given to agents, sold and redeemed."""
