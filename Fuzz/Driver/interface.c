// The target `interface`: calls the functions of ganrm.h in the order and with the arguments that the input says.
//
// Pixels are in allocations without slack, so that AddressSanitizer detects reads out of bounds. What a caller must not
// do (a pointer to nothing, a stride beyond the allocation) is not done.

#include "fuzz.h"
#include <ganrm.h>
#include "../../Tests/Library/formats.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPECT(condition)                                                                                              \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: not so: %s; %s\n", __FILE__, __LINE__, #condition, ganrm_message());               \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

enum { MODELS = 2, FILTERS = 3 };

static const uint8_t *next, *end;

static unsigned take(void) { return next < end ? *next++ : 0; }

static uint64_t take_word(void) {
    uint64_t word = 0;
    for (int i = 0; i < 8; i++) word = word << 8 | take();
    return word;
}

// A number below `limit`, or rarely any.
static int take_int(int limit) {
    unsigned byte = take();
    return byte >= 250 ? (int)(uint32_t)take_word() : (int)(byte % (unsigned)limit);
}

static double take_double(void) {
    unsigned byte = take();
    if (byte < 200) return byte / 8.0;
    uint64_t word = take_word();
    double value;
    memcpy(&value, &word, sizeof value);
    return value;
}

static void count_message(void *opaque, int level, const char *message) {
    EXPECT(level >= GANRM_LOG_ERROR && level <= GANRM_LOG_INFO);
    EXPECT(!strchr(message, '\n'));
    *(size_t *)opaque += strlen(message);
}

static size_t logged;

static void check(int code) {
    EXPECT(code <= 0 && code >= GANRM_ERROR_FAILED);
    EXPECT(*ganrm_strerror(code));
    if (code <= GANRM_ERROR_ARGUMENT) EXPECT(*ganrm_message());
}

// The settings of a host that was compiled with another version of the header have another size, which `take` can name.
enum { LARGEST_SIZE = 255 };

static ganrm_model *open_model(void) {
    union {
        ganrm_model_settings settings;
        char of_newer_host[LARGEST_SIZE];
    } memory = {.of_newer_host = {0}};
    ganrm_model_settings settings;
    ganrm_model_settings_init(&settings, sizeof settings);
    settings.model = fuzz_model_file(0);
    settings.encoder = fuzz_model_file(1);
    settings.weights = fuzz_model_file(2);
    settings.precision = take_int(4);
    settings.threads = 1 + take_int(2);
    // Threads cost memory; that many are tested elsewhere.
    if (settings.threads > 8 && settings.threads <= 1024) settings.threads = 8;
    settings.log = count_message;
    settings.log_opaque = &logged;
    unsigned byte = take();
    if (byte == 1) settings.model = settings.weights;
    if (byte == 2) settings.weights = settings.model;
    if (byte == 3) settings.encoder = "";
    if (byte == 4) settings.size = take();
    memory.settings = settings;
    ganrm_model *model = (ganrm_model *)&settings;
    int code = ganrm_model_open(&model, &memory.settings);
    check(code);
    EXPECT((code == GANRM_OK) == (model != NULL));
    if (model) EXPECT(*ganrm_model_name(model) && *ganrm_model_fingerprint(model));
    return model;
}

static ganrm_filter *open_filter(ganrm_model *model) {
    union {
        ganrm_filter_settings settings;
        char of_newer_host[LARGEST_SIZE];
    } memory = {.of_newer_host = {0}};
    ganrm_filter_settings settings;
    ganrm_filter_settings_init(&settings, sizeof settings);
    unsigned byte = take();
    if (byte & 1) settings.kind = take_int(2);
    if (byte & 2) settings.sampling = take_int(3);
    if (byte & 4) settings.frames = take_int(9);
    if (byte & 8) settings.stride = take_int(9);
    if (byte & 16) settings.hop = take_int(9);
    if (byte & 32) settings.clip_rate = take_double();
    if (byte & 64) settings.length = take_int(20);
    if (byte & 128) settings.frame_rate = take_double();
    if (byte == 255) settings.size = take();
    memory.settings = settings;
    ganrm_filter *filter = (ganrm_filter *)&settings;
    int code = ganrm_filter_open(&filter, model, byte & 64 ? NULL : &memory.settings);
    check(code);
    EXPECT((code == GANRM_OK) == (filter != NULL));
    if (filter) {
        ganrm_filter_settings effective;
        ganrm_filter_settings_init(&effective, sizeof effective);
        EXPECT(ganrm_filter_get_settings(filter, &effective) == GANRM_OK);
        EXPECT(effective.frames >= 1 && effective.frames <= 4096);
    }
    return filter;
}

static const ptrdiff_t odd_strides[] = {
    0, 1, -1, 7, INT32_MAX, INT32_MIN, PTRDIFF_MAX, PTRDIFF_MIN, PTRDIFF_MIN + 1, INT64_C(1) << 32, -(INT64_C(1) << 32),
};

