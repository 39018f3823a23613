"""The daily copy of the database, its copy in the owner's Google Drive, and the nightly full check."""
