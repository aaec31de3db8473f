"""Addresses of the portal. No address holds an account: whose it is, the session says."""

from django.urls import path

from gridhall.doors.portal.views import (
    bills,
    demo,
    guest,
    home,
    late,
    pay,
    payments,
    plans,
    profile,
    sign_in,
    tariff,
    use,
)

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("sign-in", sign_in.sign_in, name="sign_in"),
    path("sign-in/code", sign_in.code, name="sign_in_code"),
    path("sign-out", sign_in.sign_out, name="sign_out"),
    path("bills", bills.bills, name="bills"),
    path("bills/<int:period>/<int:seq>", bills.bill, name="bill"),
    path("bills/<int:period>/<int:seq>.pdf", bills.document, name="bill_document"),
    path("use", use.use, name="use"),
    path("use/hours", use.hours, name="hours"),
    path("use/registers", use.registers, name="registers"),
    path("tariff", tariff.tariff, name="tariff"),
    path("plans", plans.plans, name="plans"),
    path("late-charge", late.late_charge, name="late_charge"),
    path("payments", payments.payments, name="payments"),
    path("payments/<int:number>", payments.receipt, name="receipt"),
    path("payments/<int:number>.pdf", payments.receipt_document, name="receipt_document"),
    path("pay", pay.pay, name="pay"),
    path("pay/guest", guest.guest, name="guest"),
    path("pay/guest/amount", guest.amount, name="guest_amount"),
    path("pay/guest/return", guest.come_back, name="guest_return"),
    path("pay/guest/<str:order_no>", guest.order, name="guest_order"),
    path("pay/return", pay.come_back, name="pay_return"),
    path("pay/<slug:gateway>/notify", pay.notify, name="pay_notify"),
    path("pay/<str:order_no>", pay.order, name="pay_order"),
    path("profile", profile.profile, name="profile"),
    path("demo/messages", demo.messages, name="demo_messages"),
]
