package import Scoring
import TextFormats

/// Checks that rows have the same provenance: model, precision, sampling and version.
package struct RowSignatures: Sendable {
    /// The signature of the first row with a score, by the kind of its input.
    private var signatures: [ByteString: String] = [:]

    package init() {}

    /// Compares a row with the rows of the same kind of input before it.
    ///
    /// - Returns: The difference, as words of a sentence; nil if there is none.
    package mutating func difference(of row: ScoreRow) -> String? {
        guard let signature = row.signature else { return nil }
        // Kinds of other versions are kinds, too.
        let kind = row[.kind]?.stringValue ?? ""
        if let first = signatures[kind], first != signature {
            return "made by \(signature), other lines by \(first)"
        }
        signatures[kind] = signature
        return nil
    }
}
