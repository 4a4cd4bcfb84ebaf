#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "libavutil/dict.h"
#include "libavutil/error.h"
#include "libavutil/log.h"
#include "libavutil/mem.h"
#include "libavutil/thread.h"

#include "ganrm_log.h"

// Paths that this process has written; never freed.
static char **begun_paths;
static int begun_cnt;
static AVMutex begun_lock = AV_MUTEX_INITIALIZER;

// Registers path. Returns 1 if it was already registered, 0 if not, or an AVERROR.
static int begin(const char *path)
{
    int is_known = 0;
    char *copy;

    ff_mutex_lock(&begun_lock);
    for (int i = 0; i < begun_cnt && !is_known; i++)
        is_known = !strcmp(begun_paths[i], path);
    if (!is_known) {
        copy = av_strdup(path);
        if (!copy || av_dynarray_add_nofree(&begun_paths, &begun_cnt, copy) < 0) {
            av_free(copy);
            is_known = AVERROR(ENOMEM);
        }
    }
    ff_mutex_unlock(&begun_lock);
    return is_known;
}

static void say_failed(const GanrmLog *log, int error)
{
    av_log(log->log_ctx, AV_LOG_ERROR, "cannot write scores to '%s': %s\n", log->path, av_err2str(error));
}

static int flush(GanrmLog *log)
{
    avio_flush(log->io);
    if (log->io->error < 0)
        say_failed(log, log->io->error);
    return log->io->error;
}

static int is_none(const GanrmField *field)
{
    return (field->type == GANRM_FIELD_NUMBER && !isfinite(field->number)) ||
           (field->type == GANRM_FIELD_STRING && !field->string);
}

/* Writes a value that is not missing; strings are escaped for JSON or XML, without quotes. */
static void write_value(AVIOContext *io, const GanrmField *field, int is_xml)
{
    switch (field->type) {
    case GANRM_FIELD_INTEGER:
        avio_printf(io, "%" PRId64, field->integer);
        break;
    case GANRM_FIELD_NUMBER:
        avio_printf(io, "%.12g", field->number);
        break;
    case GANRM_FIELD_STRING:
        for (const char *c = field->string; *c; c++) {
            if ((unsigned char)*c < ' ')
                avio_printf(io, is_xml ? " " : "\\u%04x", *c);
            else if (is_xml && strchr("<>&\"", *c))
                avio_printf(io, "&#%d;", *c);
            else if (!is_xml && strchr("\\\"", *c))
                avio_printf(io, "\\%c", *c);
            else
                avio_w8(io, *c);
        }
        break;
    }
}

/* Writes the members of a JSON object, without braces. */
static void write_json(AVIOContext *io, const GanrmField *fields, int count)
{
    for (int i = 0; i < count; i++) {
        const char *quote = fields[i].type == GANRM_FIELD_STRING && fields[i].string ? "\"" : "";

        avio_printf(io, "%s\"%s\":%s", i ? "," : "", fields[i].name, quote);
        if (is_none(&fields[i]))
            avio_printf(io, "null");
        else
            write_value(io, &fields[i], 0);
        avio_printf(io, "%s", quote);
    }
}

/* Writes XML attributes. */
static void write_xml(AVIOContext *io, const GanrmField *fields, int count)
{
    for (int i = 0; i < count; i++) {
        if (is_none(&fields[i]))
            continue;
        avio_printf(io, " %s=\"", fields[i].name);
        write_value(io, &fields[i], 1);
        avio_printf(io, "\"");
    }
}

/* Writes a CSV row, after the header if it is not written yet. Strings must not need quotes. */
static void write_csv(AVIOContext *io, const GanrmField *fields, int count, int has_header)
{
    for (int i = 0; i < count && !has_header; i++)
        avio_printf(io, "%s%s", fields[i].name, i < count - 1 ? "," : "\n");
    for (int i = 0; i < count; i++) {
        if (!is_none(&fields[i]))
            write_value(io, &fields[i], 0);
        avio_printf(io, "%s", i < count - 1 ? "," : "\n");
    }
}

