"""The rules as those who keep them live with them: calendars, notices, deadlines."""
