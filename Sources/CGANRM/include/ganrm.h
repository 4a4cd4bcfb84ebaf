/*
 * ganrm: scores video clips by how much they look like the good ones.
 *
 * A complete program, but for error handling:
 *
 *     ganrm_settings settings;
 *     ganrm_filter *filter;
 *     ganrm_score score;
 *
 *     ganrm_settings_init(&settings);
 *     if (ganrm_open(&filter, &settings) < 0) {
 *         fprintf(stderr, "%s\n", ganrm_message());
 *         return 1;
 *     }
 *     while (read_frame(&picture)) {
 *         ganrm_push(filter, picture.rgb, picture.width, picture.height, picture.stride,
 *                    picture.seconds);
 *         while (ganrm_pull(filter, &score) == GANRM_OK)
 *             printf("%f to %f s: %f\n", score.start_seconds, score.end_seconds, score.score);
 *     }
 *     ganrm_flush(filter);
 *     while (ganrm_pull(filter, &score) == GANRM_OK)
 *         printf("%f to %f s: %f\n", score.start_seconds, score.end_seconds, score.score);
 *     ganrm_close(&filter);
 *
 * Compile with: cc program.c $(pkg-config --cflags --libs ganrm)
 *
 * Different filters may be used in different threads at once; one filter by one thread at a time.
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
    GANRM_ERROR_FAILED = -5    /**< scoring failed; the filter can only be closed */
};

/** How frames become clips. */
enum {
    GANRM_SAMPLING_MODEL = 0,  /**< windows of as many frames as the model was trained with */
    GANRM_SAMPLING_WINDOW = 1, /**< clip after clip, in constant memory; for streams */
    GANRM_SAMPLING_UNIFORM = 2 /**< one clip from all frames, scored by flush; for whole videos */
};

/** Which of the model's encoders sees the frames. */
enum { GANRM_KIND_VIDEO = 0, GANRM_KIND_IMAGE = 1 };

enum { GANRM_PRECISION_AUTO = 0, GANRM_PRECISION_F32 = 1, GANRM_PRECISION_BF16 = 2 };

/** Set by ganrm_settings_init(), then changed where wanted; strings are only read by ganrm_open(). */
typedef struct ganrm_settings {
    const char *model;      /**< file or folder of a reward model (NULL: the default model) */
    const char *encoder;    /**< name, or a JSON file that describes it (NULL: the model's own) */
    const char *weights;    /**< weight file of the encoder (NULL: from the cache of models) */
    int kind;               /**< GANRM_KIND_… (default video) */
    int sampling;           /**< GANRM_SAMPLING_… (default model) */
    int frames;             /**< frames per clip, 1 to 4096 (0: as the model was trained) */
    int stride;             /**< window: every n-th frame, 1 to 1000000 (0: 1) */
    int hop;                /**< window: frames from clip to clip (0: clips touch) */
    int precision;          /**< GANRM_PRECISION_… (default auto) */
    int threads;            /**< worker threads, 1 to 1024 (0: one per processor) */
    int reserved[15];       /**< 0 */
} ganrm_settings;

/** The score of one clip. */
typedef struct ganrm_score {
    double score;           /**< between 0 (like generated samples) and 1 (like the proxy data) */
    double logit;           /**< score = 1 / (1 + exp(-logit)); rank by this, it does not saturate */
    double start_seconds;   /**< time of the clip's first frame (NaN: frames without time) */
    double end_seconds;     /**< time at which its last frame ends (NaN: as above) */
    int64_t first_frame;    /**< number of its first frame, from 0 */
    int64_t last_frame;     /**< number of its last frame */
    int64_t reserved[4];    /**< 0 */
} ganrm_score;

/** Frames in, scores out; opaque. */
typedef struct ganrm_filter ganrm_filter;

/** The version of the library, "major.minor.patch"; lives for ever. */
const char *ganrm_version(void);

/** Sets every field to its default. */
void ganrm_settings_init(ganrm_settings *settings);

/**
 * Loads a reward model and its encoder; takes a second or so.
 *
 * `*filter` is NULL if this fails, else the caller's, to be given to ganrm_close().
 * Returns 0, GANRM_ERROR_ARGUMENT or GANRM_ERROR_MODEL.
 */
int ganrm_open(ganrm_filter **filter, const ganrm_settings *settings);

/**
 * Takes the next frame and scores the clips that it completes.
 *
 * `rgb` is borrowed for the time of the call: rows of 8-bit RGB, `stride` bytes from row to row
 * (negative: bottom row first in memory, `rgb` is still the top row). Sizes may change from frame
 * to frame; a picture has at most 2^28 pixels. `seconds` is its presentation time (NaN: none).
 * Returns 0, GANRM_ERROR_ARGUMENT or GANRM_ERROR_FAILED.
 */
int ganrm_push(
    ganrm_filter *filter, const uint8_t *rgb, int width, int height, ptrdiff_t stride,
    double seconds
);

/**
 * Hands out the oldest score that was not yet pulled, into `*score`.
 *
 * Returns 0, GANRM_AGAIN, GANRM_END or GANRM_ERROR_ARGUMENT.
 */
int ganrm_pull(ganrm_filter *filter, ganrm_score *score);

/**
 * Ends the stream and scores what is left of it; the next push starts a new stream.
 *
 * Returns 0, GANRM_ERROR_ARGUMENT or GANRM_ERROR_FAILED.
 */
int ganrm_flush(ganrm_filter *filter);

/** Frees the filter and sets `*filter` to NULL; does nothing if it is NULL. */
void ganrm_close(ganrm_filter **filter);

/**
 * What the last call that failed in this thread has to say; "" if none has.
 *
 * Lives until the next call in this thread.
 */
const char *ganrm_message(void);

#ifdef __cplusplus
}
#endif

#endif
