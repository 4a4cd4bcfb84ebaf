// A frei0r filter that scores the frames that pass through it; see docs/ffmpeg.md.
//
//     ffmpeg -i clip.mp4 -vf frei0r=ganrm -f null -

// The module exports only the functions of frei0r.h.
#pragma GCC visibility push(default)
#include <frei0r.h>
#pragma GCC visibility pop

#include <ganrm.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "canvas.h"
#include "log.h"

// FFmpeg's filter_params lists parameters in this order.
enum { MODEL, LOG, FRAMES, STRIDE, HOP, DRAW, PRECISION, THREADS, CLOCK, RATE,
       PARAMETER_COUNT };

static const f0r_param_info_t parameters[PARAMETER_COUNT] = {
    [MODEL] = {"model", F0R_PARAM_STRING, "file or folder of a reward model (empty: the default)"},
    [LOG] = {"log", F0R_PARAM_STRING,
             "scores go to this path, to - or to fd:N (empty: standard error)"},
    [FRAMES] = {"frames", F0R_PARAM_DOUBLE, "frames per clip (0: as the model was trained)"},
    [STRIDE] = {"stride", F0R_PARAM_DOUBLE, "every n-th frame (0: as the model was trained)"},
    [HOP] = {"hop", F0R_PARAM_DOUBLE, "frames from clip to clip (0: as the model was trained)"},
    [DRAW] = {"draw", F0R_PARAM_BOOL, "draw the score into the image (default: no)"},
    [PRECISION] = {"precision", F0R_PARAM_STRING, "auto, f32, bf16 or int8 (empty: auto)"},
    [THREADS] = {"threads", F0R_PARAM_DOUBLE, "threads that encode (0: one per processor)"},
    [CLOCK] = {"clock", F0R_PARAM_DOUBLE,
               "what the host counts to in a second: 1 by frei0r.h (0: 1000, as FFmpeg does)"},
    [RATE] = {"rate", F0R_PARAM_DOUBLE,
              "frames per second, where the host tells no time (0: then there is none)"},
};

typedef enum State {
    NOT_OPEN, // Parameters may still change; the first frame opens the model.
    SCORING,
    FAILED // Frames still pass through.
} State;

typedef struct Instance {
    int width, height;
    union {
        char *string; // Owned, never NULL.
        double number;
    } values[PARAMETER_COUNT];
    State state;
    ganrm_filter *filter;
    Log log;
    GanrmMonitor monitor;
    int64_t frame_count;
    double logit_sum;
} Instance;

int f0r_init(void) { return 1; }

void f0r_deinit(void) {}

void f0r_get_plugin_info(f0r_plugin_info_t *info) {
    *info = (f0r_plugin_info_t){
        .name = "ganrm",
        .author = "the ganrm project",
        .plugin_type = F0R_PLUGIN_TYPE_FILTER,
        .color_model = F0R_COLOR_MODEL_RGBA8888,
        .frei0r_version = FREI0R_MAJOR_VERSION,
        .num_params = PARAMETER_COUNT,
        .explanation = "Scores video clips by how much they look like the good ones",
    };
    sscanf(ganrm_version(), "%d.%d", &info->major_version, &info->minor_version);
}

void f0r_get_param_info(f0r_param_info_t *info, int index) {
    if (index >= 0 && index < PARAMETER_COUNT) *info = parameters[index];
}

f0r_instance_t f0r_construct(unsigned int width, unsigned int height) {
    Instance *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    self->width = (int)width;
    self->height = (int)height;
    bool is_complete = true;
    for (int i = 0; i < PARAMETER_COUNT; i++)
        if (parameters[i].type == F0R_PARAM_STRING)
            is_complete &= (self->values[i].string = strdup("")) != NULL;
    if (is_complete) return self;
    f0r_destruct(self);
    return NULL;
}

void f0r_set_param_value(f0r_instance_t instance, f0r_param_t value, int index) {
    Instance *self = instance;
    if (index < 0 || index >= PARAMETER_COUNT) return;
    if (parameters[index].type == F0R_PARAM_STRING) {
        // The host's string is valid during the call only.
        const char *string = *(const char **)value;
        char *copy = strdup(string ? string : "");
        if (!copy) return;
        free(self->values[index].string);
        self->values[index].string = copy;
    } else {
        self->values[index].number = *(double *)value;
    }
}

void f0r_get_param_value(f0r_instance_t instance, f0r_param_t value, int index) {
    Instance *self = instance;
    if (index < 0 || index >= PARAMETER_COUNT) return;
    if (parameters[index].type == F0R_PARAM_STRING)
        *(char **)value = self->values[index].string;
    else
        *(double *)value = self->values[index].number;
}

static void fail(Instance *self, const char *message) {
    fprintf(stderr, "ganrm: no scores: %s\n", message);
    log_error(&self->log, message);
    ganrm_filter_close(&self->filter);
    self->state = FAILED;
}

// The host's time units per second.
static double clock_of(const Instance *self) {
    double clock = self->values[CLOCK].number;
    return clock > 0 ? clock : 1000;
}

