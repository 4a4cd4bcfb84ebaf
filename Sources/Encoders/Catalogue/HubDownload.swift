import Foundation

/// A file of the hub on its way into the cache: survives dropped lines and the end of the process.
///
/// The bytes so far are in `<target>.part`, what they belong to in `<target>.part.json`. An attempt
/// goes on from there with `Range` and `If-Range`; a server that ignores either sends the whole file
/// again, and then it is taken from the start. Redirects are followed by hand: the hub's own answer
/// carries the file's length and SHA-256 (`X-Linked-Size`, `X-Linked-Etag`), and the token goes to
/// the hub alone.
///
/// Source: huggingface_hub, `file_download.py` (`get_hf_file_metadata`, `http_get`).
struct HubDownload {
    /// Attempts without a new byte before it is given up.
    static let attemptLimit = 5
    private static let redirectLimit = 10

    let name: String
    let url: String
    let target: String
    /// SHA-256 and length that the catalogue states.
    let expectedSHA256: String?
    let expectedByteCount: Int?
    let settings: HubSettings
    let progress: (PullEvent) -> Void

    private var part: String { target + ".part" }
    private var notePath: String { target + ".part.json" }

    /// What the bytes in the `.part` file belong to.
    private struct Note: Codable, Equatable {
        /// The hub's ETag of the file, if it has one.
        var linkedEtag: String?
        /// The ETag of the server that sent the bytes.
        var etag: String?
    }

    /// How one attempt ended, if not by an error that repeats itself.
    private enum Outcome {
        case complete(sha256: String?, byteCount: Int?)
        case again(reason: String, afterSeconds: Double?)
    }

