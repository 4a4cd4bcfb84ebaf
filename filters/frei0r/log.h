// The plug-in's output: scores as JSON lines.
#ifndef LOG_H
#define LOG_H

#include <ganrm.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Log {
    int descriptor;
    bool is_owned; // Whether log_close() closes the descriptor.
    bool is_broken; // A write has failed; further lines are dropped.
} Log;

// Opens `target`: "" is standard error, "-" standard output, "fd:N" an open file descriptor, anything
// else a path. A file is truncated unless this process has written to it before.
//
// On an error, prints a message and falls back to standard error.
void log_open(Log *log, const char *target);

// Closes the file if the log owns it.
void log_close(Log *log);

// Each function writes one line, with a single write() if possible. Values that are not finite are
// written as null.

// {"start":…,"end":…,"first_frame":…,"last_frame":…,"score":…,"logit":…,"unfamiliar":…,"degenerate":…}
void log_score(Log *log, const ganrm_score *score);

// {"mean":…,"logit":…,"clips":…,"frames":…}: `logit` is the mean over clips, `mean` its score.
void log_mean(Log *log, double logit, int64_t clips, int64_t frames);

// {"error":…}
void log_error(Log *log, const char *message);

#endif