// Opens model and filter. Returns an error message, or NULL.
static const char *open_filter(Instance *self) {
    static const char *const names[] = {
        [GANRM_PRECISION_AUTO] = "auto", [GANRM_PRECISION_F32] = "f32",
        [GANRM_PRECISION_BF16] = "bf16", [GANRM_PRECISION_INT8] = "int8"};
    // frei0r has no integer parameters: round to the nearest.
    int integers[PARAMETER_COUNT] = {0};
    for (int i = 0; i < PARAMETER_COUNT; i++) {
        if (parameters[i].type != F0R_PARAM_DOUBLE || i == CLOCK || i == RATE) continue;
        double number = self->values[i].number;
        if (!(number > -0.5 && number < 2e9))
            return "frames, stride, hop and threads must be 0 or above";
        integers[i] = (int)lround(number);
    }

    // FFmpeg pads rows for SIMD, to up to 64 bytes, and frei0r has no stride: frames of other widths
    // arrive skewed.
    if (clock_of(self) == 1000 && self->width % 16 != 0)
        return "FFmpeg gives frei0r garbled images unless their width is a multiple of 16; "
               "put scale or crop before it, as in -vf scale=512:-2,frei0r=ganrm";

    ganrm_model_settings settings;
    ganrm_model_settings_init(&settings, sizeof settings);
    const char *model_name = self->values[MODEL].string;
    const char *precision = self->values[PRECISION].string;
    settings.model = *model_name ? model_name : NULL;
    settings.threads = integers[THREADS];
    if (*precision) {
        settings.precision = GANRM_PRECISION_INT8;
        while (settings.precision >= 0 && strcmp(precision, names[settings.precision]) != 0)
            settings.precision--;
        if (settings.precision < 0) return "precision must be auto, f32, bf16 or int8";
    }
    ganrm_filter_settings sampling;
    ganrm_filter_settings_init(&sampling, sizeof sampling);
    sampling.sampling = GANRM_SAMPLING_WINDOW;
    sampling.frames = integers[FRAMES];
    sampling.stride = integers[STRIDE];
    sampling.hop = integers[HOP];
    ganrm_model *model;
    if (ganrm_model_open(&model, &settings) < 0) return ganrm_message();
    int code = ganrm_filter_open(&self->filter, model, &sampling);
    ganrm_model_close(&model); // The filter holds a reference.
    return code < 0 ? ganrm_message() : NULL;
}

static void pull_scores(Instance *self) {
    ganrm_score score;
    while (ganrm_filter_pull(self->filter, &score) == GANRM_OK) {
        log_score(&self->log, &score);
        ganrm_monitor_add(&self->monitor, score.score);
        self->logit_sum += score.logit;
    }
}

static void score_frame(Instance *self, double seconds, const uint8_t *rgba) {
    ganrm_frame frame;
    ganrm_frame_init(&frame, sizeof frame);
    frame.planes[0] = rgba;
    frame.strides[0] = (ptrdiff_t)self->width * 4;
    frame.width = self->width;
    frame.height = self->height;
    frame.format = GANRM_FORMAT_RGBA;
    frame.seconds = seconds;
    if (ganrm_filter_push(self->filter, &frame) < 0) {
        fail(self, ganrm_message());
        return;
    }
    self->frame_count++;
    pull_scores(self);
}

// The presentation time of the next frame in seconds, NaN if unknown.
//
// FFmpeg loses the time stamp of a frame whose rows it has to copy. The host's time is then
// AV_NOPTS_VALUE, -2^63, times the time base, which is at least a nanosecond.
static double seconds_of(const Instance *self, double time) {
    double seconds = time / clock_of(self);
    if (fabs(seconds) < 9e9) return seconds;
    double rate = self->values[RATE].number;
    return rate > 0 ? (double)self->frame_count / rate : NAN;
}

void f0r_update(f0r_instance_t instance, double time, const uint32_t *input, uint32_t *output) {
    Instance *self = instance;
    if (self->state == NOT_OPEN) {
        log_open(&self->log, self->values[LOG].string);
        self->state = SCORING;
        const char *problem = open_filter(self);
        if (problem) fail(self, problem);
    }
    if (self->state == SCORING)
        score_frame(self, seconds_of(self, time), (const uint8_t *)input);
    memmove(output, input, (size_t)self->width * (size_t)self->height * 4);
    if (self->values[DRAW].number >= 0.5) {
        Image image = {(uint8_t *)output, self->width};
        GanrmCanvas canvas = canvas_of(&image, self->height);
        ganrm_monitor_draw(&self->monitor, &canvas);
    }
}

// frei0r has no end-of-stream call: destruction is the end of the stream.
void f0r_destruct(f0r_instance_t instance) {
    Instance *self = instance;
    if (self->state == SCORING && ganrm_filter_flush(self->filter) < 0) fail(self, ganrm_message());
    if (self->state == SCORING) {
        pull_scores(self);
        int64_t clips = self->monitor.count;
        log_mean(&self->log, clips ? self->logit_sum / (double)clips : NAN, clips,
                 self->frame_count);
    }
    ganrm_filter_close(&self->filter);
    if (self->state != NOT_OPEN) log_close(&self->log);
    for (int i = 0; i < PARAMETER_COUNT; i++)
        if (parameters[i].type == F0R_PARAM_STRING) free(self->values[i].string);
    free(self);
}
