#include <math.h>
#include <stdio.h>

#include "libavutil/cpu.h"
#include "libavutil/dict.h"
#include "libavutil/error.h"
#include "libavutil/log.h"
#include "libavutil/macros.h"
#include "libavutil/mathematics.h"

#include "ganrm_common.h"

const enum AVPixelFormat ff_ganrm_pix_fmts[] = {
    AV_PIX_FMT_YUV420P,   AV_PIX_FMT_YUV422P,   AV_PIX_FMT_YUV444P,
    AV_PIX_FMT_YUVJ420P,  AV_PIX_FMT_YUVJ422P,  AV_PIX_FMT_YUVJ444P,
    AV_PIX_FMT_YUV420P10, AV_PIX_FMT_YUV422P10, AV_PIX_FMT_YUV444P10,
    AV_PIX_FMT_NV12,      AV_PIX_FMT_P010,      AV_PIX_FMT_GRAY8,
    AV_PIX_FMT_RGB24,     AV_PIX_FMT_RGBA,      AV_PIX_FMT_GBRP,
    AV_PIX_FMT_NONE
};

static int ganrm_format(enum AVPixelFormat format)
{
    switch (format) {
    case AV_PIX_FMT_YUVJ420P:
    case AV_PIX_FMT_YUV420P:   return GANRM_FORMAT_YUV420P;
    case AV_PIX_FMT_YUVJ422P:
    case AV_PIX_FMT_YUV422P:   return GANRM_FORMAT_YUV422P;
    case AV_PIX_FMT_YUVJ444P:
    case AV_PIX_FMT_YUV444P:   return GANRM_FORMAT_YUV444P;
    case AV_PIX_FMT_YUV420P10: return GANRM_FORMAT_YUV420P10;
    case AV_PIX_FMT_YUV422P10: return GANRM_FORMAT_YUV422P10;
    case AV_PIX_FMT_YUV444P10: return GANRM_FORMAT_YUV444P10;
    case AV_PIX_FMT_NV12:      return GANRM_FORMAT_NV12;
    case AV_PIX_FMT_P010:      return GANRM_FORMAT_P010;
    case AV_PIX_FMT_GRAY8:     return GANRM_FORMAT_GRAY8;
    case AV_PIX_FMT_RGB24:     return GANRM_FORMAT_RGB24;
    case AV_PIX_FMT_RGBA:      return GANRM_FORMAT_RGBA;
    case AV_PIX_FMT_GBRP:      return GANRM_FORMAT_GBRP;
    default:                   return -1;
    }
}

static int ganrm_range(const AVFrame *frame)
{
    switch (frame->format) {
    case AV_PIX_FMT_YUVJ420P:
    case AV_PIX_FMT_YUVJ422P:
    case AV_PIX_FMT_YUVJ444P:
        return GANRM_RANGE_FULL;
    }
    return frame->color_range < AVCOL_RANGE_NB ? frame->color_range : GANRM_RANGE_UNKNOWN;
}

int ff_ganrm_error(AVFilterContext *ctx, int code)
{
    const char *message = ganrm_message();

    av_log(ctx, AV_LOG_ERROR, "%s\n", *message ? message : ganrm_strerror(code));
    return code == GANRM_ERROR_ARGUMENT ? AVERROR(EINVAL) : AVERROR_EXTERNAL;
}

/* ff_ganrm_error() logs errors. */
static void take_message(void *opaque, int level, const char *message)
{
    if (level == GANRM_LOG_WARNING)
        av_log(opaque, AV_LOG_WARNING, "%s\n", message);
    else if (level == GANRM_LOG_INFO)
        av_log(opaque, AV_LOG_VERBOSE, "%s\n", message);
}

/*
 * The thread count of threads=N and -filter_threads N, 0 for one per processor. FFmpeg's default for slice
 * threads is one more than the number of processors, which slows down an encoder that synchronizes its threads.
 */
static int thread_count(AVFilterContext *ctx)
{
    int count = ff_filter_get_nb_threads(ctx);

    return count > av_cpu_count() ? 0 : count;
}

