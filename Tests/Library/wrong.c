// Calls functions with invalid arguments: each call returns an error code and a message, and changes nothing.

#include "host.h"
#include <float.h>
#include <limits.h>
#include <math.h>

#define REFUSED(call)                                                                              \
    do {                                                                                           \
        EXPECT((call) == GANRM_ERROR_ARGUMENT);                                                    \
        EXPECT(strlen(ganrm_message()) > 10);                                                      \
    } while (0)

static const int extremes[] = {INT_MIN, INT_MIN + 1, -1, INT_MAX - 1, INT_MAX};
static const double invalid_doubles[] = {NAN, INFINITY, -INFINITY, -1, -DBL_MAX, DBL_MAX};
#define EACH(array) (size_t i = 0; i < sizeof array / sizeof *array; i++)

static void null_pointers(ganrm_model *model, ganrm_filter *filter, ganrm_frame *frame) {
    ganrm_model *opened;
    ganrm_filter *made = filter;
    ganrm_filter_settings settings;
    ganrm_score score;
    const float *values;
    size_t size;

    REFUSED(ganrm_model_open(NULL, NULL));
    REFUSED(ganrm_filter_open(NULL, model, NULL));
    REFUSED(ganrm_filter_open(&made, NULL, NULL));
    EXPECT(made == NULL);
    REFUSED(ganrm_filter_push(NULL, frame));
    REFUSED(ganrm_filter_push(filter, NULL));
    REFUSED(ganrm_filter_pull(NULL, &score));
    REFUSED(ganrm_filter_pull(filter, NULL));
    REFUSED(ganrm_filter_embedding(NULL, &values, &size));
    REFUSED(ganrm_filter_embedding(filter, NULL, &size));
    REFUSED(ganrm_filter_embedding(filter, &values, NULL));
    REFUSED(ganrm_filter_get_settings(NULL, &settings));
    REFUSED(ganrm_filter_get_settings(filter, NULL));
    EXPECT(!ganrm_filter_precision(NULL));
    REFUSED(ganrm_filter_pending(NULL));
    REFUSED(ganrm_filter_flush(NULL));
    REFUSED(ganrm_filter_reset(NULL));
    EXPECT(ganrm_model_name(NULL) == NULL && ganrm_model_fingerprint(NULL) == NULL);
    ganrm_model_settings_init(NULL, 100);
    ganrm_filter_settings_init(NULL, 100);
    ganrm_frame_init(NULL, 100);
    ganrm_filter_close(NULL);
    ganrm_model_close(NULL);
    opened = NULL;
    made = NULL;
    ganrm_model_close(&opened);
    ganrm_filter_close(&made);
}

// Structs that are not initialized or have an impossible size.
static void uninitialized_structs(ganrm_model *model, ganrm_filter *filter) {
    for (int byte = 0; byte < 256; byte += 0x55) {
        ganrm_model_settings settings;
        ganrm_filter_settings sampling;
        ganrm_frame frame;
        ganrm_model *opened;
        ganrm_filter *made;
        memset(&settings, byte, sizeof settings);
        memset(&sampling, byte, sizeof sampling);
        memset(&frame, byte, sizeof frame);
        REFUSED(ganrm_model_open(&opened, &settings));
        REFUSED(ganrm_filter_open(&made, model, &sampling));
        REFUSED(ganrm_filter_push(filter, &frame));
        REFUSED(ganrm_filter_get_settings(filter, &sampling));
        for (size_t size = 0; size < sizeof frame; size++) {
            frame.size = size;
            REFUSED(ganrm_filter_push(filter, &frame));
        }
        // An init function with a wrong size writes nothing, or no more than that size.
        uint8_t bytes[64];
        memset(bytes, byte, sizeof bytes);
        ganrm_frame_init((ganrm_frame *)bytes, (size_t)-1);
        ganrm_frame_init((ganrm_frame *)bytes, 7);
        for EACH(bytes) EXPECT(bytes[i] == byte);
        ganrm_frame_init((ganrm_frame *)bytes, 24);
        for (size_t i = 24; i < sizeof bytes; i++) EXPECT(bytes[i] == byte);
    }
}

static void settings_out_of_range(ganrm_model *model, char **arguments) {
    for EACH(extremes) {
        for (int field = 0; field < 2; field++) {
            ganrm_model_settings settings = tiny_settings(arguments);
            *(field ? &settings.threads : &settings.precision) = extremes[i];
            ganrm_model *opened;
            REFUSED(ganrm_model_open(&opened, &settings));
        }
        for (int field = 0; field < 5; field++) {
            ganrm_filter_settings settings;
            ganrm_filter_settings_init(&settings, sizeof settings);
            int *fields[] = {&settings.kind, &settings.sampling, &settings.frames, &settings.stride, &settings.hop};
            *fields[field] = extremes[i];
            ganrm_filter *made;
            REFUSED(ganrm_filter_open(&made, model, &settings));
        }
    }
    for EACH(invalid_doubles) {
        ganrm_filter_settings settings;
        ganrm_filter_settings_init(&settings, sizeof settings);
        settings.clip_rate = invalid_doubles[i];
        ganrm_filter *made;
        REFUSED(ganrm_filter_open(&made, model, &settings));
    }
}

