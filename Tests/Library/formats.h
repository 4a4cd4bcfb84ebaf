// The layout of each pixel format of ganrm.h; include ganrm.h before.

// For each format bytes per sample and number of planes, and for each plane columns and rows per sample, and
// interleaved samples.
static const struct {
    int bytes, planes, shape[3][3];
} formats[] = {
    [GANRM_FORMAT_RGB24] = {1, 1, {{1, 1, 3}}},
    [GANRM_FORMAT_RGBA] = {1, 1, {{1, 1, 4}}},
    [GANRM_FORMAT_GBRP] = {1, 3, {{1, 1, 1}, {1, 1, 1}, {1, 1, 1}}},
    [GANRM_FORMAT_GRAY8] = {1, 1, {{1, 1, 1}}},
    [GANRM_FORMAT_YUV420P] = {1, 3, {{1, 1, 1}, {2, 2, 1}, {2, 2, 1}}},
    [GANRM_FORMAT_YUV422P] = {1, 3, {{1, 1, 1}, {2, 1, 1}, {2, 1, 1}}},
    [GANRM_FORMAT_YUV444P] = {1, 3, {{1, 1, 1}, {1, 1, 1}, {1, 1, 1}}},
    [GANRM_FORMAT_YUV420P10] = {2, 3, {{1, 1, 1}, {2, 2, 1}, {2, 2, 1}}},
    [GANRM_FORMAT_YUV422P10] = {2, 3, {{1, 1, 1}, {2, 1, 1}, {2, 1, 1}}},
    [GANRM_FORMAT_YUV444P10] = {2, 3, {{1, 1, 1}, {1, 1, 1}, {1, 1, 1}}},
    [GANRM_FORMAT_NV12] = {1, 2, {{1, 1, 1}, {2, 2, 2}}},
    [GANRM_FORMAT_P010] = {2, 2, {{1, 1, 1}, {2, 2, 2}}},
};