int ff_ganrm_model_open(AVFilterContext *ctx, ganrm_model **model, const GanrmOptions *options)
{
    ganrm_model_settings settings;
    int code;

    ganrm_model_settings_init(&settings, sizeof(settings));
    settings.model      = options->model;
    settings.encoder    = options->encoder;
    settings.weights    = options->weights;
    settings.precision  = options->precision;
    settings.threads    = thread_count(ctx);
    settings.log        = take_message;
    settings.log_opaque = ctx;
    code = ganrm_model_open(model, &settings);
    return code < 0 ? ff_ganrm_error(ctx, code) : 0;
}

int ff_ganrm_filter_open(AVFilterContext *ctx, ganrm_filter **filter, ganrm_model *model,
                         const GanrmOptions *options)
{
    ganrm_filter_settings settings;
    int code;

    ganrm_filter_settings_init(&settings, sizeof(settings));
    settings.kind      = options->kind;
    settings.sampling  = options->sampling;
    settings.frames    = options->frames;
    settings.stride    = options->stride;
    settings.hop       = options->hop;
    settings.clip_rate = options->clip_rate;
    code = ganrm_filter_open(filter, model, &settings);
    return code < 0 ? ff_ganrm_error(ctx, code) : 0;
}

int ff_ganrm_push(AVFilterContext *ctx, ganrm_filter *filter, const AVFrame *frame, AVRational time_base)
{
    ganrm_frame image;
    int code;

    ganrm_frame_init(&image, sizeof(image));
    for (int i = 0; i < FF_ARRAY_ELEMS(image.planes); i++) {
        image.planes[i]  = frame->data[i];
        image.strides[i] = frame->linesize[i];
    }
    image.width  = frame->width;
    image.height = frame->height;
    image.format = ganrm_format(frame->format);
    image.range  = ganrm_range(frame);
    // The library accepts values up to 14 (AVCOL_SPC_ICTCP).
    image.matrix = frame->colorspace <= AVCOL_SPC_ICTCP ? frame->colorspace : GANRM_MATRIX_UNKNOWN;
    if (frame->sample_aspect_ratio.num > 0 && frame->sample_aspect_ratio.den > 0) {
        image.sar_width  = frame->sample_aspect_ratio.num;
        image.sar_height = frame->sample_aspect_ratio.den;
    }
    if (frame->pts != AV_NOPTS_VALUE)
        image.seconds = frame->pts * av_q2d(time_base);
    if (ganrm_duration(frame) > 0)
        image.duration = ganrm_duration(frame) * av_q2d(time_base);
    code = ganrm_filter_push(filter, &image);
    return code < 0 ? ff_ganrm_error(ctx, code) : 0;
}

/* Formats the sampling as options of the filters. */
static void describe_sampling(char *text, size_t size, const ganrm_filter_settings *settings)
{
    if (settings->sampling == GANRM_SAMPLING_UNIFORM)
        snprintf(text, size, "sampling=uniform:frames=%d", settings->frames);
    else if (settings->clip_rate > 0)
        snprintf(text, size, "sampling=window:frames=%d:clip_rate=%g:hop=%d", settings->frames,
                 settings->clip_rate, settings->hop);
    else
        snprintf(text, size, "sampling=window:frames=%d:stride=%d:hop=%d", settings->frames,
                 settings->stride, settings->hop);
}

void ff_ganrm_head(GanrmHead *head, const ganrm_model *model, const ganrm_filter *filter)
{
    ganrm_filter_settings settings;

    ganrm_filter_settings_init(&settings, sizeof(settings));
    ganrm_filter_get_settings(filter, &settings);
    describe_sampling(head->sampling, sizeof(head->sampling), &settings);
    head->fields[0] = GANRM_STRING("version",     ganrm_version());
    head->fields[1] = GANRM_STRING("model",       ganrm_model_name(model));
    head->fields[2] = GANRM_STRING("fingerprint", ganrm_model_fingerprint(model));
    head->fields[3] = GANRM_STRING("sampling",    head->sampling);
}

void ff_ganrm_set_number(AVFrame *frame, const char *key, double number)
{
    char value[32];

    if (!isfinite(number))
        return;
    snprintf(value, sizeof(value), "%.12g", number);
    av_dict_set(&frame->metadata, key, value, 0);
}

void ff_ganrm_free_frames(AVFifo **frames)
{
    AVFrame *frame;

    while (*frames && av_fifo_read(*frames, &frame, 1) >= 0)
        av_frame_free(&frame);
    av_fifo_freep2(frames);
}

double ff_ganrm_score(double logit)
{
    return 1 / (1 + exp(-logit));
}
