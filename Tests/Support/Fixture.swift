public import Foundation

/// Files of the repository's `fixtures` folder, by their path in it.
public enum Fixture {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "fixtures")

    /// CLIP's vocabulary.
    public static let vocabulary = fetched("bpe_simple_vocab_16e6.txt.gz")

    /// A file that `make test` fetches (`scripts/test-files`).
    public static func fetched(_ name: String) -> String {
        folder.deletingLastPathComponent().appending(path: ".build/test-files/\(name)").path
    }

    public static func url(_ name: String) -> URL { folder.appending(path: name) }

    public static func path(_ name: String) -> String { url(name).path }

    /// Decodes a JSON file, by default with keys in snake case.
    public static func decode<Value: Decodable>(
        _ name: String, keys: JSONDecoder.KeyDecodingStrategy = .convertFromSnakeCase
    ) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = keys
        return try decoder.decode(Value.self, from: Data(contentsOf: url(name)))
    }
}
