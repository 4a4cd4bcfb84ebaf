import Foundation

/// Sizes of files.
package enum Bytes {
    /// Formats a byte count with decimal units: kB, MB or GB.
    package static func describe(_ count: Int) -> String {
        switch count {
        case ..<1_000_000: String(format: "%.0f kB", Double(count) / 1e3)
        case ..<1_000_000_000: String(format: "%.0f MB", Double(count) / 1e6)
        default: String(format: "%.2f GB", Double(count) / 1e9)
        }
    }
}
