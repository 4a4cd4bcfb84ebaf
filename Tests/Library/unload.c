// Loads the library, scores and unloads it, repeatedly: unload LIBRARY HEAD ENCODER WEIGHTS
//
// The library is not linked but loaded at run time, as by a plug-in host.

#define REASON "" // ganrm_message() is not linked either.
#include "host.h"
#include "memory.h"
#include <dlfcn.h>

#define FUNCTION(name) __typeof__(&name) p_##name = (__typeof__(&name))dlsym(library, #name)

static uint8_t pixels[320 * 240 * 3];

static void turn(char **arguments) {
    void *library = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
    EXPECT(library);
    FUNCTION(ganrm_model_settings_init);
    FUNCTION(ganrm_model_open);
    FUNCTION(ganrm_model_close);
    FUNCTION(ganrm_frame_init);
    FUNCTION(ganrm_filter_open);
    FUNCTION(ganrm_filter_push);
    FUNCTION(ganrm_filter_flush);
    FUNCTION(ganrm_filter_pull);
    FUNCTION(ganrm_filter_close);

    ganrm_model_settings settings;
    p_ganrm_model_settings_init(&settings, sizeof settings);
    settings.model = arguments[2];
    settings.encoder = arguments[3];
    settings.weights = arguments[4];
    settings.precision = GANRM_PRECISION_F32;
    ganrm_model *model;
    ganrm_filter *filter;
    ganrm_score score;
    EXPECT(p_ganrm_model_open(&model, &settings) == GANRM_OK);
    EXPECT(p_ganrm_filter_open(&filter, model, NULL) == GANRM_OK);
    ganrm_frame frame;
    p_ganrm_frame_init(&frame, sizeof frame);
    frame.planes[0] = pixels;
    frame.strides[0] = 3 * (frame.width = 320);
    frame.height = 240;
    EXPECT(p_ganrm_filter_push(filter, &frame) == GANRM_OK);
    EXPECT(p_ganrm_filter_flush(filter) == GANRM_OK);
    EXPECT(p_ganrm_filter_pull(filter, &score) == GANRM_OK);
    p_ganrm_filter_close(&filter);
    p_ganrm_model_close(&model);
    EXPECT(dlclose(library) == 0);
}

int main(int count, char **arguments) {
    EXPECT(count == 5);
    Memory before = {0, 0};
    for (int i = 0; i < WARM_UP_TURNS + TURNS; i++) {
        if (i == WARM_UP_TURNS) before = measure();
        turn(arguments);
    }
    return has_stayed("100 times loaded", before, measure()) ? 0 : 1;
}
