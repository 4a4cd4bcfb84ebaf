/// A string that C can read as long as its owner lives.
final class CString: @unchecked Sendable {
    /// Ends with a 0.
    let characters: UnsafePointer<CChar>

    init(_ text: String) {
        let memory = UnsafeMutablePointer<CChar>.allocate(capacity: text.utf8.count + 1)
        _ = UnsafeMutableBufferPointer(start: memory, count: text.utf8.count + 1)
            .initialize(from: text.utf8CString)
        characters = UnsafePointer(memory)
    }

    deinit {
        characters.deallocate()
    }
}
