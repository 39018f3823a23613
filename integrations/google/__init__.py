"""Google: consent, Drive, Sheets, People, and what their errors mean."""
