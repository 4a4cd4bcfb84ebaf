/**
 * @file
 * Rank candidates, such as the outputs of a generator for one prompt, and output the best one.
 *
 * The best candidate is known when all inputs have ended; until then all frames are buffered.
 */

#include <inttypes.h>
#include <math.h>

#include "libavutil/avstring.h"
#include "libavutil/common.h"
#include "libavutil/fifo.h"
#include "libavutil/mem.h"

#include "ganrm_common.h"

typedef struct Candidate {
    ganrm_filter *filter;
    AVFifo *frames;       ///< queue of AVFrame *
    int64_t frame_cnt;
    int64_t clip_cnt;
    int64_t excluded_cnt; ///< degenerate or unfamiliar clips
    double logit_sum;
    double logit;         ///< mean over clips, NaN without clips
    int is_ended;
    int64_t end_pts;      ///< in the time base of the candidate's link
} Candidate;

typedef struct GanrmRankContext {
    const AVClass *class;
    GanrmOptions options;
    int nb_inputs;
    int max_frames;
    double max_unfamiliar;
    int allow_degenerate;

    ganrm_model *model;
    GanrmLog log;
    Candidate *candidates;
    int *order;           ///< indices of the candidates, best first; valid if is_ranked
    int is_ranked;
    int is_over;          ///< all frames and the end of the best candidate were output
} GanrmRankContext;

#define OFFSET(x) offsetof(GanrmRankContext, x)
#define OPTIONS_OFFSET(x) OFFSET(options.x)

static const AVOption ganrm_rank_options[] = {
    { "inputs",     "set the number of candidates", OFFSET(nb_inputs), AV_OPT_TYPE_INT, { .i64 = 2 }, 2, 256,
        GANRM_FLAGS },
    { "max_frames", "set how many frames a candidate may have, since all are kept until the last one ends",
        OFFSET(max_frames), AV_OPT_TYPE_INT, { .i64 = 512 }, 1, INT_MAX, GANRM_FLAGS },
    { "max_unfamiliar", "set how unlike the model's training a candidate may be and still be the best, a percentile",
        OFFSET(max_unfamiliar), AV_OPT_TYPE_DOUBLE, { .dbl = GANRM_MAX_UNFAMILIAR }, 0, 100, GANRM_FLAGS },
    { "allow_degenerate", "let candidates be the best that show nothing", OFFSET(allow_degenerate),
        AV_OPT_TYPE_BOOL, { .i64 = 0 }, 0, 1, GANRM_FLAGS },
    GANRM_OPTIONS(OPTIONS_OFFSET, GANRM_SAMPLING_UNIFORM),
    { NULL }
};

AVFILTER_DEFINE_CLASS(ganrm_rank);

static av_cold int init(AVFilterContext *ctx)
{
    GanrmRankContext *s = ctx->priv;
    int ret;

    s->candidates = av_calloc(s->nb_inputs, sizeof(*s->candidates));
    s->order      = av_calloc(s->nb_inputs, sizeof(*s->order));
    if (!s->candidates || !s->order)
        return AVERROR(ENOMEM);

    for (int i = 0; i < s->nb_inputs; i++) {
        AVFilterPad pad = { .type = AVMEDIA_TYPE_VIDEO };

        s->order[i] = i;
        s->candidates[i].frames = av_fifo_alloc2(16, sizeof(AVFrame *), AV_FIFO_FLAG_AUTO_GROW);
        pad.name = av_asprintf("input%d", i);
        if (!s->candidates[i].frames || !pad.name) {
            av_freep(&pad.name);
            return AVERROR(ENOMEM);
        }
        if ((ret = ff_append_inpad_free_name(ctx, &pad)) < 0)
            return ret;
    }
    return 0;
}

/* The output is one of the inputs, which all have the properties of the first one. */
static int config_output(AVFilterLink *outlink)
{
    AVFilterContext *ctx = outlink->src;
    GanrmRankContext *s = ctx->priv;
    AVFilterLink *first = ctx->inputs[0];
    AVRational frame_rate = ff_filter_link(first)->frame_rate;
    GanrmHead head;
    int ret;

    for (int i = 1; i < s->nb_inputs; i++) {
        AVFilterLink *inlink = ctx->inputs[i];

        if (inlink->w != first->w || inlink->h != first->h) {
            av_log(ctx, AV_LOG_ERROR, "candidate %d is %dx%d, candidate 0 %dx%d; put scale or crop before them\n",
                   i, inlink->w, inlink->h, first->w, first->h);
            return AVERROR(EINVAL);
        }
        if (av_cmp_q(ff_filter_link(inlink)->frame_rate, frame_rate))
            frame_rate = (AVRational){ 1, 0 }; // Variable.
    }
    outlink->w                          = first->w;
    outlink->h                          = first->h;
    outlink->time_base                  = first->time_base;
    outlink->sample_aspect_ratio        = first->sample_aspect_ratio;
    ff_filter_link(outlink)->frame_rate = frame_rate;

    if (s->model)
        return 0;
    if ((ret = ff_ganrm_model_open(ctx, &s->model, &s->options)) < 0)
        return ret;
    for (int i = 0; i < s->nb_inputs; i++)
        if ((ret = ff_ganrm_filter_open(ctx, &s->candidates[i].filter, s->model, &s->options)) < 0)
            return ret;
    ff_ganrm_head(&head, s->model, s->candidates[0].filter);
    return ff_ganrm_log_open(&s->log, ctx, s->options.log_path, s->options.log_fmt, "candidate",
                             head.fields, FF_ARRAY_ELEMS(head.fields));
}

