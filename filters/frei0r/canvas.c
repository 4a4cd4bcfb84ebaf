#include "canvas.h"

#include <string.h>

static uint8_t *pixel_at(const Image *image, int x, int y) {
    return image->rgba + 4 * ((size_t)y * (size_t)image->width + (size_t)x);
}

static void fill(void *opaque, GanrmBox box, GanrmColour colour) {
    for (int y = box.y; y < box.y + box.height; y++) {
        uint8_t *pixel = pixel_at(opaque, box.x, y);
        for (int x = 0; x < box.width; x++, pixel += 4)
            memcpy(pixel, (uint8_t[]){colour.r, colour.g, colour.b, 255}, 4);
    }
}

static void darken(void *opaque, GanrmBox box) {
    for (int y = box.y; y < box.y + box.height; y++) {
        uint8_t *pixel = pixel_at(opaque, box.x, y);
        for (int x = 0; x < box.width; x++, pixel += 4) {
            for (int channel = 0; channel < 3; channel++) pixel[channel] /= 4;
            pixel[3] = 255;
        }
    }
}

GanrmCanvas canvas_of(Image *image, int height) {
    return (GanrmCanvas){image->width, height, image, fill, darken};
}
