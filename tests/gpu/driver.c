/* A libcuda.so.1 that works in host memory: enough of the driver's C interface for the real pycuda to run on.
 *
 * What is put on a stream is done when an event behind it is asked for the third time. Types are those of cuda.h.
 * OTHERS, given by the compiler, are the entry points that pycuda needs to be loaded and never calls here.
 */
#include <stdlib.h>
#include <string.h>

enum { OK = 0, INVALID_VALUE = 1, NO_CONTEXT = 201, NOT_READY = 600, CAPTURE_INVALIDATED = 901, MOST = 256 };
typedef unsigned long long address;
typedef struct { int kind; void *to; const void *from; size_t size; void (*call)(void *); void *data; } operation;
typedef struct { operation items[MOST]; int count; } graph;
typedef struct { operation items[MOST]; int head, tail, capturing, busy; graph *recorded; } stream;
typedef struct { stream *on; int mark, asked; } event;

static int live_counts[8]; /* device memory, host memory, streams, events, graphs */
static int integrated, mistakes;
static __thread int depth;
static int context;

#define COUNT(kind, by) __atomic_add_fetch(&live_counts[kind], by, __ATOMIC_SEQ_CST)
#define CURRENT if (!depth) { __atomic_add_fetch(&mistakes, 1, __ATOMIC_SEQ_CST); return NO_CONTEXT; }

int test_live(int kind) { return live_counts[kind]; }
int test_mistakes(void) { return mistakes; }
int test_depth(void) { return depth; }
int test_capturing(stream *on) { return on->capturing; }
void test_integrated(int yes) { integrated = yes; }

int cuInit(unsigned flags) { return flags ? INVALID_VALUE : OK; }
int cuDriverGetVersion(int *version) { *version = 13000; return OK; }
int cuGetErrorString(int code, const char **text) { *text = code == NO_CONTEXT ? "invalid device context" : "an error"; return OK; }
int cuDeviceGet(int *device, int ordinal) { *device = ordinal; return OK; }
int cuDeviceGetCount(int *count) { *count = 1; return OK; }
int cuDeviceGetName(char *name, int size, int device) { strncpy(name, "Host memory", size); return OK; }
int cuDeviceComputeCapability(int *major, int *minor, int device) { *major = 8; *minor = 7; return OK; }
int cuDeviceGetAttribute(int *value, int attribute, int device) { *value = attribute == 18 ? integrated : 0; return OK; }
int cuDevicePrimaryCtxRetain(void **handle, int device) { *handle = &context; return OK; }
int cuDevicePrimaryCtxRelease_v2(int device) { return OK; }
int cuCtxPushCurrent_v2(void *handle) { depth++; return OK; }
int cuCtxPopCurrent_v2(void **handle) { CURRENT depth--; *handle = &context; return OK; }

int cuMemAlloc_v2(address *at, size_t size)
{
    CURRENT
    if (!size) return INVALID_VALUE;
    *at = (address)aligned_alloc(512, (size + 511) / 512 * 512);
    memset((void *)*at, 0xFF, size);
    COUNT(0, 1);
    return OK;
}
int cuMemFree_v2(address at) { CURRENT free((void *)at); COUNT(0, -1); return OK; }
int cuMemHostAlloc(void **at, size_t size, unsigned flags)
{
    CURRENT
    char *whole = aligned_alloc(512, (size + 1023) / 512 * 512);
    memset(whole, 0xFF, size + 512);
    whole[0] = flags & 2; /* DEVICEMAP */
    *at = whole + 512;
    COUNT(1, 1);
    return OK;
}
int cuMemHostGetDevicePointer_v2(address *on_gpu, void *at, unsigned flags)
{
    CURRENT
    if (!((char *)at)[-512]) return INVALID_VALUE;
    *on_gpu = (address)at;
    return OK;
}
int cuMemFreeHost(void *at) { CURRENT free((char *)at - 512); COUNT(1, -1); return OK; }

int cuStreamCreate(stream **made, unsigned flags) { CURRENT *made = calloc(1, sizeof(stream)); COUNT(2, 1); return flags == 1 ? OK : INVALID_VALUE; }
int cuStreamDestroy_v2(stream *on) { CURRENT free(on); COUNT(2, -1); return OK; }
static int put(stream *on, operation one)
{
    CURRENT
    if (on->capturing) on->recorded->items[on->recorded->count++] = one;
    else on->items[on->tail++ % MOST] = one;
    return OK;
}
int cuMemcpyHtoDAsync_v2(address to, const void *from, size_t size, stream *on) { return put(on, (operation){0, (void *)to, from, size, 0, 0}); }
int cuMemcpyDtoHAsync_v2(void *to, address from, size_t size, stream *on) { return put(on, (operation){0, to, (void *)from, size, 0, 0}); }
int cuLaunchHostFunc(stream *on, void (*call)(void *), void *data) { return put(on, (operation){1, 0, 0, 0, call, data}); }

int cuEventCreate(event **made, unsigned flags) { CURRENT *made = calloc(1, sizeof(event)); COUNT(3, 1); return OK; }
int cuEventDestroy_v2(event *mark) { CURRENT free(mark); COUNT(3, -1); return OK; }
int cuEventRecord(event *mark, stream *on) { CURRENT mark->on = on; mark->mark = on->tail; mark->asked = 0; return OK; }
int cuEventQuery(event *mark)
{
    CURRENT
    if (!mark->on || mark->on->head >= mark->mark) return OK;
    if (++mark->asked < 3) return NOT_READY;
    if (__atomic_exchange_n(&mark->on->busy, 1, __ATOMIC_SEQ_CST)) return NOT_READY; /* another thread asks too */
    for (; mark->on->head < mark->mark; mark->on->head++) {
        operation *one = &mark->on->items[mark->on->head % MOST];
        if (one->kind) one->call(one->data);
        else memcpy(one->to, one->from, one->size);
    }
    __atomic_store_n(&mark->on->busy, 0, __ATOMIC_SEQ_CST);
    return OK;
}

int cuStreamBeginCapture_v2(stream *on, int mode) { CURRENT on->capturing = mode == 1; on->recorded = calloc(1, sizeof(graph)); return mode == 1 ? OK : INVALID_VALUE; }
int cuStreamEndCapture(stream *on, graph **made) { CURRENT if (!on->capturing) return CAPTURE_INVALIDATED; on->capturing = 0; *made = on->recorded; COUNT(4, 1); return OK; }
int cuGraphInstantiateWithFlags(graph **made, graph *from, unsigned long long flags) { CURRENT *made = malloc(sizeof(graph)); **made = *from; COUNT(4, 1); return OK; }
int cuGraphLaunch(graph *whole, stream *on) { CURRENT for (int i = 0; i < whole->count; i++) put(on, whole->items[i]); return OK; }
int cuGraphExecDestroy(graph *whole) { CURRENT free(whole); COUNT(4, -1); return OK; }
int cuGraphDestroy(graph *whole) { CURRENT free(whole); COUNT(4, -1); return OK; }
