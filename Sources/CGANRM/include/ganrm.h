/*
 * libganrm: scores video clips and images with a GAN-RM reward model (arXiv 2506.13846).
 *
 * A complete program, without the source of its frames and with little error handling:
 *
 *     ganrm_model *model;
 *     ganrm_filter *filter;
 *     ganrm_frame frame;
 *     ganrm_score score;
 *
 *     if (ganrm_model_open(&model, NULL) < 0 || ganrm_filter_open(&filter, model, NULL) < 0) {
 *         fprintf(stderr, "%s\n", ganrm_message());
 *         return 1;
 *     }
 *     ganrm_frame_init(&frame, sizeof frame);
 *     while (read_frame(&frame)) {
 *         ganrm_filter_push(filter, &frame);
 *         while (ganrm_filter_pull(filter, &score) == GANRM_OK)
 *             printf("%f to %f s: %f\n", score.start_seconds, score.end_seconds, score.score);
 *     }
 *     ganrm_filter_flush(filter);
 *     while (ganrm_filter_pull(filter, &score) == GANRM_OK)
 *         printf("%f to %f s: %f\n", score.start_seconds, score.end_seconds, score.score);
 *     ganrm_filter_close(&filter);
 *     ganrm_model_close(&model);
 *
 * Compile with: cc program.c $(pkg-config --cflags --libs ganrm)
 *
 * Thread safety: a model may be used by several filters in several threads at once; a filter by one
 * thread at a time. The library starts its own threads while it scores. It does not change process
 * state (signals, locale, working directory, libav's log), does not print (libswscale may write to
 * libav's log) and does not exit. A call with invalid arguments returns a code and has no effect.
 *
 * ABI: a struct that is filled by the caller begins with its own size, which its init function sets
 * to the size that the caller was compiled with. Later versions append fields; callers that do not
 * know them get their defaults.
 */
#ifndef GANRM_H
#define GANRM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Result codes: every function that returns int returns 0 or a negative code. */
enum {
    GANRM_OK = 0,
    GANRM_AGAIN = -1,          /**< no score yet: push more frames, or flush */
    GANRM_END = -2,            /**< flushed, and all scores were pulled */
    GANRM_ERROR_ARGUMENT = -3, /**< an argument is invalid; the call had no effect */
    GANRM_ERROR_MODEL = -4,    /**< the reward model or its encoder cannot be loaded */
    GANRM_ERROR_FAILED = -5    /**< scoring failed; the filter can only be reset or closed */
};

/** The encoder of the model that embeds the frames. */
enum { GANRM_KIND_VIDEO = 0, GANRM_KIND_IMAGE = 1 };

/** Sampling of a stream of frames into clips. */
enum {
    GANRM_SAMPLING_MODEL = 0,  /**< windows as in training, else windows of the trained clip length */
    GANRM_SAMPLING_WINDOW = 1, /**< sliding windows, in constant memory; for streams */
    GANRM_SAMPLING_UNIFORM = 2 /**< one clip from the whole stream, as for files; scored by flush */
};

/** Precision of the encoder. */
enum {
    GANRM_PRECISION_AUTO = 0, /**< bfloat16 if the processor is fast at it, else float32 */
    GANRM_PRECISION_F32 = 1,  /**< float32 */
    GANRM_PRECISION_BF16 = 2, /**< bfloat16 */
    GANRM_PRECISION_INT8 = 3  /**< int8 quantization: the fastest and the least accurate */
};

/**
 * Pixel formats: planes in this order, rows from top to bottom, 16-bit samples in native byte order.
 * Chroma planes of odd widths and heights are rounded up.
 */
enum {
    GANRM_FORMAT_RGB24 = 0,      /**< one plane: R G B R G B */
    GANRM_FORMAT_RGBA = 1,       /**< one plane: R G B A; alpha is ignored, not blended */
    GANRM_FORMAT_GBRP = 2,       /**< planes G, B, R */
    GANRM_FORMAT_GRAY8 = 3,      /**< one plane: luma */
    GANRM_FORMAT_YUV420P = 4,    /**< planes Y, U, V; U and V with half the width and height */
    GANRM_FORMAT_YUV422P = 5,    /**< planes Y, U, V; U and V with half the width */
    GANRM_FORMAT_YUV444P = 6,    /**< planes Y, U, V */
    GANRM_FORMAT_YUV420P10 = 7,  /**< as YUV420P, 10 bits in the low bits of 16 */
    GANRM_FORMAT_YUV422P10 = 8,  /**< as YUV422P, 10 bits in the low bits of 16 */
    GANRM_FORMAT_YUV444P10 = 9,  /**< as YUV444P, 10 bits in the low bits of 16 */
    GANRM_FORMAT_NV12 = 10,      /**< planes Y and interleaved UV, subsampled as YUV420P */
    GANRM_FORMAT_P010 = 11       /**< as NV12, 10 bits in the high bits of 16 */
};

