"""SQL of the checklist: how far the installation is."""

from __future__ import annotations

from db_manager import Connection


def count_staff(connection: Connection) -> int:
    row = connection.execute("SELECT count(*) FROM users WHERE is_demo = 0 AND disabled_at IS NULL").fetchone()
    return int(row[0])
