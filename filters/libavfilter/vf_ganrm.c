/**
 * @file
 * Score the clips of a video with a GAN-RM reward model (libganrm).
 *
 * Each frame gets the score of its clip as metadata. It is therefore delayed until the clip is complete, by at
 * most the span of a clip; with delay=0 frames are not delayed.
 */

#include <inttypes.h>
#include <math.h>

#include "libavutil/common.h"
#include "libavutil/fifo.h"
#include "libavutil/mem.h"

#include "ganrm_common.h"
#include "ganrm_monitor.h"

typedef struct Clip {
    ganrm_score score;
    int64_t number;       ///< index of the clip, from 0
} Clip;

typedef struct GanrmContext {
    const AVClass *class;
    GanrmOptions options;
    int draw;
    int delay;

    ganrm_model *model;
    ganrm_filter *filter;
    GanrmHead head;
    GanrmLog log;
    int is_over;          ///< scoring has ended, or has failed

    AVFifo *frames;       ///< queue of AVFrame *, not yet output
    AVFifo *clips;        ///< queue of scored Clips that start after the frames output so far
    int64_t frame_cnt;    ///< frames received
    int64_t passed_cnt;   ///< frames output
    int64_t stream_start; ///< index of the first frame since time stamps last went back
    int64_t last_pts;

    Clip clip;            ///< clip of the frame to be output next
    int has_clip;
    GanrmMonitor monitor; ///< shows the clips up to clip

    int64_t clip_cnt;     ///< clips scored
    double logit_sum;
    int64_t scored_end;   ///< index of the frame after the last one that a score covers
} GanrmContext;

#define OFFSET(x) offsetof(GanrmContext, x)
#define OPTIONS_OFFSET(x) OFFSET(options.x)

static const AVOption ganrm_options[] = {
    GANRM_OPTIONS(OPTIONS_OFFSET, GANRM_SAMPLING_MODEL),
    { "draw",  "draw the score into the frames", OFFSET(draw), AV_OPT_TYPE_BOOL, { .i64 = 0 }, 0, 1,
        GANRM_FLAGS | AV_OPT_FLAG_RUNTIME_PARAM },
    { "delay", "hold frames back until their clip is scored; if not, they carry the newest score",
        OFFSET(delay), AV_OPT_TYPE_BOOL, { .i64 = 1 }, 0, 1, GANRM_FLAGS },
    { NULL }
};

AVFILTER_DEFINE_CLASS(ganrm);

static av_cold int init(AVFilterContext *ctx)
{
    GanrmContext *s = ctx->priv;

    s->last_pts = AV_NOPTS_VALUE;
    s->frames   = av_fifo_alloc2(16, sizeof(AVFrame *), AV_FIFO_FLAG_AUTO_GROW);
    s->clips    = av_fifo_alloc2(4, sizeof(Clip), AV_FIFO_FLAG_AUTO_GROW);
    return s->frames && s->clips ? 0 : AVERROR(ENOMEM);
}

/* Not in init(), because FFmpeg initializes the filters of complex graphs once more than it runs them. */
static int config_input(AVFilterLink *inlink)
{
    AVFilterContext *ctx = inlink->dst;
    GanrmContext *s = ctx->priv;
    int ret;

    if (s->filter)
        return 0;
    if (!s->model && (ret = ff_ganrm_model_open(ctx, &s->model, &s->options)) < 0)
        return ret;
    if ((ret = ff_ganrm_filter_open(ctx, &s->filter, s->model, &s->options)) < 0)
        return ret;
    ff_ganrm_head(&s->head, s->model, s->filter);
    return ff_ganrm_log_open(&s->log, ctx, s->options.log_path, s->options.log_fmt, "clip",
                             s->head.fields, FF_ARRAY_ELEMS(s->head.fields));
}

