// The monitor's canvas for frei0r frames: packed RGBA, 8 bits per channel.
#ifndef CANVAS_H
#define CANVAS_H

#include <stdint.h>

#include "../ganrm_monitor.h"

typedef struct Image {
    uint8_t *rgba;
    int width; // In pixels; rows have no padding.
} Image;

// The canvas borrows `image`. `height` is in pixels.

GanrmCanvas canvas_of(Image *image, int height);

#endif
