// Scores a YUV4MPEG2 stream from standard input, clip by clip:
//
//     ffmpeg -nostdin -i clip.mp4 -f yuv4mpegpipe -strict -1 - | ./score [MODEL]
//
// cc -o score score.c $(pkg-config --cflags --libs ganrm)

#include <ganrm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Stream {
    int rate, scale; // Frames per second: rate / scale.
    size_t size;     // Bytes of a frame.
    uint8_t *pixels;
} Stream;

static const struct {
    const char *name;
    int format, bytes, chroma_width, chroma_height; // Per sample; one U for so many Y.
} layouts[] = {
    {"420p10", GANRM_FORMAT_YUV420P10, 2, 2, 2}, {"422p10", GANRM_FORMAT_YUV422P10, 2, 2, 1},
    {"444p10", GANRM_FORMAT_YUV444P10, 2, 1, 1}, {"mono", GANRM_FORMAT_GRAY8, 1, 0, 0},
    {"420", GANRM_FORMAT_YUV420P, 1, 2, 2},      {"422", GANRM_FORMAT_YUV422P, 1, 2, 1},
    {"444", GANRM_FORMAT_YUV444P, 1, 1, 1},
};

// Reads the header line; returns 0 if it is none.
static int read_header(Stream *stream, ganrm_frame *frame) {
    char line[256], colors[64] = "420jpeg";
    if (!fgets(line, sizeof line, stdin) || strncmp(line, "YUV4MPEG2 ", 10) != 0) return 0;
    for (char *word = strtok(line + 10, " \n"); word; word = strtok(NULL, " \n")) {
        if (word[0] == 'W') frame->width = atoi(word + 1);
        if (word[0] == 'H') frame->height = atoi(word + 1);
        if (word[0] == 'F') sscanf(word, "F%d:%d", &stream->rate, &stream->scale);
        if (word[0] == 'C') snprintf(colors, sizeof colors, "%s", word + 1);
        if (strcmp(word, "XCOLORRANGE=FULL") == 0) frame->range = GANRM_RANGE_FULL;
        if (strcmp(word, "XCOLORRANGE=LIMITED") == 0) frame->range = GANRM_RANGE_LIMITED;
    }
    if (frame->width < 1 || frame->width > 16384 || frame->height < 1 || frame->height > 16384 ||
        stream->rate < 1 || stream->scale < 1)
        return 0;

    size_t i = 0, count = sizeof layouts / sizeof *layouts;
    while (i < count && strncmp(colors, layouts[i].name, strlen(layouts[i].name)) != 0) i++;
    if (i == count) return 0;
    frame->format = layouts[i].format;
    size_t offsets[3] = {0}, width = (size_t)frame->width, height = (size_t)frame->height;
    for (int plane = 0; plane < (layouts[i].chroma_width ? 3 : 1); plane++) {
        int columns = plane ? layouts[i].chroma_width : 1, rows = plane ? layouts[i].chroma_height : 1;
        size_t stride = (width + (size_t)columns - 1) / (size_t)columns * (size_t)layouts[i].bytes;
        frame->strides[plane] = (ptrdiff_t)stride;
        offsets[plane] = stream->size;
        stream->size += stride * ((height + (size_t)rows - 1) / (size_t)rows);
    }
    stream->pixels = (uint8_t *)malloc(stream->size);
    if (!stream->pixels) return 0;
    for (int plane = 0; plane < 3; plane++) frame->planes[plane] = stream->pixels + offsets[plane];
    return 1;
}

static int read_frame(const Stream *stream) {
    char line[256];
    return fgets(line, sizeof line, stdin) && strncmp(line, "FRAME", 5) == 0 &&
           fread(stream->pixels, 1, stream->size, stdin) == stream->size;
}

static void print_scores(ganrm_filter *filter) {
    ganrm_score score;
    while (ganrm_filter_pull(filter, &score) == GANRM_OK)
        printf("%.3f to %.3f s: score %.6f, logit %.6f\n", score.start_seconds, score.end_seconds,
               score.score, score.logit);
    fflush(stdout);
}

static int fail(const char *what) {
    fprintf(stderr, "score: %s\n", what);
    return 1;
}

int main(int argc, char **argv) {
    Stream stream = {0, 1, 0, NULL};
    ganrm_frame frame;
    ganrm_frame_init(&frame, sizeof frame);
    if (!read_header(&stream, &frame)) return fail("no YUV4MPEG2 stream that can be read");

    ganrm_model_settings settings;
    ganrm_model_settings_init(&settings, sizeof settings);
    settings.model = argc > 1 ? argv[1] : NULL;
    ganrm_model *model;
    ganrm_filter *filter;
    if (ganrm_model_open(&model, &settings) < 0) return fail(ganrm_message());
    int code = ganrm_filter_open(&filter, model, NULL);
    ganrm_model_close(&model); // The filter keeps what it needs.

    frame.duration = (double)stream.scale / stream.rate;
    for (long i = 0; code == 0 && read_frame(&stream); i++) {
        frame.seconds = (double)i * stream.scale / stream.rate;
        code = ganrm_filter_push(filter, &frame);
        print_scores(filter);
    }
    if (code == 0) code = ganrm_filter_flush(filter);
    print_scores(filter);
    if (code < 0) fail(ganrm_message());
    ganrm_filter_close(&filter);
    free(stream.pixels);
    return code < 0;
}
