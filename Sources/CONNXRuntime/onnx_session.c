#include "onnx_session.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "ort_api.h"

struct ganrm_onnx_session {
    const OrtApi *api;
    const char *version;
    OrtEnv *env;
    OrtSessionOptions *options;
    OrtSession *session;
    OrtMemoryInfo *memory;
    // Belongs to the runtime.
    OrtAllocator *allocator;
    // From the allocator.
    char *input_name, *output_name;
    ganrm_onnx_shape input;
    // Of the last run; NULL before the first one.
    OrtValue *output;
};

static void say(char *message, const char *text) {
    snprintf(message, GANRM_ONNX_MESSAGE, "%s", text);
}

// Takes ownership of a status. Returns whether it is success; else `message` is that of the status.
static int succeeded(const OrtApi *api, Status status, char *message) {
    if (!status) return 1;
    say(message, api->GetErrorMessage(status));
    api->ReleaseStatus(status);
    return 0;
}

// Reads the shape of a tensor of floats; another type is a failure.
static int read_shape(
    const OrtApi *api, const OrtTensorTypeAndShapeInfo *info, ganrm_onnx_shape *shape,
    char *message) {
    int element_type = 0;
    if (!succeeded(api, api->GetTensorElementType(info, &element_type), message)
        || !succeeded(api, api->GetDimensionsCount(info, &shape->rank), message))
        return 0;
    if (element_type != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT) {
        say(message, "its input or output is not of 32-bit floats");
        return 0;
    }
    if (shape->rank > GANRM_ONNX_MAX_RANK) {
        say(message, "its input or output has too many axes");
        return 0;
    }
    return succeeded(api, api->GetDimensions(info, shape->lengths, shape->rank), message);
}

// Takes ownership of a type. Reads the shape of a tensor of floats.
static int read_type(
    const OrtApi *api, OrtTypeInfo *type, ganrm_onnx_shape *shape, char *message) {
    const OrtTensorTypeAndShapeInfo *info = NULL;
    int is_read = succeeded(api, api->CastTypeInfoToTensorInfo(type, &info), message);
    if (is_read && !info) {
        say(message, "its input or output is no tensor");
        is_read = 0;
    }
    is_read = is_read && read_shape(api, info, shape, message);
    api->ReleaseTypeInfo(type);
    return is_read;
}

// Reads names and shapes of input and output.
static int read_interface(ganrm_onnx_session *s, char *message) {
    const OrtApi *api = s->api;
    size_t inputs = 0, outputs = 0;
    if (!succeeded(api, api->SessionGetInputCount(s->session, &inputs), message)
        || !succeeded(api, api->SessionGetOutputCount(s->session, &outputs), message))
        return 0;
    if (inputs != 1 || outputs != 1) {
        snprintf(
            message, GANRM_ONNX_MESSAGE, "it has %zu inputs and %zu outputs instead of one of each",
            inputs, outputs);
        return 0;
    }
    OrtTypeInfo *type = NULL;
    ganrm_onnx_shape output;
    return succeeded(api, api->SessionGetInputTypeInfo(s->session, 0, &type), message)
        && read_type(api, type, &s->input, message)
        && succeeded(api, api->SessionGetOutputTypeInfo(s->session, 0, &type), message)
        && read_type(api, type, &output, message)
        && succeeded(
               api, api->SessionGetInputName(s->session, 0, s->allocator, &s->input_name), message)
        && succeeded(
               api, api->SessionGetOutputName(s->session, 0, s->allocator, &s->output_name),
               message);
}

static int open_model(
    ganrm_onnx_session *s, const void *model, size_t size, int threads, char *message) {
    const OrtApi *api = s->api;
    // The runtime would write its own messages to standard error, besides those that it returns.
    return succeeded(api, api->CreateEnv(ORT_LOGGING_LEVEL_FATAL, "ganrm", &s->env), message)
        && succeeded(api, api->CreateSessionOptions(&s->options), message)
        && succeeded(api, api->SetIntraOpNumThreads(s->options, threads), message)
        && succeeded(api, api->SetInterOpNumThreads(s->options, 1), message)
        && succeeded(
               api, api->CreateSessionFromArray(s->env, model, size, s->options, &s->session),
               message)
        && succeeded(
               api, api->CreateCpuMemoryInfo(ORT_ARENA_ALLOCATOR, ORT_MEM_TYPE_DEFAULT, &s->memory),
               message)
        && succeeded(api, api->GetAllocatorWithDefaultOptions(&s->allocator), message)
        && read_interface(s, message);
}

