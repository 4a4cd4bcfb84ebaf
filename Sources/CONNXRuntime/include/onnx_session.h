// Runs a model of ONNX by ONNX Runtime, which is opened with dlopen: nothing of it is needed to build or to start.
//
// Source: ONNX Runtime's C API, include/onnxruntime/core/session/onnxruntime_c_api.h. Its functions are members of a
// table whose order never changes; those that are used here are of version 1.
#ifndef GANRM_ONNX_SESSION_H
#define GANRM_ONNX_SESSION_H

#include <stddef.h>
#include <stdint.h>

/// A model with one input and one output, both of floats. Not thread-safe.
typedef struct ganrm_onnx_session ganrm_onnx_session;

enum {
    /// Axes that an input or an output may have.
    GANRM_ONNX_MAX_RANK = 8,
    /// Bytes of a message with its final zero; longer ones are cut.
    GANRM_ONNX_MESSAGE = 512,
};

typedef enum ganrm_onnx_status {
    GANRM_ONNX_OK = 0,
    /// The library cannot be opened, or is none of ONNX Runtime.
    GANRM_ONNX_NO_LIBRARY = 1,
    /// The model or its run is refused.
    GANRM_ONNX_FAILED = 2,
} ganrm_onnx_status;

/// A shape; an axis of the input is negative if any length will do.
typedef struct ganrm_onnx_shape {
    size_t rank;
    int64_t lengths[GANRM_ONNX_MAX_RANK];
} ganrm_onnx_shape;

/// The output of a run; borrowed from the session until its next run or its end.
typedef struct ganrm_onnx_output {
    ganrm_onnx_shape shape;
    const float *values;
    /// The product of the lengths.
    size_t count;
} ganrm_onnx_output;

/// Opens a library and a model in memory, which is copied.
///
/// - `library`: a path, or a name that the system's linker looks for.
/// - `threads`: at least 1.
/// - `session`: the session, to be closed by the caller; NULL unless the result is GANRM_ONNX_OK.
/// - `message`: what is wrong; empty if nothing is.
ganrm_onnx_status ganrm_onnx_session_open(
    const char *library, const void *model, size_t size, int threads,
    ganrm_onnx_session **session, char message[GANRM_ONNX_MESSAGE]);

/// The shape of the input as the model declares it.
ganrm_onnx_shape ganrm_onnx_session_input(const ganrm_onnx_session *session);

/// The library's version, as "1.32.0"; valid as long as the session.
const char *ganrm_onnx_session_version(const ganrm_onnx_session *session);

/// Runs the model. `input` is borrowed until the call returns.
///
/// - `shape`: that of `input`, which has as many elements.
ganrm_onnx_status ganrm_onnx_session_run(
    ganrm_onnx_session *session, const float *input, const ganrm_onnx_shape *shape,
    ganrm_onnx_output *output, char message[GANRM_ONNX_MESSAGE]);

/// Frees the session, or nothing if it is NULL. The library stays open: it has threads of its own.
void ganrm_onnx_session_close(ganrm_onnx_session *session);

#endif
