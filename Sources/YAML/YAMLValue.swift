import Yams

/// A value of a YAML document.
package struct YAMLValue {
    let node: Node

    /// One-based; nil for a value that is not from a file.
    package var line: Int? { node.mark?.line }

    /// The source text of a scalar; nil for null.
    package var text: String? { node.null == nil ? scalar : nil }

    /// The source text of a scalar, null included.
    package var scalar: String? { node.scalar?.string }

    package var bool: Bool? { node.bool }

    /// Numbers of base 60, as `1:30`, are refused: Yams does not check them for overflow.
    package var integer: Int? { text?.contains(":") == false ? node.int : nil }

    /// A finite number; nil also for `.inf` and `.nan`.
    package var double: Double? { node.float.flatMap { $0.isFinite ? $0 : nil } }

    /// The elements of a sequence.
    package var elements: [YAMLValue]? {
        node.sequence.map { sequence in sequence.map { YAMLValue(node: $0) } }
    }

    /// The elements of a sequence, converted by `convert`; nil if it refuses one of them.
    package func elements<Element>(_ convert: (YAMLValue) -> Element?) -> [Element]? {
        guard let elements else { return nil }
        let converted = elements.compactMap(convert)
        return converted.count == elements.count ? converted : nil
    }
}
