// A program that uses FFmpeg's libraries and OpenMP itself: neighbours VIDEO HEAD ENCODER WEIGHTS
//
// It decodes and scores a video, computes in parallel before, meanwhile and after, and checks that its
// process-wide settings are unchanged. Prints a logit per clip of four frames.

#include "host.h"
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <locale.h>
#include <omp.h>
#include <signal.h>
#include <unistd.h>

// Process-wide settings that a library must not change.
typedef struct Process {
    char locale[256], folder[4096];
    int log_level, log_flags, omp_threads, omp_dynamic;
    void *handlers[NSIG];
    sigset_t blocked;
} Process;

static void read_process(Process *process) {
    memset(process, 0, sizeof *process);
    snprintf(process->locale, sizeof process->locale, "%s", setlocale(LC_ALL, NULL));
    EXPECT(getcwd(process->folder, sizeof process->folder));
    process->log_level = av_log_get_level();
    process->log_flags = av_log_get_flags();
    process->omp_threads = omp_get_max_threads();
    process->omp_dynamic = omp_get_dynamic();
    for (int number = 1; number < NSIG; number++) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) == 0) process->handlers[number] = (void *)action.sa_handler;
    }
    sigprocmask(SIG_BLOCK, NULL, &process->blocked);
}

static int messages;

static void count_message(void *context, int level, const char *format, va_list arguments) {
    (void)context, (void)format, (void)arguments;
    messages += level <= AV_LOG_INFO;
}

// Computes in parallel with the requested number of threads.
static void compute(void) {
    enum { COUNT = 100000 };
    static double numbers[COUNT];
    double sum = 0;
    int threads = 0;
#pragma omp parallel
    {
#pragma omp single
        threads = omp_get_num_threads();
#pragma omp for reduction(+ : sum)
        for (int i = 0; i < COUNT; i++) sum += numbers[i] = i;
    }
    EXPECT(threads == 3);
    EXPECT(sum == COUNT / 2.0 * (COUNT - 1));
}

static void print_scores(ganrm_filter *filter) {
    ganrm_score score;
    while (ganrm_filter_pull(filter, &score) == GANRM_OK) printf("%.9g\n", score.logit);
}

// Pushes a decoded frame without conversion: planes, strides, matrix and range have the same meaning.
static void push(ganrm_filter *filter, const AVFrame *decoded, AVRational time_base) {
    ganrm_frame frame;
    ganrm_frame_init(&frame, sizeof frame);
    EXPECT(decoded->format == AV_PIX_FMT_YUV420P);
    for (int plane = 0; plane < 3; plane++) {
        frame.planes[plane] = decoded->data[plane];
        frame.strides[plane] = decoded->linesize[plane];
    }
    frame.width = decoded->width;
    frame.height = decoded->height;
    frame.format = GANRM_FORMAT_YUV420P;
    frame.matrix = (int)decoded->colorspace;
    frame.range = (int)decoded->color_range;
    frame.seconds = (double)decoded->best_effort_timestamp * av_q2d(time_base);
    EXPECT(ganrm_filter_push(filter, &frame) == GANRM_OK);
}

static void decode(const char *path, ganrm_filter *filter) {
    AVFormatContext *input = NULL;
    const AVCodec *codec;
    EXPECT(avformat_open_input(&input, path, NULL, NULL) == 0);
    EXPECT(avformat_find_stream_info(input, NULL) >= 0);
    int index = av_find_best_stream(input, AVMEDIA_TYPE_VIDEO, -1, -1, &codec, 0);
    EXPECT(index >= 0);
    AVCodecContext *decoder = avcodec_alloc_context3(codec);
    AVPacket *packet = av_packet_alloc();
    AVFrame *frame = av_frame_alloc();
    EXPECT(avcodec_parameters_to_context(decoder, input->streams[index]->codecpar) >= 0);
    EXPECT(avcodec_open2(decoder, codec, NULL) == 0);
    for (int is_end = 0; !is_end;) {
        is_end = av_read_frame(input, packet) < 0;
        if (is_end || packet->stream_index == index)
            EXPECT(avcodec_send_packet(decoder, is_end ? NULL : packet) == 0);
        av_packet_unref(packet);
        while (avcodec_receive_frame(decoder, frame) == 0) {
            push(filter, frame, input->streams[index]->time_base);
            compute();
            print_scores(filter);
        }
    }
    av_frame_free(&frame);
    av_packet_free(&packet);
    avcodec_free_context(&decoder);
    avformat_close_input(&input);
}

int main(int count, char **arguments) {
    EXPECT(count == 5);
    setlocale(LC_ALL, "C.UTF-8");
    omp_set_num_threads(3);
    av_log_set_level(AV_LOG_VERBOSE);
    av_log_set_callback(count_message);
    compute();
    static Process before, after;
    read_process(&before);

    ganrm_model *model = open_tiny(arguments + 1);
    ganrm_filter *filter = open_filter(model, 4);
    decode(arguments[1], filter);
    EXPECT(ganrm_filter_flush(filter) == GANRM_OK);
    print_scores(filter);
    ganrm_filter_close(&filter);
    ganrm_model_close(&model);

    read_process(&after);
    EXPECT(memcmp(&before, &after, sizeof before) == 0);
    compute();
    // The log callback is still the program's, and the library has not logged to it.
    EXPECT(messages == 0);
    av_log(NULL, AV_LOG_INFO, "one\n");
    EXPECT(messages == 1);
    return 0;
}
