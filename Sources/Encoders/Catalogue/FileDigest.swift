import Crypto
package import Foundation

/// SHA-256 of files, piece by piece.
package enum FileDigest {
    /// Length and SHA-256 of a file, in lower-case hexadecimal.
    static func sha256(
        ofFile path: String
    ) throws(CatalogueError) -> (byteCount: Int, sha256: String) {
        let found = try digest(ofFile: path)
        return (found.byteCount, found.digest.finish())
    }

    /// Length and SHA-256 of a file.
    package static func digest(
        ofFile path: String
    ) throws(CatalogueError) -> (byteCount: Int, digest: SHA256Digest) {
        var hash = SHA256Digest()
        var count = 0
        try FileCopy.read(path) { (piece) throws(CatalogueError) in
            hash.update(piece)
            count += piece.count
        }
        return (count, hash)
    }

    /// Whether a text is a SHA-256 in hexadecimal.
    static func isSHA256(_ text: String) -> Bool {
        text.utf8.count == 64 && text.allSatisfy(\.isHexDigit)
    }
}

/// A SHA-256 in the making.
package struct SHA256Digest {
    private var hash = SHA256()

    mutating func update(_ bytes: UnsafeRawBufferPointer) { hash.update(bufferPointer: bytes) }

    /// The digest's 32 bytes.
    package var bytes: Data { Data(hash.finalize()) }

    /// The digest in lower-case hexadecimal.
    func finish() -> String {
        hash.finalize().hexadecimal
    }
}