static void pull_scores(const GanrmRankContext *s, Candidate *candidate)
{
    ganrm_score score;

    while (ganrm_filter_pull(candidate->filter, &score) == GANRM_OK) {
        candidate->logit_sum += score.logit;
        candidate->clip_cnt++;
        // unfamiliar is NaN, and the comparison false, if the model does not support it.
        candidate->excluded_cnt += score.unfamiliar > s->max_unfamiliar || (score.degenerate && !s->allow_degenerate);
    }
}

static int take_frame(AVFilterContext *ctx, int index, AVFrame *frame)
{
    GanrmRankContext *s = ctx->priv;
    Candidate *candidate = &s->candidates[index];
    int ret;

    if (candidate->frame_cnt == s->max_frames) {
        av_log(ctx, AV_LOG_ERROR, "candidate %d has more than %d frames; cut it with trim, or raise max_frames\n",
               index, s->max_frames);
        ret = AVERROR(EINVAL);
        goto fail;
    }
    if ((ret = ff_ganrm_push(ctx, candidate->filter, frame, ctx->inputs[index]->time_base)) < 0 ||
        (ret = av_fifo_write(candidate->frames, &frame, 1)) < 0)
        goto fail;
    candidate->frame_cnt++;
    pull_scores(s, candidate);
    return 0;

fail:
    av_frame_free(&frame);
    return ret;
}

static int end_candidate(AVFilterContext *ctx, Candidate *candidate, int64_t pts)
{
    int ret = ganrm_filter_flush(candidate->filter);

    if (ret < 0)
        return ff_ganrm_error(ctx, ret);
    pull_scores(ctx->priv, candidate);
    candidate->logit    = candidate->clip_cnt ? candidate->logit_sum / candidate->clip_cnt : NAN;
    candidate->is_ended = 1;
    candidate->end_pts  = pts;
    return 0;
}

/* Whether a candidate is excluded from being the best: at least half of its clips are. */
static int is_excluded(const Candidate *candidate)
{
    return candidate->clip_cnt && 2 * candidate->excluded_cnt >= candidate->clip_cnt;
}

/* Whether a, an earlier input, ranks before b. Candidates without a score (NaN) rank last. */
static int is_before(const Candidate *a, const Candidate *b)
{
    if (isnan(b->logit) || isnan(a->logit))
        return isnan(b->logit);
    if (is_excluded(a) != is_excluded(b))
        return is_excluded(b);
    return a->logit >= b->logit;
}

/* The margin of the candidate at a rank, from 0, to the next one, in logits; NaN if that is missing or excluded. */
static double margin(const GanrmRankContext *s, int place)
{
    if (place == s->nb_inputs - 1 || is_excluded(&s->candidates[s->order[place + 1]]))
        return NAN;
    return s->candidates[s->order[place]].logit - s->candidates[s->order[place + 1]].logit;
}

static int rank(AVFilterContext *ctx)
{
    GanrmRankContext *s = ctx->priv;
    int ret;

    // Insertion sort is stable: ties keep the order of the inputs.
    for (int i = 1; i < s->nb_inputs; i++) {
        int place = i;

        for (; place > 0; place--) {
            if (is_before(&s->candidates[s->order[place - 1]], &s->candidates[i]))
                break;
            s->order[place] = s->order[place - 1];
        }
        s->order[place] = i;
    }
    s->is_ranked = 1;

    for (int place = 0; place < s->nb_inputs; place++) {
        const Candidate *candidate = &s->candidates[s->order[place]];
        const GanrmField fields[] = {
            GANRM_INTEGER("rank",   place + 1),
            GANRM_INTEGER("input",  s->order[place]),
            GANRM_NUMBER("score",   ff_ganrm_score(candidate->logit)),
            GANRM_NUMBER("logit",   candidate->logit),
            GANRM_NUMBER("margin",  margin(s, place)),
            GANRM_INTEGER("clips",  candidate->clip_cnt),
            GANRM_INTEGER("frames", candidate->frame_cnt),
            GANRM_INTEGER("excluded", is_excluded(candidate)),
        };

        av_log(ctx, AV_LOG_INFO, "rank %d: input %d, score %f, logit %f, %" PRId64 " frames%s\n", place + 1,
               s->order[place], ff_ganrm_score(candidate->logit), candidate->logit, candidate->frame_cnt,
               is_excluded(candidate) ? ", excluded" : "");
        if ((ret = ff_ganrm_log_row(&s->log, fields, FF_ARRAY_ELEMS(fields))) < 0)
            return ret;
    }
    if (is_excluded(&s->candidates[s->order[0]]))
        av_log(ctx, AV_LOG_WARNING, "no candidate may be the best: all show nothing, or nothing that the model knows\n");
    return ff_ganrm_log_close(&s->log, NULL, 0);
}

