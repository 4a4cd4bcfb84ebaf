#define _GNU_SOURCE
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Files that this process has written to. FFmpeg rebuilds its filter graph when the frame size
// changes, and earlier lines must survive that.
typedef struct WrittenFile {
    struct WrittenFile *next;
    dev_t device;
    ino_t inode;
} WrittenFile;

static WrittenFile *written_files;
static pthread_mutex_t written_files_lock = PTHREAD_MUTEX_INITIALIZER;

// Truncates a regular file that this process has not written to before, and remembers it.
static void truncate_if_new(int descriptor) {
    struct stat status;
    if (fstat(descriptor, &status) < 0 || !S_ISREG(status.st_mode)) return;

    pthread_mutex_lock(&written_files_lock);
    WrittenFile *file = written_files;
    while (file && (file->device != status.st_dev || file->inode != status.st_ino))
        file = file->next;
    if (!file && (file = malloc(sizeof *file))) {
        *file = (WrittenFile){written_files, status.st_dev, status.st_ino};
        written_files = file;
        // If truncation fails, append.
        if (ftruncate(descriptor, 0) < 0) errno = 0;
    }
    pthread_mutex_unlock(&written_files_lock);
}

// Parses the N of "fd:N". Returns -1 and sets errno if it is not an open file descriptor.
static int parse_descriptor(const char *digits) {
    char *end;
    errno = 0;
    long number = strtol(digits, &end, 10);
    if (end == digits || *end || number < 0 || number > 1 << 20 || errno) {
        errno = EBADF;
        return -1;
    }
    return fcntl((int)number, F_GETFD) < 0 ? -1 : (int)number;
}

void log_open(Log *log, const char *target) {
    *log = (Log){.descriptor = STDERR_FILENO};
    if (!*target) return;
    if (strcmp(target, "-") == 0) {
        log->descriptor = STDOUT_FILENO;
        return;
    }

    bool is_file = strncmp(target, "fd:", 3) != 0;
    int descriptor = is_file ? open(target, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666)
                             : parse_descriptor(target + 3);
    if (descriptor < 0) {
        fprintf(stderr, "ganrm: cannot write to '%s' (%s); scores go to standard error\n", target,
                strerror(errno));
        return;
    }
    log->descriptor = descriptor;
    log->is_owned = is_file;
    if (is_file) truncate_if_new(descriptor);
}

void log_close(Log *log) {
    if (log->is_owned && close(log->descriptor) < 0 && !log->is_broken)
        fprintf(stderr, "ganrm: the log may be incomplete: %s\n", strerror(errno));
    *log = (Log){.descriptor = -1, .is_broken = true};
}

// Takes ownership of `line`; NULL, after a failed allocation, writes nothing.
static void write_line(Log *log, char *line) {
    const char *rest = line ? line : "";
    size_t count = strlen(rest);
    while (count > 0 && !log->is_broken) {
        ssize_t written = write(log->descriptor, rest, count);
        if (written >= 0) {
            rest += written;
            count -= (size_t)written;
        } else if (errno != EINTR) {
            fprintf(stderr, "ganrm: cannot write scores any more: %s\n", strerror(errno));
            log->is_broken = true;
        }
    }
    free(line);
}

typedef struct Number {
    char text[32];
} Number;

// `value` in JSON, with a decimal point in every locale.
static Number number(double value) {
    Number number;
    if (!isfinite(value)) return (Number){"null"};
    snprintf(number.text, sizeof number.text, "%.12g", value);
    const char *point = localeconv()->decimal_point;
    char *separator = strstr(number.text, point);
    if (separator && strcmp(point, ".") != 0) {
        *separator = '.';
        memmove(separator + 1, separator + strlen(point), strlen(separator + strlen(point)) + 1);
    }
    return number;
}

void log_score(Log *log, const ganrm_score *score) {
    const char *degeneracy = ganrm_degeneracy(score->degenerate);
    char *line;
    int length = asprintf(
        &line,
        "{\"start\":%s,\"end\":%s,\"first_frame\":%lld,\"last_frame\":%lld,\"score\":%s,"
        "\"logit\":%s,\"unfamiliar\":%s,\"degenerate\":%s%s%s}\n",
        number(score->start_seconds).text, number(score->end_seconds).text,
        (long long)score->first_frame, (long long)score->last_frame, number(score->score).text,
        number(score->logit).text, number(score->unfamiliar).text, degeneracy ? "\"" : "",
        degeneracy ? degeneracy : "null", degeneracy ? "\"" : "");
    write_line(log, length < 0 ? NULL : line);
}

void log_mean(Log *log, double logit, int64_t clips, int64_t frames) {
    char *line;
    int length =
        asprintf(&line, "{\"mean\":%s,\"logit\":%s,\"clips\":%lld,\"frames\":%lld}\n",
                 number(1 / (1 + exp(-logit))).text, number(logit).text, (long long)clips,
                 (long long)frames);
    write_line(log, length < 0 ? NULL : line);
}

void log_error(Log *log, const char *message) {
    static const char head[] = "{\"error\":\"", tail[] = "\"}\n";
    // An escaped byte has at most 6 characters, \u00XX.
    char *line = malloc(sizeof head + 6 * strlen(message) + sizeof tail);
    if (!line) return;
    char *end = stpcpy(line, head);
    for (const char *c = message; *c; c++) {
        if (*c == '"' || *c == '\\')
            end += sprintf(end, "\\%c", *c);
        else if ((unsigned char)*c < 0x20)
            end += sprintf(end, "\\u%04x", (unsigned)*c);
        else
            *end++ = *c;
    }
    strcpy(end, tail);
    write_line(log, line);
}