/** Value range of YUV and grey samples; the values are those of FFmpeg's AVColorRange. */
enum {
    GANRM_RANGE_UNKNOWN = 0, /**< limited, but RGB is full */
    GANRM_RANGE_LIMITED = 1, /**< 16 to 235 of 255; "tv", "mpeg" */
    GANRM_RANGE_FULL = 2     /**< 0 to 255; "pc", "jpeg" */
};

/**
 * YUV matrix: MatrixCoefficients of ITU-T H.273, the values of FFmpeg's AVColorSpace. All values from
 * 0 to 14 are accepted and converted as FFmpeg does.
 */
enum {
    GANRM_MATRIX_BT709 = 1,
    GANRM_MATRIX_UNKNOWN = 2, /**< treated as BT.601, as in FFmpeg */
    GANRM_MATRIX_BT601 = 6,
    GANRM_MATRIX_BT2020 = 9
};

/** Degenerate content, detected from the pixels of a clip without the encoder. */
enum {
    GANRM_DEGENERATE_NO = 0,         /**< not degenerate */
    GANRM_DEGENERATE_ONE_COLOUR = 1, /**< a single colour: black, white, a decoder's green */
    GANRM_DEGENERATE_NO_DETAIL = 2,  /**< almost no contrast: a gradient, or blur without content */
    GANRM_DEGENERATE_PATTERN = 3,    /**< only stripes, checks or bars */
    GANRM_DEGENERATE_NOISE = 4,      /**< only noise */
    GANRM_DEGENERATE_FROZEN = 5      /**< a video that repeats one frame */
};

/**
 * Recommended upper limit of ganrm_score.unfamiliar, a percentile. A clip above it should not be
 * selected whatever its score; this concerns less than 1 % of new clips.
 */
#define GANRM_MAX_UNFAMILIAR 99.7

/** Severity of a log message. */
enum { GANRM_LOG_ERROR = 0, GANRM_LOG_WARNING = 1, GANRM_LOG_INFO = 2 };

/**
 * Log callback. `message` is one sentence in UTF-8 without a line end, valid during the call only.
 *
 * It runs in the thread that is calling the library, so in several threads at once if these use the
 * model at once. It is not called after both ganrm_model_close() and the ganrm_filter_close() of the
 * model's last filter. It must not call the library.
 */
typedef void (*ganrm_log_callback)(void *opaque, int level, const char *message);

/** Settings of a model. ganrm_model_open() copies the strings. */
typedef struct ganrm_model_settings {
    size_t size;            /**< set by ganrm_model_settings_init() */
    const char *model;      /**< path of a reward model, file or folder (NULL: the default model) */
    const char *encoder;    /**< name, or path of its JSON configuration (NULL: the model's encoder) */
    const char *weights;    /**< path of the encoder's weights (NULL: from the model cache) */
    int precision;          /**< GANRM_PRECISION_… (default auto) */
    int threads;            /**< worker threads, 1 to 1024 (0 = one per processor, default 0) */
    ganrm_log_callback log; /**< receives log messages (NULL = none, default NULL) */
    void *log_opaque;       /**< passed to `log`; owned by the caller (default NULL) */
} ganrm_model_settings;

/** Settings of a filter: its encoder and its sampling. */
typedef struct ganrm_filter_settings {
    size_t size;      /**< set by ganrm_filter_settings_init() */
    int kind;         /**< GANRM_KIND_… (default video) */
    int sampling;     /**< GANRM_SAMPLING_… (default model) */
    int frames;       /**< frames per clip, 1 to 4096 (0 = as in training, default 0) */
    int stride;       /**< window: every n-th frame, 1 to 1000000 (0 = as in training, else 1) */
    int hop;          /**< window: frames between clip starts, 1 to 1000000000
                           (0 = as in training, else without overlap) */
    double clip_rate; /**< window: sampled frames per second, up to 1000 (0 = use `stride`) */
    int64_t length;   /**< uniform: frames of each stream, up to 2^40, if the rate is constant: only those
                           of the clip are prepared. A stream of another length fails (0 = unknown,
                           default 0) */
    double frame_rate; /**< uniform: frames per second, up to 1000000, which the distance of
                            consecutive frames depends on (0 = unknown: by the times of the frames if
                            `length` is unknown, too, default 0) */
} ganrm_filter_settings;

