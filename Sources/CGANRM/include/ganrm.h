/*
 * ganrm: scores video clips by how much they look like the good ones.
 *
 * A complete program, but for error handling and for where its frames come from:
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
 * Threads: a model may be used by any number of filters in any number of threads at once; a filter
 * by one thread at a time. The library starts threads of its own while it scores, changes nothing
 * that belongs to the process (signals, locale, working folder, libav's log), never prints (libswscale may
 * send a line to libav's log) and never exits: a call that is wrong returns a code and changes nothing.
 *
 * Growth: a struct that a program fills begins with its own size, which its init function sets to
 * what the program was compiled with. Later versions add fields at the end and leave the default to
 * programs that do not know them.
 */
#ifndef GANRM_H
#define GANRM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What every function that returns int returns: 0, or a negative code. */
enum {
    GANRM_OK = 0,
    GANRM_AGAIN = -1,          /**< no score yet: push more frames, or flush */
    GANRM_END = -2,            /**< flushed, and every score was pulled */
    GANRM_ERROR_ARGUMENT = -3, /**< an argument is out of range; nothing has changed */
    GANRM_ERROR_MODEL = -4,    /**< the reward model or its encoder cannot be loaded */
    GANRM_ERROR_FAILED = -5    /**< scoring failed; the filter can only be reset or closed */
};

/** Which of the model's encoders sees the frames. */
enum { GANRM_KIND_VIDEO = 0, GANRM_KIND_IMAGE = 1 };

/** How frames become clips. */
enum {
    GANRM_SAMPLING_MODEL = 0,  /**< windows as the model was trained with, else of as many frames */
    GANRM_SAMPLING_WINDOW = 1, /**< clip after clip, in constant memory; for streams */
    GANRM_SAMPLING_UNIFORM = 2 /**< one clip from all frames, as the model samples files, scored by flush */
};

enum {
    GANRM_PRECISION_AUTO = 0, /**< bfloat16 where the processor multiplies it, else 32 bits */
    GANRM_PRECISION_F32 = 1,
    GANRM_PRECISION_BF16 = 2,
    GANRM_PRECISION_INT8 = 3  /**< the fastest, and the coarsest */
};

/**
 * How pixels lie in memory: planes in this order, rows from the top, samples in the byte order of
 * the machine. Chroma of odd widths and heights is rounded up.
 */
enum {
    GANRM_FORMAT_RGB24 = 0,      /**< one plane: R G B R G B */
    GANRM_FORMAT_RGBA = 1,       /**< one plane: R G B A; alpha is ignored, not blended */
    GANRM_FORMAT_GBRP = 2,       /**< planes G, B, R */
    GANRM_FORMAT_GRAY8 = 3,      /**< one plane: luma */
    GANRM_FORMAT_YUV420P = 4,    /**< planes Y, U, V; U and V half as wide and high */
    GANRM_FORMAT_YUV422P = 5,    /**< U and V half as wide */
    GANRM_FORMAT_YUV444P = 6,
    GANRM_FORMAT_YUV420P10 = 7,  /**< 16 bits per sample, the lower 10 used */
    GANRM_FORMAT_YUV422P10 = 8,
    GANRM_FORMAT_YUV444P10 = 9,
    GANRM_FORMAT_NV12 = 10,      /**< planes Y and UV (U V U V), half as high */
    GANRM_FORMAT_P010 = 11       /**< as NV12, 16 bits per sample, the upper 10 used */
};

/** Which samples are black and white; the numbers of FFmpeg's AVColorRange. */
enum {
    GANRM_RANGE_UNKNOWN = 0, /**< limited, but RGB is full */
    GANRM_RANGE_LIMITED = 1, /**< 16 to 235 of 255; "tv", "mpeg" */
    GANRM_RANGE_FULL = 2     /**< 0 to 255; "pc", "jpeg" */
};

/**
 * How YUV became of RGB: MatrixCoefficients of ITU-T H.273, as containers, bit streams and FFmpeg's
 * AVColorSpace number them. Others of 0 to 14 are accepted and treated as FFmpeg does.
 */
enum {
    GANRM_MATRIX_BT709 = 1,
    GANRM_MATRIX_UNKNOWN = 2, /**< BT.601, as FFmpeg takes it */
    GANRM_MATRIX_BT601 = 6,
    GANRM_MATRIX_BT2020 = 9
};

/** Why a clip shows nothing, told by its pixels alone. */
enum {
    GANRM_DEGENERATE_NO = 0,         /**< it shows something */
    GANRM_DEGENERATE_ONE_COLOUR = 1, /**< black, white, a decoder's green */
    GANRM_DEGENERATE_NO_DETAIL = 2,  /**< next to no contrast, a gradient, a blur without content */
    GANRM_DEGENERATE_PATTERN = 3,    /**< stripes, checks, bars, and nothing besides */
    GANRM_DEGENERATE_NOISE = 4,      /**< noise, and nothing besides */
    GANRM_DEGENERATE_FROZEN = 5      /**< one frame, repeated in what should be a video */
};

