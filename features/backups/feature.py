"""What this feature consists of."""

from __future__ import annotations

from features.backups import jobs
from features.backups.cli import restore_from_drive_command
from runtime.feature import Feature, daily, every

FEATURE = Feature(
    name="backups",
    subcommands={"db": (restore_from_drive_command,)},
    jobs=(
        daily(jobs.make_copy, hour=3),
        daily(jobs.check_database, hour=4),
        every(jobs.send_to_drive, hours=1),
    ),
)
