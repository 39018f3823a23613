-- Numbers that the owner connects in the settings page. Several may be known; what each needs to speak to Meta is sealed
-- in `secrets` under 'number:<phone_number_id>', never here.

ALTER TABLE numbers ADD COLUMN connected_at INTEGER;                        -- NULL: not connected by the settings page
ALTER TABLE numbers ADD COLUMN app_id TEXT NOT NULL DEFAULT '';             -- of the app at Meta: its pages carry it
ALTER TABLE numbers ADD COLUMN verified_name TEXT NOT NULL DEFAULT '';      -- what customers see, as Meta told
ALTER TABLE numbers ADD COLUMN quality TEXT NOT NULL DEFAULT '';            -- GREEN, YELLOW, RED
ALTER TABLE numbers ADD COLUMN token_expires_at INTEGER;                    -- 0 never, NULL not known
ALTER TABLE numbers ADD COLUMN checked_at INTEGER;                          -- of the last test against Meta
ALTER TABLE numbers ADD COLUMN checks TEXT NOT NULL DEFAULT '[]';           -- JSON: what that test found, line by line
CREATE INDEX numbers_connected ON numbers(connected_at) WHERE connected_at IS NOT NULL;
