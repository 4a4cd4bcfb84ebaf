public import Files

/// An error in converting or sampling frames. `input` names the input of the frame, as the user
/// wrote it.
public enum FrameError: Error, Hashable, Sendable {
    case invalidSampling(reason: String)
    case noTimestamps
    case lengthChanged(expected: Int, found: Int)
    case temporaryFile(FileError)
    case unsupportedPixelFormat(input: String, format: String)
    case outOfMemory(input: String)
    /// There is not enough memory to resize a frame of this size.
    case outOfMemoryForResizing(width: Int, height: Int)
}

extension FrameError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidSampling(let reason):
            "the sampling is invalid: \(reason)"
        case .noTimestamps:
            "the input has neither timestamps nor a frame rate; sample it by stride, not by clip rate"
        case .lengthChanged(let expected, let found):
            "\(expected) frames were expected, \(found) came; is the file still being written?"
        case .temporaryFile(let error):
            "frames cannot be kept in the temporary folder: \(error); set TMPDIR to a folder with free space"
        case .unsupportedPixelFormat(let input, let format):
            "'\(input)' has pixels of the kind '\(format)', which cannot be converted to RGB; convert it"
        case .outOfMemoryForResizing(let width, let height):
            "there is not enough memory to resize a frame of \(width)×\(height) pixels"
        case .outOfMemory(let input):
            "there is not enough memory to read '\(input)'"
        }
    }
}
