"""Alipay (支付宝): page and mobile pay, call-backs, queries, refunds, daily bills."""
