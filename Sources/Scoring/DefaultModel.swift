public import Foundation
import ModelCatalogue
import TextFormats

/// Finds the reward model that is used if none is named.
public enum DefaultModel {
    /// File name of the default model in every searched folder.
    static let fileName = "default.safetensors"

    /// The path of a reward model: the name itself, unless it is `default`.
    ///
    /// - Throws: `ScoringError.noDefaultModel`; `.noModel` if there is no such file and the name is like
    ///   that of an encoder or `default`.
    public static func path(ofModel name: String) throws(ScoringError) -> String {
        if name == "default" { return try path() }
        guard !name.contains("/"), !FileManager.default.fileExists(atPath: name) else {
            return name
        }
        if Catalogue.entries.contains(where: { $0.name == name }) {
            throw .noModel(name: name, remedy: "it is an encoder; use --encoder")
        }
        if let question = NameSuggestions.question(for: name, among: ["default"]) {
            throw .noModel(name: name, remedy: question)
        }
        return name
    }

    /// The first existing file in: `$GANRM_DATA`; `../share/ganrm` relative to the folder of the
    /// executable or shared library with this code; `models` in a parent folder (for build trees).
    ///
    /// - Throws: `ScoringError.noDefaultModel` with the first searched paths.
    public static func path(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ScoringError) -> String {
        var candidates: [URL] = []
        if let folder = environment["GANRM_DATA"] {
            candidates.append(URL(fileURLWithPath: folder).appendingPathComponent(fileName))
        }
        let folder = imagePath().deletingLastPathComponent()
        candidates.append(
            folder.deletingLastPathComponent().appendingPathComponent("share/ganrm/\(fileName)"))
        var parent = folder
        // .build/<triple>/release/ganrm is three folders below the checkout, the programs of
        // examples/swift are five.
        for _ in 0..<5 {
            parent.deleteLastPathComponent()
            candidates.append(parent.appendingPathComponent("models/\(fileName)"))
        }
        for candidate in candidates where FileManager.default.fileExists(atPath: candidate.path) {
            return candidate.path
        }
        throw .noDefaultModel(searched: candidates.prefix(2).map(\.path))
    }

    /// The executable or shared library that contains this code, with symbolic links resolved: the
    /// file of the memory mapping with this type's metadata.
    private static func imagePath() -> URL {
        let address = unsafeBitCast(DefaultModel.self as Any.Type, to: UInt.self)
        // Not with Foundation, which reads only the beginning of a file with a reported size of 0.
        if let maps = fopen("/proc/self/maps", "r") {
            defer { fclose(maps) }
            var buffer: UnsafeMutablePointer<CChar>?
            var capacity = 0
            defer { free(buffer) }
            while getline(&buffer, &capacity, maps) > 0, let buffer {
                if let path = path(mapping: String(cString: buffer), holding: address) {
                    return URL(fileURLWithPath: path)
                }
            }
        }
        return URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    }

    /// The file of a mapping that contains the address, else nil.
    ///
    /// A line is, for example, `55d0c0a00000-55d0c0b00000 r-xp 00000000 fe:00 1234   /a/path`.
    private static func path(mapping line: String, holding address: UInt) -> String? {
        guard let slash = line.firstIndex(of: "/") else { return nil }
        let bounds = line.prefix { $0 != " " }.split(separator: "-").map { UInt($0, radix: 16) }
        guard bounds.count == 2, let low = bounds[0], let high = bounds[1],
            (low..<high).contains(address)
        else { return nil }
        return String(line[slash...].prefix { $0 != "\n" })
    }
}