static void invalid_models(char **arguments) {
    char *endless = (char *)malloc(1 << 20);
    EXPECT(endless);
    memset(endless, 'x', (1 << 20) - 1);
    endless[(1 << 20) - 1] = 0;
    const char *paths[] = {
        "", "/", "/dev/null", "no such model", "\xFF\xFE\x80", "%s%n%s%n", "a\nb", "../../..", endless,
        arguments[0], // A program.
        arguments[3], // Weights are not a head.
    };
    for EACH(paths) {
        for (int field = 0; field < 3; field++) {
            // The weights are valid in this field.
            if (field == 2 && paths[i] == arguments[3]) continue;
            ganrm_model_settings settings = tiny_settings(arguments);
            *(field == 0 ? &settings.model : field == 1 ? &settings.encoder : &settings.weights) = paths[i];
            ganrm_model *model;
            ganrm_filter *filter = NULL;
            // The encoder is loaded by the first filter.
            int code = ganrm_model_open(&model, &settings);
            if (code == GANRM_OK) code = ganrm_filter_open(&filter, model, NULL);
            EXPECT(code == GANRM_ERROR_MODEL);
            EXPECT(filter == NULL);
            EXPECT(strlen(ganrm_message()) > 10 && strlen(ganrm_message()) < 2048);
            ganrm_model_close(&model);
        }
    }
    free(endless);
}

static void invalid_frames(ganrm_filter *filter, const ganrm_frame *good) {
    static const int formats[] = {INT_MIN, -1, GANRM_FORMAT_P010 + 1, INT_MAX};
    static const ptrdiff_t strides[] = {
        0, 1, -1, 3 * 32 - 1, -(3 * 32 - 1), INT_MIN, (ptrdiff_t)INT_MAX + 1, PTRDIFF_MAX, PTRDIFF_MIN,
    };
    for EACH(extremes) {
        for (int field = 0; field < 5; field++) {
            ganrm_frame frame = *good;
            int *fields[] = {&frame.width, &frame.height, &frame.format, &frame.matrix, &frame.range};
            *fields[field] = extremes[i];
            REFUSED(ganrm_filter_push(filter, &frame));
        }
    }
    for EACH(formats) {
        ganrm_frame frame = *good;
        frame.format = formats[i];
        REFUSED(ganrm_filter_push(filter, &frame));
    }
    for EACH(strides) {
        ganrm_frame frame = *good;
        frame.strides[0] = strides[i];
        REFUSED(ganrm_filter_push(filter, &frame));
    }
    for (int format = 0; format <= GANRM_FORMAT_P010; format++) {
        ganrm_frame frame = *good;
        frame.format = format;
        frame.planes[0] = NULL;
        REFUSED(ganrm_filter_push(filter, &frame));
        // A large frame without memory.
        frame.width = frame.height = 1 << 14;
        REFUSED(ganrm_filter_push(filter, &frame));
    }
    for EACH(invalid_doubles) {
        ganrm_frame frame = *good;
        frame.duration = invalid_doubles[i];
        if (frame.duration != DBL_MAX) REFUSED(ganrm_filter_push(filter, &frame));
    }
}

// The stride of a plane of one row is ignored, also that of subsampled chroma.
static void single_rows(ganrm_model *model, const ganrm_frame *good) {
    static const ptrdiff_t strides[] = {0, 1, -1, 95, PTRDIFF_MAX, PTRDIFF_MIN, -32};
    static uint8_t row[4 * 32];
    ganrm_filter *filter = open_filter(model, 1);
    ganrm_score score;
    for (int format = 0; format <= GANRM_FORMAT_P010; format++) {
        for EACH(strides) {
            ganrm_frame frame = *good;
            frame.format = format;
            frame.height = 1;
            for (int plane = 0; plane < 4; plane++) {
                frame.planes[plane] = row;
                frame.strides[plane] = strides[i];
            }
            EXPECT(ganrm_filter_push(filter, &frame) == GANRM_OK);
            while (ganrm_filter_pull(filter, &score) == GANRM_OK) EXPECT(isfinite(score.logit));
        }
    }
    ganrm_filter_close(&filter);
}

// The longest window has more frames between clip starts than an int counts.
static void longest_window(ganrm_model *model) {
    ganrm_filter_settings settings;
    ganrm_filter_settings_init(&settings, sizeof settings);
    settings.frames = 4096;
    settings.stride = 1000000;
    ganrm_filter *filter;
    EXPECT(ganrm_filter_open(&filter, model, &settings) == GANRM_OK);
    EXPECT(ganrm_filter_get_settings(filter, &settings) == GANRM_OK);
    EXPECT(settings.frames == 4096 && settings.stride == 1000000 && settings.hop == INT_MAX);
    ganrm_filter_close(&filter);
}

