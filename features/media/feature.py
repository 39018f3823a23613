"""What this feature consists of."""

from __future__ import annotations

from features.media import archive_jobs, archive_queries, queries, routes
from features.media.archive import ArchiveWorker
from features.media.worker import MediaWorker
from runtime.feature import Feature, every

FEATURE = Feature(
    name="media",
    tables=("media", "media_archive"),
    blueprints=(routes.blueprint,),
    workers=(MediaWorker, ArchiveWorker),
    jobs=(every(archive_jobs.prune, hours=1),),
    on_clock_set=(queries.hurry, archive_queries.hurry),
)
