// Shared by the programs of this folder. Each gets the arguments HEAD ENCODER WEIGHTS of the tiny model.
#pragma once

#include <ganrm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef REASON
#define REASON ganrm_message()
#endif

#define EXPECT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            printf("%s:%d: not so: %s; %s\n", __FILE__, __LINE__, #condition, REASON);             \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

static inline ganrm_model_settings tiny_settings(char **arguments) {
    ganrm_model_settings settings;
    ganrm_model_settings_init(&settings, sizeof settings);
    settings.model = arguments[1];
    settings.encoder = arguments[2];
    settings.weights = arguments[3];
    settings.precision = GANRM_PRECISION_F32;
    settings.threads = 2;
    return settings;
}

static inline ganrm_model *open_tiny(char **arguments) {
    ganrm_model_settings settings = tiny_settings(arguments);
    ganrm_model *model;
    EXPECT(ganrm_model_open(&model, &settings) == GANRM_OK);
    return model;
}

static inline ganrm_filter *open_filter(ganrm_model *model, int frames) {
    ganrm_filter_settings settings;
    ganrm_filter_settings_init(&settings, sizeof settings);
    settings.frames = frames;
    ganrm_filter *filter;
    EXPECT(ganrm_filter_open(&filter, model, &settings) == GANRM_OK);
    return filter;
}

// A packed RGB frame with pixels that depend on `index`; the caller frees `planes[0]`.
static inline ganrm_frame make_frame(int width, int height, int index) {
    size_t size = (size_t)width * (size_t)height * 3;
    uint8_t *pixels = (uint8_t *)malloc(size);
    EXPECT(pixels);
    for (size_t i = 0; i < size; i++) pixels[i] = (uint8_t)(i * 7 + i / 251 * 3 + (size_t)index * 31);
    ganrm_frame frame;
    ganrm_frame_init(&frame, sizeof frame);
    frame.planes[0] = pixels;
    frame.strides[0] = (ptrdiff_t)width * 3;
    frame.width = width;
    frame.height = height;
    return frame;
}
