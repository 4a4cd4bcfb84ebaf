import Files
import Foundation
import ModelCatalogue

/// A resumable download of a file from the hub.
///
/// The bytes received so far are in `<target>.part`, and the ETags of their file in
/// `<target>.part.json`. An attempt resumes from them with `Range` and `If-Range`; if the server
/// ignores either and sends the whole file, the download starts over. Redirects are not left to
/// curl, because the hub's own response has the file's length and SHA-256 (`X-Linked-Size`,
/// `X-Linked-Etag`), and because the token must be sent to the hub only.
///
/// Source: huggingface_hub, `file_download.py` (`get_hf_file_metadata`, `http_get`).
struct HubDownload {
    /// Number of attempts without a new byte before the download fails.
    static let attemptLimit = 5
    private static let redirectLimit = 10

    let name: String
    let url: String
    let target: String
    /// SHA-256 from the catalogue, or its first digits.
    let expectedSHA256: String?
    /// Length from the catalogue, in bytes.
    let expectedByteCount: Int?
    let settings: HubSettings
    /// What to suggest if the hub cannot be reached.
    let alternative: ManualDownload
    let progress: (PullEvent) -> Void

    private var part: String { target + ".part" }
    private var metadataPath: String { target + ".part.json" }

    /// ETags of the file that the `.part` file belongs to.
    private struct PartMetadata: Codable, Equatable {
        /// The hub's ETag of the file, if it has one.
        var linkedEtag: String?
        /// The ETag of the server that sent the bytes.
        var etag: String?
    }

    /// Result of an attempt that did not fail permanently.
    private enum Outcome {
        case complete(sha256: String?, byteCount: Int?)
        case again(reason: String, afterSeconds: Double?)
    }

    /// Downloads the file, moves it to `target`, and returns its length in bytes and SHA-256.
    func run() throws(CatalogueError) -> (byteCount: Int, sha256: String) {
        var failures = 0
        var mayRestart = true
        while true {
            let before = FileSystem.byteCount(part) ?? 0
            switch try attempt() {
            case .again(let reason, let pause):
                let hasAdvanced = (FileSystem.byteCount(part) ?? 0) > before
                failures = hasAdvanced ? 1 : failures + 1
                guard failures < Self.attemptLimit else {
                    throw .transfer(url: url, reason: reason, attempts: failures)
                }
                let delay = pause ?? settings.retryDelay * Double(1 << (failures - 1))
                progress(.retrying(reason: reason, afterSeconds: delay))
                Thread.sleep(forTimeInterval: delay)
            case .complete(let sha256, let byteCount):
                progress(.verifying)
                do throws(CatalogueError) {
                    let found = try verify(sha256: sha256, byteCount: byteCount)
                    try FileSystem.move(part, to: target, failing: CatalogueError.file)
                    unlink(metadataPath)
                    return found
                } catch {
                    discard()
                    // A part from an earlier run may be damaged on disk: restart the download once.
                    guard before > 0, mayRestart else { throw error }
                    mayRestart = false
                    progress(.retrying(reason: error.description, afterSeconds: 0))
                }
            }
        }
    }

    private func discard() {
        unlink(part)
        unlink(metadataPath)
    }

    private func verify(
        sha256: String?, byteCount: Int?
    ) throws(CatalogueError) -> (byteCount: Int, sha256: String) {
        let found = try FileDigest.sha256(ofFile: part, failing: CatalogueError.file)
        for expected in [byteCount, expectedByteCount] {
            if let expected, expected != found.byteCount {
                throw .wrongLength(name: name, expected: expected, found: found.byteCount)
            }
        }
        for expected in [sha256, expectedSHA256] {
            if let expected, !found.sha256.hasPrefix(expected) {
                throw .wrongHash(name: name, expected: expected, found: found.sha256)
            }
        }
        return found
    }

    // MARK: One attempt