static int log_clip(GanrmLog *log, const Clip *clip)
{
    const ganrm_score *score = &clip->score;
    const GanrmField fields[] = {
        GANRM_INTEGER("clip",                clip->number),
        GANRM_NUMBER("start",                score->start_seconds),
        GANRM_NUMBER("end",                  score->end_seconds),
        GANRM_INTEGER("first_frame",         score->first_frame),
        GANRM_INTEGER("last_frame",          score->last_frame),
        GANRM_NUMBER("score",                score->score),
        GANRM_NUMBER("logit",                score->logit),
        GANRM_NUMBER("logit_spread",         score->logit_spread),
        GANRM_NUMBER("probability",          score->probability),
        GANRM_NUMBER("percentile_generated", score->percentile_generated),
        GANRM_NUMBER("percentile_proxy",     score->percentile_proxy),
        GANRM_NUMBER("unfamiliar",           score->unfamiliar),
        GANRM_STRING("degenerate",           ganrm_degeneracy(score->degenerate)),
    };

    return ff_ganrm_log_row(log, fields, FF_ARRAY_ELEMS(fields));
}

static int pull_scores(GanrmContext *s)
{
    Clip clip;
    int ret;

    while (ganrm_filter_pull(s->filter, &clip.score) == GANRM_OK) {
        clip.number             = s->clip_cnt++;
        clip.score.first_frame += s->stream_start;
        clip.score.last_frame  += s->stream_start;
        s->logit_sum           += clip.score.logit;
        s->scored_end           = clip.score.last_frame + 1;
        if ((ret = log_clip(&s->log, &clip)) < 0 ||
            (ret = av_fifo_write(s->clips, &clip, 1)) < 0)
            return ret;
    }
    return 0;
}

/* A frame to draw on, with the draw context of its format. */
typedef struct Image {
    FFDrawContext draw;
    AVFrame *frame;
} Image;

/* Blend rather than fill: ff_fill_rectangle() rounds the box to subsampled chroma, blending is exact. */
static void fill(void *opaque, GanrmBox box, const uint8_t rgba[4])
{
    Image *image = opaque;
    AVFrame *frame = image->frame;
    FFDrawColor color;

    ff_draw_color(&image->draw, &color, rgba);
    ff_blend_rectangle(&image->draw, &color, frame->data, frame->linesize,
                       frame->width, frame->height, box.x, box.y, box.width, box.height);
}

static void fill_box(void *image, GanrmBox box, GanrmColour colour)
{
    fill(image, box, (const uint8_t[]){ colour.r, colour.g, colour.b, 255 });
}

static void darken_box(void *image, GanrmBox box)
{
    fill(image, box, (const uint8_t[]){ 0, 0, 0, 191 });
}

static int draw_monitor(AVFilterContext *ctx, AVFrame *frame)
{
    GanrmContext *s = ctx->priv;
    Image image = { .frame = frame };
    const GanrmCanvas canvas = { frame->width, frame->height, &image, fill_box, darken_box };
    int ret = ganrm_draw_init(&image.draw, frame, frame->colorspace);

    // drawutils does not support some matrices, such as YCgCo.
    if (ret < 0)
        ret = ganrm_draw_init(&image.draw, frame, AVCOL_SPC_UNSPECIFIED);
    if (ret >= 0)
        ganrm_monitor_draw(&s->monitor, &canvas);
    return ret;
}

/*
 * Outputs the oldest frame, with the score of the newest clip that begins at or before it.
 *
 * end: index of the first frame that no clip covers
 */