static void push(ganrm_filter *filter) {
    ganrm_frame frame;
    ganrm_frame_init(&frame, sizeof frame);
    static const int sides[] = {1, 2, 3, 7, 16, 17, 33, 64, 129, 1031, 1 << 14, 1 << 20};
    int is_valid = 1;
    unsigned shape = take();
    frame.width = sides[shape % 12];
    frame.height = sides[shape / 12 % 12];
    // Large frames take long; each side is large with a short other one only.
    if ((size_t)frame.width * (size_t)frame.height > 1 << 20) frame.height = 1;
    frame.format = (int)(take() % 12);
    frame.matrix = take_int(15);
    frame.range = take_int(3);
    frame.seconds = take_double();
    frame.duration = take_double();
    is_valid &= frame.matrix >= 0 && frame.matrix <= 14 && frame.range >= 0 && frame.range <= 2;
    is_valid &= frame.duration >= 0 && !isinf(frame.duration);

    uint8_t *memory[3] = {NULL, NULL, NULL};
    unsigned layout = take(), seed = take();
    for (int plane = 0; plane < formats[frame.format].planes; plane++) {
        const int *ratio = formats[frame.format].shape[plane];
        size_t columns = (size_t)((frame.width + ratio[0] - 1) / ratio[0] * ratio[2] * formats[frame.format].bytes);
        size_t rows = (size_t)((frame.height + ratio[1] - 1) / ratio[1]);
        size_t stride = columns + (layout & 1 ? layout >> 4 : 0);
        memory[plane] = malloc(stride * (rows - 1) + columns);
        if (!memory[plane]) abort();
        for (size_t i = 0; i < stride * (rows - 1) + columns; i++) {
            int is_high = formats[frame.format].bytes == 2 && frame.format != GANRM_FORMAT_P010 && i % 2 == 1;
            memory[plane][i] = (uint8_t)((i * 5 + seed * 31 + (size_t)plane * 77) & (is_high ? 3 : 255));
        }
        int is_from_below = (layout & 2) != 0;
        frame.planes[plane] = memory[plane] + (is_from_below ? stride * (rows - 1) : 0);
        frame.strides[plane] = is_from_below ? -(ptrdiff_t)stride : (ptrdiff_t)stride;
        if (layout & 4) {
            ptrdiff_t odd = odd_strides[take() % (sizeof odd_strides / sizeof *odd_strides)];
            size_t length = odd < 0 ? -(size_t)odd : (size_t)odd;
            // A stride that the library accepts has to be true.
            if (rows == 1 || length < columns || length > INT32_MAX) {
                frame.strides[plane] = odd;
                is_valid &= rows == 1;
            }
        }
    }
    if (layout & 8) {
        unsigned change = take();
        is_valid &= change >= 8;
        if (change == 0) frame.planes[0] = NULL;
        if (change == 1) frame.width = (int)(uint32_t)take_word() | INT32_MIN;
        if (change == 2) frame.height = 0;
        if (change == 3) frame.width = INT32_MAX;
        if (change == 4) frame.format = 12 + (int)take();
        if (change == 5) frame.size = take() % 112;
        if (change == 6) frame.size = SIZE_MAX - take();
        if (change == 7) frame.duration = -INFINITY;
    }
    int is_wanted = ganrm_filter_wants(filter, frame.seconds) != 0;
    int code = ganrm_filter_push(filter, &frame);
    check(code);
    // What no clip samples needs no pixels.
    if (filter && !frame.planes[0] && !is_wanted) EXPECT(code != GANRM_ERROR_MODEL);
    else if (!filter || !is_valid) EXPECT(code == GANRM_ERROR_ARGUMENT);
    // Times that decrease may fail the stream.
    else EXPECT(code == GANRM_OK || code == GANRM_ERROR_FAILED);
    for (int plane = 0; plane < 3; plane++) free(memory[plane]);
}

static void pull(ganrm_filter *filter) {
    ganrm_score score;
    memset(&score, 0xA5, sizeof score);
    int code = ganrm_filter_pull(filter, &score);
    check(code);
    const float *values;
    size_t count;
    if (code != GANRM_OK) return;
    EXPECT(isfinite(score.logit) && score.score >= 0 && score.score <= 1);
    EXPECT(score.first_frame >= 0 && score.first_frame <= score.last_frame);
    EXPECT(ganrm_filter_embedding(filter, &values, &count) == GANRM_OK);
    EXPECT(count > 0);
    for (size_t i = 0; i < count; i++) EXPECT(isfinite(values[i]));
    (void)ganrm_degeneracy(score.degenerate);
}

static size_t call_count;

size_t fuzz_interface_calls(void) { return call_count; }

void fuzz_interface(const uint8_t *bytes, size_t count) {
    next = bytes;
    end = bytes + count;
    ganrm_model *models[MODELS] = {NULL};
    ganrm_filter *filters[FILTERS] = {NULL};
    for (int calls = 0; next < end && calls < 200; calls++, call_count++) {
        unsigned call = take();
        ganrm_model **model = &models[call % MODELS];
        ganrm_filter **filter = &filters[call / 16 % FILTERS];
        switch (call % 16) {
        case 0:
        case 1:
            if (!*model) *model = open_model();
            break;
        case 2: ganrm_model_close(model); break;
        case 3:
        case 4:
            if (!*filter) *filter = open_filter(*model);
            break;
        case 5: ganrm_filter_close(filter); break;
        case 6: check(ganrm_filter_flush(*filter)); break;
        case 7: check(ganrm_filter_reset(*filter)); break;
        case 8:
        case 9: pull(*filter); break;
        case 10: {
            int64_t pending = ganrm_filter_pending(*filter);
            EXPECT(*filter ? pending >= 0 : pending == GANRM_ERROR_ARGUMENT);
            EXPECT(!ganrm_filter_precision(*filter) == !*filter);
            break;
        }
        case 11: {
            const float *values;
            size_t length;
            check(ganrm_filter_embedding(*filter, take() ? &values : NULL, &length));
            (void)ganrm_strerror((int)(uint32_t)take_word());
            (void)ganrm_degeneracy((int64_t)take_word());
            break;
        }
        default: push(*filter);
        }
    }
    for (int i = 0; i < FILTERS; i++) ganrm_filter_close(&filters[i]);
    for (int i = 0; i < MODELS; i++) ganrm_model_close(&models[i]);
}
