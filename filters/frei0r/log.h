// Where the plug-in's scores go: lines of JSON.
#ifndef LOG_H
#define LOG_H

#include <ganrm.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Log {
    int descriptor;
    bool is_owned; // Closed by log_close().
    bool is_broken; // A line could not be written; no further one is tried.
} Log;

// Opens `where`: "" standard error, "-" standard output, "fd:N" an open file descriptor, anything
// else the path of a file, which is emptied if this process has not written to it before.
//
// If that fails, says so, and the lines go to standard error.
void log_open(Log *log, const char *where);

void log_close(Log *log);

// Each writes one line, whole, with one call of the system where that takes it. Numbers that are
// not finite are written as null.

// {"start":…,"end":…,"first_frame":…,"last_frame":…,"score":…,"logit":…}
void log_score(Log *log, const ganrm_score *score);

// {"mean":…,"logit":…,"clips":…,"frames":…}: `mean` is the score of `logit`, the mean of logits.
void log_mean(Log *log, double logit, int64_t clips, int64_t frames);

// {"error":…}
void log_error(Log *log, const char *message);

#endif