/**
 * From which percentile on a clip is too unfamiliar to be preferred to others, whatever its score; fewer
 * than one in a hundred new clips is.
 */
#define GANRM_MAX_UNFAMILIAR 99.7

enum { GANRM_LOG_ERROR = 0, GANRM_LOG_WARNING = 1, GANRM_LOG_INFO = 2 };

/**
 * Takes a message: one sentence, no line end, in UTF-8; it dies after the call.
 *
 * Called in the thread that is in the library at that moment, never after ganrm_model_close() and
 * the ganrm_filter_close() of the model's last filter. It must not call the library.
 */
typedef void (*ganrm_log_callback)(void *opaque, int level, const char *message);

/** Weights and how they compute. Strings are read by ganrm_model_open() only. */
typedef struct ganrm_model_settings {
    size_t size;            /**< set by ganrm_model_settings_init() */
    const char *model;      /**< file or folder of a reward model (NULL: the default model) */
    const char *encoder;    /**< name, or a JSON file that describes it (NULL: the model's own) */
    const char *weights;    /**< weight file of the encoder (NULL: from the cache of models) */
    int precision;          /**< GANRM_PRECISION_… (default auto) */
    int threads;            /**< worker threads, 1 to 1024 (0: one per processor) */
    ganrm_log_callback log; /**< takes errors, warnings and what was loaded (NULL: nobody) */
    void *log_opaque;       /**< given to `log` */
} ganrm_model_settings;

/** How frames become clips. */
typedef struct ganrm_filter_settings {
    size_t size;      /**< set by ganrm_filter_settings_init() */
    int kind;         /**< GANRM_KIND_… (default video) */
    int sampling;     /**< GANRM_SAMPLING_… (default model) */
    int frames;       /**< frames per clip, 1 to 4096 (0: as the model was trained) */
    int stride;       /**< window: every n-th frame, 1 to 1000000 (0: as trained, else 1) */
    int hop;          /**< window: frames from clip to clip, 1 to 1000000000 (0: clips touch) */
    double clip_rate; /**< window: frames per second instead of a stride, to 1000 (0: none) */
} ganrm_filter_settings;

/** A picture; the pixels stay the caller's. */
typedef struct ganrm_frame {
    size_t size;              /**< set by ganrm_frame_init() */
    const uint8_t *planes[4]; /**< top row of each plane; those that a format lacks are ignored */
    ptrdiff_t strides[4];     /**< bytes from a row to the one below (negative: it lies before) */
    int width;                /**< pixels, at least 1; may change from frame to frame */
    int height;               /**< pixels, at least 1; width × height at most 2^28 */
    int format;               /**< GANRM_FORMAT_… (default RGB24) */
    int matrix;               /**< GANRM_MATRIX_… (default unknown); RGB has none */
    int range;                /**< GANRM_RANGE_… (default unknown) */
    double seconds;           /**< presentation time, never descending (default NaN: none) */
    double duration;          /**< how long it is shown, in seconds (default 0: unknown) */
} ganrm_frame;

/** The score of one clip. Numbers that a model has no means to tell are NaN. */
typedef struct ganrm_score {
    double score;                /**< between 0 (like generated samples) and 1 (like proxy data) */
    double logit;                /**< score = 1 / (1 + exp(-logit)); rank by it: no saturation */
    double logit_spread;         /**< standard deviation over an ensemble's heads (NaN: one head) */
    double probability;          /**< calibrated: of being proxy data rather than generated */
    double percentile_generated; /**< share of generated samples with a lower logit, 0 to 100 */
    double percentile_proxy;     /**< share of proxy samples with a lower logit, 0 to 100 */
    double start_seconds;        /**< time of the clip's first frame (NaN: frames without time) */
    double end_seconds;          /**< time at which its last frame ends, see ganrm_filter_pull() */
    int64_t first_frame;         /**< number of its first frame in the stream, from 0 */
    int64_t last_frame;          /**< number of its last frame */
    double unfamiliar;           /**< share of training samples less unusual to the head, 0 to 100 */
    int64_t degenerate;          /**< GANRM_DEGENERATE_…: such a clip must not be preferred either */
    int64_t reserved[4];         /**< 0 */
} ganrm_score;

/** A reward model and its encoders: what scores. Opaque. */
typedef struct ganrm_model ganrm_model;

/** Frames in, scores out. Opaque. */
typedef struct ganrm_filter ganrm_filter;

/** The version of the library, "major.minor.patch"; lives for ever. */
const char *ganrm_version(void);

/** What a code means, in a few words; lives for ever. "unknown code" for any other number. */
const char *ganrm_strerror(int code);

/**
 * Why a clip shows nothing, in a few words, as rows of `ganrm score` have it; lives for ever. NULL for
 * GANRM_DEGENERATE_NO and any other number.
 */
