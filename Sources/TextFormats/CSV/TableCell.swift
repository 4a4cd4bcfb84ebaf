import Foundation

/// Formats values for tables.
package enum TableCell {
    /// A string without quotes, an empty string for null and nil, other values as JSON.
    package static func text(_ value: JSONValue?) -> String {
        switch value {
        case nil, .null?: ""
        case .string(let text)?: text
        case let value?: value.description
        }
    }

    /// A number with a fixed number of decimals; `-` for other values.
    package static func fixed(_ value: JSONValue?, digits: Int) -> String {
        guard let number = value?.doubleValue else { return "-" }
        return String(format: "%.\(digits)f", number)
    }

    /// Pads fields on the left to the given widths, in characters.
    package static func aligned(_ fields: some Sequence<String>, widths: [Int]) -> [String] {
        zip(fields, widths).map { field, width in
            String(repeating: " ", count: max(0, width - field.count)) + field
        }
    }
}