static int pass_frame(AVFilterContext *ctx, int64_t end)
{
    GanrmContext *s = ctx->priv;
    AVFrame *frame;
    Clip next;
    int64_t number = s->passed_cnt++;
    int ret;

    while (av_fifo_peek(s->clips, &next, 1, 0) >= 0 && next.score.first_frame <= number) {
        av_fifo_drain2(s->clips, 1);
        s->clip     = next;
        s->has_clip = 1;
        ganrm_monitor_add(&s->monitor, next.score.score);
    }

    av_fifo_read(s->frames, &frame, 1);
    if (s->has_clip && number < end) {
        ff_ganrm_set_number(frame, "lavfi.ganrm.score", s->clip.score.score);
        ff_ganrm_set_number(frame, "lavfi.ganrm.logit", s->clip.score.logit);
        ff_ganrm_set_number(frame, "lavfi.ganrm.unfamiliar", s->clip.score.unfamiliar);
        if (s->clip.score.degenerate)
            av_dict_set(&frame->metadata, "lavfi.ganrm.degenerate", ganrm_degeneracy(s->clip.score.degenerate), 0);
        av_dict_set_int(&frame->metadata, "lavfi.ganrm.clip", s->clip.number, 0);
    }
    if (s->draw) {
        // Not ff_inlink_make_frame_writable(), which assumes that the frame has the size of the link.
        ret = av_frame_make_writable(frame);
        if (ret >= 0)
            ret = draw_monitor(ctx, frame);
        if (ret < 0) {
            av_frame_free(&frame);
            return ret;
        }
    }
    return ff_filter_frame(ctx->outputs[0], frame);
}

/* Outputs the received frames with an index below number. */
static int pass_frames(AVFilterContext *ctx, int64_t number, int64_t end)
{
    GanrmContext *s = ctx->priv;
    int ret = 0;

    while (ret >= 0 && s->passed_cnt < FFMIN(number, s->frame_cnt))
        ret = pass_frame(ctx, end);
    return ret;
}

/* Scores the remaining clips of the stream. */
static int flush_scores(AVFilterContext *ctx)
{
    GanrmContext *s = ctx->priv;
    int64_t clip_cnt = s->clip_cnt;
    int ret = ganrm_filter_flush(s->filter);

    if (ret < 0)
        return ff_ganrm_error(ctx, ret);
    if ((ret = pull_scores(s)) < 0)
        return ret;
    // A clip that is completed by the end of the stream covers all remaining frames.
    if (s->clip_cnt > clip_cnt)
        s->scored_end = INT64_MAX;
    return 0;
}

/* Ends the stream: outputs all frames; a following frame starts a new stream. */
static int end_stream(AVFilterContext *ctx)
{
    GanrmContext *s = ctx->priv;
    int ret;

    if ((ret = flush_scores(ctx)) < 0 ||
        (ret = pass_frames(ctx, INT64_MAX, s->scored_end)) < 0)
        return ret;
    s->stream_start = s->frame_cnt;
    s->has_clip     = 0;
    av_fifo_reset2(s->clips); // With delay=0 the last clips may have no frame left.
    return 0;
}

static int take_frame(AVFilterContext *ctx, AVFrame *frame)
{
    GanrmContext *s = ctx->priv;
    int64_t number;
    int ret;

    // Time stamps go back after a seek or in concatenated streams.
    if (frame->pts != AV_NOPTS_VALUE) {
        if (s->last_pts != AV_NOPTS_VALUE && frame->pts < s->last_pts &&
            (ret = end_stream(ctx)) < 0)
            goto fail;
        s->last_pts = frame->pts;
    }

    if ((ret = ff_ganrm_push(ctx, s->filter, frame, ctx->inputs[0]->time_base)) < 0 ||
        (ret = av_fifo_write(s->frames, &frame, 1)) < 0)
        goto fail;
    s->frame_cnt++;
    if ((ret = pull_scores(s)) < 0)
        return ret;

    if (!s->delay)
        number = s->frame_cnt;
    else if (s->options.sampling == GANRM_SAMPLING_UNIFORM)
        number = s->frame_cnt - 1; // The only score is known at the end and set on the last frame.
    else
        number = s->stream_start + ganrm_filter_pending(s->filter);
    return pass_frames(ctx, number, INT64_MAX);

fail:
    av_frame_free(&frame);
    return ret;
}

