import Crypto
package import Foundation

/// SHA-256 of files.
package enum FileDigest {
    /// Length of a file in bytes, and its SHA-256 in lower-case hexadecimal.
    package static func sha256<Failure: Error>(
        ofFile path: String, failing: (FileError) -> Failure
    ) throws(Failure) -> (byteCount: Int, sha256: String) {
        let found = try digest(ofFile: path, failing: failing)
        return (found.byteCount, found.digest.finish())
    }

    /// Length of a file in bytes, and its SHA-256.
    ///
    /// - Parameter range: The bytes of a part of the file; nil for all of it.
    package static func digest<Failure: Error>(
        ofFile path: String, range: Range<Int>? = nil, failing: (FileError) -> Failure
    ) throws(Failure) -> (byteCount: Int, digest: SHA256Digest) {
        var hash = SHA256Digest()
        var count = 0
        try ChunkedFile.read(path, range: range, failing: failing) { (chunk) throws(Failure) in
            hash.update(chunk)
            count += chunk.count
        }
        return (count, hash)
    }

    /// Whether a string is a SHA-256 in hexadecimal.
    package static func isSHA256(_ text: String) -> Bool {
        text.utf8.count == 64 && text.allSatisfy(\.isHexDigit)
    }
}

/// An incremental SHA-256.
package struct SHA256Digest {
    private var hash = SHA256()

    package init() {}

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        hash.update(bufferPointer: bytes)
    }

    /// The digest's 32 bytes.
    package var bytes: Data { Data(hash.finalize()) }

    /// The digest in lower-case hexadecimal.
    package func finish() -> String {
        hash.finalize().hexadecimal
    }
}
