"""What this feature consists of."""

from __future__ import annotations

from features.customer_list import jobs, live_check, queries, routes
from runtime.feature import Feature, every

FEATURE = Feature(
    name="customer_list",
    tables=("customers", "customer_sync_runs", "customer_writes"),
    blueprints=(routes.blueprint,),
    subcommands={"live-check": (live_check.sheet_command,)},
    jobs=(every(jobs.sync_customers, minutes=1, soon=True), every(jobs.write_to_sheet, minutes=1)),
    on_clock_set=(queries.hurry,),
)
