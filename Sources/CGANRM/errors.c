#include "ganrm.h"
#include "ganrm_internal.h"

#include <stdio.h>

// In C, since Swift has no thread-local storage without allocation.
static _Thread_local char message[2048];

const char *ganrm_message(void) {
    return message;
}

const char *ganrm_strerror(int code) {
    switch (code) {
    case GANRM_OK: return "success";
    case GANRM_AGAIN: return "no score yet";
    case GANRM_END: return "no more scores";
    case GANRM_ERROR_ARGUMENT: return "invalid argument";
    case GANRM_ERROR_MODEL: return "cannot load the reward model";
    case GANRM_ERROR_FAILED: return "scoring failed";
    default: return "unknown code";
    }
}

const char *ganrm_degeneracy(int64_t degenerate) {
    switch (degenerate) {
    case GANRM_DEGENERATE_ONE_COLOUR: return "one colour";
    case GANRM_DEGENERATE_NO_DETAIL: return "no detail";
    case GANRM_DEGENERATE_PATTERN: return "pattern";
    case GANRM_DEGENERATE_NOISE: return "noise";
    case GANRM_DEGENERATE_FROZEN: return "frozen";
    default: return NULL;
    }
}

void cganrm_set_message(const char *text) {
    int length = snprintf(message, sizeof message, "%s", text);
    if (length < (int)sizeof message) return;
    // Do not end in the middle of a UTF-8 sequence.
    size_t end = sizeof message - 1;
    while (end > 0 && ((unsigned char)text[end] & 0xC0) == 0x80) end--;
    message[end] = 0;
}
