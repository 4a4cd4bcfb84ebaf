import Foundation

/// Memory for large buffers whose size comes from a file or a caller.
///
/// Swift ends the process if the memory of an array cannot be allocated. Code that can throw asks
/// first.
package enum Memory {
    /// Kept free for the small allocations that follow, in bytes.
    private static let reserve = 8 << 20
    /// Smaller buffers are not checked.
    private static let checkedSize = 1 << 20

    /// Whether the system would provide this many bytes now, within the limits of the process
    /// (`ulimit -v`); false for nil, a size that overflows.
    package static func isAvailable(_ byteCount: Int?) -> Bool {
        guard let byteCount, byteCount >= 0, let size = Checked.sum(byteCount, reserve) else {
            return false
        }
        guard byteCount >= checkedSize else { return true }
        let address = mmap(
            nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let address, address != MAP_FAILED else { return false }
        munmap(address, size)
        return true
    }
}
