import Foundation

/// How values stand in tables.
package enum TableCell {
    /// A text without its quotes, nothing for null and for what is not there, all else as JSON.
    package static func text(_ value: JSONValue?) -> String {
        switch value {
        case nil, .null?: ""
        case .string(let text)?: text
        case let value?: value.description
        }
    }

    /// A number with so many digits behind the point; `-` for what is none.
    package static func fixed(_ value: JSONValue?, digits: Int) -> String {
        guard let number = value?.doubleValue else { return "-" }
        return String(format: "%.\(digits)f", number)
    }

    /// Right-aligned fields.
    package static func aligned(_ fields: some Sequence<String>, widths: [Int]) -> [String] {
        zip(fields, widths).map { field, width in
            String(repeating: " ", count: max(0, width - field.count)) + field
        }
    }
}