/* Rescales a time stamp; AV_NOPTS_VALUE stays as it is. */
static int64_t rescale(int64_t pts, AVRational from, AVRational to)
{
    return av_rescale_q_rnd(pts, from, to, AV_ROUND_NEAR_INF | AV_ROUND_PASS_MINMAX);
}

/* Outputs the next frame of the best candidate, or its end. */
static int pass_frame(AVFilterContext *ctx)
{
    GanrmRankContext *s = ctx->priv;
    Candidate *best = &s->candidates[s->order[0]];
    AVFilterLink *outlink = ctx->outputs[0];
    AVRational time_base = ctx->inputs[s->order[0]]->time_base;
    AVFrame *frame;

    if (av_fifo_read(best->frames, &frame, 1) < 0) {
        s->is_over = 1;
        ff_outlink_set_status(outlink, AVERROR_EOF, rescale(best->end_pts, time_base, outlink->time_base));
        return 0;
    }
    frame->pts = rescale(frame->pts, time_base, outlink->time_base);
    ganrm_set_duration(frame, rescale(ganrm_duration(frame), time_base, outlink->time_base));
    av_dict_set_int(&frame->metadata, "lavfi.ganrm_rank.input", s->order[0], 0);
    ff_ganrm_set_number(frame, "lavfi.ganrm_rank.score", ff_ganrm_score(best->logit));
    ff_ganrm_set_number(frame, "lavfi.ganrm_rank.logit", best->logit);
    ff_ganrm_set_number(frame, "lavfi.ganrm_rank.margin", margin(s, 0));
    return ff_filter_frame(outlink, frame);
}

static int activate(AVFilterContext *ctx)
{
    GanrmRankContext *s = ctx->priv;
    AVFilterLink *outlink = ctx->outputs[0];
    int ended_cnt = 0, ret;

    FF_FILTER_FORWARD_STATUS_BACK_ALL(outlink, ctx);

    for (int i = 0; i < s->nb_inputs; i++) {
        Candidate *candidate = &s->candidates[i];
        AVFrame *frame;
        int64_t pts;
        int status;

        while ((ret = ff_inlink_consume_frame(ctx->inputs[i], &frame)) > 0)
            if ((ret = take_frame(ctx, i, frame)) < 0)
                return ret;
        if (ret < 0)
            return ret;
        if (!candidate->is_ended && ff_inlink_acknowledge_status(ctx->inputs[i], &status, &pts) > 0 &&
            (ret = end_candidate(ctx, candidate, pts)) < 0)
            return ret;
        ended_cnt += candidate->is_ended;
    }
    if (ended_cnt == s->nb_inputs && !s->is_ranked && (ret = rank(ctx)) < 0)
        return ret;

    if (s->is_over || !ff_outlink_frame_wanted(outlink))
        return 0;
    if (s->is_ranked)
        return pass_frame(ctx);
    for (int i = 0; i < s->nb_inputs; i++)
        if (!s->candidates[i].is_ended)
            ff_inlink_request_frame(ctx->inputs[i]);
    return 0;
}

static av_cold void uninit(AVFilterContext *ctx)
{
    GanrmRankContext *s = ctx->priv;

    ff_ganrm_log_close(&s->log, NULL, 0);
    for (int i = 0; s->candidates && i < s->nb_inputs; i++) {
        Candidate *candidate = &s->candidates[i];

        ff_ganrm_free_frames(&candidate->frames);
        ganrm_filter_close(&candidate->filter);
    }
    av_freep(&s->candidates);
    av_freep(&s->order);
    ganrm_model_close(&s->model);
}

static const AVFilterPad ganrm_rank_outputs[] = {
    {
        .name         = "default",
        .type         = AVMEDIA_TYPE_VIDEO,
        .config_props = config_output,
    },
};

const FFFilter ff_vf_ganrm_rank = {
    GANRM_PUBLIC(name)        = "ganrm_rank",
    GANRM_PUBLIC(description) = NULL_IF_CONFIG_SMALL("Rank candidates with a reward model and pass the best one on."),
    GANRM_PUBLIC(priv_class)  = &ganrm_rank_class,
    GANRM_PUBLIC(flags)       = AVFILTER_FLAG_DYNAMIC_INPUTS,
    .priv_size                = sizeof(GanrmRankContext),
    .init                     = init,
    .uninit                   = uninit,
    .activate                 = activate,
    FILTER_OUTPUTS(ganrm_rank_outputs),
    FILTER_PIXFMTS_ARRAY(ff_ganrm_pix_fmts),
};
