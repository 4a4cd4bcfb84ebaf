/* An empty table of contents in place of ICU's data, as ICU's own library `stubdata` has it: with Foundation's ICU the
 * command and the library would be 30 MB larger each. The data are those of languages and calendars, which ganrm does
 * not use: its numbers and messages are the same everywhere.
 *
 * Source: ICU 76, source/stubdata/stubdata.cpp. */

#include <stdint.h>

typedef struct {
    uint16_t header_size;
    uint8_t magic[2];
    struct {
        uint16_t size, reserved;
        uint8_t is_big_endian, charset, size_of_char, reserved_byte;
        uint8_t format[4], format_version[4], data_version[4];
    } info;
    char padding[8];
    uint32_t count, reserved;
    int32_t no_entries[4];
} icu_data;

const icu_data ICU_DATA = {
    .header_size = 32,
    .magic = {0xda, 0x27},
    .info = {.size = 20, .size_of_char = 2, .format = "ToCP", .format_version = {1}},
};