/** A frame. The caller owns the pixels; ganrm_filter_push() borrows them. */
typedef struct ganrm_frame {
    size_t size;              /**< set by ganrm_frame_init() */
    const uint8_t *planes[4]; /**< top row of each plane; planes that the format lacks are ignored. The
                                   first may be NULL if ganrm_filter_wants() is 0 */
    ptrdiff_t strides[4];     /**< bytes from one row to the row below it; may be negative; ignored for
                                   a plane of one row */
    int width;                /**< in pixels, 1 to 2^20; may change between frames */
    int height;               /**< in pixels, 1 to 2^20; width × height is at most 2^28 */
    int format;               /**< GANRM_FORMAT_… (default RGB24) */
    int matrix;               /**< GANRM_MATRIX_…, ignored for RGB (default unknown) */
    int range;                /**< GANRM_RANGE_… (default unknown) */
    double seconds;           /**< presentation time, not decreasing (not finite = unknown, default
                                   NaN) */
    double duration;          /**< in seconds, at least 0 (0 = unknown, default 0) */
    int sar_width;            /**< sample aspect ratio, the shape of a pixel: its width, at least 0 */
    int sar_height;           /**< its height in the same unit, at least 0 (either is 0 = square,
                                   default 0). Frames are scaled to square pixels; ratios beyond 10:1
                                   and 1:10 are ignored */
} ganrm_frame;

/** The score of a clip. Values that the model does not support are NaN. */
typedef struct ganrm_score {
    double score;                /**< 0 (like generated samples) to 1 (like proxy data) */
    double logit;                /**< score = 1 / (1 + exp(-logit)); rank by it, it does not saturate */
    double logit_spread;         /**< standard deviation over an ensemble's heads (NaN: one head) */
    double probability;          /**< calibrated probability of proxy against generated, 0 to 1 */
    double percentile_generated; /**< percentage of generated samples with a lower logit, 0 to 100 */
    double percentile_proxy;     /**< percentage of proxy samples with a lower logit, 0 to 100 */
    double start_seconds;        /**< start of the clip's first frame (NaN: frames without time) */
    double end_seconds;          /**< end of the clip's last frame, see ganrm_filter_pull() */
    int64_t first_frame;         /**< index of the clip's first frame in the stream, from 0 */
    int64_t last_frame;          /**< index of the clip's last frame */
    double unfamiliar;           /**< percentile of the distance from the training data, 0 to 100 */
    int64_t degenerate;          /**< GANRM_DEGENERATE_…; do not select a degenerate clip */
    double realism;              /**< logit + damage, the logit without its damage part */
    double damage;               /**< how damaged the clip looks, about 0 for undamaged ones */
    int64_t reserved[2];         /**< 0 */
} ganrm_score;

/** A reward model and its encoders. Opaque, reference counted. */
typedef struct ganrm_model ganrm_model;

/** Scores one stream: frames are pushed, scores are pulled. Opaque. */
typedef struct ganrm_filter ganrm_filter;

/** The version of the library, "major.minor.patch". The string is static. */
const char *ganrm_version(void);

/** A short description of a result code; "unknown code" for other values. The string is static. */
const char *ganrm_strerror(int code);

/**
 * A short description of degenerate content, as in rows of `ganrm score`; NULL for
 * GANRM_DEGENERATE_NO and unknown values. The string is static.
 */
const char *ganrm_degeneracy(int64_t degenerate);

/**
 * The message of the last call that failed in this thread, one sentence; "" if none has failed.
 *
 * The string is owned by the library and valid until the next call in this thread.
 */
const char *ganrm_message(void);

/** Sets all fields to their defaults. `size` is `sizeof *settings`. */
void ganrm_model_settings_init(ganrm_model_settings *settings, size_t size);

/**
 * Opens a reward model. Its encoder is loaded by the first filter, which takes about a second.
 *
 * `settings` may be NULL for all defaults. The caller owns `*model` and closes it; on an error it is
 * NULL. Returns 0, GANRM_ERROR_ARGUMENT or GANRM_ERROR_MODEL.
 */
int ganrm_model_open(ganrm_model **model, const ganrm_model_settings *settings);

/**
 * Releases the model and sets `*model` to NULL; does nothing if `*model` or `model` is NULL.
 *
 * Open filters hold a reference to the model and stay usable.
 */
void ganrm_model_close(ganrm_model **model);

/**
 * The name under which the model was opened: "default" or the path; NULL if `model` is NULL. The
 * string is owned by the model.
 */
const char *ganrm_model_name(const ganrm_model *model);