ganrm_onnx_status ganrm_onnx_session_open(
    const char *library, const void *model, size_t size, int threads, ganrm_onnx_session **session,
    char *message) {
    *session = NULL;
    say(message, "");
    // A second call gets the same library. It is never closed: its threads may outlive a session.
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        const char *reason = dlerror();
        say(message, reason ? reason : "it cannot be opened");
        return GANRM_ONNX_NO_LIBRARY;
    }
    const OrtApiBase *(*get_base)(void) =
        (const OrtApiBase *(*)(void))dlsym(handle, "OrtGetApiBase");
    const OrtApiBase *base = get_base ? get_base() : NULL;
    const OrtApi *api = base ? base->GetApi(ORT_API_VERSION) : NULL;
    if (!api) {
        snprintf(message, GANRM_ONNX_MESSAGE, "%s: is not ONNX Runtime", library);
        dlclose(handle);
        return GANRM_ONNX_NO_LIBRARY;
    }
    ganrm_onnx_session *s = calloc(1, sizeof *s);
    if (!s) {
        say(message, "there is not enough memory");
        return GANRM_ONNX_FAILED;
    }
    s->api = api;
    s->version = base->GetVersionString();
    if (!open_model(s, model, size, threads, message)) {
        ganrm_onnx_session_close(s);
        return GANRM_ONNX_FAILED;
    }
    *session = s;
    return GANRM_ONNX_OK;
}

ganrm_onnx_shape ganrm_onnx_session_input(const ganrm_onnx_session *s) { return s->input; }

const char *ganrm_onnx_session_version(const ganrm_onnx_session *s) { return s->version; }

// Finds shape and elements of the last run's output.
static int read_output(ganrm_onnx_session *s, ganrm_onnx_output *output, char *message) {
    const OrtApi *api = s->api;
    int is_tensor = 0;
    if (!succeeded(api, api->IsTensor(s->output, &is_tensor), message)) return 0;
    if (!is_tensor) {
        say(message, "its output is no tensor");
        return 0;
    }
    OrtTensorTypeAndShapeInfo *info = NULL;
    if (!succeeded(api, api->GetTensorTypeAndShape(s->output, &info), message)) return 0;
    int is_read = read_shape(api, info, &output->shape, message);
    api->ReleaseTensorTypeAndShapeInfo(info);
    void *values = NULL;
    if (!is_read || !succeeded(api, api->GetTensorMutableData(s->output, &values), message))
        return 0;
    output->values = values;
    output->count = 1;
    for (size_t axis = 0; axis < output->shape.rank; axis++)
        output->count *= (size_t)output->shape.lengths[axis];
    return 1;
}

ganrm_onnx_status ganrm_onnx_session_run(
    ganrm_onnx_session *s, const float *input, const ganrm_onnx_shape *shape,
    ganrm_onnx_output *output, char *message) {
    const OrtApi *api = s->api;
    say(message, "");
    api->ReleaseValue(s->output);
    s->output = NULL;
    size_t byte_count = sizeof(float);
    for (size_t axis = 0; axis < shape->rank; axis++) byte_count *= (size_t)shape->lengths[axis];
    OrtValue *value = NULL;
    // The runtime does not write to an input, though it takes a pointer that would allow it.
    int is_done = succeeded(
        api,
        api->CreateTensorWithDataAsOrtValue(
            s->memory, (void *)input, byte_count, shape->lengths, shape->rank,
            ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &value),
        message);
    const OrtValue *inputs[] = {value};
    const char *input_names[] = {s->input_name}, *output_names[] = {s->output_name};
    is_done = is_done
        && succeeded(
                  api,
                  api->Run(
                      s->session, NULL, input_names, inputs, 1, output_names, 1, &s->output),
                  message);
    api->ReleaseValue(value);
    return is_done && read_output(s, output, message) ? GANRM_ONNX_OK : GANRM_ONNX_FAILED;
}

static void free_name(ganrm_onnx_session *s, char *name) {
    // A failure to free leaks a name.
    if (name) s->api->ReleaseStatus(s->api->AllocatorFree(s->allocator, name));
}

void ganrm_onnx_session_close(ganrm_onnx_session *s) {
    if (!s) return;
    // All of these accept NULL.
    s->api->ReleaseValue(s->output);
    free_name(s, s->input_name);
    free_name(s, s->output_name);
    s->api->ReleaseMemoryInfo(s->memory);
    s->api->ReleaseSession(s->session);
    s->api->ReleaseSessionOptions(s->options);
    s->api->ReleaseEnv(s->env);
    free(s);
}
