#define _GNU_SOURCE
#include "uploads.h"

#include <fcntl.h>
#include <sys/mman.h>

int ganrm_open_memory_file(void) { return memfd_create("ganrm-upload", MFD_CLOEXEC); }

int ganrm_open_unlinked_file(const char *folder) {
    return open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}