static int finish(AVFilterContext *ctx)
{
    GanrmContext *s = ctx->priv;
    double logit = s->clip_cnt ? s->logit_sum / s->clip_cnt : NAN;
    const GanrmField summary[] = {
        GANRM_NUMBER("mean",    ff_ganrm_score(logit)),
        GANRM_NUMBER("logit",   logit),
        GANRM_INTEGER("clips",  s->clip_cnt),
        GANRM_INTEGER("frames", s->frame_cnt),
        s->head.fields[0], s->head.fields[1], s->head.fields[2], s->head.fields[3],
    };
    // JSON and XML documents have the provenance in their head, CSV has no summary.
    int count = s->options.log_fmt == GANRM_LOG_JSONL ? FF_ARRAY_ELEMS(summary) : 4;

    s->is_over = 1;
    if (s->clip_cnt)
        av_log(ctx, AV_LOG_INFO, "lavfi.ganrm.score.mean: %f (logit %f, %" PRId64 " clips, %" PRId64 " frames)\n",
               ff_ganrm_score(logit), logit, s->clip_cnt, s->frame_cnt);
    return ff_ganrm_log_close(&s->log, summary, count);
}

static int activate(AVFilterContext *ctx)
{
    AVFilterLink *inlink = ctx->inputs[0];
    AVFilterLink *outlink = ctx->outputs[0];
    GanrmContext *s = ctx->priv;
    AVFrame *frame;
    int64_t pts;
    int ret, status;

    FF_FILTER_FORWARD_STATUS_BACK(outlink, inlink);

    ret = ff_inlink_consume_frame(inlink, &frame);
    if (ret > 0)
        ret = take_frame(ctx, frame);
    if (ret >= 0 && ff_inlink_acknowledge_status(inlink, &status, &pts) > 0) {
        if ((ret = end_stream(ctx)) >= 0 && (ret = finish(ctx)) >= 0)
            ff_outlink_set_status(outlink, status, pts);
    }
    if (ret < 0) {
        s->is_over = 1;
        return ret;
    }

    if (ff_inlink_queued_frames(inlink))
        ff_filter_set_ready(ctx, 100);
    else if (ff_outlink_frame_wanted(outlink))
        ff_inlink_request_frame(inlink);
    return 0;
}

static av_cold void uninit(AVFilterContext *ctx)
{
    GanrmContext *s = ctx->priv;
    AVFilterLink *outlink = ctx->nb_outputs ? ctx->outputs[0] : NULL;
    // Mostly 0 when an output has reached its limit, such as -t or -frames:v.
    int is_wanted = outlink && ff_outlink_frame_wanted(outlink);

    // If the graph is freed before the end of the stream, frames cannot be output, but scores can be logged.
    if (s->filter && s->frame_cnt && !s->is_over && flush_scores(ctx) >= 0)
        finish(ctx);
    ff_ganrm_log_close(&s->log, NULL, 0);
    if (s->frame_cnt > s->passed_cnt && is_wanted)
        av_log(ctx, AV_LOG_WARNING, "%" PRId64 " frames waited for the score of their clip, and were not passed on, when "
               "the filter graph was taken down; with delay=0 none waits\n", s->frame_cnt - s->passed_cnt);

    ff_ganrm_free_frames(&s->frames);
    av_fifo_freep2(&s->clips);
    ganrm_filter_close(&s->filter);
    ganrm_model_close(&s->model);
}

static const AVFilterPad ganrm_inputs[] = {
    {
        .name         = "default",
        .type         = AVMEDIA_TYPE_VIDEO,
        .config_props = config_input,
    },
};

static const AVFilterPad ganrm_outputs[] = {
    {
        .name = "default",
        .type = AVMEDIA_TYPE_VIDEO,
    },
};

const FFFilter ff_vf_ganrm = {
    GANRM_PUBLIC(name)        = "ganrm",
    GANRM_PUBLIC(description) = NULL_IF_CONFIG_SMALL("Score the clips of a video with a reward model."),
    GANRM_PUBLIC(priv_class)  = &ganrm_class,
    .priv_size                = sizeof(GanrmContext),
    .init                     = init,
    .uninit                   = uninit,
    .activate                 = activate,
    .process_command          = ff_filter_process_command,
    FILTER_INPUTS(ganrm_inputs),
    FILTER_OUTPUTS(ganrm_outputs),
    FILTER_PIXFMTS_ARRAY(ff_ganrm_pix_fmts),
};