    /// Fetches the file; returns its length and SHA-256 after the move to `target`.
    func run() throws(CatalogueError) -> (byteCount: Int, sha256: String) {
        var failures = 0
        var mayRestart = true
        while true {
            let before = FileCopy.byteCount(part) ?? 0
            switch try attempt() {
            case .again(let reason, let pause):
                let hasAdvanced = (FileCopy.byteCount(part) ?? 0) > before
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
                    try FileCopy.move(part, to: target)
                    unlink(notePath)
                    return found
                } catch {
                    discard()
                    // A part from an earlier run may have been damaged on disk: once more, whole.
                    guard before > 0, mayRestart else { throw error }
                    mayRestart = false
                    progress(.retrying(reason: error.description, afterSeconds: 0))
                }
            }
        }
    }

    private func discard() {
        unlink(part)
        unlink(notePath)
    }

    private func verify(
        sha256: String?, byteCount: Int?
    ) throws(CatalogueError) -> (byteCount: Int, sha256: String) {
        let found = try FileDigest.sha256(ofFile: part)
        for expected in [byteCount, expectedByteCount] {
            if let expected, expected != found.byteCount {
                throw .wrongLength(name: name, expected: expected, found: found.byteCount)
            }
        }
        for expected in [sha256, expectedSHA256] {
            if let expected, expected != found.sha256 {
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
            let body = BodyWriter(part: part, progress: progress)
            let note = savedNote()
            var headers = ["Accept-Encoding: identity"]
            // The token is for the hub, not for where it redirects to.
            let isHub = Self.origin(of: address) == Self.origin(of: url)
            if let token = settings.token, isHub {
                headers.append("Authorization: Bearer \(token)")
            }
            if let etag = note?.etag, let count = FileCopy.byteCount(part), count > 0 {
                headers += ["Range: bytes=\(count)-", "If-Range: \(etag)"]
            }
            let (answer, failure) = HubExchange.get(address, headers: headers) { piece, answer in
                body.take(piece, answer) {
                    self.save(
                        Note(
                            linkedEtag: hubEtag ?? Self.etag(answer, "x-linked-etag"),
                            etag: Self.strongEtag(answer)))
                }
            }
            body.close()
            if let error = body.error { throw error }
            linkedEtag = linkedEtag ?? Self.etag(answer, "x-linked-etag")
            linkedSize = linkedSize ?? Self.linkedSize(answer)
            try refuseOtherFile(linkedEtag)
            switch answer.status {
            case 200, 206:
                if body.isMisplaced {
                    discard()
                    return .again(reason: "the server sent another range", afterSeconds: nil)
                }
                if let failure { return .again(reason: failure, afterSeconds: nil) }
                if answer.status == 200 && !body.hasStarted { body.startEmpty() }
                if let error = body.error { throw error }
                // Another server's ETag can be 64 digits and mean something else.
                let sha256 = (linkedEtag ?? (isHub ? Self.etag(answer, "etag") : nil))
                    .flatMap { FileDigest.isSHA256($0) ? $0.lowercased() : nil }
                return .complete(sha256: sha256, byteCount: linkedSize ?? body.total)
            case 301, 302, 303, 307, 308:
                guard let next = answer.redirect else {
                    return .again(reason: "a redirect to nowhere", afterSeconds: nil)
                }
                guard
                    next.hasPrefix("https://")
                        || (next.hasPrefix("http://") && !address.hasPrefix("https://"))
                else { throw .badAddress(text: next) }
                if let note, let linkedEtag, note.linkedEtag != linkedEtag {
                    // The hub has a new file since the part was begun.
                    discard()
                }
                address = next
            case 416:
                // The part is as long as the file, or longer than it; either way ask for all of it.
                if let size = linkedSize, FileCopy.byteCount(part) == size {
                    return .complete(
                        sha256: linkedEtag.flatMap { FileDigest.isSHA256($0) ? $0 : nil },
                        byteCount: size)
                }
                discard()
                return .again(reason: "the part is no part of the file", afterSeconds: 0)
            default:
                return try refusal(answer, failure: failure, url: address)
            }
        }
        return .again(reason: "more than \(Self.redirectLimit) redirects", afterSeconds: nil)
    }

    private func refusal(
        _ answer: HubExchange.Answer, failure: String?, url address: String
    ) throws(CatalogueError) -> Outcome {
        switch answer.status {
        case 401, 403:
            throw .noAccess(url: address, status: answer.status, hasToken: settings.token != nil)
        case 404, 410: throw .notFound(url: address)
        case 0: return .again(reason: failure ?? "no answer", afterSeconds: nil)
        case 408, 425, 429, 500...599:
            let pause = answer.headers["retry-after"].flatMap { Double($0) }.map { min($0, 60) }
            return .again(reason: "the server answers \(answer.status)", afterSeconds: pause)
        default:
            throw .transfer(
                url: address, reason: "the server answers \(answer.status)", attempts: 1)
        }
    }

    /// The catalogue and the hub disagree: no use in fetching gigabytes to find out.
    private func refuseOtherFile(_ linkedEtag: String?) throws(CatalogueError) {
        guard let expectedSHA256, let linkedEtag, FileDigest.isSHA256(linkedEtag),
            linkedEtag.lowercased() != expectedSHA256
        else { return }
        discard()
        throw .wrongHash(name: name, expected: expectedSHA256, found: linkedEtag)
    }

    // MARK: Headers and notes

    private static func linkedSize(_ answer: HubExchange.Answer) -> Int? {
        answer.headers["x-linked-size"].flatMap { Int($0) }
    }

    private static func etag(_ answer: HubExchange.Answer, _ header: String) -> String? {
        guard var etag = answer.headers[header] else { return nil }
        if etag.hasPrefix("W/") { etag.removeFirst(2) }
        return etag.trimmingCharacters(in: CharacterSet(charactersIn: "\""))
    }

    /// The ETag as it stands, if it can be used with `If-Range`.
    private static func strongEtag(_ answer: HubExchange.Answer) -> String? {
        answer.headers["etag"].flatMap { $0.hasPrefix("\"") ? $0 : nil }
    }

    /// Scheme, host and port.
    private static func origin(of address: String) -> String? {
        guard let url = URLComponents(string: address), let scheme = url.scheme, let host = url.host
        else { return nil }
        let port = url.port ?? (scheme == "https" ? 443 : 80)
        return "\(scheme.lowercased())://\(host.lowercased()):\(port)"
    }

    private func savedNote() -> Note? {
        guard let json = FileManager.default.contents(atPath: notePath) else { return nil }
        return try? JSONDecoder().decode(Note.self, from: json)
    }

    private func save(_ note: Note) {
        // Without a note the next attempt starts over, which is slow but right.
        let json = try? JSONEncoder().encode(note)
        try? json?.write(to: URL(fileURLWithPath: notePath), options: .atomic)
    }
}
