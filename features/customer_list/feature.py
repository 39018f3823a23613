"""What this feature consists of."""

from __future__ import annotations

from core.reason import Reason, define
from features.customer_list import chosen, jobs, live_check, queries, routes
from runtime.feature import Feature, every
from runtime.setting import SettingsPage

define({"page.customers": "Customer List"})

PAGE = SettingsPage(
    "customers", Reason("page.customers"), 70, ("settings/customers.html",),
    role="admin", anchors=("customer-list",),
)

FEATURE = Feature(
    name="customer_list",
    tables=("customers", "customer_sync_runs", "customer_writes"),
    blueprints=(routes.blueprint,),
    settings=(chosen.LIST,),
    pages=(PAGE,),
    subcommands={"live-check": (live_check.sheet_command,)},
    jobs=(every(jobs.sync_customers, minutes=1, soon=True), every(jobs.write_to_sheet, minutes=1)),
    on_clock_set=(queries.hurry,),
)
