import Foundation
import Logging
import TextFormats

/// Writes log messages as lines of JSON to standard error.
struct JSONLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var metadata = metadata.merging(event.metadata ?? [:]) { $1 }
        // Hummingbird's own number of a request, which may have another one.
        metadata["hb.request.id"] = nil
        let members: [JSONValue.Member] =
            [
                .init("time", .string(Date.now.formatted(.iso8601))),
                .init("level", .string(event.level.rawValue)),
                .init("message", .string("\(event.message)")),
            ] + metadata.sorted { $0.key < $1.key }.map { .init($0.key, Self.json($0.value)) }
        FileHandle.standardError.write(Data("\(JSONValue.object(members))\n".utf8))
    }

    private static func json(_ value: Logger.MetadataValue) -> JSONValue {
        let text = "\(value)"
        if let integer = Int(text) { return .integer(integer) }
        return Double(text).flatMap { $0.isFinite ? .number($0) : nil } ?? .string(text)
    }
}
