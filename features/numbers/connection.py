"""Which number this process speaks for: the environment's, else the one kept in the database, else none (sandbox)."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace

from config import Config
from db_manager import Database
from features.numbers import queries
from features.vault import queries as secrets
from features.vault.sealing import SecretUnreadable, Vault

log = logging.getLogger("inbox.numbers")

SECRET = "number:{}"  # of a phone_number_id; 'number:draft' is what is being connected
DRAFT = "draft"
LINE = "whatsapp_line"  # setting: how WhatsApp answers this number (features/outbox/line.py)


@dataclass(frozen=True)
class Credentials:
    """The five that make a number."""

    access_token: str = field(repr=False)
    phone_number_id: str
    business_account_id: str
    app_secret: str = field(repr=False)
    verify_token: str = field(repr=False)

def resolve(config: Config, db: Database) -> Config:
    """`config` with the number kept in the database, when the environment names none.

    Its secret may not open (the key file was lost): then the config is locked. It never becomes a sandbox, which would
    show invented customers to people who believe that they see their own.
    """
    if not config.is_sandbox:
        return config
    with db.read() as connection:
        row = queries.connected(connection)
        sealed = secrets.get(connection, SECRET.format(row["phone_number_id"])) if row else None
    if row is None:
        return config
    try:
        kept = Credentials(**Vault(config.data_dir).open(sealed or b""))
    except (SecretUnreadable, TypeError, OSError):  # lost, of another shape, or not readable by this user
        log.critical("the token of the connected number cannot be opened: connect the number again in /settings")
        return replace(
            config,
            is_sandbox=False,
            is_stored=True,
            is_locked=True,
            whatsapp_phone_number_id=row["phone_number_id"],
            whatsapp_business_account_id=row["waba_id"],
        )
    settings = {f"whatsapp_{name}": value for name, value in vars(kept).items()}
    return replace(config, is_sandbox=False, is_stored=True, **settings)

