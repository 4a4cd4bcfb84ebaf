// The score in the picture: a bar, its number, and a curve of the clips before.
#ifndef MONITOR_H
#define MONITOR_H

#include <stdint.h>

enum { MONITOR_HISTORY = 2048 };

typedef struct Monitor {
    float scores[MONITOR_HISTORY]; // Of the last clips, each 0 to 1; the n-th is at n % history.
    int64_t count;                 // Of all clips so far.
} Monitor;

void monitor_add(Monitor *monitor, double score);

// Draws over the lower edge of a picture, `width` × `height` pixels of R, G, B, A.
//
//     ┌──────────────────────────────────────────┐
//     │ ▒          ▁▂▂▃▅▅▄▄▃▅▆▆▇▇▆▅              │   the newest clip is the curve's right end;
//     │ █   0.89   ──────────────────────────────│   the line is a score of 0.5
//     │ █                                        │
//     └──────────────────────────────────────────┘
void monitor_draw(const Monitor *monitor, uint8_t *rgba, int width, int height);

#endif
