-- Tokens and secrets that came in through the settings page. The keys that open them lie in DATA_DIR, not here.

CREATE TABLE secrets (
    name       TEXT PRIMARY KEY,                          -- 'google', 'number:<phone_number_id>'
    sealed     BLOB NOT NULL,                             -- Fernet over a JSON object
    updated_at INTEGER NOT NULL
) STRICT;
