import Foundation

/// Paths of the documentation, for help screens and messages.
enum Documentation {
    /// The folder of the installed pages, `share/doc/ganrm` beside the command's `bin`; nil if the
    /// command is not installed.
    private static let folder: String? = {
        guard
            let command = try? FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/self/exe")
        else { return nil }
        let folder = URL(fileURLWithPath: command).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("share/doc/ganrm").path
        return FileManager.default.fileExists(atPath: folder + "/README.md") ? folder : nil
    }()

    /// The path of a page: `docs/exports.md` of the source tree, or that of the installed page.
    ///
    /// - Parameter name: Without folder and extension.
    static func path(_ name: String) -> String { "\(folder ?? "docs")/\(name).md" }

    /// A message of a library target with the installed paths of the pages that it mentions.
    static func located(_ message: String) -> String {
        message.replacing(#/\bdocs/([a-z-]+)\.md\b/#) { path(String($0.output.1)) }
    }
}
