/**
 * @file
 * The differences between FFmpeg 5.1 to 9.0 for vf_ganrm and vf_ganrm_rank. No other file checks a version.
 */

#ifndef AVFILTER_GANRM_COMPAT_H
#define AVFILTER_GANRM_COMPAT_H

#include "libavutil/frame.h"
#include "libavutil/version.h"

#include "avfilter.h"
#include "drawutils.h"
#include "filters.h"
#include "version.h"

/* 7.1 moved internal.h into filters.h, and the frame rate from AVFilterLink to FilterLink. */
#if LIBAVFILTER_VERSION_INT < AV_VERSION_INT(10, 4, 100)
#include "internal.h"
typedef AVFilterLink FilterLink;
static inline FilterLink *ff_filter_link(AVFilterLink *link)
{
    return link;
}
#endif

/* 8.0 split AVFilter into FFFilter and its public part, p. */
#if LIBAVFILTER_VERSION_MAJOR < 11
typedef AVFilter FFFilter;
#define GANRM_PUBLIC(field) .field
#else
#define GANRM_PUBLIC(field) .p.field
#endif

/* 8.1 added the alpha mode (straight or premultiplied) to ff_draw_init2(). */
static inline int ganrm_draw_init(FFDrawContext *draw, const AVFrame *frame, enum AVColorSpace csp)
{
#if LIBAVFILTER_VERSION_INT < AV_VERSION_INT(11, 6, 100)
    return ff_draw_init2(draw, frame->format, csp, frame->color_range, 0);
#else
    return ff_draw_init2(draw, frame->format, csp, frame->color_range, frame->alpha_mode, 0);
#endif
}

/*
 * 6.0 added AVFrame.duration, in the time base of the link. The older pkt_duration is in the time base of the
 * demuxer, which filters do not know; with older versions the duration is unknown.
 */
static inline int64_t ganrm_duration(const AVFrame *frame)
{
#if LIBAVUTIL_VERSION_INT < AV_VERSION_INT(57, 30, 100)
    return 0;
#else
    return frame->duration;
#endif
}

static inline void ganrm_set_duration(AVFrame *frame, int64_t duration)
{
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
    frame->duration = duration;
#endif
}

#endif /* AVFILTER_GANRM_COMPAT_H */
