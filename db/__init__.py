"""How we talk to SQLite, one noun a file. Everybody else comes in through `db_manager`."""
