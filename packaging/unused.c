/* In the place of functions that nothing here calls, so that the linker leaves out the rest of their archives. */

#include <stdlib.h>

void ganrm_unused(void) { abort(); }

/* SQLite calls an extension when it opens a database; 0 is SQLITE_OK. */
int ganrm_no_extension(void) { return 0; }
