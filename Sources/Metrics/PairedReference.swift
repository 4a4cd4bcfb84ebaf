import Files
import Media
import Pipeline
import TextFormats

/// Finds the input that an input is compared with: that of its request, else the one with the same name.
///
/// A name is the last component of a path without its suffix: `good/0007.png` belongs to `candidates/0007.mp4`.
public struct PairedReference: Sendable {
    /// The key of a request for the input that it is compared with.
    static let key = "reference"

    private var inputs: [ByteString: String] = [:]

    /// Nothing but what requests bring along.
    public init() {}

    /// - Parameter inputs: Folders, files and globs, or a list of them.
    /// - Throws: `MetricError.twins` for two inputs of one name; `PipelineError.file` for a list.
    public init(_ inputs: [String]) throws {
        let source = try RequestSource(side: inputs)
        while let request = source.next() {
            let name = Self.name(of: request.input)
            if let other = self.inputs.updateValue(request.input, forKey: name) {
                throw MetricError.twins(name: name.text, inputs: [other, request.input])
            }
        }
    }

    /// The input that a request is compared with; nil if there is none.
    func counterpart(of request: Request) -> String? {
        request.extras.first { $0.key == Self.key }?.value.stringValue
            ?? inputs[Self.name(of: request.input)]
    }

    private static func name(of input: String) -> ByteString {
        let component =
            TarMember.innerPath(of: input).utf8.split(separator: UInt8(ascii: "/")).last.map(
                Substring.init) ?? ""
        let end = component.utf8.lastIndex(of: UInt8(ascii: "."))
        let stem = end.map { component[..<$0] } ?? component
        return ByteString(String(stem.isEmpty ? component : stem))
    }
}
