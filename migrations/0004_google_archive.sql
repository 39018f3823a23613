-- The owner's Google account, and the archive of media on Google Drive.

-- At most one person's account; a service account lives in its file. The refresh token is in `secrets`, under 'google'.
CREATE TABLE google_account (
    id           INTEGER PRIMARY KEY CHECK (id = 1),
    email        TEXT NOT NULL,
    scopes       TEXT NOT NULL,                           -- JSON list of what Google granted
    connected_at INTEGER NOT NULL,
    dead_reason  TEXT                                     -- in words, when Google refuses the token: connect again
) STRICT;

-- What is known about our Drive. One row, made when Drive is first used.
CREATE TABLE drive_state (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    folder_id     TEXT,                                   -- our root folder; NULL until it is made
    folder_url    TEXT,
    trouble       TEXT CHECK (trouble IN ('away', 'quota', 'reconnect', 'config', 'folder')),   -- NULL: all is well
    reason        TEXT,                                   -- of the trouble, in words
    link          TEXT,                                   -- where it is repaired, when Google says so
    held_until    INTEGER NOT NULL DEFAULT 0,             -- no upload before; then one file tries the way
    failures      INTEGER NOT NULL DEFAULT 0,             -- in a row, for the length of the next pause
    usage_bytes   INTEGER,
    limit_bytes   INTEGER,                                -- NULL: unlimited, or not asked yet
    checked_at    INTEGER,
    warned_at     INTEGER                                 -- when a nearly full storage was last noted
) STRICT;

-- Folders below our root: a month each, and one for database backups. Drive permits duplicate names, so ids are kept.
CREATE TABLE drive_folders (
    root_id   TEXT NOT NULL,
    name      TEXT NOT NULL,                              -- '2026-11', 'backups'
    folder_id TEXT NOT NULL,
    PRIMARY KEY (root_id, name)
) STRICT, WITHOUT ROWID;

-- One row for each stored content, however many messages show it: the same bytes are archived once.
CREATE TABLE media_archive (
    sha256          TEXT PRIMARY KEY,                     -- hex, as in `media`
    name            TEXT NOT NULL,                        -- in Drive
    mime_type       TEXT NOT NULL,
    size            INTEGER NOT NULL,
    month           TEXT NOT NULL,                        -- '2026-11': its folder
    state           TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'dead')),
    drive_id        TEXT UNIQUE,                          -- generated before the upload: a retry cannot make a second copy
    session_url     TEXT,                                 -- of a resumable upload under way
    attempts        INTEGER NOT NULL DEFAULT 0,
    mismatches      INTEGER NOT NULL DEFAULT 0,           -- uploads whose checksum differed
    next_attempt_at INTEGER NOT NULL DEFAULT 0,
    claimed_at      INTEGER,
    reason          TEXT,                                 -- of the last failure, in words
    drive_url       TEXT,                                 -- opens it in Drive, for those who may
    public_url      TEXT,                                 -- for everybody who has the link; '' when Google forbids such links
    stored_at       INTEGER NOT NULL,                     -- here, last
    archived_at     INTEGER,                              -- in Drive, checksum compared
    pruned_at       INTEGER                               -- the local copy is gone
) STRICT, WITHOUT ROWID;
CREATE INDEX media_archive_due ON media_archive(next_attempt_at) WHERE state = 'waiting';
CREATE INDEX media_archive_done ON media_archive(stored_at) WHERE state = 'done' AND pruned_at IS NULL;
CREATE INDEX media_archive_private ON media_archive(archived_at) WHERE state = 'done' AND public_url IS NULL;
CREATE INDEX media_archive_public ON media_archive(archived_at) WHERE public_url > '';
CREATE INDEX media_by_content ON media(sha256) WHERE sha256 IS NOT NULL;

-- What is here already waits for the day that Drive is connected.
INSERT INTO media_archive (sha256, name, mime_type, size, month, stored_at)
SELECT sha256, coalesce(nullif(filename, ''), substr(sha256, 1, 16)), mime_type, coalesce(size, 0),
       strftime('%Y-%m', created_at, 'unixepoch'), created_at
FROM media WHERE state = 'stored' AND sha256 IS NOT NULL GROUP BY sha256 HAVING id = min(id);
