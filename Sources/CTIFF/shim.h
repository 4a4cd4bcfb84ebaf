#pragma once

#include <stdint.h>

#include <tiffio.h>

// Swift cannot call variadic functions: one function per type of value. Each returns 0 if the tag is
// missing, or has a default and is absent.

static inline int ganrm_tiff_get_short(TIFF *file, uint32_t tag, uint16_t *value) {
    return TIFFGetFieldDefaulted(file, tag, value);
}

static inline int ganrm_tiff_get_long(TIFF *file, uint32_t tag, uint32_t *value) {
    return TIFFGetField(file, tag, value);
}

/// The number of samples beyond those of the color model, and their kinds.
static inline int ganrm_tiff_extra_samples(TIFF *file) {
    uint16_t count = 0;
    uint16_t *kinds = NULL;
    return TIFFGetFieldDefaulted(file, TIFFTAG_EXTRASAMPLES, &count, &kinds) ? count : 0;
}

/// Makes the RGBA reader take samples as they are, not multiplied by alpha.
static inline int ganrm_tiff_keep_colors(TIFF *file, uint16_t count) {
    uint16_t kinds[16] = {EXTRASAMPLE_ASSOCALPHA};
    return count <= 16 ? TIFFSetField(file, TIFFTAG_EXTRASAMPLES, count, kinds) : 0;
}

/// Makes the JPEG codec convert YCbCr to RGB.
static inline int ganrm_tiff_convert_jpeg_colors(TIFF *file) {
    return TIFFSetField(file, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
}
