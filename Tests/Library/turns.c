// Opens, scores and closes repeatedly in one process, whose memory must not grow.

#include "host.h"
#include "memory.h"

static void turn(char **arguments, int index) {
    ganrm_model *model = open_tiny(arguments);
    // Two models at once, a filter that outlives its model, and a stream that is not finished.
    ganrm_model *other = open_tiny(arguments);
    ganrm_filter *filter = open_filter(model, 2);
    ganrm_filter *unfinished = open_filter(other, 2);
    ganrm_model_close(&model);
    ganrm_frame frame = make_frame(320, 240, index);
    ganrm_score score;
    for (int i = 0; i < 3; i++) {
        EXPECT(ganrm_filter_push(filter, &frame) == GANRM_OK);
        EXPECT(ganrm_filter_push(unfinished, &frame) == GANRM_OK);
    }
    EXPECT(ganrm_filter_pull(filter, &score) == GANRM_OK);
    EXPECT(ganrm_filter_flush(filter) == GANRM_OK);
    // Other sizes and formats, so that libswscale contexts are recreated.
    frame.format = GANRM_FORMAT_GRAY8;
    frame.width = 3 * 320 - index % 7;
    EXPECT(ganrm_filter_push(filter, &frame) == GANRM_OK);
    frame.width = 0;
    EXPECT(ganrm_filter_push(filter, &frame) == GANRM_ERROR_ARGUMENT);
    ganrm_filter_close(&filter);
    ganrm_filter_close(&unfinished);
    ganrm_model_close(&other);
    free((void *)frame.planes[0]);

    ganrm_model_settings settings = tiny_settings(arguments);
    settings.weights = arguments[0];
    EXPECT(ganrm_model_open(&model, &settings) == GANRM_OK);
    EXPECT(ganrm_filter_open(&filter, model, NULL) == GANRM_ERROR_MODEL);
    ganrm_model_close(&model);
}

int main(int count, char **arguments) {
    EXPECT(count == 4 || count == 5);
    // Under valgrind a few turns are enough to find leaks.
    int turns = count == 5 ? atoi(arguments[4]) : TURNS;
    Memory before = {0, 0};
    for (int i = 0; i < turns + (count == 5 ? 0 : WARM_UP_TURNS); i++) {
        if (i == WARM_UP_TURNS) before = measure();
        turn(arguments, i);
    }
    return count == 5 || has_stayed("100 turns", before, measure()) ? 0 : 1;
}
