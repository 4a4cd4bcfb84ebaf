/**
 * @file
 * Files of scores: rows of values, and a summary of them, as JSON lines, CSV, JSON or XML.
 */

#ifndef AVFILTER_GANRM_LOG_H
#define AVFILTER_GANRM_LOG_H

#include <stdint.h>

#include "libavformat/avio.h"

enum { GANRM_LOG_JSONL, GANRM_LOG_CSV, GANRM_LOG_JSON, GANRM_LOG_XML, GANRM_LOG_NB };

enum GanrmFieldType { GANRM_FIELD_INTEGER, GANRM_FIELD_NUMBER, GANRM_FIELD_STRING };

/** A value with its name. A number that is not finite is null in JSON, empty in CSV, left out in XML. */
typedef struct GanrmField {
    const char *name;
    enum GanrmFieldType type;
    int64_t integer;
    double number;
    const char *string; ///< in UTF-8
} GanrmField;

#define GANRM_INTEGER(name, value) ((GanrmField){ name, GANRM_FIELD_INTEGER, .integer = value })
#define GANRM_NUMBER(name, value)  ((GanrmField){ name, GANRM_FIELD_NUMBER, .number = value })
#define GANRM_STRING(name, value)  ((GanrmField){ name, GANRM_FIELD_STRING, .string = value })

typedef struct GanrmLog {
    AVIOContext *io; ///< NULL: nobody wants to know
    void *log_ctx;
    const char *path;
    int format;
    const char *row_name;
    int64_t row_cnt;
} GanrmLog;

/**
 * Opens path, a file or URL, "-" for standard output; NULL for a log that takes everything and keeps nothing.
 * path and log_ctx must outlive the log; what fails is said there.
 *
 * A file is emptied. But to one that this process has written before, lines are appended: FFmpeg takes
 * filter graphs down and builds them anew when the size of a stream's frames changes.
 *
 * @param row_name what a row is called where rows have names: "clip"
 * @param head     what a document begins with, of which lines have nothing
 */
int ff_ganrm_log_open(GanrmLog *log, void *log_ctx, const char *path, int format, const char *row_name,
                      const GanrmField *head, int head_count);

/** Writes a row, through to the file. All rows of a log have the same fields. */
int ff_ganrm_log_row(GanrmLog *log, const GanrmField *fields, int count);

/**
 * Ends and closes the log, if it is open.
 *
 * @param summary  fields of a last line or element, which CSV does not have
 * @param count    0: there is no summary, since not everything was scored
 */
int ff_ganrm_log_close(GanrmLog *log, const GanrmField *summary, int count);

#endif /* AVFILTER_GANRM_LOG_H */
