// The macros of FFmpeg's headers that Swift cannot import (those with casts), and every difference
// between FFmpeg 5, 6, 7 and 8. No other file depends on the version.
#pragma once

#include <errno.h>
#include <stdint.h>

#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/crc.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/log.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

static const int ganrm_error_again = AVERROR(EAGAIN);
static const int ganrm_error_eof = AVERROR_EOF;
static const int ganrm_error_exit = AVERROR_EXIT;
static const int ganrm_error_external = AVERROR_EXTERNAL;
static const int ganrm_error_invalid_data = AVERROR_INVALIDDATA;
static const int ganrm_error_io = AVERROR(EIO);
static const int ganrm_error_memory = AVERROR(ENOMEM);
static const int ganrm_error_refused = AVERROR(EPERM);
static const int ganrm_error_timeout = AVERROR(ETIMEDOUT);
static const int64_t ganrm_no_pts = AV_NOPTS_VALUE;
static const int ganrm_seek_size = AVSEEK_SIZE;

/// Whether the `buffer` filter needs the color matrix and range of its frames as options.
static inline int ganrm_buffer_source_has_colors(void) {
    return LIBAVFILTER_VERSION_INT >= AV_VERSION_INT(9, 16, 100);
}

/// The frame's duration in units of its stream's time base, 0 if unknown.
static inline int64_t ganrm_frame_duration(const AVFrame *frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
    return frame->duration;
#else
    return frame->pkt_duration;
#endif
}

/// The 3×3 display matrix of a frame, else of its stream, else null.
static inline const int32_t *ganrm_display_matrix(const AVFrame *frame, const AVStream *stream) {
    const AVFrameSideData *own = av_frame_get_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX);
    if (own)
        return own->size >= 9 * sizeof(int32_t) ? (const int32_t *)own->data : NULL;
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
    const AVPacketSideData *data = av_packet_side_data_get(
        stream->codecpar->coded_side_data, stream->codecpar->nb_coded_side_data,
        AV_PKT_DATA_DISPLAYMATRIX);
    return data && data->size >= 9 * sizeof(int32_t) ? (const int32_t *)data->data : NULL;
#else
    size_t size = 0;
    const uint8_t *data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
    return data && size >= 9 * sizeof(int32_t) ? (const int32_t *)data : NULL;
#endif
}
