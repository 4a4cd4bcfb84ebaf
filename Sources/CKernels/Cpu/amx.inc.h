/// The AMX instructions that the kernels use, or their emulation if GANRM_EMULATES_AMX is defined.
///
/// The processor has 8 *AMX tiles* of up to 16 rows of 64 bytes: 16 cells of 32 bits. One instruction adds the product
/// of two AMX tiles to a third, `sum[m][n] += Σ left[m][k] · right[k][n]` over cells: rows of `left` are rows of x,
/// and `right` is 16 steps of a panel of weights as it lies in memory.
///
/// Numbers of AMX tiles are literals in machine code, hence macros:
///
///     amx_zero(tile)                          all cells become 0
///     amx_load(tile, address, stride)         rows are `stride` bytes apart
///     amx_store(tile, address, stride)
///     amx_dot_int8x4(sum, left, right)        cells of 4 bytes, unsigned times signed; sums are int32
///     amx_dot_bf16x2(sum, left, right)        cells of 2 bf16; sums are f32
///     amx_release()                           afterwards context switches need not save the AMX tiles

enum { AMX_ROWS = 16, AMX_CELLS = 16 };

/// Shapes of the AMX tiles, in the processor's layout.
typedef struct {
    uint8_t palette, first_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
} amx_shapes;

/// Shapes for products of `rows` rows: AMX tiles 0 to 5, sums and left operands, have as many, 6 and 7 have 16.
INLINE amx_shapes amx_shapes_of_rows(int rows) {
    amx_shapes shapes = {.palette = 1};
    for (int tile = 0; tile < 8; tile++) {
        shapes.row_bytes[tile] = 64;
        shapes.rows[tile] = (uint8_t)(tile < 6 ? rows : AMX_ROWS);
    }
    return shapes;
}

#ifdef GANRM_EMULATES_AMX
#include "Cpu/amx_emulation.inc.h"
#else
#define amx_configure(shapes) _tile_loadconfig(shapes)
#define amx_release() _tile_release()
#define amx_zero(tile) _tile_zero(tile)
#define amx_load(tile, address, stride) _tile_loadd(tile, address, stride)
#define amx_store(tile, address, stride) _tile_stored(tile, address, stride)
#define amx_dot_int8x4(sum, left, right) _tile_dpbusd(sum, left, right)
#define amx_dot_bf16x2(sum, left, right) _tile_dpbf16ps(sum, left, right)
#endif

/// The product of cells of a type.
#define AMX_DOT(type, sum, left, right) \
    ((type) == INT8X4 ? amx_dot_int8x4(sum, left, right) : amx_dot_bf16x2(sum, left, right))
