/* Two compressions that the wheel's libtiff does not have: libjbig is licensed under the GPL, and libLerc, for maps, is
 * larger than libtiff. */

#include <tiffio.h>

static int refuse(TIFF *file, const char *name) {
    TIFFErrorExt(TIFFClientdata(file), name, "%s compression is not supported by this build", name);
    return 0;
}

int TIFFInitJBIG(TIFF *file, int scheme) {
    (void)scheme;
    return refuse(file, "JBIG");
}

int TIFFInitLERC(TIFF *file, int scheme) {
    (void)scheme;
    return refuse(file, "LERC");
}
