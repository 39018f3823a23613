-- Everything the first inbox stores. Times are unix seconds (INTEGER, UTC) unless a name says otherwise.
-- Nothing here is a trigger or calls a function of ours: `trusted_schema` is off.

-- ---------------------------------------------------------------- accounts

CREATE TABLE users (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    email         TEXT NOT NULL COLLATE NOCASE UNIQUE,
    name          TEXT NOT NULL,
    role          TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'agent')),
    password_hash TEXT,                                   -- NULL: cannot log in with a password (demo owner)
    is_demo       INTEGER NOT NULL DEFAULT 0,
    preferences   TEXT NOT NULL DEFAULT '{}',             -- JSON: sound, notifications, theme, enter_sends
    disabled_at   INTEGER,
    created_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    token_hash   BLOB PRIMARY KEY,                        -- sha256 of the cookie's 256 random bits
    user_id      INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    created_at   INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,                        -- the absolute limit; the idle limit is config
    user_agent   TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX sessions_by_user ON sessions(user_id);

CREATE TABLE api_tokens (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id      INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    name         TEXT NOT NULL,
    token_hash   BLOB NOT NULL UNIQUE,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at   INTEGER
) STRICT;

-- One row an account and one row an address: the counter survives a restart.
CREATE TABLE login_throttle (
    key           TEXT PRIMARY KEY,                       -- 'account:<email>' or 'address:<ip>'
    failures      INTEGER NOT NULL,
    last_failed_at INTEGER NOT NULL,
    blocked_until INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE audit_log (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    user_id INTEGER REFERENCES users(id) ON DELETE SET NULL,
    action  TEXT NOT NULL,                                -- 'login', 'login_failed', 'user_created', ...
    detail  TEXT NOT NULL DEFAULT '{}'                    -- JSON, never a secret
) STRICT;

CREATE TABLE settings (
    key        TEXT PRIMARY KEY,
    value      TEXT NOT NULL,                             -- JSON
    updated_at INTEGER NOT NULL
) STRICT;

-- ---------------------------------------------------------------- the spine of live updates

CREATE TABLE changes (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    kind            TEXT NOT NULL,                        -- 'message.created', 'message.updated', 'conversation.updated', ...
    conversation_id INTEGER,
    message_id      INTEGER,
    origin          TEXT NOT NULL CHECK (origin IN ('live', 'echo', 'history', 'user', 'sync')),
    user_id         INTEGER,                              -- the member of staff who caused it, if one did
    at              INTEGER NOT NULL
) STRICT;

-- ---------------------------------------------------------------- who writes

-- Our own numbers. Routed by Meta's phone_number_id, never by the display number.
CREATE TABLE numbers (
    id                   INTEGER PRIMARY KEY AUTOINCREMENT,
    phone_number_id      TEXT NOT NULL UNIQUE,
    waba_id              TEXT NOT NULL DEFAULT '',
    display_phone_number TEXT NOT NULL DEFAULT '',
    created_at           INTEGER NOT NULL
) STRICT;

CREATE TABLE contacts (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    phone             TEXT,                               -- the phone to show and to send to: digits, no '+'; may be NULL
    username          TEXT,                               -- without '@'
    sheet_name        TEXT,                               -- from the Customer List; wins
    typed_name        TEXT,                               -- by staff, or from the owner's phone book
    typed_name_source TEXT CHECK (typed_name_source IN ('staff', 'phone_app')),
    profile_name      TEXT,                               -- chosen by the customer
    profile_name_at   INTEGER NOT NULL DEFAULT 0,         -- time stamp of the message that carried it: an older one never wins
    search_text       TEXT NOT NULL DEFAULT '',           -- folded names, phones, username: see core/text.py
    merged_into       INTEGER REFERENCES contacts(id),    -- a person met under two aliases; this row is only a trace
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL
) STRICT;
CREATE INDEX contacts_by_phone ON contacts(phone) WHERE phone IS NOT NULL;

-- A person is a contact with aliases; any of them may be missing today and come tomorrow.
CREATE TABLE contact_aliases (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    contact_id INTEGER NOT NULL REFERENCES contacts(id) ON DELETE CASCADE,
    kind       TEXT NOT NULL CHECK (kind IN ('phone', 'bsuid', 'parent_bsuid', 'username')),
    value      TEXT NOT NULL,                             -- phone: digits only; username: folded, no '@'
    since      INTEGER NOT NULL,                          -- time stamp of what first named the person so
    created_at INTEGER NOT NULL,
    retired_at INTEGER                                    -- the person left this alias at that time (number or user id changed)
) STRICT;
CREATE UNIQUE INDEX contact_aliases_active ON contact_aliases(kind, value) WHERE retired_at IS NULL;
CREATE INDEX contact_aliases_by_value ON contact_aliases(kind, value, retired_at);
CREATE INDEX contact_aliases_by_contact ON contact_aliases(contact_id);

-- The mirror of the Customer List (CSV file or Google Sheet).
CREATE TABLE customers (
    phone      TEXT PRIMARY KEY,                          -- digits
    name       TEXT NOT NULL DEFAULT '',
    fields     TEXT NOT NULL DEFAULT '{}',                -- JSON: every other column, by its header
    row_number INTEGER NOT NULL,
    run_id     INTEGER NOT NULL,
    missed     INTEGER NOT NULL DEFAULT 0,                -- reads in a row that did not hold it; removed after two
    removed_at INTEGER,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE customer_sync_runs (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    source      TEXT NOT NULL,
    digest      TEXT NOT NULL,                            -- of what was read: an unchanged list is not applied again
    state       TEXT NOT NULL CHECK (state IN ('running', 'done', 'held', 'failed')),
    rows_read   INTEGER NOT NULL DEFAULT 0,
    added       INTEGER NOT NULL DEFAULT 0,
    changed     INTEGER NOT NULL DEFAULT 0,
    removed     INTEGER NOT NULL DEFAULT 0,
    warnings    TEXT NOT NULL DEFAULT '[]',               -- JSON: [{"row": 7, "reason": "..."}]
    error       TEXT,
    started_at  INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;

-- ---------------------------------------------------------------- conversations

CREATE TABLE conversations (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    number_id         INTEGER NOT NULL REFERENCES numbers(id),
    contact_id        INTEGER REFERENCES contacts(id),    -- exactly one of contact_id and group_id
    group_id          TEXT,
    subject           TEXT,                               -- of a group, when Meta told us
    last_message_id   INTEGER,                            -- the preview: newest by (timestamp, id)
    last_message_at   INTEGER NOT NULL,                   -- its time stamp; the creation time while there is none
    last_arrival_id   INTEGER NOT NULL DEFAULT 0,         -- ties among chats: the later arrival first
    last_inbound_at   INTEGER,                            -- the customer service window counts from here
    last_outbound_at  INTEGER NOT NULL DEFAULT 0,         -- our newest message by (timestamp, id)
    last_outbound_id  INTEGER NOT NULL DEFAULT 0,
    last_echo_at      INTEGER NOT NULL DEFAULT 0,         -- somebody answered on the phone: what came before has been seen
    waiting_since     INTEGER,                            -- first customer's message that nobody has answered
    unread_count      INTEGER NOT NULL DEFAULT 0,
    read_to_tell      TEXT,                               -- wamid whose reading is still to be told to Meta
    assignee_id       INTEGER REFERENCES users(id) ON DELETE SET NULL,
    archived_at       INTEGER,
    created_at        INTEGER NOT NULL,
    CHECK ((contact_id IS NULL) <> (group_id IS NULL))
) STRICT;
CREATE UNIQUE INDEX conversations_by_contact ON conversations(number_id, contact_id) WHERE contact_id IS NOT NULL;
CREATE UNIQUE INDEX conversations_by_group ON conversations(number_id, group_id) WHERE group_id IS NOT NULL;
CREATE INDEX conversations_of_contact ON conversations(contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX conversations_to_tell ON conversations(id) WHERE read_to_tell IS NOT NULL;
CREATE INDEX conversations_newest ON conversations(last_message_at DESC, last_arrival_id DESC, id DESC) WHERE archived_at IS NULL;
CREATE INDEX conversations_unread ON conversations(last_message_at DESC, last_arrival_id DESC, id DESC) WHERE unread_count > 0 AND archived_at IS NULL;
CREATE INDEX conversations_waiting ON conversations(last_message_at DESC, last_arrival_id DESC, id DESC) WHERE waiting_since IS NOT NULL AND archived_at IS NULL;

CREATE TABLE messages (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,    -- the order of arrival
    conversation_id INTEGER NOT NULL REFERENCES conversations(id),
    wamid           TEXT UNIQUE,
    client_msg_id   TEXT,
    direction       TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    type            TEXT NOT NULL,
    text            TEXT NOT NULL DEFAULT '',             -- never empty unless there is a media row
    payload         TEXT,                                 -- JSON, readable parts of a structured message
    context_wamid   TEXT,                                 -- what it quotes; resolved when read
    forwarded       INTEGER NOT NULL DEFAULT 0,           -- 1 forwarded, 2 many times
    contact_id      INTEGER REFERENCES contacts(id),      -- the customer who wrote it (in a group: the participant)
    user_id         INTEGER REFERENCES users(id) ON DELETE SET NULL,   -- the member of staff who wrote it
    origin          TEXT NOT NULL CHECK (origin IN ('live', 'echo', 'history', 'user')),
    timestamp       INTEGER NOT NULL,                     -- Meta's, for ours the time it was accepted here
    is_unread       INTEGER NOT NULL DEFAULT 0,
    status          TEXT CHECK (status IN ('queued', 'sending', 'unconfirmed', 'accepted', 'sent', 'delivered',
                                           'read', 'played', 'failed', 'cancelled')),   -- NULL for the customer's
    sent_at         INTEGER,
    delivered_at    INTEGER,
    read_at         INTEGER,
    played_at       INTEGER,
    failed_at       INTEGER,
    error_code      INTEGER,                              -- Meta's code, or NULL when the reason is ours
    error_message   TEXT,
    delivered_twice INTEGER NOT NULL DEFAULT 0,           -- a resend and the first attempt both reached Meta
    edited_at       INTEGER,
    deleted_at      INTEGER,
    created_at      INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX messages_by_client_msg_id ON messages(client_msg_id) WHERE client_msg_id IS NOT NULL;
CREATE INDEX messages_by_conversation ON messages(conversation_id, timestamp, id);
CREATE INDEX messages_unread ON messages(conversation_id, timestamp, id) WHERE is_unread = 1;

-- Every version of an edited or revoked message, the original included. A row may wait here for its message.
CREATE TABLE message_revisions (
    wamid          TEXT PRIMARY KEY,                      -- of the edit or revoke itself; the original's own for kind 'original'
    original_wamid TEXT NOT NULL,
    kind           TEXT NOT NULL CHECK (kind IN ('original', 'edit', 'revoke')),
    text           TEXT NOT NULL DEFAULT '',
    payload        TEXT,
    timestamp      INTEGER NOT NULL
) STRICT;
CREATE INDEX message_revisions_by_original ON message_revisions(original_wamid, timestamp);

-- Every reaction event; the newest of (target, sender) is shown. Rows may wait for their message.
CREATE TABLE reactions (
    wamid        TEXT PRIMARY KEY,                        -- of the reaction event: a repeat changes nothing
    target_wamid TEXT NOT NULL,
    sender       TEXT NOT NULL,                           -- 'contact:<id>', 'business'
    emoji        TEXT NOT NULL,                           -- '' = removed
    timestamp    INTEGER NOT NULL,
    arrival      INTEGER NOT NULL                         -- ties: the later arrival
) STRICT;
CREATE INDEX reactions_by_target ON reactions(target_wamid, sender, timestamp);

-- A status that came before its message.
CREATE TABLE pending_statuses (
    wamid         TEXT NOT NULL,
    status        TEXT NOT NULL,
    timestamp     INTEGER NOT NULL,
    error_code    INTEGER,
    error_message TEXT,
    received_at   INTEGER NOT NULL,
    PRIMARY KEY (wamid, status)
) STRICT, WITHOUT ROWID;

-- ---------------------------------------------------------------- sending

-- What is due to leave. The row goes when the message is accepted, failed or cancelled.
CREATE TABLE outbox (
    message_id      INTEGER PRIMARY KEY REFERENCES messages(id),
    recipient       TEXT NOT NULL,                        -- order is kept per recipient: 'conversation:<id>'
    state           TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'unconfirmed')),
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER NOT NULL,
    claimed_at      INTEGER,
    created_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_due ON outbox(state, next_attempt_at);
CREATE INDEX outbox_by_recipient ON outbox(recipient, state);

-- One row a call to Meta, committed before the call: its id travels as biz_opaque_callback_data.
CREATE TABLE send_attempts (
    id         TEXT PRIMARY KEY,                          -- 'm:' + 128 random bits
    message_id INTEGER NOT NULL REFERENCES messages(id),
    wamid      TEXT UNIQUE,
    outcome    TEXT NOT NULL DEFAULT 'sending',           -- sending accepted refused not_sent unconfirmed; by statuses: failed delivered
    error      TEXT,
    started_at INTEGER NOT NULL,
    ended_at   INTEGER
) STRICT;
CREATE INDEX send_attempts_by_message ON send_attempts(message_id);

-- ---------------------------------------------------------------- media

CREATE TABLE media (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id      INTEGER NOT NULL REFERENCES messages(id),
    meta_media_id   TEXT,                                 -- inbound: to fetch; outbound: after the upload
    meta_uploaded_at INTEGER,                             -- an upload lives 30 days at Meta
    mime_type       TEXT NOT NULL DEFAULT 'application/octet-stream',
    filename        TEXT,                                 -- what the sender called it; never a path here
    size            INTEGER,
    sha256          TEXT,                                 -- hex; of the bytes in the store
    expected_sha256 TEXT,                                 -- hex; Meta's word, when it gave one
    state           TEXT NOT NULL CHECK (state IN ('pending', 'stored', 'failed', 'expired', 'too_large')),
    voice           INTEGER NOT NULL DEFAULT 0,
    animated        INTEGER NOT NULL DEFAULT 0,
    width           INTEGER,
    height          INTEGER,
    duration_ms     INTEGER,
    inline_type     TEXT,                                 -- by the bytes: the type it may be shown as, NULL = download only
    thumbnail       INTEGER NOT NULL DEFAULT 0,           -- 1 when a thumbnail stands in the store
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER NOT NULL DEFAULT 0,
    claimed_at      INTEGER,
    expires_at      INTEGER,                              -- Meta keeps an inbound file for 7 days
    last_error      TEXT,
    created_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX media_by_message ON media(message_id);
CREATE INDEX media_due ON media(next_attempt_at) WHERE state = 'pending';

-- ---------------------------------------------------------------- templates

CREATE TABLE templates (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    waba_id          TEXT NOT NULL,
    meta_id          TEXT NOT NULL,
    name             TEXT NOT NULL,
    language         TEXT NOT NULL,
    category         TEXT NOT NULL DEFAULT '',
    status           TEXT NOT NULL,
    parameter_format TEXT NOT NULL DEFAULT 'POSITIONAL',
    components       TEXT NOT NULL,                       -- JSON, as Meta gave it
    fetched_at       INTEGER NOT NULL,
    UNIQUE (waba_id, meta_id)
) STRICT;
CREATE INDEX templates_by_name ON templates(name, language);

-- ---------------------------------------------------------------- webhooks

-- Every authentic body, as it came.
CREATE TABLE webhook_deliveries (
    id          INTEGER PRIMARY KEY,
    digest      BLOB NOT NULL UNIQUE,                     -- sha256 of the body
    body        BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('applied', 'pending', 'quarantined')),   -- pending: history, applied by a job
    error       TEXT
) STRICT;
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries(id) WHERE state = 'pending';

-- One event that could not be applied (an error of its data); its neighbours were.
CREATE TABLE webhook_quarantine (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    delivery_id INTEGER NOT NULL REFERENCES webhook_deliveries(id) ON DELETE CASCADE,
    event       TEXT NOT NULL,
    error       TEXT NOT NULL,
    at          INTEGER NOT NULL,
    resolved_at INTEGER
) STRICT;
