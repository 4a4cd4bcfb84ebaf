#pragma once

/* Not installed; its symbols are hidden in the library. */

/** Copies `text`, truncated if too long, as this thread's ganrm_message(). */
void cganrm_set_message(const char *text);
