import Files
import Glibc

/// The bytes of the command line's arguments.
enum ArgumentBytes {
    /// Refuses arguments that are not UTF-8: an output would get another name. Only a file that is
    /// named as an input passes, so that the others of `ganrm score *` are scored; it gets a row
    /// with its reason.
    static func check() throws {
        let arguments = CommandLine.arguments
        for index in arguments.indices.dropFirst() {
            guard let bytes = CommandLine.unsafeArgv[index],
                String(validatingCString: bytes) == nil
            else { continue }
            let isValue =
                arguments[index - 1].utf8.first == UInt8(ascii: "-")
                || arguments[max(index - 2, 0)] == "--export"
            if !isValue, access(bytes, F_OK) == 0 { continue }
            let entry = FolderEntry(
                bytes: Array(UnsafeRawBufferPointer(start: bytes, count: strlen(bytes))))
            Terminal.printMessage(
                "ganrm: the argument '\(entry.escapedBytes ?? entry.name)' is not UTF-8; use another name",
                isError: true)
            throw ExitStatus.usage
        }
    }
}
