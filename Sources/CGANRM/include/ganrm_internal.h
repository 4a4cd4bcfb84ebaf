#pragma once

/* Not installed, and hidden in the library. */

/** Keeps a copy of `text`, cut to fit, for ganrm_message() in this thread. */
void cganrm_set_message(const char *text);
