#include "ganrm.h"
#include "ganrm_internal.h"

#include <stdio.h>

// C, because Swift has no thread-local storage that needs no allocation.
static _Thread_local char message[2048];

const char *ganrm_message(void) {
    return message;
}

void cganrm_set_message(const char *text) {
    snprintf(message, sizeof message, "%s", text);
}
