public import Foundation

/// Where the reward model lies that is used when none is named.
public enum DefaultModel {
    /// The file's name in every place below.
    static let fileName = "default.safetensors"

    /// Where the reward model of a name lies: the name itself, unless it is `default`.
    ///
    /// - Throws: `ScoringError.noDefaultModel`.
    public static func path(ofModel name: String) throws(ScoringError) -> String {
        name == "default" ? try path() : name
    }

    /// The first that exists of: `$GANRM_DATA`, `../share/ganrm` beside the folder of the
    /// executable (or of the library that this code is in), `models` in a folder above it (a
    /// build tree).
    ///
    /// - Throws: `ScoringError.noDefaultModel` with the places.
    public static func path(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ScoringError) -> String {
        var places: [URL] = []
        if let folder = environment["GANRM_DATA"] {
            places.append(URL(fileURLWithPath: folder).appendingPathComponent(fileName))
        }
        let folder = imagePath().deletingLastPathComponent()
        places.append(
            folder.deletingLastPathComponent().appendingPathComponent("share/ganrm/\(fileName)"))
        var above = folder
        // .build/<triple>/release/ganrm stands three folders below the checkout.
        for _ in 0..<4 {
            above.deleteLastPathComponent()
            places.append(above.appendingPathComponent("models/\(fileName)"))
        }
        for place in places where FileManager.default.fileExists(atPath: place.path) {
            return place.path
        }
        throw .noDefaultModel(searched: places.prefix(2).map(\.path))
    }

    /// The executable or shared library that holds this code, symbolic links resolved: the mapping
    /// of this process that this type's metadata lies in.
    private static func imagePath() -> URL {
        let address = unsafeBitCast(DefaultModel.self as Any.Type, to: UInt.self)
        // Line by line: Foundation reads only the beginning of a file whose size is given as 0.
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

    /// The file of a mapping such as `55d0c0a00000-55d0c0b00000 r-xp 00000000 fe:00 1234   /a/path`,
    /// if it covers the address.
    private static func path(mapping line: String, holding address: UInt) -> String? {
        guard let slash = line.firstIndex(of: "/") else { return nil }
        let bounds = line.prefix { $0 != " " }.split(separator: "-").map { UInt($0, radix: 16) }
        guard bounds.count == 2, let low = bounds[0], let high = bounds[1],
            (low..<high).contains(address)
        else { return nil }
        return String(line[slash...].prefix { $0 != "\n" })
    }
}
