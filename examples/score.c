// Scores raw RGB frames from standard input, clip by clip:
//
//     ffmpeg -i clip.mp4 -f rawvideo -pix_fmt rgb24 - | ./score WIDTH HEIGHT
//
// cc -o score score.c $(pkg-config --cflags --libs ganrm)

#include <ganrm.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int fail(const char *what) {
    fprintf(stderr, "score: %s: %s\n", what, ganrm_message());
    return 1;
}

static void print_scores(ganrm_filter *filter) {
    ganrm_score score;
    while (ganrm_pull(filter, &score) == GANRM_OK)
        printf("frames %lld to %lld: score %.6f, logit %.6f\n", (long long)score.first_frame,
               (long long)score.last_frame, score.score, score.logit);
}

int main(int argc, char **argv) {
    int width = argc > 1 ? atoi(argv[1]) : 0;
    int height = argc > 2 ? atoi(argv[2]) : 0;
    if (width < 1 || height < 1) {
        fprintf(stderr, "usage: score WIDTH HEIGHT <frames.rgb\n");
        return 2;
    }

    ganrm_settings settings;
    ganrm_settings_init(&settings);
    ganrm_filter *filter;
    if (ganrm_open(&filter, &settings) < 0) return fail("open");

    size_t size = (size_t)width * (size_t)height * 3;
    unsigned char *frame = malloc(size);
    int status = frame ? 0 : 1;
    while (status == 0 && fread(frame, 1, size, stdin) == size) {
        if (ganrm_push(filter, frame, width, height, (ptrdiff_t)width * 3, NAN) < 0)
            status = fail("push");
        print_scores(filter);
    }
    if (status == 0 && ganrm_flush(filter) < 0) status = fail("flush");
    print_scores(filter);

    free(frame);
    ganrm_close(&filter);
    return status;
}
