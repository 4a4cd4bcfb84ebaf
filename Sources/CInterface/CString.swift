/// An immutable C string with a stable address; owns its memory, which is freed with the object.
final class CString: @unchecked Sendable {
    /// The characters in UTF-8, with a terminating NUL; valid as long as the object.
    let characters: UnsafePointer<CChar>

    init(_ text: String) {
        let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: text.utf8.count + 1)
        _ = UnsafeMutableBufferPointer(start: buffer, count: text.utf8.count + 1)
            .initialize(from: text.utf8CString)
        characters = UnsafePointer(buffer)
    }

    deinit {
        characters.deallocate()
    }
}