// Extreme time stamps: each gives a score or an error code, with any sampling.
static void extreme_times(ganrm_model *model, const ganrm_frame *good) {
    static const double times[] = {
        0, 1, -1, NAN, 1e-300, DBL_MAX, -DBL_MAX, INFINITY, -INFINITY, 9.3e18, -9.3e18, 1e15, 5, DBL_MIN,
    };
    for (int turn = 0; turn < 12; turn++) {
        ganrm_filter_settings settings;
        ganrm_filter_settings_init(&settings, sizeof settings);
        settings.frames = turn % 2 ? 1 : 3;
        if (turn / 2 == 1) settings.clip_rate = 1000;
        if (turn / 2 == 2) settings.clip_rate = DBL_MIN;
        if (turn / 2 == 3) settings.clip_rate = 1000, settings.hop = 1000000000;
        if (turn / 2 == 4) settings.sampling = GANRM_SAMPLING_UNIFORM;
        if (turn / 2 == 5) settings.stride = 1000000, settings.hop = 1000000000;
        ganrm_filter *filter;
        ganrm_score score;
        EXPECT(ganrm_filter_open(&filter, model, &settings) == GANRM_OK);
        for (int begin = 0; begin < 14; begin += 3) {
            for (int i = 0; i < 14; i++) {
                ganrm_frame frame = *good;
                frame.seconds = times[(begin * (i + 1) + i) % 14];
                frame.duration = i % 3 == 0 ? DBL_MAX : i % 3 == 1 ? DBL_MIN : 0;
                int code = ganrm_filter_push(filter, &frame);
                EXPECT(code == GANRM_OK || code == GANRM_ERROR_FAILED);
                if (code < 0) EXPECT(ganrm_filter_reset(filter) == GANRM_OK);
                EXPECT(ganrm_filter_pending(filter) >= 0);
                while (ganrm_filter_pull(filter, &score) == GANRM_OK) EXPECT(isfinite(score.logit));
            }
            int code = ganrm_filter_flush(filter);
            EXPECT(code == GANRM_OK || code == GANRM_ERROR_FAILED);
            EXPECT(ganrm_filter_reset(filter) == GANRM_OK);
        }
        ganrm_filter_close(&filter);
    }
}

// Calls in an unusual order.
static void out_of_order(ganrm_model *model, const ganrm_frame *good) {
    ganrm_filter *filter = open_filter(model, 2);
    ganrm_score score;
    const float *values;
    size_t size;
    EXPECT(ganrm_filter_pull(filter, &score) == GANRM_AGAIN);
    EXPECT(ganrm_filter_embedding(filter, &values, &size) == GANRM_OK && !values && size == 0);
    for (int i = 0; i < 3; i++) {
        EXPECT(ganrm_filter_flush(filter) == GANRM_OK);
        EXPECT(ganrm_filter_pull(filter, &score) == GANRM_END);
        EXPECT(ganrm_filter_pull(filter, &score) == GANRM_END);
        EXPECT(ganrm_filter_embedding(filter, &values, &size) == GANRM_OK && !values && size == 0);
    }
    EXPECT(ganrm_filter_reset(filter) == GANRM_OK && ganrm_filter_reset(filter) == GANRM_OK);
    EXPECT(ganrm_filter_push(filter, good) == GANRM_OK);
    EXPECT(ganrm_filter_pull(filter, &score) == GANRM_AGAIN);
    EXPECT(ganrm_filter_flush(filter) == GANRM_OK);
    // A score is still there if it is pulled after the next stream starts.
    EXPECT(ganrm_filter_push(filter, good) == GANRM_OK);
    EXPECT(ganrm_filter_pull(filter, &score) == GANRM_OK);
    EXPECT(ganrm_filter_embedding(filter, &values, &size) == GANRM_OK && values && size == 64);
    EXPECT(ganrm_filter_pull(filter, &score) == GANRM_AGAIN);
    ganrm_filter_close(&filter);
    ganrm_filter_close(&filter);
}

int main(int count, char **arguments) {
    EXPECT(count == 4);
    ganrm_model *model = open_tiny(arguments);
    ganrm_filter *filter = open_filter(model, 2);
    ganrm_frame frame = make_frame(32, 24, 0);
    ganrm_score score;
    EXPECT(ganrm_filter_push(filter, &frame) == GANRM_OK);

    null_pointers(model, filter, &frame);
    uninitialized_structs(model, filter);
    settings_out_of_range(model, arguments);
    invalid_models(arguments);
    invalid_frames(filter, &frame);
    single_rows(model, &frame);
    longest_window(model);
    extreme_times(model, &frame);
    out_of_order(model, &frame);
    EXPECT(strcmp(ganrm_strerror(INT_MIN), "unknown code") == 0);

    // The filter is unchanged.
    EXPECT(ganrm_filter_push(filter, &frame) == GANRM_OK);
    EXPECT(ganrm_filter_pull(filter, &score) == GANRM_OK);
    EXPECT(score.first_frame == 0 && score.last_frame == 1);
    free((void *)frame.planes[0]);
    ganrm_filter_close(&filter);
    ganrm_model_close(&model);
    return 0;
}
