/* Hides instruction sets from a program, whatever library asks for them:
 *
 *     cc -O2 -shared -fPIC -o hold_level.so hold_level.c
 *     LD_PRELOAD=$PWD/hold_level.so HELD_CPU_LEVEL=avx2 program
 *
 * The kernel lets CPUID fault (arch_prctl(2), ARCH_SET_CPUID); the handler of the fault runs it and clears the bits of
 * what is above the level. Threads and child processes inherit this. The program ends with status 71 if the processor
 * or the kernel does not support faulting, and with 64 if it does not know the level.
 *
 * With HELD_CPUID=replaced, CPUID does not fault. Instead, the opcode 0F 04, which does not exist, is handled like it:
 * levels.py replaces CPUID by it in a library's code.
 *
 * Not hidden: what the dynamic linker chose for libc (memcpy, strlen) before this library was loaded.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { SET_CPUID = 0x1012 };  // ARCH_SET_CPUID of asm/prctl.h

#define BIT(n) (1u << (n))
#define AMX_TILE_INT8_BF16 (BIT(24) | BIT(25) | BIT(22))
#define AVX512_FP16 BIT(23)

/* The bits of CPUID leaf 7 that a level hides, of subleaf 0 and of subleaf 1. */
struct level {
    const char *name;
    struct {
        uint32_t b, c, d;
    } leaf7;
    struct {
        uint32_t a, d;
    } leaf7_1;
};

/* Subleaf 0. AVX-512: F, DQ, IFMA, PF, ER, CD, BW, VL; VBMI, VBMI2, VNNI, BITALG, VPOPCNTDQ; 4VNNIW, 4FMAPS,
 * VP2INTERSECT. */
#define AVX512_B (BIT(16) | BIT(17) | BIT(21) | BIT(26) | BIT(27) | BIT(28) | BIT(30) | BIT(31))
#define AVX512_C (BIT(1) | BIT(6) | BIT(11) | BIT(12) | BIT(14))
#define AVX512_D (BIT(2) | BIT(3) | BIT(8) | AVX512_FP16)

/* Subleaf 1. AVX-VNNI; AVX-IFMA; AVX-VNNI-INT8, AVX-NE-CONVERT, AVX-VNNI-INT16; AVX512-BF16; AMX-FP16, AMX-COMPLEX. */
#define AVX_VNNI_A BIT(4)
#define AVX_IFMA_A BIT(23)
#define AVX_VNNI_D (BIT(4) | BIT(5) | BIT(10))
#define AVX512_BF16_A BIT(5)
#define AMX_A BIT(21)
#define AMX_D BIT(8)
#define AVX10_D BIT(19)

static const struct level levels[] = {
    {"avx2", {AVX512_B, AVX512_C, AVX512_D | AMX_TILE_INT8_BF16},
     {AVX_VNNI_A | AVX_IFMA_A | AVX512_BF16_A | AMX_A, AVX_VNNI_D | AMX_D | AVX10_D}},
    {"avx_vnni", {AVX512_B, AVX512_C, AVX512_D | AMX_TILE_INT8_BF16},
     {AVX512_BF16_A | AMX_A, AVX_VNNI_D | AMX_D | AVX10_D}},
    {"avx512", {0, AVX512_C, AVX512_D | AMX_TILE_INT8_BF16},
     {AVX_VNNI_A | AVX_IFMA_A | AVX512_BF16_A | AMX_A, AVX_VNNI_D | AMX_D | AVX10_D}},
    {"avx512_vnni", {0, 0, AVX512_FP16 | AMX_TILE_INT8_BF16},
     {AVX_VNNI_A | AVX_IFMA_A | AVX512_BF16_A | AMX_A, AVX_VNNI_D | AMX_D | AVX10_D}},
    {"avx512_bf16", {0, 0, AVX512_FP16 | AMX_TILE_INT8_BF16}, {AMX_A, AMX_D | AVX10_D}},
};

static const struct level *held;
static int held_signal;          // SIGSEGV, or SIGILL if CPUID is replaced.
static struct sigaction theirs;  // What the program itself wants done with it.

static int set_action(int number, const struct sigaction *action, struct sigaction *previous) {
    static int (*function)(int, const struct sigaction *, struct sigaction *);
    if (!function) *(void **)&function = dlsym(RTLD_NEXT, "sigaction");
    return function(number, action, previous);
}

/* Of the calling thread, without touching errno. */
static long allow_cpuid(long is_allowed) {
    long result;
    __asm__ volatile("syscall" : "=a"(result)
                     : "a"((long)SYS_arch_prctl), "D"((long)SET_CPUID), "S"(is_allowed) : "rcx", "r11", "memory");
    return result;
}

static void handle(int number, siginfo_t *info, void *context) {
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    const uint8_t *code = (const uint8_t *)registers[REG_RIP];
    int is_cpuid = number == SIGILL ? code[1] == 0x04 : info->si_code == SI_KERNEL && code[1] == 0xa2;
    if (is_cpuid && code[0] == 0x0f) {
        uint32_t leaf = (uint32_t)registers[REG_RAX], subleaf = (uint32_t)registers[REG_RCX];
        uint32_t a = leaf, b, c = subleaf, d;
        if (number == SIGSEGV) allow_cpuid(1);
        __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
        if (number == SIGSEGV) allow_cpuid(0);
        if (leaf == 7 && subleaf == 0) {
            b &= ~held->leaf7.b;
            c &= ~held->leaf7.c;
            d &= ~held->leaf7.d;
        } else if (leaf == 7 && subleaf == 1) {
            a &= ~held->leaf7_1.a;
            d &= ~held->leaf7_1.d;
        }
        registers[REG_RAX] = a;
        registers[REG_RBX] = b;
        registers[REG_RCX] = c;
        registers[REG_RDX] = d;
        registers[REG_RIP] += 2;
    } else if (theirs.sa_flags & SA_SIGINFO) {
        theirs.sa_sigaction(number, info, context);
    } else if (theirs.sa_handler != SIG_DFL && theirs.sa_handler != SIG_IGN) {
        theirs.sa_handler(number);
    } else {
        set_action(number, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);  // It faults again, and ends the process.
    }
}

/* Keep the handler when the program sets its own. */
int sigaction(int number, const struct sigaction *action, struct sigaction *previous) {
    if (number != held_signal || !held) return set_action(number, action, previous);
    if (previous) *previous = theirs;
    if (action) theirs = *action;
    return 0;
}

sighandler_t signal(int number, sighandler_t handler) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART}, previous;
    return sigaction(number, &action, &previous) ? SIG_ERR : previous.sa_handler;
}

__attribute__((constructor)) static void hold(void) {
    const char *name = getenv("HELD_CPU_LEVEL");
    if (!name) return;
    const struct level *found = NULL;
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        if (!strcmp(name, levels[i].name)) found = &levels[i];
    }
    if (!found) {
        fprintf(stderr, "hold_level: no level is called '%s'\n", name);
        _exit(64);
    }
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK};
    const char *cpuid = getenv("HELD_CPUID");
    held_signal = cpuid && !strcmp(cpuid, "replaced") ? SIGILL : SIGSEGV;
    set_action(held_signal, &action, &theirs);
    held = found;
    if (held_signal == SIGSEGV && allow_cpuid(0)) {
        fprintf(stderr, "hold_level: this processor or kernel does not let CPUID fault\n");
        _exit(71);
    }
}
