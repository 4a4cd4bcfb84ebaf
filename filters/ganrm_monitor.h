// The score in the picture: a bar, its number, and a curve of the clips before.
//
// Shared by the plug-ins for hosts that hand out pictures in different formats: a canvas says how
// to draw on one.
#ifndef GANRM_MONITOR_H
#define GANRM_MONITOR_H

#include <stdint.h>

enum { GANRM_MONITOR_HISTORY = 2048 };

typedef struct GanrmMonitor {
    float scores[GANRM_MONITOR_HISTORY]; // Of the last clips, each 0 to 1; the n-th is at n % history.
    int64_t count;                       // Of all clips so far.
} GanrmMonitor;

typedef struct GanrmBox {
    int x, y, width, height; // Pixels.
} GanrmBox;

typedef struct GanrmColour {
    uint8_t r, g, b;
} GanrmColour;

typedef struct GanrmCanvas {
    int width, height; // Pixels.
    void *picture;     // Given to the functions; the boxes that they get lie inside and are not empty.
    void (*fill)(void *picture, GanrmBox box, GanrmColour colour);
    void (*darken)(void *picture, GanrmBox box); // Takes three quarters of the light away.
} GanrmCanvas;

void ganrm_monitor_add(GanrmMonitor *monitor, double score);

// Draws over the lower edge.
//
//     ┌──────────────────────────────────────────┐
//     │ ▒          ▁▂▂▃▅▅▄▄▃▅▆▆▇▇▆▅              │   the newest clip is the curve's right end;
//     │ █   0.89   ──────────────────────────────│   the line is a score of 0.5
//     │ █                                        │
//     └──────────────────────────────────────────┘
void ganrm_monitor_draw(const GanrmMonitor *monitor, const GanrmCanvas *canvas);

#endif