int ff_ganrm_log_open(GanrmLog *log, void *log_ctx, const char *path, int format, const char *row_name,
                      const GanrmField *head, int head_count)
{
    AVDictionary *options = NULL;
    int is_appended, ret;

    *log = (GanrmLog){ .log_ctx = log_ctx, .path = path, .format = format, .row_name = row_name };
    if (!path)
        return 0;
    if (!strcmp(path, "-"))
        path = "pipe:1";

    is_appended = begin(path);
    if (is_appended < 0)
        return is_appended;
    if (is_appended && (format == GANRM_LOG_JSON || format == GANRM_LOG_XML)) {
        av_log(log_ctx, AV_LOG_WARNING, "'%s' held scores from before the stream changed, and is written anew; "
               "log_fmt=jsonl and csv keep them\n", path);
        is_appended = 0;
    }
    if (is_appended)
        av_dict_set(&options, "truncate", "0", 0);
    ret = avio_open2(&log->io, path, AVIO_FLAG_WRITE, NULL, &options);
    av_dict_free(&options);
    if (ret < 0) {
        say_failed(log, ret);
        return ret;
    }
    if (is_appended) {
        int64_t size = avio_size(log->io);
        // A pipe has no size and cannot seek.
        if (size > 0)
            avio_seek(log->io, size, SEEK_SET);
        log->row_cnt = size != 0;
    }

    if (format == GANRM_LOG_JSON) {
        avio_printf(log->io, "{");
        write_json(log->io, head, head_count);
        avio_printf(log->io, ",\"%ss\":[", row_name);
    } else if (format == GANRM_LOG_XML) {
        avio_printf(log->io, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ganrm");
        write_xml(log->io, head, head_count);
        avio_printf(log->io, ">\n");
    }
    return flush(log);
}

static void write_line(AVIOContext *io, const GanrmField *fields, int count)
{
    avio_printf(io, "{");
    write_json(io, fields, count);
    avio_printf(io, "}\n");
}

static void write_element(AVIOContext *io, const char *name, const GanrmField *fields, int count)
{
    avio_printf(io, "  <%s", name);
    write_xml(io, fields, count);
    avio_printf(io, "/>\n");
}

int ff_ganrm_log_row(GanrmLog *log, const GanrmField *fields, int count)
{
    int64_t row = log->row_cnt++;

    if (!log->io)
        return 0;
    switch (log->format) {
    case GANRM_LOG_JSONL:
        write_line(log->io, fields, count);
        break;
    case GANRM_LOG_CSV:
        write_csv(log->io, fields, count, row > 0);
        break;
    case GANRM_LOG_JSON:
        avio_printf(log->io, row > 0 ? ",\n{" : "\n{");
        write_json(log->io, fields, count);
        avio_printf(log->io, "}");
        break;
    case GANRM_LOG_XML:
        write_element(log->io, log->row_name, fields, count);
        break;
    }
    return flush(log);
}

int ff_ganrm_log_close(GanrmLog *log, const GanrmField *summary, int count)
{
    int ret, error;

    if (!log->io)
        return 0;
    if (log->io->error < 0) // Already logged.
        return avio_closep(&log->io);
    switch (log->format) {
    case GANRM_LOG_JSONL:
        if (count)
            write_line(log->io, summary, count);
        break;
    case GANRM_LOG_JSON:
        avio_printf(log->io, "\n]");
        if (count) {
            avio_printf(log->io, ",\"summary\":{");
            write_json(log->io, summary, count);
            avio_printf(log->io, "}");
        }
        avio_printf(log->io, "}\n");
        break;
    case GANRM_LOG_XML:
        if (count)
            write_element(log->io, "summary", summary, count);
        avio_printf(log->io, "</ganrm>\n");
        break;
    }
    error = flush(log);
    ret   = avio_closep(&log->io);
    return error < 0 ? error : ret;
}
