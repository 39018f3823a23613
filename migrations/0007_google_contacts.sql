-- The owner's Google Contacts, read only: they name the chats. Who has no name or no phone there is not kept.

CREATE TABLE google_contacts (
    resource_name TEXT PRIMARY KEY,                       -- Google's key of the person
    name          TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A person has several numbers, a number may stand with several people. Digits, also as WhatsApp may spell them.
CREATE TABLE google_phones (
    phone         TEXT NOT NULL,
    resource_name TEXT NOT NULL REFERENCES google_contacts(resource_name) ON DELETE CASCADE,
    PRIMARY KEY (phone, resource_name)
) STRICT, WITHOUT ROWID;
CREATE INDEX google_phones_by_person ON google_phones(resource_name);

ALTER TABLE contacts ADD COLUMN google_name TEXT;         -- derived from these two tables, as sheet_name is from customers
