// How the monitor draws on the pictures of frei0r: packed R, G, B, A, 8 bits each.
#ifndef CANVAS_H
#define CANVAS_H

#include <stdint.h>

#include "../ganrm_monitor.h"

typedef struct Picture {
    uint8_t *rgba;
    int width; // Pixels; rows follow each other without a gap.
} Picture;

GanrmCanvas canvas_of(Picture *picture, int height);

#endif
