/**
 * @file
 * Log files of scores: rows and a summary, as JSON lines, CSV, JSON or XML.
 */

#ifndef AVFILTER_GANRM_LOG_H
#define AVFILTER_GANRM_LOG_H

#include <stdint.h>

#include "libavformat/avio.h"

enum { GANRM_LOG_JSONL, GANRM_LOG_CSV, GANRM_LOG_JSON, GANRM_LOG_XML, GANRM_LOG_NB };

enum GanrmFieldType { GANRM_FIELD_INTEGER, GANRM_FIELD_NUMBER, GANRM_FIELD_STRING };

/** A named value. A number that is not finite and a NULL string are null in JSON, empty in CSV, omitted in XML. */
typedef struct GanrmField {
    const char *name;
    enum GanrmFieldType type;
    int64_t integer;
    double number;
    const char *string; ///< in UTF-8, borrowed; may be NULL
} GanrmField;

#define GANRM_INTEGER(name, value) ((GanrmField){ name, GANRM_FIELD_INTEGER, .integer = value })
#define GANRM_NUMBER(name, value)  ((GanrmField){ name, GANRM_FIELD_NUMBER, .number = value })
#define GANRM_STRING(name, value)  ((GanrmField){ name, GANRM_FIELD_STRING, .string = value })

typedef struct GanrmLog {
    AVIOContext *io; ///< NULL if rows are discarded
    void *log_ctx;
    const char *path;
    int format;
    const char *row_name;
    int64_t row_cnt;
} GanrmLog;

/**
 * Opens path, a file or URL, "-" for standard output; with NULL all rows are discarded. Errors are logged to
 * log_ctx. path and log_ctx must outlive the log.
 *
 * An existing file is truncated, unless this process has written it: then JSON lines and CSV rows are
 * appended, since FFmpeg rebuilds a filter graph when the frame size changes.
 *
 * @param row_name the XML element of a row, such as "clip"; with an "s", the JSON key of the rows
 * @param head     provenance at the start of a JSON or XML document; not written to JSON lines and CSV
 */
int ff_ganrm_log_open(GanrmLog *log, void *log_ctx, const char *path, int format, const char *row_name,
                      const GanrmField *head, int head_count);

/** Writes a row and flushes it. All rows of a log must have the same fields. */
int ff_ganrm_log_row(GanrmLog *log, const GanrmField *fields, int count);

/**
 * Finishes and closes the log, if it is open.
 *
 * @param summary  fields of the last line or element; ignored for CSV
 * @param count    0 for no summary, if the stream was not scored completely
 */
int ff_ganrm_log_close(GanrmLog *log, const GanrmField *summary, int count);

#endif /* AVFILTER_GANRM_LOG_H */
