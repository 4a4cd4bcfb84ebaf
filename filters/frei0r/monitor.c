#include "monitor.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Picture {
    uint8_t *rgba;
    int width, height;
} Picture;

typedef struct Box {
    int x, y, width, height;
} Box;

typedef struct Colour {
    uint8_t r, g, b;
} Colour;

static const Colour white = {255, 255, 255}, grey = {110, 110, 110};

// A dot matrix of 3 × 5: an octal digit a row, top row first.
static const unsigned short digits[10] = {
    075557, 026227, 071747, 071717, 055711, 074717, 074757, 071111, 075757, 075717,
};
static const unsigned short point = 000002, dash = 000700;

static int smaller(int a, int b) { return a < b ? a : b; }
static int larger(int a, int b) { return a > b ? a : b; }

// The part of `box` that lies in the picture.
static Box clipped(const Picture *picture, Box box) {
    int left = larger(box.x, 0), top = larger(box.y, 0);
    int right = smaller(box.x + box.width, picture->width);
    int bottom = smaller(box.y + box.height, picture->height);
    return (Box){left, top, larger(right - left, 0), larger(bottom - top, 0)};
}

static void fill(const Picture *picture, Box box, Colour colour) {
    box = clipped(picture, box);
    for (int y = box.y; y < box.y + box.height; y++) {
        uint8_t *pixel = picture->rgba + 4 * ((size_t)y * (size_t)picture->width + (size_t)box.x);
        for (int x = 0; x < box.width; x++, pixel += 4)
            memcpy(pixel, (uint8_t[]){colour.r, colour.g, colour.b, 255}, 4);
    }
}

// Takes three quarters of the light away, so that what is drawn stands out.
static void darken(const Picture *picture, Box box) {
    box = clipped(picture, box);
    for (int y = box.y; y < box.y + box.height; y++) {
        uint8_t *pixel = picture->rgba + 4 * ((size_t)y * (size_t)picture->width + (size_t)box.x);
        for (int x = 0; x < box.width; x++, pixel += 4) {
            for (int channel = 0; channel < 3; channel++) pixel[channel] /= 4;
            pixel[3] = 255;
        }
    }
}

// `dot` is the side of a glyph's dot, in pixels.
static void draw_text(const Picture *picture, int x, int y, int dot, const char *text) {
    for (; *text; text++, x += 4 * dot) {
        unsigned glyph = *text == '.' ? point : *text == '-' ? dash : digits[(*text - '0') % 10];
        for (int bit = 0; bit < 15; bit++)
            if (glyph >> (14 - bit) & 1)
                fill(picture, (Box){x + bit % 3 * dot, y + bit / 3 * dot, dot, dot}, white);
    }
}

static float score_at(const Monitor *monitor, int64_t clip) {
    return monitor->scores[clip % MONITOR_HISTORY];
}

// From orange at 0 to blue at 1, which colour-blind people tell apart too.
static Colour colour_of(float score) {
    return (Colour){
        (uint8_t)(240 - 160 * score), (uint8_t)(130 + 50 * score), (uint8_t)(40 + 215 * score)};
}

// A step per clip, `unit` pixels thick.
static void draw_curve(const Monitor *monitor, const Picture *picture, Box box, int unit) {
    int step = 2 * unit;
    fill(picture, (Box){box.x, box.y + (box.height - unit) / 2, box.width, unit}, grey);
    int64_t shown = smaller(larger(box.width / step, 0), MONITOR_HISTORY);
    if (shown > monitor->count) shown = monitor->count;
    int before = 0;
    for (int64_t i = 0; i < shown; i++) {
        float score = score_at(monitor, monitor->count - shown + i);
        int x = box.x + (int)i * step;
        int y = box.y + (int)lroundf((1 - score) * (float)(box.height - unit));
        if (i == 0) before = y;
        fill(picture, (Box){x, y, step, unit}, white);
        fill(picture, (Box){x, smaller(y, before), unit, abs(y - before) + unit}, white);
        before = y;
    }
}

void monitor_add(Monitor *monitor, double score) {
    monitor->scores[monitor->count++ % MONITOR_HISTORY] = (float)fmin(fmax(score, 0), 1);
}

void monitor_draw(const Monitor *monitor, uint8_t *rgba, int width, int height) {
    Picture picture = {rgba, width, height};
    // All measures are multiples of this: 1 pixel at 320 × 240, 4 at 1920 × 1080.
    int unit = larger(smaller(width / 160, height / 240), 1);
    Box panel = {4 * unit, height - 36 * unit, width - 8 * unit, 32 * unit};
    darken(&picture, panel);
    Box inner = {panel.x + 3 * unit, panel.y + 3 * unit, panel.width - 6 * unit, 26 * unit};
    Box bar = {inner.x, inner.y, 6 * unit, inner.height};
    fill(&picture, bar, grey);

    char text[8] = "-.--";
    if (monitor->count > 0) {
        float score = score_at(monitor, monitor->count - 1);
        int hundredths = (int)lroundf(100 * score);
        snprintf(text, sizeof text, "%d.%02d", hundredths / 100 % 10, hundredths % 100);
        int empty = (int)lroundf((1 - score) * (float)bar.height);
        bar.y += empty;
        bar.height -= empty;
        fill(&picture, bar, colour_of(score));
    }
    draw_text(&picture, inner.x + 10 * unit, inner.y + 8 * unit, 2 * unit, text);
    draw_curve(monitor, &picture,
               (Box){inner.x + 46 * unit, inner.y, inner.width - 46 * unit, inner.height}, unit);
}
