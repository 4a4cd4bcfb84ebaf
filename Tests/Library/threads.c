// Filters of one model in several threads, opened and closed while others score.

#include "host.h"
#include <pthread.h>

enum { THREADS = 4, FRAMES = 24, PER_CLIP = 3, CLIPS = FRAMES / PER_CLIP };

static ganrm_model *model;
static ganrm_frame frames[FRAMES];
static double results[THREADS][CLIPS];

static void *work(void *row) {
    double *logits = (double *)row;
    for (int turn = 0; turn < 3; turn++) {
        ganrm_filter *filter = open_filter(model, PER_CLIP);
        ganrm_score score;
        int found = 0;
        for (int i = 0; i < FRAMES; i++) {
            EXPECT(ganrm_filter_push(filter, &frames[i]) == GANRM_OK);
            while (ganrm_filter_pull(filter, &score) == GANRM_OK) {
                EXPECT(found < CLIPS);
                EXPECT(turn == 0 || logits[found] == score.logit);
                logits[found++] = score.logit;
            }
        }
        EXPECT(found == CLIPS);
        // Error messages are per thread.
        char expected[100];
        ganrm_frame invalid = frames[0];
        invalid.width = -(int)(logits - results[0]);
        snprintf(expected, sizeof expected, "a frame has 1 to 2^28 pixels, not %d×%d", invalid.width, invalid.height);
        EXPECT(ganrm_filter_push(filter, &invalid) == GANRM_ERROR_ARGUMENT);
        EXPECT(ganrm_filter_flush(filter) == GANRM_OK);
        ganrm_filter_close(&filter);
        EXPECT(strcmp(ganrm_message(), expected) == 0);
    }
    return NULL;
}

int main(int count, char **arguments) {
    EXPECT(count == 4);
    pthread_t threads[THREADS];
    model = open_tiny(arguments);
    for (int i = 0; i < FRAMES; i++) frames[i] = make_frame(48, 36, i);
    for (int i = 0; i < THREADS; i++) EXPECT(pthread_create(&threads[i], NULL, work, results[i]) == 0);
    for (int i = 0; i < THREADS; i++) EXPECT(pthread_join(threads[i], NULL) == 0);
    for (int i = 1; i < THREADS; i++) EXPECT(memcmp(results[0], results[i], sizeof results[0]) == 0);
    EXPECT(results[0][0] != results[0][1]);
    for (int i = 0; i < FRAMES; i++) free((void *)frames[i].planes[0]);
    ganrm_model_close(&model);
    return 0;
}
