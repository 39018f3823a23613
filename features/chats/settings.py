"""What the owner decides about chats."""

from __future__ import annotations

from core.reason import Reason, define
from runtime.setting import Setting

define(
    {
        "setting.tell_customers_read": "Tell customers that we have read their messages",
        "setting.tell_customers_read.help": "Customers then see blue ticks as soon as somebody of the team reads.",
    }
)

TELL_CUSTOMERS_READ = Setting(
    "tell_customers_read",
    bool,
    False,
    page="business",
    label=Reason("setting.tell_customers_read"),
    help=Reason("setting.tell_customers_read.help"),
)
