// An overlay that shows the score in the image: a bar, the value, and a curve of the previous clips.
//
// Shared by the plug-ins, whose hosts use different image formats: GanrmCanvas abstracts drawing.
#ifndef GANRM_MONITOR_H
#define GANRM_MONITOR_H

#include <stdint.h>

enum { GANRM_MONITOR_HISTORY = 2048 };

typedef struct GanrmMonitor {
    float scores[GANRM_MONITOR_HISTORY]; // Ring buffer of scores, 0 to 1; clip n is at n % history.
    int64_t count;                       // Number of clips so far.
} GanrmMonitor;

typedef struct GanrmBox {
    int x, y, width, height; // In pixels.
} GanrmBox;

typedef struct GanrmColour {
    uint8_t r, g, b;
} GanrmColour;

typedef struct GanrmCanvas {
    int width, height; // In pixels.
    void *image;       // Passed to the functions, which get non-empty boxes inside the image only.
    void (*fill)(void *image, GanrmBox box, GanrmColour colour);
    void (*darken)(void *image, GanrmBox box); // Reduces the brightness to a quarter.
} GanrmCanvas;

// Appends the score of the next clip, clamped to 0…1.

void ganrm_monitor_add(GanrmMonitor *monitor, double score);

// Draws the overlay at the lower edge of the image.
//
//     ┌──────────────────────────────────────────┐
//     │ ▒          ▁▂▂▃▅▅▄▄▃▅▆▆▇▇▆▅              │   the newest clip is the curve's right end;
//     │ █   0.89   ──────────────────────────────│   the line is a score of 0.5
//     │ █                                        │
//     └──────────────────────────────────────────┘
void ganrm_monitor_draw(const GanrmMonitor *monitor, const GanrmCanvas *canvas);

#endif
