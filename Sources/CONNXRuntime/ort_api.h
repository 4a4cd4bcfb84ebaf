// What is used of ONNX Runtime's C API, declared from its documentation.
//
// OrtGetApiBase()->GetApi(1) returns a table of functions. Members are only ever added to its end, so that the first
// version, whose members these are, is the start of every table.
//
// Source: include/onnxruntime/core/session/onnxruntime_c_api.h, OrtApi.
#ifndef GANRM_ORT_API_H
#define GANRM_ORT_API_H

#include <stddef.h>
#include <stdint.h>

// Objects of the runtime, of which nothing is known but pointers.
typedef struct OrtEnv OrtEnv;
typedef struct OrtStatus OrtStatus;
typedef struct OrtMemoryInfo OrtMemoryInfo;
typedef struct OrtSession OrtSession;
typedef struct OrtValue OrtValue;
typedef struct OrtRunOptions OrtRunOptions;
typedef struct OrtTypeInfo OrtTypeInfo;
typedef struct OrtTensorTypeAndShapeInfo OrtTensorTypeAndShapeInfo;
typedef struct OrtSessionOptions OrtSessionOptions;
typedef struct OrtAllocator OrtAllocator;

// An error, to be released by ReleaseStatus; NULL is success.
typedef OrtStatus *Status;

// Members of enumerations.
enum {
    ORT_API_VERSION = 1,
    ORT_LOGGING_LEVEL_FATAL = 4,
    ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT = 1,
    ORT_ARENA_ALLOCATOR = 1,
    ORT_MEM_TYPE_DEFAULT = 0,
};

typedef void (*Unused)(void);

typedef struct OrtApi {
    Unused unused_0[2];
    const char *(*GetErrorMessage)(const OrtStatus *);
    Status (*CreateEnv)(int log_level, const char *name, OrtEnv **);
    Unused unused_4[4];
    Status (*CreateSessionFromArray)(
        const OrtEnv *, const void *model, size_t, const OrtSessionOptions *, OrtSession **);
    Status (*Run)(
        OrtSession *, const OrtRunOptions *, const char *const *input_names,
        const OrtValue *const *inputs, size_t, const char *const *output_names, size_t,
        OrtValue **outputs);
    Status (*CreateSessionOptions)(OrtSessionOptions **);
    Unused unused_11[13];
    Status (*SetIntraOpNumThreads)(OrtSessionOptions *, int);
    Status (*SetInterOpNumThreads)(OrtSessionOptions *, int);
    Unused unused_26[4];
    Status (*SessionGetInputCount)(const OrtSession *, size_t *);
    Status (*SessionGetOutputCount)(const OrtSession *, size_t *);
    Unused unused_32[1];
    Status (*SessionGetInputTypeInfo)(const OrtSession *, size_t index, OrtTypeInfo **);
    Status (*SessionGetOutputTypeInfo)(const OrtSession *, size_t index, OrtTypeInfo **);
    Unused unused_35[1];
    Status (*SessionGetInputName)(const OrtSession *, size_t index, OrtAllocator *, char **);
    Status (*SessionGetOutputName)(const OrtSession *, size_t index, OrtAllocator *, char **);
    Unused unused_38[11];
    Status (*CreateTensorWithDataAsOrtValue)(
        const OrtMemoryInfo *, void *data, size_t byte_count, const int64_t *shape, size_t rank,
        int element_type, OrtValue **);
    Status (*IsTensor)(const OrtValue *, int *);
    Status (*GetTensorMutableData)(OrtValue *, void **);
    Unused unused_52[3];
    Status (*CastTypeInfoToTensorInfo)(const OrtTypeInfo *, const OrtTensorTypeAndShapeInfo **);
    Unused unused_56[4];
    Status (*GetTensorElementType)(const OrtTensorTypeAndShapeInfo *, int *);
    Status (*GetDimensionsCount)(const OrtTensorTypeAndShapeInfo *, size_t *);
    Status (*GetDimensions)(const OrtTensorTypeAndShapeInfo *, int64_t *, size_t);
    Unused unused_63[2];
    Status (*GetTensorTypeAndShape)(const OrtValue *, OrtTensorTypeAndShapeInfo **);
    Unused unused_66[3];
    Status (*CreateCpuMemoryInfo)(int allocator_type, int memory_type, OrtMemoryInfo **);
    Unused unused_70[6];
    Status (*AllocatorFree)(OrtAllocator *, void *);
    Unused unused_77[1];
    Status (*GetAllocatorWithDefaultOptions)(OrtAllocator **);
    Unused unused_79[13];
    void (*ReleaseEnv)(OrtEnv *);
    void (*ReleaseStatus)(OrtStatus *);
    void (*ReleaseMemoryInfo)(OrtMemoryInfo *);
    void (*ReleaseSession)(OrtSession *);
    void (*ReleaseValue)(OrtValue *);
    Unused unused_97[1];
    void (*ReleaseTypeInfo)(OrtTypeInfo *);
    void (*ReleaseTensorTypeAndShapeInfo)(OrtTensorTypeAndShapeInfo *);
    void (*ReleaseSessionOptions)(OrtSessionOptions *);
} OrtApi;

// The name of an array of unused members has the index of its first one.
#define GANRM_ORT_INDEX(member, index) \
    _Static_assert(offsetof(OrtApi, member) == (index) * sizeof(Unused), #member)
GANRM_ORT_INDEX(unused_4, 4);
GANRM_ORT_INDEX(unused_11, 11);
GANRM_ORT_INDEX(unused_26, 26);
GANRM_ORT_INDEX(unused_32, 32);
GANRM_ORT_INDEX(unused_35, 35);
GANRM_ORT_INDEX(unused_38, 38);
GANRM_ORT_INDEX(unused_52, 52);
GANRM_ORT_INDEX(unused_56, 56);
GANRM_ORT_INDEX(unused_63, 63);
GANRM_ORT_INDEX(unused_66, 66);
GANRM_ORT_INDEX(unused_70, 70);
GANRM_ORT_INDEX(unused_77, 77);
GANRM_ORT_INDEX(unused_79, 79);
GANRM_ORT_INDEX(unused_97, 97);
GANRM_ORT_INDEX(ReleaseSessionOptions, 100);

typedef struct OrtApiBase {
    // NULL for a version that the library does not have.
    const OrtApi *(*GetApi)(uint32_t version);
    const char *(*GetVersionString)(void);
} OrtApiBase;

#endif
