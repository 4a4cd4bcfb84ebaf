import Media

/// Generates file names for a data set: unique on case-insensitive file systems, and portable, with
/// only ASCII letters, digits, `_` and `-`. (A WebDataset allows no further dot, a shell no space.)
struct ExportNames {
    private var taken: Set<String> = []
    /// Number of requests per name, which keeps many equal names cheap.
    private var requestCounts: [String: Int] = [:]

    /// A name without extension, built from the names of the group and the file.
    mutating func name(group: String, file: CandidateFile, prefix: String) -> String {
        let group = Self.safe(group)
        var name = Self.safe(file.stem)
        // Files are often named after their group already: 0007_2.mp4.
        let isNamedAfter =
            name == group || name.hasPrefix(group + "_") || name.hasPrefix(group + "-")
        if !group.isEmpty && !isNamedAfter { name = name.isEmpty ? group : "\(group)_\(name)" }
        if let region = file.region { name += "_x\(region.x)y\(region.y)" }
        return unique(prefix + (name.isEmpty ? "sample" : name))
    }

    private mutating func unique(_ name: String) -> String {
        var candidate = name
        while !taken.insert(candidate.lowercased()).inserted {
            requestCounts[name, default: 1] += 1
            candidate = "\(name)-\(requestCounts[name, default: 1])"
        }
        return candidate
    }

    /// Replaces other characters by `-`; at most 60 characters.
    private static func safe(_ text: some StringProtocol) -> String {
        var safe = ""
        for scalar in text.unicodeScalars.prefix(200) where safe.utf8.count < 60 {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "_": safe.unicodeScalars.append(scalar)
            default: if !safe.isEmpty && !safe.hasSuffix("-") { safe += "-" }
            }
        }
        return safe.hasSuffix("-") ? String(safe.dropLast()) : safe
    }
}
