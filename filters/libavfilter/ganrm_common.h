/**
 * @file
 * Shared by vf_ganrm and vf_ganrm_rank: the options of the reward model and its sampling, and pushing an
 * AVFrame to libganrm.
 */

#ifndef AVFILTER_GANRM_COMMON_H
#define AVFILTER_GANRM_COMMON_H

#include <limits.h>

#include <ganrm.h>

#include "libavutil/fifo.h"
#include "libavutil/opt.h"

#include "ganrm_compat.h"
#include "ganrm_log.h"

typedef struct GanrmOptions {
    char *model;
    char *encoder;
    char *weights;
    int kind;
    int sampling;
    int frames;
    int stride;
    int hop;
    double clip_rate;
    int precision;
    char *log_path;
    int log_fmt;
} GanrmOptions;

#define GANRM_FLAGS AV_OPT_FLAG_FILTERING_PARAM | AV_OPT_FLAG_VIDEO_PARAM

#define GANRM_CONST(name, help, value, unit_) \
    { name, help, 0, AV_OPT_TYPE_CONST, { .i64 = value }, 0, 0, GANRM_FLAGS, .unit = unit_ }

/**
 * The options of both filters.
 *
 * @param offset    macro that gives the offset of a member of GanrmOptions in the filter's context
 * @param sampling_ the default sampling, GANRM_SAMPLING_...
 */
#define GANRM_OPTIONS(offset, sampling_)                                                                    \
    { "model",     "set the file or folder of the reward model (default: the one that ganrm comes with)",   \
        offset(model), AV_OPT_TYPE_STRING, { .str = NULL }, .flags = GANRM_FLAGS },                         \
    { "encoder",   "set the encoder by its name, or by a JSON file that describes it (default: the model's)", \
        offset(encoder), AV_OPT_TYPE_STRING, { .str = NULL }, .flags = GANRM_FLAGS },                       \
    { "weights",   "set the weight file of the encoder (default: from the cache of models)",                \
        offset(weights), AV_OPT_TYPE_STRING, { .str = NULL }, .flags = GANRM_FLAGS },                       \
    { "kind",      "set which of the model's encoders sees the frames",                                     \
        offset(kind), AV_OPT_TYPE_INT, { .i64 = GANRM_KIND_VIDEO }, GANRM_KIND_VIDEO, GANRM_KIND_IMAGE,     \
        GANRM_FLAGS, .unit = "kind" },                                                                      \
        GANRM_CONST("video", "the one for clips", GANRM_KIND_VIDEO, "kind"),                                \
        GANRM_CONST("image", "the one for images", GANRM_KIND_IMAGE, "kind"),                               \
    { "sampling",  "set how frames become clips",                                                           \
        offset(sampling), AV_OPT_TYPE_INT, { .i64 = sampling_ }, GANRM_SAMPLING_MODEL,                      \
        GANRM_SAMPLING_UNIFORM, GANRM_FLAGS, .unit = "sampling" },                                          \
        GANRM_CONST("model", "windows as the model was trained with, or else of as many frames",            \
                    GANRM_SAMPLING_MODEL, "sampling"),                                                      \
        GANRM_CONST("window", "clip after clip, as long as the stream runs", GANRM_SAMPLING_WINDOW, "sampling"), \
        GANRM_CONST("uniform", "one clip from the whole stream, scored at its end",                         \
                    GANRM_SAMPLING_UNIFORM, "sampling"),                                                    \
    { "frames",    "set the frames per clip (0: as the model was trained)",                                 \
        offset(frames), AV_OPT_TYPE_INT, { .i64 = 0 }, 0, 4096, GANRM_FLAGS },                              \
    { "stride",    "take every n-th frame in windows (0: as the model was trained, or else 1)",             \
        offset(stride), AV_OPT_TYPE_INT, { .i64 = 0 }, 0, 1000000, GANRM_FLAGS },                           \
    { "hop",       "set the frames from the start of a window to the next (0: as the model was trained, or else they touch)", \
        offset(hop), AV_OPT_TYPE_INT, { .i64 = 0 }, 0, 1000000000, GANRM_FLAGS },                           \
    { "clip_rate", "take so many frames per second into windows, instead of a stride (0: a stride)",        \
        offset(clip_rate), AV_OPT_TYPE_DOUBLE, { .dbl = 0 }, 0, 1000, GANRM_FLAGS },                        \
    { "precision", "set the precision of the encoder",                                                      \
        offset(precision), AV_OPT_TYPE_INT, { .i64 = GANRM_PRECISION_AUTO }, GANRM_PRECISION_AUTO,          \
        GANRM_PRECISION_INT8, GANRM_FLAGS, .unit = "precision" },                                           \
        GANRM_CONST("auto", "bfloat16 where the processor has it, else 32 bits", GANRM_PRECISION_AUTO,      \
            "precision"),                                                                                   \
        GANRM_CONST("f32", "32 bits", GANRM_PRECISION_F32, "precision"),                                    \
        GANRM_CONST("bf16", "bfloat16", GANRM_PRECISION_BF16, "precision"),                                 \
        GANRM_CONST("int8", "8 bits, the fastest", GANRM_PRECISION_INT8, "precision"),                      \
    { "log_path",  "set where the scores are written: a file or URL, - for standard output (default: nowhere)", \
        offset(log_path), AV_OPT_TYPE_STRING, { .str = NULL }, .flags = GANRM_FLAGS },                      \
    { "log_fmt",   "set the format of the log",                                                             \
        offset(log_fmt), AV_OPT_TYPE_INT, { .i64 = GANRM_LOG_JSONL }, 0, GANRM_LOG_NB - 1,                  \
        GANRM_FLAGS, .unit = "log_fmt" },                                                                   \
        GANRM_CONST("jsonl", "a line of JSON for each score, and one for the mean", GANRM_LOG_JSONL, "log_fmt"), \
        GANRM_CONST("csv", "a line for each score below a header", GANRM_LOG_CSV, "log_fmt"),               \
        GANRM_CONST("json", "one document", GANRM_LOG_JSON, "log_fmt"),                                     \
        GANRM_CONST("xml", "one document", GANRM_LOG_XML, "log_fmt")

