// Pushes frames of every format and of awkward sizes, in allocations without slack, so that valgrind detects
// reads out of bounds: formats HEAD ENCODER WEIGHTS [WIDTH]
//
// WIDTH is the smallest frame width. It has to be 7 under valgrind: for rows of 1 to 3 samples, including
// chroma, libswscale reads beyond the row and multiplies by 0, which changes no score but gives an error.

#include "host.h"
#include "formats.h"
#include <math.h>

static const int sizes[][2] = {
    {1, 1}, {2, 1}, {1, 2}, {3, 5}, {7, 5}, {17, 9}, {64, 48}, {65, 49}, {16384, 1}, {1, 16384}, {1031, 3},
};

// Memory layout of rows: contiguous, with padding that must not be read, or bottom-up.
enum Layout { TIGHT, PADDED, FROM_BELOW };

// The logit of a clip of one frame.
static double score(ganrm_filter *filter, int format, int width, int height, enum Layout layout) {
    ganrm_frame frame;
    ganrm_frame_init(&frame, sizeof frame);
    frame.width = width;
    frame.height = height;
    frame.format = format;
    uint8_t *memory[3] = {NULL, NULL, NULL};
    for (int plane = 0; plane < formats[format].planes; plane++) {
        const int *shape = formats[format].shape[plane];
        size_t columns = (size_t)((width + shape[0] - 1) / shape[0] * shape[2] * formats[format].bytes);
        size_t rows = (size_t)((height + shape[1] - 1) / shape[1]);
        // Odd padding gives unaligned rows of 16-bit samples.
        size_t stride = columns + (layout == PADDED ? 13 : 0);
        memory[plane] = malloc(stride * (rows - 1) + columns);
        EXPECT(memory[plane]);
        memset(memory[plane], 0xA5, stride * (rows - 1) + columns);
        for (size_t row = 0; row < rows; row++) {
            uint8_t *samples = memory[plane] + stride * (layout == FROM_BELOW ? rows - 1 - row : row);
            for (size_t i = 0; i < columns; i++) {
                int is_high = formats[format].bytes == 2 && i % 2 == 1;
                int value = (int)(i * 5 + row * 11 + (size_t)plane * 77) & 0xFF;
                // 10 bits in 16: two of them in the upper byte, or with P010 in the lower byte.
                if (format == GANRM_FORMAT_P010) value &= is_high ? 0xFF : 0xC0;
                else if (is_high) value &= 3;
                samples[i] = (uint8_t)value;
            }
        }
        frame.planes[plane] = memory[plane] + (layout == FROM_BELOW ? stride * (rows - 1) : 0);
        frame.strides[plane] = layout == FROM_BELOW ? -(ptrdiff_t)stride : (ptrdiff_t)stride;
    }
    EXPECT(ganrm_filter_push(filter, &frame) == GANRM_OK);
    for (int plane = 0; plane < 3; plane++) free(memory[plane]);
    ganrm_score found;
    EXPECT(ganrm_filter_pull(filter, &found) == GANRM_OK);
    EXPECT(isfinite(found.logit));
    return found.logit;
}

int main(int count, char **arguments) {
    EXPECT(count == 4 || count == 5);
    int min_width = count == 5 ? atoi(arguments[4]) : 1;
    ganrm_model *model = open_tiny(arguments);
    ganrm_filter *filter = open_filter(model, 1);
    for (int format = GANRM_FORMAT_RGB24; format <= GANRM_FORMAT_P010; format++) {
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            if (sizes[i][0] < min_width) continue;
            double tight = score(filter, format, sizes[i][0], sizes[i][1], TIGHT);
            EXPECT(score(filter, format, sizes[i][0], sizes[i][1], PADDED) == tight);
            EXPECT(score(filter, format, sizes[i][0], sizes[i][1], FROM_BELOW) == tight);
        }
    }
    ganrm_filter_close(&filter);
    ganrm_model_close(&model);
    return 0;
}
