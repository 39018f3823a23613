"""What must not be readable in the database or its backups: access tokens and app secrets, sealed."""
