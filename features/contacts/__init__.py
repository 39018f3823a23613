"""People: found by any of their aliases, made when unknown, joined when two turn out to be one."""
