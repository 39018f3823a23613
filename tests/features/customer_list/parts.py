"""A database with a Customer List beside it, without an application around them."""

from __future__ import annotations

from pathlib import Path

from config import Config
from db_manager import Database
from web.live import LiveFeed
from web.services import Clients, Services


def open_parts(folder: Path) -> Services:
    config = Config(data_dir=folder, customers_csv=str(folder / "customers.csv"), default_country="HK")
    feed = LiveFeed()
    database = Database(config.database_path).open()
    database.on_change = feed.announce
    return Services(config=config, db=database, clients=Clients(whatsapp=None, store=None), feed=feed)


def write_list(parts: Services, *rows: str, header: str = "Phone,Name,Note") -> None:
    Path(parts.config.customers_csv).write_text("\n".join([header, *rows]) + "\n")


def shown(parts: Services) -> dict[str, str]:
    """phone -> name of everybody in the mirror."""
    with parts.db.read() as connection:
        rows = connection.execute("SELECT phone, name FROM customers WHERE removed_at IS NULL").fetchall()
    return {row["phone"]: row["name"] for row in rows}