    private func attempt() throws(CatalogueError) -> Outcome {
        var address = url
        var linkedEtag: String?
        var linkedSize: Int?
        for _ in 0..<Self.redirectLimit {
            progress(.connecting(url: address))
            let hubEtag = linkedEtag
            let body = BodyWriter(
                part: part, expected: expectedByteCount ?? linkedSize, progress: progress)
            let metadata = savedMetadata()
            var headers = ["Accept-Encoding: identity"]
            // The token must not be sent to redirect targets.
            let isHub = Self.origin(of: address) == Self.origin(of: url)
            if let token = settings.token, isHub {
                headers.append("Authorization: Bearer \(token)")
            }
            if let etag = metadata?.etag, let count = FileSystem.byteCount(part), count > 0 {
                headers += ["Range: bytes=\(count)-", "If-Range: \(etag)"]
            }
            let (response, failure) = HTTPRequest.get(
                address, headers: headers, stallSeconds: settings.stallSeconds
            ) { piece, response in
                body.take(piece, response) {
                    self.save(
                        PartMetadata(
                            linkedEtag: hubEtag ?? Self.etag(response, "x-linked-etag"),
                            etag: Self.strongEtag(response)))
                }
            }
            body.close()
            if let error = body.error { throw error }
            if let limit = body.exceeded {
                discard()
                if let total = body.total, total > limit {
                    throw .wrongLength(name: name, expected: limit, found: total)
                }
                throw .tooLong(url: address, limit: limit)
            }
            linkedEtag = linkedEtag ?? Self.etag(response, "x-linked-etag")
            linkedSize = linkedSize ?? Self.linkedSize(response)
            try checkLinkedEtag(linkedEtag)
            switch response.status {
            case 200, 206:
                if body.isMisplaced {
                    discard()
                    return .again(reason: "the server sent another range", afterSeconds: nil)
                }
                if let failure { return .again(reason: failure.reason, afterSeconds: nil) }
                if response.status == 200 && !body.hasStarted { body.startEmpty() }
                if let error = body.error { throw error }
                // Another server's ETag of 64 digits need not be a SHA-256.
                let sha256 = (linkedEtag ?? (isHub ? Self.etag(response, "etag") : nil))
                    .flatMap { FileDigest.isSHA256($0) ? $0.lowercased() : nil }
                return .complete(sha256: sha256, byteCount: linkedSize ?? body.total)
            case 301, 302, 303, 307, 308:
                guard let next = response.redirect else {
                    return .again(reason: "a redirect to nowhere", afterSeconds: nil)
                }
                guard
                    next.hasPrefix("https://")
                        || (next.hasPrefix("http://") && !address.hasPrefix("https://"))
                else { throw .badURL(text: next) }
                if let metadata, let linkedEtag, metadata.linkedEtag != linkedEtag {
                    // The file on the hub has changed since the part was started.
                    discard()
                }
                address = next
            case 416:
                // Range not satisfiable: the part is complete, or too long and must be discarded.
                if let size = linkedSize, FileSystem.byteCount(part) == size {
                    return .complete(
                        sha256: linkedEtag.flatMap { FileDigest.isSHA256($0) ? $0 : nil },
                        byteCount: size)
                }
                discard()
                return .again(reason: "the part is no part of the file", afterSeconds: 0)
            default:
                return try outcome(ofError: response, failure: failure, url: address)
            }
        }
        return .again(reason: "more than \(Self.redirectLimit) redirects", afterSeconds: nil)
    }

    /// The outcome of an error response: retry if the error may be temporary.
    ///
    /// - Throws: `CatalogueError` for permanent errors.
    private func outcome(
        ofError response: HTTPRequest.Response, failure: HTTPRequest.Failure?, url address: String
    ) throws(CatalogueError) -> Outcome {
        switch response.status {
        case 401, 403:
            throw .noAccess(url: address, status: response.status, hasToken: settings.token != nil)
        case 404, 410: throw .notFound(url: address)
        case 0:
            let reason = failure?.reason ?? "no answer"
            // Retries are for downloads that have begun; without a network they only delay the advice.
            if failure?.isUnreachable == true, FileSystem.byteCount(part) == nil {
                throw .unreachable(reason: reason, alternative)
            }
            return .again(reason: reason, afterSeconds: nil)
        case 408, 425, 429, 500...599:
            let pause = response.headers["retry-after"].flatMap { Double($0) }
                .flatMap { $0 >= 0 ? min($0, 60) : nil }
            return .again(reason: "the server answers \(response.status)", afterSeconds: pause)
        default:
            throw .transfer(
                url: address, reason: "the server answers \(response.status)", attempts: 1)
        }
    }

    /// Checks the hub's SHA-256 against the catalogue's before gigabytes are downloaded.
    private func checkLinkedEtag(_ linkedEtag: String?) throws(CatalogueError) {
        guard let expectedSHA256, let linkedEtag, FileDigest.isSHA256(linkedEtag),
            linkedEtag.lowercased() != expectedSHA256
        else { return }
        discard()
        throw .wrongHash(name: name, expected: expectedSHA256, found: linkedEtag)
    }

    // MARK: Headers and metadata

    private static func linkedSize(_ response: HTTPRequest.Response) -> Int? {
        response.headers["x-linked-size"].flatMap { Int($0) }
    }

    private static func etag(_ response: HTTPRequest.Response, _ header: String) -> String? {
        guard var etag = response.headers[header] else { return nil }
        if etag.hasPrefix("W/") { etag.removeFirst(2) }
        return etag.trimmingCharacters(in: CharacterSet(charactersIn: "\""))
    }

    /// The verbatim ETag if it is strong, as `If-Range` requires.
    private static func strongEtag(_ response: HTTPRequest.Response) -> String? {
        response.headers["etag"].flatMap { $0.hasPrefix("\"") ? $0 : nil }
    }

    /// Scheme, host and port.
    private static func origin(of address: String) -> String? {
        guard let url = URLComponents(string: address), let scheme = url.scheme, let host = url.host
        else { return nil }
        let port = url.port ?? (scheme == "https" ? 443 : 80)
        return "\(scheme.lowercased())://\(host.lowercased()):\(port)"
    }

    private func savedMetadata() -> PartMetadata? {
        guard let json = FileManager.default.contents(atPath: metadataPath) else { return nil }
        return try? JSONDecoder().decode(PartMetadata.self, from: json)
    }

    private func save(_ metadata: PartMetadata) {
        // Errors are ignored: without metadata the next attempt starts over, which is only slower.
        guard let json = try? JSONEncoder().encode(metadata) else { return }
        try? AtomicFile.write(json, to: metadataPath, failing: CatalogueError.file)
    }
}
