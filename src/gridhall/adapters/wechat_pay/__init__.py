"""WeChat Pay (微信支付) by APIv3: codes and phone pages, call-backs, queries, refunds, daily bills."""
