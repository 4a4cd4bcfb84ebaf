/* What the wheel's library needs of glibc in another form than its objects ask for; linked with --wrap. */

#include <stdio.h>

/* Since glibc 2.35 these two no longer set errno; the versions before are those of every glibc. */
__asm__(".symver old_hypot, hypot@GLIBC_2.2.5");
__asm__(".symver old_hypotf, hypotf@GLIBC_2.2.5");
double old_hypot(double x, double y);
float old_hypotf(float x, float y);

double __wrap_hypot(double x, double y) { return old_hypot(x, y); }
float __wrap_hypotf(float x, float y) { return old_hypotf(x, y); }

/* Debian's archives are compiled for programs: their code takes the address of `stderr` to be in the same image. */
extern FILE *__real_stderr;
FILE *__wrap_stderr;

__attribute__((constructor(101))) static void find_stderr(void) { __wrap_stderr = __real_stderr; }