/**
 * The fingerprint that identifies the model, as in rows of `ganrm score`: hexadecimal digits of a
 * SHA-256 over head and encoders; NULL if `model` is NULL. The string is owned by the model.
 */
const char *ganrm_model_fingerprint(const ganrm_model *model);

/** Sets all fields to their defaults. `size` is `sizeof *settings`. */
void ganrm_filter_settings_init(ganrm_filter_settings *settings, size_t size);

/**
 * Opens a filter that scores with `model`. Filters of one model share its weights.
 *
 * `settings` may be NULL for all defaults. The filter takes a reference to the model. The caller owns
 * `*filter` and closes it; on an error it is NULL.
 * Returns 0, GANRM_ERROR_ARGUMENT or GANRM_ERROR_MODEL.
 */
int ganrm_filter_open(
    ganrm_filter **filter, ganrm_model *model, const ganrm_filter_settings *settings
);

/**
 * Writes the effective settings to `*settings`, which must be initialised: 0 is replaced by the
 * value of the model.
 *
 * Either `stride` or `clip_rate` is 0. `hop` counts frames of the stream or, with a clip rate, sampled
 * frames. Returns 0 or GANRM_ERROR_ARGUMENT.
 */
int ganrm_filter_get_settings(const ganrm_filter *filter, ganrm_filter_settings *settings);

/**
 * The precision in which the filter's encoder computes, as in rows of `ganrm score`: "f32", "bf16" or
 * "int8"; NULL if `filter` is NULL. The string is owned by the filter.
 */
const char *ganrm_filter_precision(const ganrm_filter *filter);

/** Sets all fields to their defaults. `size` is `sizeof *frame`. */
void ganrm_frame_init(ganrm_frame *frame, size_t size);

/**
 * Pushes the next frame and scores the clips that it completes.
 *
 * Borrows the frame and its pixels during the call. A frame that no clip samples costs almost
 * nothing; a frame that completes a clip takes the time of the encoder.
 * Returns 0, GANRM_ERROR_ARGUMENT or GANRM_ERROR_FAILED.
 */
int ganrm_filter_push(ganrm_filter *filter, const ganrm_frame *frame);

/**
 * Whether a clip samples the next frame, which is presented at `seconds` (not finite = unknown): 1 or 0.
 *
 * A frame that no clip samples need not be decoded, converted or copied: it is pushed with planes[0]
 * NULL, and size and format are ignored then. Returns GANRM_ERROR_ARGUMENT if `filter` is NULL.
 */
int ganrm_filter_wants(const ganrm_filter *filter, double seconds);

/**
 * Pulls the oldest score from the queue into `*score`.
 *
 * A frame of unknown duration lasts until the next frame. If a push completes a clip, the next frame
 * is not known yet: the clip's last frame then gets the duration of the frame before it.
 * Returns 0, GANRM_AGAIN, GANRM_END or GANRM_ERROR_ARGUMENT.
 */
int ganrm_filter_pull(ganrm_filter *filter, ganrm_score *score);

/**
 * The index of the oldest frame that may still belong to a clip without a score: the first frame of
 * the oldest incomplete clip, or, if there is none, the index of the next frame.
 *
 * To attach scores to frames, keep the frames from this index on. Returns GANRM_ERROR_ARGUMENT if
 * `filter` is NULL.
 */
int64_t ganrm_filter_pending(const ganrm_filter *filter);

/**
 * The embedding, the input of the head, of the clip whose score was pulled last.
 *
 * Sets `*values` to `*count` values: 2 · width · taps of the encoder, plus 24 if the model uses motion.
 * They are owned by the filter and valid until the next call with it. Sets NULL and 0 if no score was
 * pulled since the filter was opened or reset. Returns 0 or GANRM_ERROR_ARGUMENT.
 */
int ganrm_filter_embedding(ganrm_filter *filter, const float **values, size_t *count);

/**
 * Ends the stream and scores the remaining clips; the next push begins a new stream.
 *
 * An incomplete window is dropped, unless it is the only one: it is then padded by repeating the last
 * frame. Returns 0, GANRM_ERROR_ARGUMENT or GANRM_ERROR_FAILED.
 */
int ganrm_filter_flush(ganrm_filter *filter);

/**
 * Discards the stream and all queued scores; the next push begins a new stream.
 *
 * Call it on a seek, and after GANRM_ERROR_FAILED. Returns 0 or GANRM_ERROR_ARGUMENT.
 */
int ganrm_filter_reset(ganrm_filter *filter);

/** Frees the filter and sets `*filter` to NULL; does nothing if `*filter` or `filter` is NULL. */
void ganrm_filter_close(ganrm_filter **filter);

#ifdef __cplusplus
}
#endif

#endif