const char *ganrm_degeneracy(int64_t degenerate);

/**
 * What the last call that failed in this thread has to say, in a sentence; "" if none has.
 *
 * Lives until the next call in this thread.
 */
const char *ganrm_message(void);

/** Sets every field to its default; `size` is `sizeof *settings`. */
void ganrm_model_settings_init(ganrm_model_settings *settings, size_t size);

/**
 * Loads a reward model. Its encoder is loaded by the first filter, which takes a second or so.
 *
 * `settings` may be NULL: all defaults. `*model` is NULL if this fails, else to be closed.
 * Returns 0, GANRM_ERROR_ARGUMENT or GANRM_ERROR_MODEL.
 */
int ganrm_model_open(ganrm_model **model, const ganrm_model_settings *settings);

/**
 * Lets go of the model and sets `*model` to NULL; does nothing if it is NULL.
 *
 * Its filters go on; what they share is freed with the last of them.
 */
void ganrm_model_close(ganrm_model **model);

/** What the model was opened as: "default", or the path; lives as long as the model. NULL of NULL. */
const char *ganrm_model_name(const ganrm_model *model);

/**
 * What tells one reward model from another, as rows of `ganrm score` have it: hexadecimal digits of a
 * SHA-256 over head and encoders. Lives as long as the model. NULL of NULL.
 */
const char *ganrm_model_fingerprint(const ganrm_model *model);

/** Sets every field to its default; `size` is `sizeof *settings`. */
void ganrm_filter_settings_init(ganrm_filter_settings *settings, size_t size);

/**
 * Makes a filter that scores with `model`; all filters of a model share its weights.
 *
 * `settings` may be NULL: all defaults. `*filter` is NULL if this fails, else to be closed.
 * Returns 0, GANRM_ERROR_ARGUMENT or GANRM_ERROR_MODEL.
 */
int ganrm_filter_open(
    ganrm_filter **filter, ganrm_model *model, const ganrm_filter_settings *settings
);

/**
 * How the filter makes clips, with the model's choices in place of 0: `*settings` was initialised.
 *
 * `stride` or `clip_rate` is 0, `hop` counts frames or, with a clip rate, steps of it.
 * Returns 0 or GANRM_ERROR_ARGUMENT.
 */
int ganrm_filter_get_settings(const ganrm_filter *filter, ganrm_filter_settings *settings);

/** Sets every field to its default; `size` is `sizeof *frame`. */
void ganrm_frame_init(ganrm_frame *frame, size_t size);

/**
 * Takes the next frame and scores the clips that it completes.
 *
 * Frame and pixels are borrowed for the time of the call. A frame that no clip samples costs next to
 * nothing; one that completes a clip takes as long as the encoder does.
 * Returns 0, GANRM_ERROR_ARGUMENT or GANRM_ERROR_FAILED.
 */
int ganrm_filter_push(ganrm_filter *filter, const ganrm_frame *frame);

/**
 * Hands out the oldest score that was not yet pulled, into `*score`.
 *
 * A frame of unknown duration is taken to last until the next one begins. The last frame of the clip
 * that a push completes has no next one yet: it lasts as long as the frame before it did.
 * Returns 0, GANRM_AGAIN, GANRM_END or GANRM_ERROR_ARGUMENT.
 */
int ganrm_filter_pull(ganrm_filter *filter, ganrm_score *score);

/**
 * The number of the oldest frame that may still belong to a clip without a score: the first frame of
 * the oldest clip that has begun; if none has, the number that the next frame will have.
 *
 * Who attaches scores to frames holds them from this one on. Or GANRM_ERROR_ARGUMENT.
 */
int64_t ganrm_filter_pending(const ganrm_filter *filter);

/**
 * The embedding of the clip whose score was pulled last: what the head saw.
 *
 * `*values` is set to `*count` numbers, 2 · width · taps of the encoder, and 24 more for a model that judges
 * motion, which live until the next call with this filter; NULL and 0 if none was pulled since it was opened or reset.
 * Returns 0 or GANRM_ERROR_ARGUMENT.
 */
int ganrm_filter_embedding(ganrm_filter *filter, const float **values, size_t *count);

/**
 * Ends the stream and scores what is left of it; the next push begins a new stream.
 *
 * A window that is not full is left out, unless the stream has no other: then its last frame repeats.
 * Returns 0, GANRM_ERROR_ARGUMENT or GANRM_ERROR_FAILED.
 */
int ganrm_filter_flush(ganrm_filter *filter);

/**
 * Forgets the stream, unscored, and the scores that nobody pulled; the next push begins a new stream.
 *
 * For seeking, and after a failure. Returns 0 or GANRM_ERROR_ARGUMENT.
 */
int ganrm_filter_reset(ganrm_filter *filter);

/** Frees the filter and sets `*filter` to NULL; does nothing if it is NULL. */
void ganrm_filter_close(ganrm_filter **filter);

#ifdef __cplusplus
}
#endif

#endif
