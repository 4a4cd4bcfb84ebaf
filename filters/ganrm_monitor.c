#include "ganrm_monitor.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef GanrmCanvas Canvas;
typedef GanrmBox Box;
typedef GanrmColour Colour;

static const Colour white = {255, 255, 255}, grey = {110, 110, 110};

// 3 × 5 dot-matrix glyphs: one octal digit per row, top row first.
static const unsigned short digits[10] = {
    075557, 026227, 071747, 071717, 055711, 074717, 074757, 071111, 075757, 075717,
};
static const unsigned short point = 000002, dash = 000700;

static int smaller(int a, int b) { return a < b ? a : b; }
static int larger(int a, int b) { return a > b ? a : b; }

// The part of `box` inside the image.
static Box clipped(const Canvas *canvas, Box box) {
    int left = larger(box.x, 0), top = larger(box.y, 0);
    int right = smaller(box.x + box.width, canvas->width);
    int bottom = smaller(box.y + box.height, canvas->height);
    return (Box){left, top, larger(right - left, 0), larger(bottom - top, 0)};
}

static void fill(const Canvas *canvas, Box box, Colour colour) {
    box = clipped(canvas, box);
    if (box.width > 0 && box.height > 0) canvas->fill(canvas->image, box, colour);
}

static void darken(const Canvas *canvas, Box box) {
    box = clipped(canvas, box);
    if (box.width > 0 && box.height > 0) canvas->darken(canvas->image, box);
}

// `dot` is the side length of a dot, in pixels.
static void draw_text(const Canvas *canvas, int x, int y, int dot, const char *text) {
    for (; *text; text++, x += 4 * dot) {
        unsigned glyph = *text == '.' ? point : *text == '-' ? dash : digits[(*text - '0') % 10];
        for (int bit = 0; bit < 15; bit++)
            if (glyph >> (14 - bit) & 1)
                fill(canvas, (Box){x + bit % 3 * dot, y + bit / 3 * dot, dot, dot}, white);
    }
}

static float score_at(const GanrmMonitor *monitor, int64_t clip) {
    return monitor->scores[clip % GANRM_MONITOR_HISTORY];
}

// From orange at 0 to blue at 1: distinguishable with red-green colour blindness.
static Colour colour_of(float score) {
    return (Colour){
        (uint8_t)(240 - 160 * score), (uint8_t)(130 + 50 * score), (uint8_t)(40 + 215 * score)};
}

// A step curve, one step per clip, `unit` pixels thick.
static void draw_curve(const GanrmMonitor *monitor, const Canvas *canvas, Box box, int unit) {
    int step = 2 * unit, previous_y = 0;
    int64_t shown = smaller(larger(box.width / step, 0), GANRM_MONITOR_HISTORY);
    if (shown > monitor->count) shown = monitor->count;
    fill(canvas, (Box){box.x, box.y + (box.height - unit) / 2, box.width, unit}, grey);
    for (int64_t i = 0; i < shown; i++) {
        float score = score_at(monitor, monitor->count - shown + i);
        int x = box.x + (int)i * step;
        int y = box.y + (int)lroundf((1 - score) * (float)(box.height - unit));
        if (i == 0) previous_y = y;
        fill(canvas, (Box){x, y, step, unit}, white);
        fill(canvas, (Box){x, smaller(y, previous_y), unit, abs(y - previous_y) + unit}, white);
        previous_y = y;
    }
}

void ganrm_monitor_add(GanrmMonitor *monitor, double score) {
    monitor->scores[monitor->count++ % GANRM_MONITOR_HISTORY] = (float)fmin(fmax(score, 0), 1);
}

void ganrm_monitor_draw(const GanrmMonitor *monitor, const GanrmCanvas *canvas) {
    int width = canvas->width, height = canvas->height;
    // All lengths are multiples of this: 1 pixel at 320 × 240, 4 at 1920 × 1080.
    int unit = larger(smaller(width / 160, height / 240), 1);
    Box panel = {4 * unit, height - 36 * unit, width - 8 * unit, 32 * unit};
    Box inner = {panel.x + 3 * unit, panel.y + 3 * unit, panel.width - 6 * unit, 26 * unit};
    Box bar = {inner.x, inner.y, 6 * unit, inner.height};
    char text[8] = "-.--";
    darken(canvas, panel);
    fill(canvas, bar, grey);

    if (monitor->count > 0) {
        float score = score_at(monitor, monitor->count - 1);
        int hundredths = (int)lroundf(100 * score);
        int empty = (int)lroundf((1 - score) * (float)bar.height);
        snprintf(text, sizeof text, "%d.%02d", hundredths / 100 % 10, hundredths % 100);
        bar.y += empty;
        bar.height -= empty;
        fill(canvas, bar, colour_of(score));
    }
    draw_text(canvas, inner.x + 10 * unit, inner.y + 8 * unit, 2 * unit, text);
    draw_curve(monitor, canvas,
               (Box){inner.x + 46 * unit, inner.y, inner.width - 46 * unit, inner.height}, unit);
}