/** The pixel formats that libganrm reads without conversion. */
extern const enum AVPixelFormat ff_ganrm_pix_fmts[];

/** Logs the message of the libganrm call that failed with code. Returns an AVERROR. */
int ff_ganrm_error(AVFilterContext *ctx, int code);

/** Opens the model; *model is NULL on failure. The model logs to ctx, which must outlive it. */
int ff_ganrm_model_open(AVFilterContext *ctx, ganrm_model **model, const GanrmOptions *options);

/** Opens a filter; *filter is NULL on failure. The first filter of a model takes about a second. */
int ff_ganrm_filter_open(AVFilterContext *ctx, ganrm_filter **filter, ganrm_model *model,
                         const GanrmOptions *options);

/** Pushes frame, which is borrowed, and scores the clips that it completes. */
int ff_ganrm_push(AVFilterContext *ctx, ganrm_filter *filter, const AVFrame *frame, AVRational time_base);

/** Sets a metadata entry of frame, unless number is infinite or NaN. */
void ff_ganrm_set_number(AVFrame *frame, const char *key, double number);

/** Frees a queue of AVFrame * and the frames in it; *frames may be NULL. */
void ff_ganrm_free_frames(AVFifo **frames);

/** The provenance of scores, for the head of a log. */
typedef struct GanrmHead {
    GanrmField fields[4];
    char sampling[128];
} GanrmHead;

/** Fills *head. Its fields are valid as long as the model and *head. */
void ff_ganrm_head(GanrmHead *head, const ganrm_model *model, const ganrm_filter *filter);

/** The score of a logit: its sigmoid. */
double ff_ganrm_score(double logit);

#endif /* AVFILTER_GANRM_COMMON_H */
